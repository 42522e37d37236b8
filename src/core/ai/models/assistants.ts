import { z } from 'zod';
import { HandrailError } from '../../errors.ts';
import type { ModelOffer } from '../service.ts';
import { duration, milliseconds } from './durations.ts';

/**
 * Command-line assistants that a person may have installed and paid for. Which of them there are is fixed here: neither a
 * repository nor a setting can make a command of its own out of one.
 */

export interface Assistant {
  id: AssistantId;
  /** For people. */
  name: string;
  /** Name of the executable, without the ending that Windows wants. */
  command: string;
  /** Where to get it. */
  homepage: string;
  /** What to do when it is not signed in, imperative. */
  signIn: string;
}

export type AssistantId = (typeof ASSISTANT_IDS)[number];

const ASSISTANT_IDS = ['claude-code', 'codex', 'gemini-cli'] as const;

const ASSISTANTS: Readonly<Record<AssistantId, Assistant>> = {
  'claude-code': {
    id: 'claude-code',
    name: 'Claude Code',
    command: 'claude',
    homepage: 'https://code.claude.com/docs',
    signIn: 'Run `claude` on a terminal and sign in with /login',
  },
  codex: {
    id: 'codex',
    name: 'Codex',
    command: 'codex',
    homepage: 'https://developers.openai.com/codex/cli',
    signIn: 'Run `codex login` on a terminal',
  },
  'gemini-cli': {
    id: 'gemini-cli',
    name: 'Gemini CLI',
    command: 'gemini',
    homepage: 'https://geminicli.com',
    signIn: 'Run `gemini` on a terminal and sign in with /auth',
  },
};

export function allAssistants(): readonly Assistant[] {
  return ASSISTANT_IDS.map((id) => ASSISTANTS[id]);
}

export function assistantOf(id: string): Assistant | undefined {
  return Object.hasOwn(ASSISTANTS, id) ? ASSISTANTS[id as AssistantId] : undefined;
}

export function assistantOrigin({ id }: Assistant): string {
  return `assistant:${id}`;
}

/** Where text goes, in words for people: that the program is on this machine does not keep the text there. */
export function assistantDestination({ name }: Assistant): string {
  return `${name} on this machine, which sends text to its own service`;
}

/** What a person says about an assistant, in the editor's setting `handrail.assistants` or in `assistants.json`. */
export interface AssistantSetting {
  /** Absolute path of the executable; found on the PATH when absent. */
  path?: string;
  /** Passed on; the assistant's own choice when absent. */
  model?: string;
  /** Milliseconds without a sign of life; written like `90s`. */
  timeout?: number;
}

export type AssistantSettings = Readonly<Partial<Record<AssistantId, AssistantSetting>>>;

/** Model the assistant is asked for: what the person named, else the assistant itself under its own name. */
export function assistantModel({ id }: Assistant, settings: AssistantSettings): string {
  return settings[id]?.model ?? id;
}

export function assistantOffer(assistant: Assistant, settings: AssistantSettings): ModelOffer {
  const origin = assistantOrigin(assistant);
  const model = settings[assistant.id]?.model;
  return {
    kind: 'assistant',
    label: `${assistantDestination(assistant)}${model === undefined ? '' : `: ${model}`}`,
    name: assistant.id,
    model: assistantModel(assistant, settings),
    baseURL: origin,
    origin,
  };
}

// A model's name becomes an argument: it must not look like an option.
const MODEL_NAME = /^[A-Za-z0-9][\w.:/@[\]-]{0,99}$/;
const setting = z.strictObject({
  path: z
    .string()
    .regex(/^(?:\/|[A-Za-z]:[\\/]|\\\\)/, 'must be an absolute path')
    .optional(),
  model: z.string().regex(MODEL_NAME, 'must be the name of a model').optional(),
  timeout: duration.optional(),
});
const settingsSchema = z.strictObject({ 'claude-code': setting.optional(), codex: setting.optional(), 'gemini-cli': setting.optional() });

/**
 * Reads what a person says about assistants; undefined and null mean nothing. Fails with `config` that names `where` (a file or a
 * setting) and the key.
 */
export function parseAssistantSettings(value: unknown, where: string): AssistantSettings {
  if (value === undefined || value === null) return {};
  const parsed = settingsSchema.safeParse(value);
  if (parsed.success) return toSettings(parsed.data);
  const [issue] = parsed.error.issues;
  const key = issue?.path.join('.') ?? '';
  const said = issue?.code === 'unrecognized_keys' ? `does not know ${issue.keys.map((name) => `"${name}"`).join(', ')}` : issue?.message;
  throw new HandrailError('config', `${where} is not valid: ${key === '' ? 'it' : `"${key}"`} ${said ?? 'cannot be read'}.`, {
    hint: `Write it like { "claude-code": { "path": "/usr/local/bin/claude", "model": "sonnet" } }; assistants are ${ASSISTANT_IDS.join(', ')}.`,
  });
}

function toSettings(settings: z.infer<typeof settingsSchema>): AssistantSettings {
  const entries = Object.entries(settings).map(([id, { path, model, timeout } = {}]) => {
    const limit = timeout === undefined ? {} : { timeout: milliseconds(timeout) };
    return [id, { ...(path === undefined ? {} : { path }), ...(model === undefined ? {} : { model }), ...limit }];
  });
  return Object.fromEntries(entries) as AssistantSettings;
}
