import { saidSentence } from '../../../core/ai/models/said.ts';
import { countAt, isRecord, recordAt, textAt, type AssistantEvent, type EventReader } from './assistantEvent.ts';

/**
 * `claude -p --output-format stream-json --verbose --include-partial-messages`: one JSON object a line; `system`, `stream_event`
 * (an event of the Messages API), `assistant` (a whole message), at last `result`.
 * https://code.claude.com/docs/en/headless (events), https://code.claude.com/docs/en/agent-sdk/typescript (members, "Message types"),
 * https://platform.claude.com/docs/en/build-with-claude/streaming (members of `event`).
 */
export function claudeReader(): EventReader {
  let streamed = false;
  let wrote = false;
  let stopReason = '';
  return (value) => {
    switch (value['type']) {
      case 'system':
        return textAt(value, 'subtype') === 'api_retry' ? [retryNotice(value)] : [];
      case 'stream_event': {
        const event = recordAt(value, 'event');
        const delta = recordAt(event, 'delta');
        stopReason = textAt(delta, 'stop_reason') || stopReason;
        const text = delta['type'] === 'text_delta' ? textAt(delta, 'text') : '';
        if (text === '') return [];
        streamed = true;
        wrote = true;
        return [{ type: 'text', text }];
      }
      case 'assistant': {
        const error = textAt(value, 'error');
        if (error !== '') return [];
        // The whole message repeats what was streamed; versions that do not stream send nothing else.
        const text = streamed ? '' : textOf(recordAt(value, 'message'));
        wrote ||= text !== '';
        return text === '' ? [] : [{ type: 'text', text }];
      }
      case 'result':
        return result(value, { wrote, stopReason });
      case 'user':
      case 'rate_limit_event':
      case 'tool_progress':
      case 'auth_status':
        return [];
      default:
        return undefined;
    }
  };
}

function textOf(message: Record<string, unknown>): string {
  const { content } = message;
  const blocks = Array.isArray(content) ? content.filter(isRecord) : [];
  return blocks.map((block) => (block['type'] === 'text' ? textAt(block, 'text') : '')).join('');
}

function result(value: Record<string, unknown>, { wrote, stopReason }: { wrote: boolean; stopReason: string }): AssistantEvent[] {
  const usage = recordAt(value, 'usage');
  const cached = countAt(usage, 'cache_read_input_tokens');
  const cost = countAt(value, 'total_cost_usd');
  const events: AssistantEvent[] = [
    {
      type: 'usage',
      inputTokens: countAt(usage, 'input_tokens') + countAt(usage, 'cache_creation_input_tokens') + cached,
      outputTokens: countAt(usage, 'output_tokens'),
      cachedTokens: cached,
      ...(cost > 0 ? { cost: { amount: cost, currency: 'USD' } } : {}),
    },
  ];
  const text = textAt(value, 'result');
  if (value['is_error'] === true || textAt(value, 'subtype').startsWith('error')) {
    const errors = Array.isArray(value['errors']) ? value['errors'].filter((one) => typeof one === 'string').join(' ') : '';
    return [...events, { type: 'failure', message: text || errors || textAt(value, 'subtype') }];
  }
  if (!wrote && text !== '') events.push({ type: 'text', text });
  const reason = stopReason === 'max_tokens' ? 'length' : stopReason === 'refusal' ? 'filtered' : 'stop';
  return [...events, { type: 'end', reason }];
}

function retryNotice(value: Record<string, unknown>): AssistantEvent {
  const cause = saidSentence(textAt(value, 'error')).replaceAll('_', ' ');
  return { type: 'notice', message: `Claude Code tries again${cause === '' ? '.' : `: ${cause}`}` };
}
