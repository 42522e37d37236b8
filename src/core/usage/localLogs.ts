import { modelFamily } from '../telemetry/modelFamily.ts';
import type { Observation } from '../telemetry/observation.ts';
import { dayOf, isPlausible } from '../telemetry/week.ts';
import { asList, asNumber, asObject, asWord, type Json } from './otlp.ts';
import { isAmount, MOST_TOKENS } from './records.ts';

/**
 * Token usage in the logs that assistants keep for themselves. Of a line only the figures, the model, the time and what tells it from
 * others are looked at:
 *
 * - Claude Code, `~/.claude/projects/**\/*.jsonl`: an assistant's message with `usage`, repeated while it grows.
 * - Codex, `~/.codex/sessions/**\/rollout-*.jsonl`: `token_count` events, after the `turn_context` that names the model.
 * - Gemini CLI, `~/.gemini/tmp/*\/chats/`: messages with `tokens`, one a line or all in one document.
 */
export const LOGGING = ['claude-code', 'codex', 'gemini-cli'] as const;
export type LoggingAssistant = (typeof LOGGING)[number];

export interface LoggedCall {
  /** What is the same when the call is told again. Never kept but as a keyed hash. */
  key: string;
  day: string;
  family: NonNullable<Observation['model']> | undefined;
  input: number;
  output: number;
}

/** Reads one log from its first line on: later lines may need what earlier ones said. */
export interface LogReader {
  /** The calls that a line tells. Never throws. */
  take(line: string): LoggedCall[];
}

/** Lines without any of these words tell nothing that is looked at, and need not be parsed. */
const SIGNS: Readonly<Record<LoggingAssistant, RegExp>> = {
  'claude-code': /"usage"/,
  codex: /"token_count"|"turn_context"/,
  'gemini-cli': /"tokens"/,
};

export function logReader(assistant: LoggingAssistant): LogReader {
  const sign = SIGNS[assistant];
  const read = READERS[assistant]();
  return {
    take(line) {
      if (!sign.test(line)) return [];
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        // The last line of a log that is being written, or one that was cut off.
        return [];
      }
      const record = asObject(value);
      return record === undefined ? [] : read(record);
    },
  };
}

const READERS: Readonly<Record<LoggingAssistant, () => (record: Json) => LoggedCall[]>> = {
  'claude-code': () => (record) => {
    const message = asObject(record['message']);
    const usage = asObject(message?.['usage']);
    const [id, request] = [asWord(message?.['id']), asWord(record['requestId'])];
    if (record['type'] !== 'assistant' || message === undefined || usage === undefined || id === undefined) return [];
    const input = sumOf(usage, ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']);
    return callOf(record, `${id} ${request ?? ''}`, asWord(message['model']), input, sumOf(usage, ['output_tokens']));
  },
  codex: () => {
    let model: string | undefined;
    return (record) => {
      const payload = asObject(record['payload']);
      if (payload === undefined) return [];
      if (record['type'] === 'turn_context') model = asWord(payload['model']) ?? model;
      const info = asObject(payload['info']);
      const [last, total] = [asObject(info?.['last_token_usage']), asObject(info?.['total_token_usage'])];
      if (payload['type'] !== 'token_count' || last === undefined || total === undefined) return [];
      // A conversation that is resumed repeats its lines in another file.
      const key = `${asWord(record['timestamp']) ?? ''} ${asNumber(total['total_tokens']) ?? ''}`;
      return callOf(record, key, model, sumOf(last, ['input_tokens']), sumOf(last, ['output_tokens']));
    };
  },
  'gemini-cli': () => (record) => {
    const messages = record['messages'] ?? asObject(record['$set'])?.['messages'] ?? [record];
    return asList(messages).flatMap((item) => {
      const message = asObject(item);
      const tokens = asObject(message?.['tokens']);
      const id = asWord(message?.['id']);
      if (message === undefined || tokens === undefined || id === undefined) return [];
      return callOf(message, id, asWord(message['model']), sumOf(tokens, ['input', 'tool']), sumOf(tokens, ['output', 'thoughts']));
    });
  },
};

function sumOf(usage: Json, names: readonly string[]): number | undefined {
  const given = names.filter((name) => usage[name] !== undefined && usage[name] !== null).map((name) => asNumber(usage[name]));
  if (given.length === 0 || !given.every((value) => isAmount(value, MOST_TOKENS))) return undefined;
  return given.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

function callOf(record: Json, key: string, model: string | undefined, input: number | undefined, output: number | undefined): LoggedCall[] {
  const time = Date.parse(asWord(record['timestamp']) ?? '');
  if (!isPlausible(time) || (input ?? 0) + (output ?? 0) === 0) return [];
  return [{ key, day: dayOf(time), family: model === undefined ? undefined : modelFamily(model), input: input ?? 0, output: output ?? 0 }];
}

/** One event per day and family of models. */
export function dailyUsage(source: LoggingAssistant, calls: Iterable<LoggedCall>): { day: string; observation: Observation }[] {
  const days = new Map<string, LoggedCall>();
  for (const { day, family, input, output } of calls) {
    const key = `${day} ${family ?? ''}`;
    const sum = days.get(key) ?? { key, day, family, input: 0, output: 0 };
    days.set(key, { ...sum, input: sum.input + input, output: sum.output + output });
  }
  return [...days.values()]
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ day, family, input, output }) => ({
      day,
      observation: {
        operation: 'other',
        outcome: 'completed',
        source,
        ...(family === undefined ? {} : { model: family }),
        inputTokens: input,
        outputTokens: output,
      },
    }));
}
