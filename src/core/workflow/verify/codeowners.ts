import { foldName, isName, type PersonName } from './names.ts';

/**
 * CODEOWNERS: who owns which file. GitHub's rules (docs.github.com, "About code owners"): patterns as in gitignore without `!`, `[ ]` and
 * escapes of `#`; the last pattern that matches a file decides; a pattern without owners takes them away; a line that is wrong is passed
 * over. GitLab adds sections, `[Name][2] @default`, each of which asks for an approval of its own, `^[Name]` does not; there a pattern
 * without a leading slash matches at any depth (docs.gitlab.com, "Code Owners syntax").
 *
 * Own matcher, as for globs: the patterns come from a repository, and a regular expression made of one can hang.
 */

/** Where hosts look for the file, the first that is there counts. Relative to the top of the repository. */
export const CODEOWNERS_PATHS: readonly string[] = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'];

/** GitHub loads no file larger than that. Characters. */
const MAX_CHARACTERS = 3_000_000;
const MAX_RULES = 20_000;

interface Rule {
  matches(segments: readonly string[]): boolean;
  owners: PersonName[];
}

interface Section {
  /** False where an approval of this section is a courtesy. */
  required: boolean;
  rules: Rule[];
}

export interface CodeOwners {
  /**
   * Owners of a file, one group a section that asks for an approval of its own: somebody of each group has to approve. Empty for a file
   * that nobody owns. Names are folded.
   */
  groupsOf(path: string): PersonName[][];
  /** Whether somebody owns a file, sections included whose approval is a courtesy. */
  owns(names: ReadonlySet<PersonName>, path: string): boolean;
  /** Everyone who owns anything. */
  readonly everyone: ReadonlySet<PersonName>;
}

/** Reads the file. Never throws; too large a file owns nothing, as on the host. `path` tells GitLab's own place apart. */
export function parseCodeOwners(text: string, path: string): CodeOwners {
  const lines = text.length > MAX_CHARACTERS ? [] : text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const isGitLab = path.startsWith('.gitlab/') || lines.some((line) => sectionOf(line) !== undefined);
  const sections = new Map<string, Section & { defaults: PersonName[] }>([['', { required: true, rules: [], defaults: [] }]]);
  let current = '';
  let count = 0;
  for (const line of lines) {
    const heading = isGitLab ? sectionOf(line) : undefined;
    if (heading !== undefined) {
      current = foldName(heading.name);
      const known = sections.get(current);
      if (known === undefined) sections.set(current, { required: heading.required, rules: [], defaults: heading.owners });
      else known.defaults = heading.owners;
      continue;
    }
    const section = sections.get(current);
    const rule = section && ruleOf(line, { isGitLab, defaults: section.defaults });
    if (section !== undefined && rule !== undefined && count++ < MAX_RULES) section.rules.push(rule);
  }
  return codeOwners([...sections.values()]);
}

function codeOwners(sections: readonly Section[]): CodeOwners {
  const everyone = new Set(sections.flatMap(({ rules }) => rules.flatMap(({ owners }) => owners)));
  const decide = (path: string, wanted: (section: Section) => boolean): PersonName[][] => {
    const segments = path.split('/');
    return sections
      .filter(wanted)
      .map(({ rules }) => rules.findLast((rule) => rule.matches(segments))?.owners ?? [])
      .filter((owners) => owners.length > 0);
  };
  return {
    groupsOf: (path) => decide(path, ({ required }) => required),
    owns: (names, path) => decide(path, () => true).some((owners) => owners.some((owner) => names.has(owner))),
    everyone,
  };
}

function sectionOf(line: string): { name: string; required: boolean; owners: PersonName[] } | undefined {
  const heading = /^\s*(\^?)\[([^\]]+)\](?:\[(\d+)\])?(?:\s+(.*))?$/.exec(line);
  if (heading?.[2] === undefined) return undefined;
  const owners = ownersOf((heading[4] ?? '').split(/\s+/));
  // Names follow a heading, or nothing.
  if (owners === undefined) return undefined;
  return { name: heading[2].trim(), required: heading[1] !== '^' && heading[3] !== '0', owners };
}

function ruleOf(line: string, { isGitLab, defaults }: { isGitLab: boolean; defaults: PersonName[] }): Rule | undefined {
  const [pattern, ...rest] = wordsOf(line);
  if (pattern === undefined || pattern.startsWith('!') || /[[\]]/.test(pattern)) return undefined;
  const owners = ownersOf(rest);
  if (owners === undefined) return undefined;
  return { matches: compilePattern(pattern, isGitLab), owners: rest.length === 0 ? defaults : owners };
}

/** Words of a line without its comment; `\ ` keeps a space in a path. A `#` begins a comment at the start of a word. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:\\.|[^\s\\]|\\$)+/g)) {
    if (word.startsWith('#')) break;
    words.push(word.replace(/\\(?=\s)/g, ''));
  }
  return words;
}

/** Undefined when one of them is no owner: the host passes over such a line. */
function ownersOf(words: readonly string[]): PersonName[] | undefined {
  const names = words.filter((word) => word !== '');
  return names.every(isName) ? names.map(foldName) : undefined;
}

/** A pattern by segments of the path. `/x/*` is about the files right in the folder; every other pattern that matches a folder, about all in it. */
function compilePattern(pattern: string, isGitLab: boolean): (segments: readonly string[]) => boolean {
  const isAnchored = isGitLab ? pattern.startsWith('/') : pattern.replace(/\/$/, '').includes('/');
  const isFolder = pattern.endsWith('/');
  const parts = pattern
    .replace(/^\/|\/$/g, '')
    .split('/')
    .filter((part) => part !== '');
  const steps = isAnchored ? parts : ['**', ...parts];
  const stopsHere = parts.length > 1 && parts.at(-1) === '*';
  const first = steps[0] ?? '';
  const isPlain = !/[*?]/.test(first);
  return (segments) => {
    // Most rules name a top folder, and most files lie in another.
    if (isPlain && first !== segments[0]) return false;
    const ends = reachable(steps, segments);
    // What is left of the path lies in the folder that matched.
    return ends.some((end) => (isFolder ? end < segments.length : end === segments.length || !stopsHere));
  };
}

/** How many leading segments the pattern can take, in at most pattern length times path length steps. */
function reachable(steps: readonly string[], segments: readonly string[]): number[] {
  let ends = new Set([0]);
  for (const step of steps) {
    const next = new Set<number>();
    for (const at of ends) {
      if (step === '**') for (let end = at; end <= segments.length; end += 1) next.add(end);
      else if (at < segments.length && matchesSegment(step, segments[at] ?? '')) next.add(at + 1);
    }
    ends = next;
  }
  return [...ends].filter((end) => end > 0);
}

/** `*` and `?` within one segment. The two-pointer match: on a mismatch only the last `*` is widened. */
function matchesSegment(pattern: string, text: string): boolean {
  let at = 0;
  let index = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const sign = pattern.charAt(index);
    if (sign === '*') {
      star = index++;
      resume = at;
    } else if (index < pattern.length && (sign === '?' || sign === text.charAt(at))) {
      index += 1;
      at += 1;
    } else if (star >= 0) {
      index = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern.charAt(index) === '*') index += 1;
  return index === pattern.length;
}
