import type { TextSpan } from '../workflow/problem.ts';
import { parseLocatedYaml } from './locatedYaml.ts';
import type { LocatedNode, LocatedYaml, YamlPath } from './locatedYaml.ts';
import { beginsLine, columnOf, openQuotes, typedTokenAt } from './typedToken.ts';
import type { TypedToken } from './typedToken.ts';

/** What may be written at a place of a file, seen from the structure around it. */
export interface Place {
  /**
   * `key`: a key of the mapping at `path`. `value`: the value at `path`. `item`: another item of a list, at `path` in it, on a line of its
   * own that still needs its dash.
   */
  is: 'key' | 'value' | 'item';
  path: YamlPath;
  /** Where on the page: in brackets, behind a key, behind a dash, or on a line of its own. */
  where: 'brackets' | 'inline' | 'dash' | 'line';
  /** Column of what is written here, from 0. */
  column: number;
}

/** A place together with what is typed there. */
export interface TypedPlace {
  token: TypedToken;
  /** The token's text up to the offset, without quotes, with escapes left as they are. */
  before: string;
  /** More than one where the structure allows several readings; none inside text and comments. */
  places: Place[];
  /** The file as it is without the token, or with it where it is a key that has its colon, or a block of text. */
  file: LocatedYaml;
}

/**
 * What may be written at an offset. The word that is being typed is taken out before the file is read: what is left is most often valid,
 * whatever half of a word would make of it.
 */
export function typedPlaceAt(text: string, offset: number): TypedPlace | undefined {
  const token = typedTokenAt(text, offset);
  if (!token) return undefined;
  const before = text.slice(token.inner.start, Math.max(token.inner.start, Math.min(offset, token.inner.end)));
  if (token.isKey || token.style === 'block') {
    const file = parseLocatedYaml(text, { lenient: true });
    return { token, before, file, places: existingPlace(file, token) };
  }
  const file = withoutToken(text, token.span);
  return { token, before, file, places: placesAt(file, token.span.start) };
}

/**
 * Brackets and quotes that nobody has closed yet would swallow the lines below. Brackets around the token are closed, and a quote elsewhere
 * is taken for a letter, where that makes the file more readable; nothing before the token moves.
 */
function withoutToken(text: string, span: TextSpan): LocatedYaml {
  const blank = text.slice(0, span.start) + ' '.repeat(span.end - span.start) + text.slice(span.end);
  const file = parseLocatedYaml(blank, { lenient: true });
  if (!file.broken) return file;
  const quotes = openQuotes(blank);
  if (quotes.length > 0) {
    const letters = [...quotes].reduce((current, at) => `${current.slice(0, at)}_${current.slice(at + 1)}`, blank);
    const mended = parseLocatedYaml(letters, { lenient: true });
    if (mended.problems.length < file.problems.length || !mended.broken) return mended;
  }
  const lineEnd = blank.indexOf('\n', span.end);
  const end = lineEnd < 0 ? blank.length : lineEnd;
  const missing = openBrackets(blank.slice(blank.lastIndexOf('\n', span.start - 1) + 1, end));
  if (missing === '') return file;
  const closed = parseLocatedYaml(blank.slice(0, span.end) + missing + blank.slice(span.end), { lenient: true });
  return closed.problems.length < file.problems.length ? closed : file;
}

/** The closing brackets that a line lacks, quoted text left aside. */
function openBrackets(line: string): string {
  const open: string[] = [];
  for (const char of line.replace(/"(?:[^"\\]|\\.)*"|'[^']*'|(?:^|\s)#.*$/g, '')) {
    if (char === '[') open.push(']');
    else if (char === '{') open.push('}');
    else if (char === open.at(-1)) open.pop();
  }
  return open.reverse().join('');
}

/** The node at an offset: its path, whether the offset is on its key, and the span of what it is on. Undefined between nodes. */
export function nodeAt(
  file: LocatedYaml,
  offset: number,
): { path: YamlPath; on: 'key' | 'value'; span: TextSpan; node: LocatedNode } | undefined {
  let node = file.root;
  const path: (string | number)[] = [];
  for (;;) {
    const span = placeOf(node);
    if (node.alias || (!node.entries && !node.items)) return contains(span, offset) ? { path, on: 'value', span, node } : undefined;
    const entry = [...(node.entries ?? [])].find(([, one]) => contains(one.keySpan, offset));
    if (entry) return { path: [...path, entry[0]], on: 'key', span: entry[1].keySpan, node: entry[1].node };
    const next = childAt(node, offset);
    if (!next) return undefined;
    path.push(next.key);
    node = next.node;
  }
}

function contains(span: TextSpan, offset: number): boolean {
  return span.start <= offset && offset <= span.end && span.end > span.start;
}

/** Where a node stands in the text, which for an alias is not where its value stands. */
export function placeOf(node: LocatedNode): TextSpan {
  return node.alias ?? node.span;
}

function childAt(node: LocatedNode, offset: number): { key: string | number; node: LocatedNode } | undefined {
  const children: { key: string | number; node: LocatedNode }[] = [
    ...[...(node.entries ?? [])].map(([key, entry]) => ({ key, node: entry.node })),
    ...(node.items ?? []).map((item, key) => ({ key, node: item })),
  ];
  return children.find((child) => contains(placeOf(child.node), offset));
}

function existingPlace(file: LocatedYaml, token: TypedToken): Place[] {
  const found = nodeAt(file, token.style === 'block' ? token.inner.end : token.span.start);
  if (!found) return [];
  const column = columnOf(file.text, token.span.start);
  const where = token.depth > 0 ? 'brackets' : 'line';
  return found.on === 'key'
    ? [{ is: 'key', path: found.path.slice(0, -1), where, column }]
    : [{ is: 'value', path: found.path, where, column }];
}

/** Where something could be written at an offset at which nothing stands. */
export function placesAt(file: LocatedYaml, offset: number): Place[] {
  // The marks between documents: only the first one is read.
  if (/\n(?:---|\.\.\.)(?=\s|$)/.test(file.text.slice(file.root.span.start, offset))) return [];
  const { blank, dash } = beginsLine(file.text, offset);
  // Whatever is written left of the lines below would take them away from what they belong to.
  if (blank && columnOf(file.text, offset) < indentBelow(file.text, offset)) return [];
  const found = new Descent(file.text, offset, blank, dash).in(file.root, []);
  if (found !== 'outside') return isLastOnLine(file.text, offset) ? found : found.filter(({ where }) => where === 'brackets');
  const isEmpty = !file.root.entries && !file.root.items && (file.root.value === null || file.root.value === undefined);
  return isEmpty && blank ? [{ is: 'value', path: [], where: 'line', column: columnOf(file.text, offset) }] : [];
}

function isLastOnLine(text: string, offset: number): boolean {
  return /^[ \t]*(?:#[^\n]*)?\r?(?:\n|$)/.test(text.slice(offset));
}

/** Indentation of the next line that holds something. */
function indentBelow(text: string, offset: number): number {
  const below = text.slice(offset).replace(/^[^\n]*\n?/, '');
  return /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*([ \t]*)[^\s#]/.exec(below)?.[1]?.length ?? 0;
}

type Found = Place[] | 'outside';

/** Goes down from the root to the innermost collection that an empty place belongs to, by brackets and indentation. */
class Descent {
  readonly #text: string;
  readonly #offset: number;
  readonly #column: number;
  readonly #blank: boolean;
  /** Column of the dash right before, if there is one. */
  readonly #dash: number | undefined;

  constructor(text: string, offset: number, blank: boolean, dash: number | undefined) {
    this.#text = text;
    this.#offset = offset;
    this.#column = columnOf(text, offset);
    this.#blank = blank;
    this.#dash = dash;
  }

  in(node: LocatedNode, path: YamlPath): Found {
    if (node.alias) return 'outside';
    if (node.flow === true) return this.#brackets(node, path);
    if (node.entries && node.entries.size > 0) return this.#mapping(node, node.entries, path);
    if (node.items && node.items.length > 0) return this.#list(node, node.items, path);
    return 'outside';
  }

  #place(is: Place['is'], path: YamlPath, where: Place['where']): Place {
    return { is, path, where, column: this.#column };
  }

  #brackets(node: LocatedNode, path: YamlPath): Found {
    const { start, end } = node.span;
    const isClosed = end - start > 1 && this.#text.charAt(end - 1) === (node.entries ? '}' : ']');
    if (this.#offset <= start || (isClosed && this.#offset >= end)) return 'outside';
    if (this.#blank && this.#column <= keyColumn(this.#text, start)) return [];
    const child = [...children(node)].find(
      ([, one]) => !one.alias && one.flow === true && one.span.start < this.#offset && this.#offset <= one.span.end,
    );
    if (child) {
      const inside = this.in(child[1], [...path, child[0]]);
      if (inside !== 'outside') return inside;
    }
    const before = this.#text.slice(start, this.#offset).trimEnd().at(-1);
    if (node.items) {
      const index = node.items.filter((item) => placeOf(item).end <= this.#offset && placeOf(item).end > placeOf(item).start).length;
      return before === '[' || before === ',' ? [this.#place('value', [...path, index], 'brackets')] : [];
    }
    if (before === '{' || before === ',') return [this.#place('key', path, 'brackets')];
    const isBehindColon = before === ':' && /:\s+$/.test(this.#text.slice(start, this.#offset));
    const [key, entry] = [...(node.entries ?? [])].filter(([, one]) => one.keySpan.end <= this.#offset).at(-1) ?? [];
    return isBehindColon && key !== undefined && entry && isEmpty(entry.node) ? [this.#place('value', [...path, key], 'brackets')] : [];
  }

  #mapping(node: LocatedNode, entries: NonNullable<LocatedNode['entries']>, path: YamlPath): Found {
    const column = columnOf(this.#text, node.span.start);
    if (this.#isLeftOf(column)) return 'outside';
    const last = [...entries].filter(([, entry]) => entry.keySpan.start < this.#offset).at(-1);
    const ownKey =
      this.#column === column && (this.#blank || this.#dash !== undefined) ? [this.#place('key', path, this.#blank ? 'line' : 'dash')] : [];
    if (!last) return ownKey.length > 0 ? ownKey : 'outside';
    const [name, entry] = last;
    // Between a key and its value.
    if (!isEmpty(entry.node) && placeOf(entry.node).start >= this.#offset) return [];
    const inside = placeOf(entry.node).start < this.#offset ? this.in(entry.node, [...path, name]) : 'outside';
    // A list may stand as far left as the key it belongs to; behind it, a line can go on with either.
    if (inside !== 'outside') return this.#blank && placeOf(entry.node).end <= this.#offset ? [...inside, ...ownKey] : inside;
    if (isInside(entry.node, this.#offset)) return [];
    if (this.#blank) {
      if (this.#column === column) return ownKey;
      return isEmpty(entry.node) ? [this.#place('value', [...path, name], 'line')] : [];
    }
    const between = this.#text.slice(entry.keySpan.end, this.#offset);
    return isEmpty(entry.node) && /^[ \t]*:[ \t]+$/.test(between) ? [this.#place('value', [...path, name], 'inline')] : [];
  }

  #list(node: LocatedNode, items: readonly LocatedNode[], path: YamlPath): Found {
    const column = columnOf(this.#text, node.span.start);
    if (this.#dash === column) return this.#behindDash(items, path);
    if (this.#isLeftOf(column)) return 'outside';
    const index = items.filter((item) => placeOf(item).start <= this.#offset).length;
    if (this.#blank && this.#column === column) return [this.#place('item', [...path, index], 'line')];
    const before = items[index - 1];
    if (!before) return 'outside';
    if (isEmpty(before)) return this.#blank ? [this.#place('value', [...path, index - 1], 'line')] : [];
    return this.in(before, [...path, index - 1]);
  }

  /** An item of which nothing stands on its line: it is empty, or its keys begin on a line below. */
  #behindDash(items: readonly LocatedNode[], path: YamlPath): Found {
    const lineEnd = this.#text.indexOf('\n', this.#offset);
    const isBefore = (item: LocatedNode): boolean => placeOf(item).start < this.#offset - this.#column;
    // An empty item stands anywhere up to the next thing that is not white space.
    const index = items.filter(isBefore).length;
    const item = items[index];
    if (!item || isEmpty(item)) return [this.#place('value', [...path, index], 'dash')];
    const isBelow = item.flow === false && item.entries !== undefined && lineEnd >= 0 && item.span.start > lineEnd;
    return isBelow && columnOf(this.#text, item.span.start) === this.#column ? [this.#place('key', [...path, index], 'dash')] : [];
  }

  /** On a line that begins further left than a collection, so that it does not belong to it. */
  #isLeftOf(column: number): boolean {
    return this.#blank ? this.#column < column : this.#dash !== undefined && this.#dash < column;
  }
}

/** Column of the key, or of what a dash begins, on the line of an offset: what brackets open there has to stay right of. */
function keyColumn(text: string, offset: number): number {
  return /^[ \t]*(?:-[ \t]+)*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))?.[0].length ?? 0;
}

function children(node: LocatedNode): [string | number, LocatedNode][] {
  const entries = [...(node.entries ?? [])].map(([key, entry]): [string, LocatedNode] => [key, entry.node]);
  return [...entries, ...(node.items ?? []).map((item, index): [number, LocatedNode] => [index, item])];
}

function isEmpty(node: LocatedNode): boolean {
  return node.value === null && node.span.start === node.span.end;
}

/** In the middle of a scalar, such as a text over several lines. */
function isInside(node: LocatedNode, offset: number): boolean {
  const { start, end } = placeOf(node);
  return !node.entries && !node.items && start < offset && offset < end;
}
