import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { SecretMatch } from '../../src/core/ai/provider.ts';
import { applyRedactions } from '../../src/core/ai/review/redact.ts';

/** The cases of `test/corpus/secrets/`, and how well a scan for secrets does on them. */

const FOLDER = join(import.meta.dirname, '..', 'corpus', 'secrets');

/** A text in a file, and what must not be left of it. */
export interface Positive {
  kind: string;
  context: string;
  path: string;
  text: string;
  /** Each has to go as a whole. */
  secrets: string[];
}

export interface Negative {
  group: string;
  path: string;
  text: string;
}

const CONTEXTS = [
  'env',
  'json',
  'yaml',
  'yaml-quoted',
  'ts',
  'py',
  'tf',
  'sh',
  'url',
  'comment',
  'patch',
  'split',
  'file',
  'removed',
] as const;
type Context = (typeof CONTEXTS)[number];

const positivesSchema = z.strictObject({
  tokens: z.array(z.strictObject({ kind: z.string(), form: z.string() })),
  addresses: z.array(z.strictObject({ kind: z.string(), form: z.string() })),
  named: z.array(z.strictObject({ kind: z.string(), name: z.string(), form: z.string(), contexts: z.array(z.enum(CONTEXTS)).optional() })),
  blocks: z.array(
    z.strictObject({
      kind: z.string(),
      begin: z.string(),
      end: z.string(),
      first: z.string(),
      lines: z.number(),
      contexts: z.array(z.enum(CONTEXTS)).optional(),
    }),
  ),
  files: z.array(z.strictObject({ kind: z.string(), path: z.string(), form: z.string() })),
});
const negativesSchema = z.strictObject({
  values: z.array(z.strictObject({ group: z.string(), name: z.string(), forms: z.array(z.string()) })),
  lines: z.array(z.strictObject({ path: z.string(), group: z.string(), text: z.array(z.string()) })),
});

/** Numbers from 0 below 1, the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A value of the form and the part of it that is secret. */
function made(form: string, random: () => number): { value: string; secret: string } {
  let value = '';
  let from: number | undefined;
  let to: number | undefined;
  for (const { 0: whole, groups = {} } of form.matchAll(/\[(?<class>[^\]]+)\]\{(?<least>\d+)(?:,(?<most>\d+))?\}|[\s\S]/g)) {
    const { class: letters, least, most } = groups;
    if (letters !== undefined) {
      const all = lettersOf(letters);
      const length = Number(least) + Math.floor(random() * (Number(most ?? least) - Number(least) + 1));
      for (let count = 0; count < length; count++) value += all.charAt(Math.floor(random() * all.length));
    } else if (whole === '«') from = value.length;
    else if (whole === '»') to = value.length;
    else if (whole !== '|') value += whole;
  }
  return { value, secret: value.slice(from ?? 0, to ?? value.length) };
}

function lettersOf(group: string): string {
  let letters = '';
  for (const [range, first = '', last] of group.matchAll(/(.)-(.)|./g)) {
    if (last === undefined) letters += range;
    else for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++) letters += String.fromCharCode(code);
  }
  return letters;
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const upper = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();

/** One line that holds the value under the name, as it stands in such a file. */
const LINES: Record<Exclude<Context, 'file' | 'removed'>, (name: string, value: string) => { path: string; text: string }> = {
  env: (name, value) => ({ path: '.env', text: `DEBUG=1\n${upper(name)}=${/\s/.test(value) ? `"${value}"` : value}\n` }),
  json: (name, value) => ({ path: 'config/app.json', text: `${JSON.stringify({ debug: true, [camel(name)]: value }, undefined, 2)}\n` }),
  yaml: (name, value) => ({ path: 'config/app.yml', text: `app:\n  debug: true\n  ${name}: ${value}\n` }),
  'yaml-quoted': (name, value) => ({ path: 'config/app.yml', text: `app:\n  debug: true\n  ${name}: "${value}"\n` }),
  ts: (name, value) => ({ path: 'src/app.ts', text: `start({\n  ${camel(name)}: '${value}',\n});\n` }),
  py: (name, value) => ({ path: 'app/settings.py', text: `DEBUG = True\n${upper(name)} = "${value}"\n` }),
  tf: (name, value) => ({ path: 'main.tf', text: `resource "x" "y" {\n  ${name} = "${value}"\n}\n` }),
  sh: (name, value) => ({ path: 'run.sh', text: `set -e\nexport ${upper(name)}=${/[\s;&]/.test(value) ? `'${value}'` : value}\n` }),
  url: (name, value) => ({ path: 'src/call.ts', text: `fetch(\`https://api.internal.test/v1?${name}=${value}&page=2\`);\n` }),
  comment: (name, value) => ({ path: 'src/app.go', text: `// the old ${name} was ${value} until May\nfunc main() {}\n` }),
  patch: (name, value) => ({
    path: 'fix.patch',
    text: `@@ -1,2 +1,2 @@\n-const ${camel(name)} = "${value}";\n+const ${camel(name)} = read();\n`,
  }),
  split: (name, value) => {
    const half = Math.ceil(value.length / 2);
    return { path: 'src/app.ts', text: `const ${camel(name)} = '${value.slice(0, half)}' +\n  '${value.slice(half)}';\n` };
  },
};

const TOKEN_CONTEXTS: readonly Context[] = ['env', 'json', 'yaml', 'ts', 'py', 'tf', 'sh', 'url', 'comment', 'patch', 'split'];
const ADDRESS_CONTEXTS: readonly Context[] = ['env', 'json', 'yaml-quoted', 'ts', 'py', 'tf', 'sh', 'comment', 'patch', 'split'];
const NAMED_CONTEXTS: readonly Context[] = ['env', 'json', 'yaml', 'ts', 'py', 'tf', 'sh', 'url', 'patch', 'split'];
const BLOCK_CONTEXTS: readonly Context[] = ['env', 'json', 'yaml', 'ts', 'py', 'tf', 'sh', 'comment', 'patch', 'split', 'file'];
const VALUE_CONTEXTS: readonly Context[] = ['json', 'yaml-quoted', 'ts', 'comment'];

/** A name that says nothing. */
const NEUTRAL = 'setting';

/** Everything that must not be sent, `rounds` values of each kind in each of its contexts. */
export function positives(rounds = 2): Positive[] {
  const random = seeded(20_260_101);
  const { tokens, addresses, named, blocks, files } = positivesSchema.parse(parse(readFileSync(join(FOLDER, 'positives.yml'), 'utf8')));
  const found: Positive[] = [];
  const add = (kind: string, name: string, form: string, contexts: readonly Context[]): void => {
    for (const context of contexts) {
      if (context === 'file' || context === 'removed') continue;
      const { value, secret } = made(form, random);
      const { path, text } = LINES[context](name, value);
      found.push({ kind, context, path, text, secrets: context === 'split' ? halves(value, secret) : [secret] });
    }
  };
  for (let round = 0; round < rounds; round++) {
    for (const { kind, form } of tokens) add(kind, NEUTRAL, form, TOKEN_CONTEXTS);
    for (const { kind, form } of addresses) add(kind, NEUTRAL, form, ADDRESS_CONTEXTS);
    for (const { kind, name, form, contexts } of named) add(kind, name, form, contexts ?? NAMED_CONTEXTS);
    for (const { kind, path, form } of files) {
      const { value, secret } = made(form, random);
      found.push({ kind, context: 'file', path, text: `${value}\n`, secrets: [secret] });
    }
    for (const block of blocks) {
      for (const context of block.contexts ?? BLOCK_CONTEXTS) {
        const { value, secrets } = madeBlock(block, random);
        if (context !== 'removed') found.push({ kind: block.kind, context, ...blockIn(context, value), secrets });
      }
    }
  }
  return found;
}

/** The secret in two, as the value was cut; a part too short to be of use is none. */
function halves(value: string, secret: string): string[] {
  const half = Math.ceil(value.length / 2);
  const at = value.indexOf(secret);
  const cut = Math.min(Math.max(0, half - at), secret.length);
  return [secret.slice(0, cut), secret.slice(cut)].filter((part) => part.length >= 6);
}

function madeBlock(
  { begin, end, first, lines }: { begin: string; end: string; first: string; lines: number },
  random: () => number,
): { value: string; secrets: string[] } {
  const width = first.length > 60 ? 0 : 64 - first.length;
  const body = Array.from({ length: lines }, (_, index) =>
    index === 0 ? first + made(`[A-Za-z0-9+/]{${width}}`, random).value : made('[A-Za-z0-9+/]{64}', random).value,
  );
  if (lines > 1) body.push(`${made('[A-Za-z0-9+/]{22}', random).value}==`);
  const plain = (text: string): string => text.replaceAll('|', '');
  return { value: [plain(begin), ...body, plain(end)].join('\n'), secrets: body.map((line) => line.slice(-24)) };
}

function blockIn(context: Context, value: string): { path: string; text: string } {
  const lines = value.split('\n');
  const indented = lines.map((line) => `    ${line}`).join('\n');
  switch (context) {
    case 'env':
      return { path: '.env', text: `SETTING="${lines.join('\\n')}"\n` };
    case 'json':
      return { path: 'config/app.json', text: `${JSON.stringify({ setting: value })}\n` };
    case 'yaml':
      return { path: 'config/app.yml', text: `app:\n  setting: |\n${indented}\n  other: 1\n` };
    case 'tf':
      return { path: 'main.tf', text: `setting = <<EOT\n${value}\nEOT\n` };
    case 'py':
      return { path: 'app/settings.py', text: `SETTING = """${value}"""\n` };
    case 'sh':
      return { path: 'run.sh', text: `export SETTING='${value}'\n` };
    case 'comment':
      return { path: 'src/app.go', text: `${lines.map((line) => `// ${line}`).join('\n')}\nfunc main() {}\n` };
    case 'patch':
      return { path: 'fix.patch', text: `@@ -1,9 +1,1 @@\n${lines.map((line) => `-${line}`).join('\n')}\n+x\n` };
    case 'split':
      return { path: 'src/app.ts', text: `const setting = ${lines.map((line) => `'${line}\\n'`).join(' +\n  ')};\n` };
    case 'ts':
      return { path: 'src/app.ts', text: `const setting = \`${value}\`;\n` };
    default:
      return { path: 'keys/app.key', text: `${value}\n` };
  }
}

/** Everything that looks like a secret and is none. */
export function negatives(): Negative[] {
  const random = seeded(20_260_102);
  const { values, lines } = negativesSchema.parse(parse(readFileSync(join(FOLDER, 'negatives.yml'), 'utf8')));
  const found: Negative[] = [];
  for (const { group, name, forms } of values) {
    for (const form of forms) {
      // Angle brackets and bars belong to the value here.
      const { value } = made(
        form.replace(/[<>|]/g, (sign) => `[${sign}]{1}`),
        random,
      );
      for (const context of VALUE_CONTEXTS) {
        if (context === 'file' || context === 'removed') continue;
        found.push({ group, ...LINES[context](name, value) });
      }
    }
  }
  for (const { path, group, text } of lines) for (const line of text) found.push({ group, path, text: `${line}\n` });
  return found;
}

/** How many different values and lines there are among them. */
export function countNegatives(): number {
  const { values, lines } = negativesSchema.parse(parse(readFileSync(join(FOLDER, 'negatives.yml'), 'utf8')));
  return values.reduce((sum, { forms }) => sum + forms.length, 0) + lines.reduce((sum, { text }) => sum + text.length, 0);
}

export type Scan = (path: string, text: string) => Promise<SecretMatch[]>;

export interface Measured {
  /** Kinds of which every value went in every context, and in some context. */
  kinds: { all: number; whole: number; somewhere: number };
  /** Texts. */
  positives: { all: number; hidden: number };
  negatives: { all: number; flagged: number };
  missed: Positive[];
  wrong: (Negative & { hidden: string[] })[];
}

/** Redacts every text with the scan. A secret is hidden when nothing of it is left that is longer than a word. */
export async function measure(scan: Scan): Promise<Measured> {
  const all = positives();
  const missed: Positive[] = [];
  for (const one of all) {
    const { text } = applyRedactions(one.path, one.text, await scan(one.path, one.text));
    if (one.secrets.some((secret) => isLeft(text, secret))) missed.push(one);
  }
  const others = negatives();
  const wrong: Measured['wrong'] = [];
  for (const one of others) {
    const { markers } = applyRedactions(one.path, one.text, await scan(one.path, one.text));
    if (markers.length > 0) wrong.push({ ...one, hidden: markers.map(({ original }) => original) });
  }
  const kinds = new Set(all.map(({ kind }) => kind));
  const incomplete = new Set(missed.map(({ kind }) => kind));
  const lost = new Set(missed);
  const somewhere = new Set(all.filter((one) => !lost.has(one)).map(({ kind }) => kind));
  return {
    kinds: { all: kinds.size, whole: kinds.size - incomplete.size, somewhere: somewhere.size },
    positives: { all: all.length, hidden: all.length - missed.length },
    negatives: { all: others.length, flagged: wrong.length },
    missed,
    wrong,
  };
}

const WORD = 8;

/** Whether a stretch of the secret as long as a word is left. */
export function isLeft(redacted: string, secret: string): boolean {
  const text = redacted.replace(/\[redacted:[a-z0-9-]+\]/g, '⟦⟧');
  if (secret.length <= WORD) return text.includes(secret);
  for (let at = 0; at + WORD <= secret.length; at++) if (text.includes(secret.slice(at, at + WORD))) return true;
  return false;
}
