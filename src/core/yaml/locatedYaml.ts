import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Document, ParsedNode, Scalar, YAMLError, YAMLMap, YAMLSeq } from 'yaml';
import { problemAt } from '../workflow/problem.ts';
import type { Problem, TextSpan } from '../workflow/problem.ts';

/** Characters of one file. A workflow of 200 steps has about 50,000; more than this is a mistake or an attack, and takes seconds to parse. */
export const MAX_YAML_CHARACTERS = 131_072;
/** Values after aliases are expanded, so that a few lines of nested aliases cannot become a billion values. */
const MAX_VALUES = 20_000;
const MAX_DEPTH = 64;
/** Syntax problems, and repeated keys, that one file reports. */
const MAX_SYNTAX_PROBLEMS = 20;

export type YamlPath = readonly (string | number)[];

/** A value together with where it stands. An alias has the value and the span of its anchor. */
export interface LocatedNode {
  value: unknown;
  span: TextSpan;
  /** The place of an alias itself; everything else stands where its span says. */
  alias?: TextSpan;
  /** Whether a collection is written in brackets. */
  flow?: boolean;
  /** Values inside, itself included, with aliases counted as often as they are used. */
  size: number;
  scalar?: Scalar;
  entries?: Map<string, { keySpan: TextSpan; node: LocatedNode }>;
  items?: LocatedNode[];
}

/** A parsed YAML file: plain data, and for every path in it the place in the text. Paths that do not exist fall back to their nearest parent. */
export interface LocatedYaml {
  /** The text the spans count in: without a byte order mark, as editors do. */
  text: string;
  /** Plain data (mappings have no prototype), or undefined when the file cannot be read as one. */
  value: unknown;
  /** Syntax problems; when `broken`, the value is not worth checking further. */
  problems: Problem[];
  broken: boolean;
  /** The whole file, for what has to go through it by place instead of by path. */
  root: LocatedNode;
  has(path: YamlPath): boolean;
  spanOf(path: YamlPath): TextSpan;
  /** The key at the path; the item itself inside a list. */
  keySpanOf(path: YamlPath): TextSpan;
  /** First key of the mapping at the path; the value's own span when it has none. */
  firstKeySpanOf(path: YamlPath): TextSpan;
  /** Part of a text value, `start` and `end` counting in the value; the whole value where escapes or folding hide the mapping. */
  partSpanOf(path: YamlPath, start: number, end: number): TextSpan;
}

/**
 * Reads one YAML 1.2 document. Never throws; merge keys, several documents, tags of other schemas and repeated keys are `syntax`.
 * With `lenient`, for text that somebody is still typing, what can be made out of the first document is there all the same.
 */
export function parseLocatedYaml(source: string, options: { lenient?: boolean } = {}): LocatedYaml {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  if (text.length > MAX_YAML_CHARACTERS) {
    const hint = 'Split it into smaller files.';
    return broken(text, [
      problemAt(text, { start: 0, end: 0 }, 'syntax', `The file is larger than ${MAX_YAML_CHARACTERS / 1024} KiB.`, hint),
    ]);
  }
  const tooDeep = () =>
    broken(text, [problemAt(text, { start: 0, end: 0 }, 'syntax', 'The file is nested too deeply.', 'Simplify its structure.')]);
  if (isNestedTooDeeply(text)) return tooDeep();
  try {
    return read(text, options.lenient === true);
  } catch (error) {
    // The parser recurses; what the look before let through may still exhaust the stack, which is the only way it is known to throw.
    if (error instanceof RangeError) return tooDeep();
    return broken(text, [problemAt(text, { start: 0, end: 0 }, 'syntax', 'The file cannot be read as YAML.', 'Simplify its structure.')]);
  }
}

/** A look at the brackets and at lines such as `- - - -`: the parser takes seconds for what has thousands of them open. */
function isNestedTooDeeply(text: string): boolean {
  let open = 0;
  for (let index = 0; index < text.length && open <= 10 * MAX_DEPTH; index++) {
    const char = text.charCodeAt(index);
    if (char === 0x5b || char === 0x7b) open++;
    else if ((char === 0x5d || char === 0x7d) && open > 0) open--;
  }
  return open > 10 * MAX_DEPTH || /^[ \t]*(?:[-?:][ \t]+){64}/m.test(text);
}

function broken(text: string, problems: Problem[]): LocatedYaml {
  const root: LocatedNode = { value: undefined, span: { start: 0, end: 0 }, size: 1 };
  return locatedYaml(text, root, problems, true);
}

function read(text: string, lenient: boolean): LocatedYaml {
  const documents = parseAllDocuments(text, { prettyErrors: false, merge: false, uniqueKeys: false, strict: true, logLevel: 'silent' });
  const [document, second] = Array.isArray(documents) ? documents : [];
  const problems: Problem[] = [];
  if (second) {
    const start = text.indexOf('---', document?.range[2] ?? 0);
    const span = start < 0 ? { start: second.range[0], end: second.range[0] } : { start, end: start + 3 };
    problems.push(problemAt(text, span, 'syntax', 'The file holds several YAML documents.', 'Keep one document a file.'));
  }
  if (!document) return locatedYaml(text, { value: null, span: { start: 0, end: 0 }, size: 1 }, problems, problems.length > 0);
  const directives = document.directives?.yaml;
  if (directives?.explicit && directives.version !== '1.2') {
    const hint = 'Remove the %YAML line.';
    problems.push(problemAt(text, { start: 0, end: firstLineEnd(text) }, 'syntax', 'Only YAML 1.2 is read.', hint));
  }
  let fatal = problems.length > 0;
  if (document.errors.some((error) => error.message.includes('call stack'))) throw new RangeError('nested too deeply');
  for (const error of [...document.errors, ...document.warnings].slice(0, MAX_SYNTAX_PROBLEMS)) {
    fatal = true;
    problems.push(syntaxProblem(text, error));
  }
  if (fatal && !lenient) return broken(text, problems);
  const reader = new Reader(text, problems);
  const root = reader.document(document);
  const isBroken = fatal || reader.fatal;
  const file = locatedYaml(text, root, problems, isBroken);
  return lenient && root.size <= MAX_VALUES ? { ...file, value: root.value } : file;
}

const SYNTAX_HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  BLOCK_AS_IMPLICIT_KEY: 'Put the nested value on its own lines, or quote text that contains ": ".',
  BAD_ALIAS: 'Quote text that begins with * or &.',
  TAG_RESOLVE_FAILED: 'Remove the tag, or quote text that begins with !.',
  BAD_INDENT: 'Align the line with its siblings.',
  MULTILINE_IMPLICIT_KEY: 'Close the quote or bracket on the same line, or check the indentation.',
  UNEXPECTED_TOKEN: 'Quote text that begins with a special character.',
};

function syntaxProblem(text: string, error: YAMLError): Problem {
  const span = { start: Math.min(error.pos[0], text.length), end: Math.min(Math.max(error.pos[1], error.pos[0]), text.length) };
  if (/end with a [\]}]$/.test(error.message)) {
    return problemAt(text, span, 'syntax', `A bracket is not closed: ${error.message.slice(-1)} is missing.`, 'Close it.');
  }
  const message = `${error.message.replace(/\.$/, '')}.`;
  return problemAt(text, span, 'syntax', message, SYNTAX_HINTS[error.code] ?? 'Mend the YAML at this place.');
}

function firstLineEnd(text: string): number {
  const end = text.search(/\r?\n/);
  return end < 0 ? text.length : end;
}

const CORE_TAGS = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;

/** Turns the syntax tree into located plain data in document order, which is what gives an alias its right anchor. */
class Reader {
  fatal = false;
  readonly #text: string;
  readonly #problems: Problem[];
  readonly #anchors = new Map<string, LocatedNode | 'open'>();

  constructor(text: string, problems: Problem[]) {
    this.#text = text;
    this.#problems = problems;
  }

  document(document: Document.Parsed): LocatedNode {
    const root = document.contents ? this.#node(document.contents, 0) : this.#empty({ start: 0, end: 0 });
    if (root.size > MAX_VALUES) {
      this.#fail({ start: 0, end: 0 }, 'The file expands to too many values.', 'Use fewer aliases.');
    }
    return root;
  }

  #fail(span: TextSpan, message: string, hint: string): void {
    this.fatal = true;
    this.#problems.push(problemAt(this.#text, span, 'syntax', message, hint));
  }

  /** Looked for here because the parser's own search takes quadratic time. The rest of the file is still worth checking. */
  #repeated(span: TextSpan): void {
    if (this.#problems.length >= MAX_SYNTAX_PROBLEMS) return;
    this.#problems.push(problemAt(this.#text, span, 'syntax', 'The key appears twice in the same mapping.', 'Keep one of the two.'));
  }

  #empty(span: TextSpan): LocatedNode {
    return { value: null, span, size: 1 };
  }

  #node(node: ParsedNode, depth: number): LocatedNode {
    const span = this.#span(node.range);
    if (depth > MAX_DEPTH) {
      this.#fail(span, 'The file is nested too deeply.', 'Simplify its structure.');
      return this.#empty(span);
    }
    if (isAlias(node)) return this.#alias(node.source, span);
    if (node.tag !== undefined && node.tag !== '!' && !CORE_TAGS.test(node.tag)) {
      this.#fail(span, 'Values with a tag of another schema are not read.', 'Remove the tag.');
      return this.#empty(span);
    }
    const anchor = node.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, 'open');
    const located = isMap(node) ? this.#map(node, span, depth) : isSeq(node) ? this.#list(node, span, depth) : this.#scalar(node, span);
    if (anchor !== undefined) this.#anchors.set(anchor, located);
    return located;
  }

  #alias(name: string, span: TextSpan): LocatedNode {
    const target = this.#anchors.get(name);
    if (target === undefined || target === 'open') {
      this.#fail(span, `The alias *${name} refers to nothing before it.`, 'Define the anchor first, or quote text that begins with *.');
      return this.#empty(span);
    }
    return { ...target, alias: span };
  }

  #scalar(node: ParsedNode, span: TextSpan): LocatedNode {
    return isScalar(node) ? { value: node.value, span, size: 1, scalar: node } : this.#empty(span);
  }

  #list(node: YAMLSeq, span: TextSpan, depth: number): LocatedNode {
    const items = node.items.map((item) => this.#node(item as ParsedNode, depth + 1));
    const size = items.reduce((sum, item) => sum + item.size, 1);
    return { value: items.map((item) => item.value), span, size, items, flow: node.flow === true };
  }

  #map(node: YAMLMap, span: TextSpan, depth: number): LocatedNode {
    const value: Record<string, unknown> = Object.create(null);
    const entries = new Map<string, { keySpan: TextSpan; node: LocatedNode }>();
    let size = 1;
    for (const pair of node.items) {
      const key = this.#key(pair.key as ParsedNode | null, span);
      if (key === undefined) continue;
      if (entries.has(key.name)) this.#repeated(key.span);
      const after = { start: key.span.end, end: key.span.end };
      const child = pair.value ? this.#node(pair.value as ParsedNode, depth + 1) : this.#empty(after);
      size += child.size;
      value[key.name] = child.value;
      entries.set(key.name, { keySpan: key.span, node: child });
    }
    return { value, span, size, entries, flow: node.flow === true };
  }

  #key(key: ParsedNode | null, parent: TextSpan): { name: string; span: TextSpan } | undefined {
    const span = key ? this.#span(key.range) : parent;
    if (!key || !isScalar(key) || key.value === null) {
      this.#fail(span, 'A key must be plain text.', 'Write the key as a word before the colon.');
      return undefined;
    }
    if (key.value === '<<' && key.type === 'PLAIN') {
      this.#fail(span, 'Merge keys (<<) are not read.', 'Write the fields out, or use extends.');
      return undefined;
    }
    // A bigint, number or boolean as a key reads as it is written.
    return { name: typeof key.value === 'string' ? key.value : (key.source ?? ''), span };
  }

  /** Without the white space that block collections end with. */
  #span(range: readonly [number, number, number] | null | undefined): TextSpan {
    if (!range) return { start: 0, end: 0 };
    let end = Math.min(range[1], this.#text.length);
    while (end > range[0] && /\s/.test(this.#text.charAt(end - 1))) end--;
    return { start: range[0], end };
  }
}

function locatedYaml(text: string, root: LocatedNode, problems: Problem[], isBroken: boolean): LocatedYaml {
  const child = (node: LocatedNode, key: string | number) => (typeof key === 'number' ? node.items?.[key] : node.entries?.get(key)?.node);
  const nearest = (path: YamlPath): { node: LocatedNode; parent?: LocatedNode; found: boolean } => {
    let node = root;
    let parent: LocatedNode | undefined;
    for (const key of path) {
      const next = child(node, key);
      if (!next) return { node, found: false, ...(parent && { parent }) };
      parent = node;
      node = next;
    }
    return { node, found: true, ...(parent && { parent }) };
  };
  const keySpanOf = (path: YamlPath): TextSpan => {
    const key = path.at(-1);
    const { node } = nearest(path.slice(0, -1));
    if (typeof key === 'string') return node.entries?.get(key)?.keySpan ?? node.span;
    return typeof key === 'number' ? (node.items?.[key]?.span ?? node.span) : node.span;
  };
  return {
    text,
    root,
    value: isBroken ? undefined : root.value,
    problems,
    broken: isBroken,
    has: (path) => nearest(path).found,
    spanOf(path) {
      const { node, found } = nearest(path);
      // A key without a value has no width of its own; its key is what the person sees.
      return found && node.span.start === node.span.end && path.length > 0 ? keySpanOf(path) : node.span;
    },
    keySpanOf,
    firstKeySpanOf(path) {
      const { node } = nearest(path);
      const [first] = node.entries?.values() ?? [];
      return first?.keySpan ?? node.span;
    },
    partSpanOf(path, start, end) {
      const { node } = nearest(path);
      return (node.scalar && partSpan(text, node.scalar, node.span, start, end)) ?? node.span;
    },
  };
}

/**
 * Maps a part of a scalar's value to the text by walking both together: each character of the value that is not white space is
 * looked for in the source in order, so folding, indentation and quotes are stepped over. Undefined where an escape such as
 * `\x41` has no such character.
 */
function partSpan(text: string, scalar: Scalar, span: TextSpan, start: number, end: number): TextSpan | undefined {
  const value = typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? '');
  let at = span.start;
  if (scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED') at = text.indexOf('\n', at) + 1;
  else if (scalar.type === 'QUOTE_DOUBLE' || scalar.type === 'QUOTE_SINGLE') at += 1;
  let from: number | undefined;
  let to: number | undefined;
  for (let index = 0; index < value.length && index < Math.max(end, start + 1); index++) {
    if (/\s/.test(value.charAt(index))) {
      if (text.charAt(at) === value.charAt(index)) at++;
      continue;
    }
    while (at < span.end && text.charAt(at) !== value.charAt(index)) at++;
    if (at >= span.end) return undefined;
    if (index >= start) from ??= at;
    at++;
    to = at;
  }
  // An error at the end of the expression has no character of its own: it stands just after the last one.
  if (from === undefined) return to === undefined ? undefined : { start: to, end: to };
  return { start: from, end: Math.max(from, to ?? from) };
}
