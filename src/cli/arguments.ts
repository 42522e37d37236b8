import { distance } from 'fastest-levenshtein';
import { parseArgs } from 'node:util';
import { HandrailError } from '../core/errors.ts';
import type { Command, OptionSpec, OptionSpecs, RawValues } from './command.ts';

/** Options that every command takes, before or after its name. */
export const GLOBAL_OPTIONS = {
  cwd: { type: 'string', value: 'DIR', summary: 'work in this folder instead of the current one' },
  format: { type: 'string', value: 'FORMAT', summary: 'text (default) or json: one document on stdout' },
  help: { type: 'boolean', summary: 'show help' },
  version: { type: 'boolean', summary: 'show the version' },
} as const satisfies OptionSpecs;

export interface Invocation {
  command: string | undefined;
  /** The arguments without the command's name. */
  rest: string[];
}

/** Splits the command's name from its arguments. Only global options may stand before it. */
export function findCommand(argv: readonly string[]): Invocation {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--') break;
    if (!word.startsWith('-')) return { command: word, rest: [...argv.slice(0, i), ...argv.slice(i + 1)] };
    const name = word.replace(/^--/, '').replace(/=.*$/s, '');
    if (!Object.hasOwn(GLOBAL_OPTIONS, name) && word !== '-h' && word !== '-V') {
      throw unknownOption(word.replace(/=.*$/s, ''), Object.keys(GLOBAL_OPTIONS), 'handrail --help');
    }
    if (word === '--cwd' || word === '--format') i++;
  }
  return { command: undefined, rest: [...argv] };
}

/** Reads one option early, before the command is known, e.g. to report a failure in the wanted format. */
export function peekOption(argv: readonly string[], name: string): string | undefined {
  for (const [i, word] of argv.entries()) {
    if (word === '--') return undefined;
    if (word === `--${name}`) return argv[i + 1];
    if (word.startsWith(`--${name}=`)) return word.slice(name.length + 3);
  }
  return undefined;
}

export interface ParsedArguments {
  options: RawValues;
  positionals: string[];
}

/**
 * Reads options and positionals.
 * @throws HandrailError `usage` for an unknown option (with the nearest known one), a missing or unwanted value, a value
 *   outside the choices, or a wrong number of positionals.
 */
export function parseCommandLine(
  argv: readonly string[],
  specs: OptionSpecs,
  of: Pick<Command, 'name' | 'positionals'> | undefined,
): ParsedArguments {
  const help = of === undefined ? 'handrail --help' : `handrail ${of.name} --help`;
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, { type: spec.type, ...shortOf(name) }])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | boolean | string[] | undefined> = {};
  for (const [name, spec] of Object.entries(specs)) values[name] = spec.multiple ? [] : spec.type === 'boolean' ? false : undefined;
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) throw unknownOption(token.rawName, Object.keys(specs), help);
    const value = checkedValue(token.name, token.value, spec, help);
    const list = values[token.name];
    if (Array.isArray(list)) list.push(String(value));
    else values[token.name] = value;
  }
  if (of !== undefined) checkCount(positionals, of, help);
  return { options: values, positionals };
}

function shortOf(name: string): { short?: string } {
  return name === 'help' ? { short: 'h' } : name === 'version' ? { short: 'V' } : {};
}

function checkedValue(name: string, value: string | undefined, spec: OptionSpec, help: string): string | boolean {
  if (spec.type === 'boolean') {
    if (value === undefined) return true;
    throw new HandrailError('usage', `--${name} takes no value.`, { hint: `See ${help}.` });
  }
  // A value that looks like an option is a forgotten value: `--base --dry-run` would otherwise review against a branch of that name.
  if (value === undefined || value === '' || (value.startsWith('--') && value.length > 2)) {
    throw new HandrailError('usage', `--${name} needs a value${spec.value === undefined ? '' : `: --${name} ${spec.value}`}.`, {
      hint: `See ${help}.`,
    });
  }
  if (spec.choices !== undefined && !spec.choices.includes(value)) {
    throw new HandrailError('usage', `--${name} ${JSON.stringify(value)} is not one of ${spec.choices.join(', ')}.`, {
      hint: didYouMean(value, spec.choices) ?? `See ${help}.`,
    });
  }
  return value;
}

function checkCount(
  positionals: readonly string[],
  { name, positionals: wanted }: Pick<Command, 'name' | 'positionals'>,
  help: string,
): void {
  if (positionals.length < wanted.min) {
    throw new HandrailError('usage', `handrail ${name} needs ${wanted.name}.`, { hint: `See ${help}.` });
  }
  if (positionals.length > wanted.max) {
    const extra = JSON.stringify(positionals[wanted.max]);
    throw new HandrailError('usage', `handrail ${name} does not take ${extra}.`, { hint: `See ${help}.` });
  }
}

function unknownOption(rawName: string, known: readonly string[], help: string): HandrailError {
  const nearest = didYouMean(
    rawName,
    known.map((name) => `--${name}`),
  );
  return new HandrailError('usage', `There is no option ${rawName}.`, { hint: nearest ?? `See ${help}.` });
}

export function unknownCommand(word: string, known: readonly string[]): HandrailError {
  return new HandrailError('usage', `There is no command ${JSON.stringify(word)}.`, {
    hint: didYouMean(word, known) ?? 'handrail --help lists the commands.',
  });
}

/** `Did you mean X?` when something is close enough: at most two fifths of the letters differ, or one word begins with the other. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const bare = (text: string): string => text.replace(/^-+/, '').toLowerCase();
  const wanted = bare(word);
  const ranked = known
    .map((candidate) => ({
      candidate,
      far: distance(wanted, bare(candidate)),
      begins: wanted.length > 1 && bare(candidate).startsWith(wanted),
    }))
    .filter(({ candidate, far, begins }) => begins || far <= Math.max(1, Math.floor(Math.max(wanted.length, bare(candidate).length) * 0.4)))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best === undefined ? undefined : `Did you mean ${best.candidate}?`;
}
