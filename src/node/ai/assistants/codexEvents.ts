import { saidSentence } from '../../../core/ai/models/said.ts';
import { countAt, isRecord, recordAt, textAt, type AssistantEvent, type EventReader } from './assistantEvent.ts';

/**
 * `codex exec --json`: one JSON object a line; `thread.started`, `turn.started`, `item.*` with whole items, `turn.completed` with the
 * usage or `turn.failed`. A bare `error` may be a lost connection that is made again, so the turn's own end decides.
 * https://developers.openai.com/codex/noninteractive and
 * https://github.com/openai/codex/blob/main/codex-rs/exec/src/exec_events.rs
 */
export function codexReader(): EventReader {
  let messages = 0;
  return (value) => {
    switch (value['type']) {
      case 'thread.started':
      case 'turn.started':
      case 'item.started':
      case 'item.updated':
      case 'item.plan.delta':
        return [];
      case 'item.completed': {
        const item = recordAt(value, 'item');
        // Before 0.44 the kind stood in `item_type`, and a message was called after its author.
        const kind = textAt(item, 'type') || textAt(item, 'item_type');
        if (kind === 'error') return [{ type: 'notice', message: `Codex: ${saidSentence(textAt(item, 'message'))}` }];
        const text = kind === 'agent_message' || kind === 'assistant_message' ? textAt(item, 'text') : '';
        if (text === '') return [];
        messages += 1;
        return [{ type: 'text', text: messages > 1 ? `\n${text}` : text }];
      }
      case 'turn.completed':
        return [...usage(value), { type: 'end', reason: 'stop' }];
      case 'turn.failed':
        return [{ type: 'failure', message: errorText(value) }];
      case 'error':
        return [{ type: 'notice', message: `Codex: ${saidSentence(errorText(value))}` }];
      case 'request_user_input':
        return [{ type: 'question', message: questions(value) }];
      default:
        return undefined;
    }
  };
}

function usage(value: Record<string, unknown>): AssistantEvent[] {
  const counts = value['usage'];
  if (!isRecord(counts)) return [];
  return [
    {
      type: 'usage',
      inputTokens: countAt(counts, 'input_tokens'),
      outputTokens: countAt(counts, 'output_tokens'),
      cachedTokens: countAt(counts, 'cached_input_tokens'),
    },
  ];
}

function errorText(value: Record<string, unknown>): string {
  return textAt(recordAt(value, 'error'), 'message') || textAt(value, 'message');
}

function questions(value: Record<string, unknown>): string {
  const asked = Array.isArray(value['questions']) ? value['questions'].filter(isRecord) : [];
  return asked.map((one) => textAt(one, 'question')).join(' ');
}
