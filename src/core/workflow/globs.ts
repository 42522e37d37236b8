/**
 * Globs over repository paths and branch names: `*` and `?` within a segment, `**` across segments, `[a-z]`, `[!a]`, `{a,b}`, `\` before a
 * special character, a leading `!` for "not". Files that begin with a dot match like any other: a gate must not overlook `.github`.
 *
 * Own matcher, though picomatch exists (and is the oracle of its tests): globs come from repositories nobody has reviewed, and a
 * pattern such as `*a*a*a*a*b` turned into a regular expression can hang the editor. This one takes at most
 * pattern length x path length steps for each alternative of its braces, and one pass where a segment has one wildcard.
 */

export type GlobMatcher = (path: string) => boolean;

const MAX_PATTERN = 1000;
const MAX_ALTERNATIVES = 200;
/** Characters of all alternatives together: they are tried one after the other. */
const MAX_EXPANDED = 10_000;
/** What stands between two wildcards is tried at every place, so it is kept short: `?` and `[…]` in a segment, folders between `**`. */
const MAX_SINGLE_BETWEEN = 16;
const MAX_FOLDERS_BETWEEN = 8;

/** Why a glob is not one, as the end of a sentence that begins with the glob; undefined when it is fine. */
export function globProblem(pattern: string): string | undefined {
  if (pattern.trim() === '' || pattern === '!') return 'is empty';
  if (pattern.length > MAX_PATTERN) return `is longer than ${MAX_PATTERN} characters`;
  const unbalanced = unbalancedBracket(pattern);
  if (unbalanced) return `has an unbalanced ${unbalanced}`;
  if (/(?<!\\)[@+*?!]\((?:[^)]*)\)/.test(pattern)) return 'uses an extended pattern such as @(a|b), which is not read; write {a,b}';
  if (/(?<!\\)\{[^{},]*\.\.[^{},]*\}/.test(pattern)) return 'uses a range such as {1..3}, which is not read; list the alternatives';
  const alternatives = expandBraces(pattern.replace(/^!/, ''));
  if (!alternatives) return `expands to more than ${MAX_ALTERNATIVES} alternatives, or too long ones`;
  for (const { pieces } of alternatives.map(compileSegments)) {
    if (pieces.slice(1, -1).some((folders) => folders.length > MAX_FOLDERS_BETWEEN)) {
      return `has more than ${MAX_FOLDERS_BETWEEN} folders between two **`;
    }
    if (pieces.flat().some(isSlow)) return `has more than ${MAX_SINGLE_BETWEEN} of ? and [] between two *`;
  }
  return undefined;
}

function isSlow(segment: Segment): boolean {
  if (segment.type !== 'pieces') return false;
  return segment.pieces.slice(1, -1).some(({ text, length }) => text === undefined && length > MAX_SINGLE_BETWEEN);
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
  let expanded = 0;
  for (let current = todo.pop(); current !== undefined; current = todo.pop()) {
    const group = firstGroup(current);
    if (!group) {
      done.push(current);
      expanded += current.length;
      if (expanded > MAX_EXPANDED) return undefined;
    } else for (const part of group.parts) todo.push(current.slice(0, group.start) + part + current.slice(group.end));
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
type Single = Exclude<Token, { type: 'star' }>;
/** What stands between two stars: plain text, which the platform searches fast, or tokens for one character each. */
type Piece = { length: number; text?: string; tokens: readonly Single[] };
type Segment =
  | { type: 'globstar' }
  | { type: 'exact'; text: string }
  /** Without a star there is one piece, which is the whole segment. */
  | { type: 'pieces'; pieces: readonly Piece[]; shortest: number };
/** A path pattern, cut at its `**`. */
interface Alternative {
  pieces: readonly (readonly Segment[])[];
  shortest: number;
}

function compileSegments(pattern: string): Alternative {
  // A trailing slash names a folder, so everything in it is meant: taken literally it would never match a file.
  const whole = pattern.endsWith('/') && !pattern.endsWith('\\/') ? `${pattern}**` : pattern;
  const segments = whole
    .replace(/^(?:\.\/)+/, '')
    .split('/')
    .map(compileSegment);
  const pieces = cut(segments, (segment) => segment.type === 'globstar');
  return { pieces, shortest: pieces.reduce((sum, piece) => sum + piece.length, 0) };
}

function compileSegment(text: string): Segment {
  if (text === '**') return { type: 'globstar' };
  const tokens = tokenize(text);
  if (tokens.every((token) => token.type === 'text')) return { type: 'exact', text: tokens.map((token) => token.char).join('') };
  const pieces = cut(tokens, (token) => token.type === 'star').map((piece) => toPiece(piece as Single[]));
  return { type: 'pieces', pieces, shortest: pieces.reduce((sum, piece) => sum + piece.length, 0) };
}

function toPiece(tokens: readonly Single[]): Piece {
  const isText = tokens.every((token) => token.type === 'text');
  return { length: tokens.length, tokens, ...(isText && { text: tokens.map((token) => token.char).join('') }) };
}

/** The parts between the items that cut; one more than there are of those. */
function cut<T>(items: readonly T[], isCut: (item: T) => boolean): T[][] {
  const parts: T[][] = [[]];
  for (const item of items) {
    if (isCut(item)) parts.push([]);
    else parts.at(-1)?.push(item);
  }
  return parts;
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

/**
 * Matches pieces with any run between them. The first and the last piece have one place each; those in the middle are looked for from
 * left to right, where the first place is as good as any later one. So a pattern with one wildcard is matched in one pass.
 */
function matchPieces(
  count: number,
  lengthOf: (piece: number) => number,
  total: number,
  matchesAt: (piece: number, at: number) => boolean,
  find: (piece: number, from: number, end: number) => number,
): boolean {
  if (!matchesAt(0, 0)) return false;
  const end = total - lengthOf(count - 1);
  if (!matchesAt(count - 1, end)) return false;
  let at = lengthOf(0);
  for (let piece = 1; piece < count - 1; piece++) {
    at = find(piece, at, end);
    if (at < 0) return false;
    at += lengthOf(piece);
  }
  return true;
}

function matchSegments({ pieces, shortest }: Alternative, path: readonly string[]): boolean {
  if (path.length < shortest || (pieces.length === 1 && path.length !== shortest)) return false;
  const matchesAt = (piece: number, at: number): boolean =>
    pieces[piece]?.every((segment, index) => segmentMatches(segment, path[at + index] ?? '')) === true;
  const find = (piece: number, from: number, end: number): number => {
    const last = end - (pieces[piece]?.length ?? 0);
    for (let at = from; at <= last; at++) if (matchesAt(piece, at)) return at;
    return -1;
  };
  return matchPieces(pieces.length, (piece) => pieces[piece]?.length ?? 0, path.length, matchesAt, find);
}

function segmentMatches(segment: Segment, text: string): boolean {
  if (segment.type === 'exact') return segment.text === text;
  // An empty segment is not a name: `a/*` does not match `a/`.
  if (segment.type === 'globstar' || text === '') return false;
  const { pieces, shortest } = segment;
  if (text.length < shortest || (pieces.length === 1 && text.length !== shortest)) return false;
  const find = (piece: number, from: number, end: number): number => findPiece(pieces[piece], text, from, end);
  return matchPieces(
    pieces.length,
    (piece) => pieces[piece]?.length ?? 0,
    text.length,
    (piece, at) => pieceMatches(pieces[piece], text, at),
    find,
  );
}

function findPiece(piece: Piece | undefined, text: string, from: number, end: number): number {
  if (piece === undefined) return -1;
  if (piece.text !== undefined) {
    const at = text.indexOf(piece.text, from);
    return at >= 0 && at + piece.length <= end ? at : -1;
  }
  for (let at = from; at + piece.length <= end; at++) if (pieceMatches(piece, text, at)) return at;
  return -1;
}

function pieceMatches(piece: Piece | undefined, text: string, at: number): boolean {
  if (piece === undefined) return false;
  if (piece.text !== undefined) return text.startsWith(piece.text, at);
  const { tokens, length } = piece;
  for (let index = 0; index < length; index++) if (!tokenMatches(tokens[index], text, at + index)) return false;
  return true;
}

function tokenMatches(token: Single | undefined, text: string, at: number): boolean {
  if (token === undefined || token.type === 'any') return token !== undefined;
  if (token.type === 'text') return token.char === text.charAt(at);
  const code = text.charCodeAt(at);
  for (let index = 0; index < token.ranges.length; index++) {
    const range = token.ranges[index];
    if (range !== undefined && code >= range[0] && code <= range[1]) return !token.not;
  }
  return token.not;
}
