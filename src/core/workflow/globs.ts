/**
 * Globs over repository paths and branch names: `*` and `?` within a segment, `**` across segments, `[a-z]`, `[!a]`, `{a,b}`, `\` before a
 * special character, a leading `!` for "not". Files that begin with a dot match like any other: a gate must not overlook `.github`.
 *
 * Own matcher, though picomatch exists (and is the oracle of its tests): globs come from repositories nobody has reviewed, and a
 * pattern such as `*a*a*a*a*b` turned into a regular expression can hang the editor. This one takes at most
 * pattern length x path length steps.
 */

export type GlobMatcher = (path: string) => boolean;

const MAX_PATTERN = 1000;
const MAX_ALTERNATIVES = 200;

/** Why a glob is not one, as the end of a sentence that begins with the glob; undefined when it is fine. */
export function globProblem(pattern: string): string | undefined {
  if (pattern.trim() === '' || pattern === '!') return 'is empty';
  if (pattern.length > MAX_PATTERN) return `is longer than ${MAX_PATTERN} characters`;
  const unbalanced = unbalancedBracket(pattern);
  if (unbalanced) return `has an unbalanced ${unbalanced}`;
  if (/(?<!\\)[@+*?!]\((?:[^)]*)\)/.test(pattern)) return 'uses an extended pattern such as @(a|b), which is not read; write {a,b}';
  if (/(?<!\\)\{[^{},]*\.\.[^{},]*\}/.test(pattern)) return 'uses a range such as {1..3}, which is not read; list the alternatives';
  return expandBraces(pattern.replace(/^!/, '')) ? undefined : `expands to more than ${MAX_ALTERNATIVES} alternatives`;
}

/** Compiles one glob. A bad one matches nothing; {@link globProblem} says why it is bad. */
export function compileGlob(pattern: string): GlobMatcher {
  if (globProblem(pattern) !== undefined) return () => false;
  const negated = pattern.startsWith('!');
  const alternatives = (expandBraces(negated ? pattern.slice(1) : pattern) ?? []).map(compileSegments);
  return (path) => {
    const segments = path.split('/');
    return alternatives.some((alternative) => matchSegments(alternative, segments)) !== negated;
  };
}

/** Whether one path matches one glob. For many paths, compile the glob once. */
export function matchesGlob(path: string, pattern: string): boolean {
  return compileGlob(pattern)(path);
}

/** Compiles a list: a path matches when some glob does and no `!glob` excludes it; a list of exclusions alone takes all other paths. */
export function compileGlobs(patterns: readonly string[]): GlobMatcher {
  const included = patterns.filter((pattern) => !pattern.startsWith('!')).map(compileGlob);
  const excluded = patterns.filter((pattern) => pattern.startsWith('!') && globProblem(pattern) === undefined);
  const exclusions = excluded.map((pattern) => compileGlob(pattern.slice(1)));
  const takesAll = included.length === 0 && exclusions.length > 0;
  return (path) => (takesAll || included.some((matches) => matches(path))) && !exclusions.some((matches) => matches(path));
}

/** A glob function that compiles each pattern once, for loops over many paths. */
export function globCache(): (path: string, pattern: string) => boolean {
  const compiled = new Map<string, GlobMatcher>();
  return (path, pattern) => {
    let matcher = compiled.get(pattern);
    if (!matcher) compiled.set(pattern, (matcher = compileGlob(pattern)));
    return matcher(path);
  };
}

const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

function unbalancedBracket(pattern: string): string | undefined {
  const open: string[] = [];
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern.charAt(index);
    if (char === '\\') index++;
    else if (open.at(-1) === '[') {
      if (char === ']') open.pop();
    } else if (char === '[' || char === '{' || char === '(') open.push(char);
    else if (char in CLOSING && open.pop() !== CLOSING[char]) return char;
  }
  return open.at(-1);
}

/** All alternatives of `{a,b}` groups, nested ones too; undefined when there are too many. Braces without a comma stay as they are. */
function expandBraces(pattern: string): string[] | undefined {
  const done: string[] = [];
  const todo = [pattern];
  for (let current = todo.pop(); current !== undefined; current = todo.pop()) {
    const group = firstGroup(current);
    if (!group) done.push(current);
    else for (const part of group.parts) todo.push(current.slice(0, group.start) + part + current.slice(group.end));
    if (done.length + todo.length > MAX_ALTERNATIVES) return undefined;
  }
  return done;
}

/** The first brace group with a comma at its own level; `end` is after the closing brace. */
function firstGroup(pattern: string): { start: number; end: number; parts: string[] } | undefined {
  const open: { start: number; commas: number[] }[] = [];
  let inClass = false;
  let found: { start: number; end: number; parts: string[] } | undefined;
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern.charAt(index);
    if (char === '\\') index++;
    else if (inClass) inClass = char !== ']';
    else if (char === '[') inClass = true;
    else if (char === '{') open.push({ start: index, commas: [] });
    else if (char === ',') open.at(-1)?.commas.push(index);
    else if (char === '}') {
      const group = open.pop();
      if (group && group.commas.length > 0 && (!found || group.start < found.start)) {
        const cuts = [group.start, ...group.commas, index];
        found = { start: group.start, end: index + 1, parts: cuts.slice(1).map((cut, at) => pattern.slice((cuts[at] ?? 0) + 1, cut)) };
      }
    }
  }
  return found;
}

type Token =
  { type: 'text'; char: string } | { type: 'any' } | { type: 'star' } | { type: 'class'; not: boolean; ranges: [number, number][] };
type Segment = { type: 'globstar' } | { type: 'exact'; text: string } | { type: 'tokens'; tokens: Token[] };

function compileSegments(pattern: string): Segment[] {
  // A trailing slash names a folder, so everything in it is meant: taken literally it would never match a file.
  const whole = pattern.endsWith('/') && !pattern.endsWith('\\/') ? `${pattern}**` : pattern;
  return whole
    .replace(/^(?:\.\/)+/, '')
    .split('/')
    .map((text): Segment => {
      if (text === '**') return { type: 'globstar' };
      const tokens = tokenize(text);
      if (tokens.every((token) => token.type === 'text')) return { type: 'exact', text: tokens.map((token) => token.char).join('') };
      return { type: 'tokens', tokens };
    });
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === '\\' && index + 1 < text.length) tokens.push({ type: 'text', char: text.charAt(++index) });
    else if (char === '?') tokens.push({ type: 'any' });
    else if (char === '*') {
      if (tokens.at(-1)?.type !== 'star') tokens.push({ type: 'star' });
    } else if (char === '[') {
      const end = text.indexOf(']', index + 1);
      if (end < 0) tokens.push({ type: 'text', char });
      else {
        tokens.push(characterClass(text.slice(index + 1, end)));
        index = end;
      }
    } else tokens.push({ type: 'text', char });
  }
  return tokens;
}

function characterClass(body: string): Token {
  const not = body.startsWith('!') || body.startsWith('^');
  const chars = not ? body.slice(1) : body;
  const ranges: [number, number][] = [];
  for (let index = 0; index < chars.length; index++) {
    const from = chars.charCodeAt(index);
    const isRange = chars.charAt(index + 1) === '-' && index + 2 < chars.length;
    ranges.push([from, isRange ? chars.charCodeAt(index + 2) : from]);
    if (isRange) index += 2;
  }
  return { type: 'class', not, ranges };
}

/** Classic two-pointer match: on a mismatch only the last `**` is widened, which is enough because it can take any segments. */
function matchSegments(pattern: readonly Segment[], path: readonly string[]): boolean {
  return wildcardMatch(
    pattern.length,
    path.length,
    (index) => pattern[index]?.type === 'globstar',
    (index, at) => segmentMatches(pattern[index], path[at] ?? ''),
  );
}

function segmentMatches(segment: Segment | undefined, text: string): boolean {
  if (segment?.type === 'exact') return segment.text === text;
  if (segment?.type !== 'tokens') return false;
  const { tokens } = segment;
  // An empty segment is not a name: `a/*` does not match `a/`.
  if (text === '') return false;
  return wildcardMatch(
    tokens.length,
    text.length,
    (index) => tokens[index]?.type === 'star',
    (index, at) => tokenMatches(tokens[index], text, at),
  );
}

function tokenMatches(token: Token | undefined, text: string, at: number): boolean {
  if (token?.type === 'any') return true;
  if (token?.type === 'text') return token.char === text.charAt(at);
  if (token?.type !== 'class') return false;
  const code = text.charCodeAt(at);
  return token.ranges.some(([from, to]) => code >= from && code <= to) !== token.not;
}

/** Matches a pattern with "any run" wildcards in at most patternLength x textLength steps. */
function wildcardMatch(
  patternLength: number,
  textLength: number,
  isWild: (index: number) => boolean,
  matches: (index: number, at: number) => boolean,
): boolean {
  let index = 0;
  let at = 0;
  let wild = -1;
  let resume = 0;
  while (at < textLength) {
    if (index < patternLength && isWild(index)) {
      wild = index++;
      resume = at;
    } else if (index < patternLength && matches(index, at)) {
      index++;
      at++;
    } else if (wild >= 0) {
      index = wild + 1;
      at = ++resume;
    } else return false;
  }
  while (index < patternLength && isWild(index)) index++;
  return index === patternLength;
}
