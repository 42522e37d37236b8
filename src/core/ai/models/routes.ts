import { HandrailError } from '../../errors.ts';
import { assistantOf, type Assistant } from './assistants.ts';
import type { EditorModelWish } from './editorModels.ts';
import { parseEndpoint, type Endpoint } from './endpoints.ts';

/** The way to a model. Which model of the editor it is, and whether an assistant is there, is found out only when it is needed. */
export type Route =
  { kind: 'http'; endpoint: Endpoint } | { kind: 'editor'; wish: EditorModelWish } | { kind: 'assistant'; assistant: Assistant };

const EDITOR_ORIGIN = /^editor:[\w.!~*'()%-]{1,200}$/;

/**
 * The origin as it is remembered: `https://host`, `editor:<vendor>` or `assistant:<id>`. Fails with `config` for anything else.
 */
export function parseOrigin(text: string): string {
  if (text.startsWith('assistant:') && assistantOf(text.slice('assistant:'.length)) !== undefined) return text;
  if (EDITOR_ORIGIN.test(text)) return text;
  if (/^(?:assistant|editor):/.test(text)) {
    throw new HandrailError('config', `"${text.slice(0, 120)}" is no place that text can go to.`, { hint: 'Choose a model again.' });
  }
  return parseEndpoint(text).origin;
}
