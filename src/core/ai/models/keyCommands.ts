import { z } from 'zod';
import { failureOf, HandrailError } from '../../errors.ts';
import { parseEndpoint } from './endpoints.ts';

/** Commands that print a key, by the origin it is for: `{"https://api.openai.com": {"command": ["op", "read", "op://…"]}}`. */
export type KeyCommands = Readonly<Record<string, readonly [program: string, ...args: string[]]>>;

const FORM = '{"https://api.openai.com": {"command": ["op", "read", "op://Private/OpenAI/key"]}}';

// A program and its arguments, each one word: there is no shell that would take a line apart.
const word = z.string().max(4000);
const commandsSchema = z.record(z.string(), z.strictObject({ command: z.tuple([word.regex(/\S/, 'must not be empty')], word) }));

/** Reads what a person's file says; fails with `config` that names `where` and what is wrong with it. */
export function parseKeyCommands(value: unknown, where: string): KeyCommands {
  const parsed = commandsSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.map((part) => JSON.stringify(part)).join(', ')}`;
    throw wrong(where, `it is not of the form ${FORM}${at}`);
  }
  const entries = Object.entries(parsed.data).map(([origin, { command }]): [string, KeyCommands[string]] => {
    const bound = originOf(origin, where);
    if (bound !== origin) throw wrong(where, `${JSON.stringify(origin)} has to be written as "${bound}": a key is for a whole origin`);
    return [origin, command];
  });
  return Object.fromEntries(entries);
}

function originOf(text: string, where: string): string {
  try {
    return parseEndpoint(text).origin;
  } catch (error) {
    throw wrong(where, failureOf(error)?.message ?? `${JSON.stringify(text)} is no origin`);
  }
}

function wrong(where: string, what: string): HandrailError {
  const sentence = what.endsWith('.') ? what : `${what}.`;
  return new HandrailError('config', `${where} is not valid: ${sentence}`, { hint: `Write it like ${FORM}.`, location: { path: where } });
}
