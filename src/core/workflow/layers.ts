import { MAX_YAML_CHARACTERS, parseLocatedYaml } from '../yaml/locatedYaml.ts';
import type { LocatedYaml } from '../yaml/locatedYaml.ts';
import { grammarProblems } from '../yaml/grammarProblems.ts';
import type { WorkflowContext } from './checks.ts';
import { resolveBeside, unsafePath } from './paths.ts';
import type { Problem, ProblemCode } from './problem.ts';
import { overlaySchema, workflowSchema } from './schema.ts';
import type { RawWorkflow } from './schema.ts';
import { LOCK_FILE } from './shared/content.ts';
import { isShared, parseSource, sourceBeside } from './shared/source.ts';
import type { SharedSource } from './shared/source.ts';

/** Files that extend files that extend files: beyond this nobody can tell any more what holds. */
export const MAX_DEPTH = 8;
/** Files that one workflow is put together of. */
export const MAX_FILES = 50;
/** Characters of all of them: as much as a few of the largest files have. */
const MAX_CHARACTERS = 4 * MAX_YAML_CHARACTERS;

/** One file that a workflow builds on, as it stands there. */
export interface Layer {
  /** Its path, or its source. */
  name: string;
  isShared: boolean;
  raw: RawWorkflow;
  file: LocatedYaml;
  /** Which item of the workflow's own `extends` brought it. */
  index: number;
}

/** What a workflow file extends, as far as it can be read: for finding which files are needed, before they are there. */
export function extendsOf(text: string): string[] {
  return readExtends(text).targets;
}

/** The same, and whether that is all: a file with mistakes may extend more. */
export function readExtends(text: string): { targets: string[]; isWhole: boolean } {
  const { value, problems } = parseLocatedYaml(text);
  const bases = (value as { extends?: unknown } | null | undefined)?.extends ?? [];
  const targets = Array.isArray(bases) ? bases.filter((target): target is string => typeof target === 'string') : [];
  const isList = Array.isArray(bases) && targets.length === bases.length;
  return { targets, isWhole: isList && problems.every(({ severity }) => severity !== 'error') };
}

/** Why a file cannot be built on; reported at the item of `extends` that brought it. */
export interface Refusal {
  code: ProblemCode;
  message: string;
  hint: string;
  remedy?: Problem['remedy'];
}

/** `unknown`: nothing can be read here, so nothing can be said. */
type Outcome = Refusal | 'unknown' | undefined;
type Place = { path: string } | { source: SharedSource };

/**
 * The files that a workflow builds on, each once, and each after those it builds on itself: a later one refines what the earlier ones
 * say, also where two of them build on the same one.
 */
export class Layers {
  readonly found: Layer[] = [];
  readonly #context: WorkflowContext;
  readonly #outcomes = new Map<string, Outcome>();
  #characters = 0;

  constructor(context: WorkflowContext) {
    this.#context = context;
  }

  /** Adds what an item of `extends` names, and before it what that builds on. `trail` are the files on the way here. */
  add(target: string, from: Place, index: number, trail: readonly string[]): Outcome {
    const place = placeOf(target, from);
    if ('code' in place) return place;
    const name = 'path' in place ? place.path : place.source.text;
    if (trail.includes(name)) {
      const circle = [...trail.slice(trail.indexOf(name)), name].join(' → ');
      return { code: 'cycle', message: `Files extend each other in a circle: ${circle}.`, hint: 'Remove one of these.' };
    }
    if (this.#outcomes.has(name)) return this.#outcomes.get(name);
    if (trail.length > MAX_DEPTH) return tooMany(`Files extend each other more than ${MAX_DEPTH} deep.`);
    if (this.#outcomes.size >= MAX_FILES) return tooMany(`The workflow is put together of more than ${MAX_FILES} files.`);
    const outcome = this.#read(place, name, index, [...trail, name]);
    this.#outcomes.set(name, outcome);
    return outcome;
  }

  #read(place: Place, name: string, index: number, trail: readonly string[]): Outcome {
    const content = this.#contentOf(place, name);
    if (content === 'unknown' || 'code' in content) return content;
    this.#characters += content.text.length;
    if (this.#characters > MAX_CHARACTERS) return tooMany(`The workflow is put together of more than ${MAX_CHARACTERS / 1024} KiB.`);
    const file = parseLocatedYaml(content.text);
    const bases = (file.value as { extends?: unknown } | null | undefined)?.extends;
    const schema = Array.isArray(bases) ? overlaySchema : workflowSchema;
    const parsed = file.broken ? undefined : schema.safeParse(file.value);
    const [problem] = [...file.problems, ...(parsed === undefined ? [] : grammarProblems(schema, file, parsed))];
    if (problem !== undefined || parsed?.success !== true) return flawed(name, 'source' in place, problem);
    for (const target of parsed.data.extends ?? []) {
      const outcome = this.add(target, place, index, trail);
      if (outcome !== undefined) return outcome;
    }
    // A workflow that extends others may leave keys of its steps out; whether they are there is seen when all are put together.
    this.found.push({ name, isShared: 'source' in place, raw: parsed.data as RawWorkflow, file, index });
    return undefined;
  }

  #contentOf(place: Place, name: string): { text: string } | Refusal | 'unknown' {
    if ('path' in place) {
      if (!this.#context.read) return 'unknown';
      const text = this.#context.read(place.path);
      if (text !== undefined) return { text };
      return { code: 'missing-file', message: `There is no file ${name}.`, hint: 'Create it or mend the path.' };
    }
    const found = this.#context.shared?.(place.source);
    if (found === undefined) return 'unknown';
    return 'text' in found ? found : notThere(name, found.missing);
  }
}

function placeOf(target: string, from: Place): Place | Refusal {
  const bad = ({ message, hint }: { message: string; hint: string }): Refusal => ({ code: 'bad-value', message, hint });
  if (isShared(target)) {
    const source = parseSource(target);
    return 'message' in source ? bad(source) : { source };
  }
  if ('source' in from) {
    const source = sourceBeside(from.source, target);
    return 'message' in source ? bad(source) : { source };
  }
  const unsafe = unsafePath(target);
  if (unsafe === undefined) return { path: resolveBeside(from.path, target) };
  return { code: 'unsafe-path', message: `The path ${unsafe}.`, hint: 'Write it relative to this file, in its folder or below.' };
}

function tooMany(message: string): Refusal {
  return { code: 'bad-value', message, hint: 'Put what they say into fewer files.' };
}

function notThere(name: string, missing: 'lock' | 'unlocked' | 'content'): Refusal {
  switch (missing) {
    case 'lock':
      return { code: 'missing-file', message: `${LOCK_FILE} has mistakes, so ${name} cannot be followed.`, hint: `Mend ${LOCK_FILE}.` };
    case 'unlocked':
      return {
        code: 'missing-file',
        message: `${name} is not locked yet, so it is not followed.`,
        hint: 'Lock it: handrail validate --lock',
        remedy: 'lock',
      };
    case 'content':
      return {
        code: 'missing-file',
        message: `${name} is locked, but not on this machine yet.`,
        hint: 'Fetch it: handrail validate --fetch',
        remedy: 'fetch',
      };
  }
}

function flawed(name: string, isOfOthers: boolean, problem: Problem | undefined): Refusal {
  if (!isOfOthers) return { code: 'bad-value', message: `${name} has problems of its own.`, hint: `Run handrail validate ${name}.` };
  return flawedShared(name, problem);
}

/** What is wrong in a file that cannot be opened here, with its line. */
export function flawedShared(name: string, problem: Problem | undefined): Refusal {
  const what = problem === undefined ? 'It has mistakes.' : `line ${problem.line}: ${problem.message}`;
  return { code: 'bad-value', message: `${name}, ${what}`, hint: 'Name another version of it, or have it mended there.' };
}
