/**
 * Some servers and proxies do not stream although they were asked to, and answer with one JSON document. What it says is as good as a
 * stream, so it is turned into the events of one.
 */

/** The events, or undefined where the document is no answer of either API. */
export function eventsOf(document: unknown): string | undefined {
  const answer = record(document);
  if (answer === undefined) return undefined;
  const events = Array.isArray(answer['choices']) ? chatEvents(answer) : Array.isArray(answer['output']) ? responsesEvents(answer) : [];
  return events.length === 0 ? undefined : events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
}

/** What the document says went wrong, where it is an error in spite of its status. */
export function errorOf(document: unknown): string | undefined {
  const error = record(document)?.['error'];
  const message = record(error)?.['message'] ?? error;
  return typeof message === 'string' && message !== '' ? message : undefined;
}

function chatEvents(answer: Record<string, unknown>): unknown[] {
  const choice = record((answer['choices'] as unknown[])[0]);
  const message = record(choice?.['message']);
  if (message === undefined) return [];
  const finish = choice?.['finish_reason'] ?? 'stop';
  return [
    { choices: [{ index: 0, delta: message, finish_reason: finish }] },
    ...(record(answer['usage']) === undefined ? [] : [{ choices: [], usage: answer['usage'] }]),
  ];
}

function responsesEvents(answer: Record<string, unknown>): unknown[] {
  const parts = (answer['output'] as unknown[]).flatMap((item) => record(item)?.['content'] ?? []).map(record);
  const texts = parts.filter((part) => part?.['type'] === 'output_text').map((part) => part?.['text']);
  return [
    ...texts.map((delta) => ({ type: 'response.output_text.delta', delta })),
    { type: answer['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed', response: answer },
  ];
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
