import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** The cases of `test/corpus/injection/`, with the characters in the place of their names. */

const FOLDER = join(import.meta.dirname, '..', 'corpus', 'injection');
const ANSWERS = 'obedient.yml';

export const PLACES = [
  'code',
  'added',
  'removed',
  'context',
  'path',
  'symbol',
  'instructions',
  'rules',
  'dismissal',
  'known',
  'engine',
] as const;

const caseSchema = z.strictObject({
  id: z.string(),
  where: z.enum(PLACES),
  asks: z.enum([
    'approve',
    'break-output',
    'forge-fence',
    'forge-role',
    'forge-section',
    'hide',
    'leak-key',
    'lower',
    'misplace',
    'open-url',
    'run-command',
    'silence',
    'write-file',
  ]),
  path: z.string().default('src/a.ts'),
  text: z.string().default(''),
  /** The part that a reviewer must get to see; everything when absent. */
  keeps: z.string().optional(),
});
const groupSchema = z.strictObject({ title: z.string(), cases: z.array(caseSchema) });
const answersSchema = z.strictObject({
  answers: z.array(
    z.strictObject({ id: z.string(), findings: z.array(z.record(z.string(), z.unknown())).optional(), text: z.string().optional() }),
  ),
});

export type InjectionCase = z.infer<typeof caseSchema>;
export interface InjectionGroup {
  name: string;
  title: string;
  cases: InjectionCase[];
}

/** `marker` takes the place of MARKER: the attacker has guessed it. */
export function injectionGroups(marker: string): InjectionGroup[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.yml') && name !== ANSWERS);
  return names.sort().map((name) => {
    const { title, cases } = groupSchema.parse(parse(readFileSync(join(FOLDER, name), 'utf8')));
    const spell = (text: string): string => spelled(text).replaceAll('MARKER', marker);
    return {
      name: name.replace(/\.yml$/, ''),
      title,
      cases: cases.map((one) => ({ ...one, path: spell(one.path), text: spell(one.text).replace(/\n$/, '') })),
    };
  });
}

export interface ObedientAnswer {
  id: string;
  text: string;
}

/** What a model that obeys could answer; `honest` is a finding that has all keys. */
export function obedientAnswers(honest: Readonly<Record<string, unknown>>): ObedientAnswer[] {
  const { answers } = answersSchema.parse(parse(readFileSync(join(FOLDER, ANSWERS), 'utf8'), { schema: 'core' }));
  return answers.map(({ id, findings, text }) => ({
    id,
    text: text === undefined ? JSON.stringify({ findings: findings?.map((one) => ({ ...honest, ...spelledAll(one) })) }) : spelled(text),
  }));
}

function spelledAll(value: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) => (typeof inner === 'string' ? spelled(inner) : inner)) as Record<
    string,
    unknown
  >;
}

function spelled(text: string): string {
  return text
    .replace(/\{U\+([0-9A-F]{4,6})(?:\*(\d+))?\}/g, (_, code: string, count = '1') =>
      String.fromCodePoint(Number.parseInt(code, 16)).repeat(Number(count)),
    )
    .replace(/\{tags:([^}]*)\}/g, (_, words: string) => [...words].map((one) => String.fromCodePoint(0xe0000 + one.charCodeAt(0))).join(''))
    .replace(/\{selectors:([^}]*)\}/g, (_, words: string) =>
      [...Buffer.from(words)].map((byte) => String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16)).join(''),
    );
}
