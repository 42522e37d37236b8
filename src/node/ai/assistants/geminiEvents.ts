import { saidSentence } from '../../../core/ai/models/said.ts';
import { countAt, recordAt, textAt, type AssistantEvent, type EventReader } from './assistantEvent.ts';

/**
 * `gemini --output-format stream-json`: one JSON object a line; `init`, `message` (ours repeated, then the answer in pieces),
 * `tool_use`, `tool_result`, `error` (does not end the run), at last `result`.
 * https://geminicli.com/docs/cli/headless and
 * https://github.com/google-gemini/gemini-cli/blob/main/packages/core/src/output/types.ts
 */
export function geminiReader(): EventReader {
  return (value) => {
    switch (value['type']) {
      case 'init':
      case 'tool_use':
      case 'tool_result':
        return [];
      case 'message': {
        const text = value['role'] === 'assistant' ? textAt(value, 'content') : '';
        return text === '' ? [] : [{ type: 'text', text }];
      }
      case 'error':
        return [{ type: 'notice', message: `Gemini CLI: ${saidSentence(textAt(value, 'message'))}` }];
      case 'result':
        return result(value);
      default:
        return undefined;
    }
  };
}

function result(value: Record<string, unknown>): AssistantEvent[] {
  const stats = recordAt(value, 'stats');
  const usage: AssistantEvent = {
    type: 'usage',
    inputTokens: countAt(stats, 'input_tokens'),
    outputTokens: countAt(stats, 'output_tokens'),
    cachedTokens: countAt(stats, 'cached'),
  };
  if (value['status'] !== 'error') return [usage, { type: 'end', reason: 'stop' }];
  const error = recordAt(value, 'error');
  // FatalAuthenticationError and the like.
  const authentication = /auth/i.test(textAt(error, 'type'));
  return [usage, { type: 'failure', message: textAt(error, 'message'), ...(authentication ? { kind: 'authentication' as const } : {}) }];
}
