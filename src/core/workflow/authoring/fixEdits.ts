import type { GrammarKey } from '../../yaml/grammar.ts';
import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';
import type { LocatedNode, LocatedYaml, YamlPath } from '../../yaml/locatedYaml.ts';
import { placeOf } from '../../yaml/placeAt.ts';
import { columnOf } from '../../yaml/typedToken.ts';
import type { TextSpan } from '../problem.ts';
import type { Draft } from './draft.ts';
import type { SpanEdit } from './quickFixes.ts';
import { Sample, withoutStops } from './samples.ts';

/** Edits of YAML text that leave everything around them as it is written, comments included. */

function nodeAtPath(file: LocatedYaml, path: YamlPath): LocatedNode | undefined {
  return path.reduce<LocatedNode | undefined>(
    (node, key) => (typeof key === 'number' ? node?.items?.[key] : node?.entries?.get(key)?.node),
    file.root,
  );
}

/**
 * What to take out so that an entry or item is gone: with its comma in brackets, with its lines otherwise. Undefined for the last item of a
 * block list, whose key would be left without a value, and for the first of several keys behind a dash.
 */
export function removal(file: LocatedYaml, path: YamlPath): TextSpan | undefined {
  const parent = nodeAtPath(file, path.slice(0, -1));
  const key = path.at(-1);
  const node = nodeAtPath(file, path);
  if (!parent || !node || key === undefined || parent.alias) return undefined;
  const own = typeof key === 'string' ? parent.entries?.get(key)?.keySpan : placeOf(node);
  if (!own) return undefined;
  const value = placeOf(node);
  const span = { start: own.start, end: value.start < own.start ? own.end : Math.max(own.end, value.end) };
  return parent.flow === true
    ? withComma(file.text, withColon(file.text, span, node))
    : withLines(file, parent, span, typeof key === 'number');
}

/** A key in brackets without a value may still have its colon. */
function withColon(text: string, span: TextSpan, node: LocatedNode): TextSpan {
  const rest = node.value === null ? /^[ \t]*:/.exec(text.slice(span.end))?.[0].length : undefined;
  return rest === undefined ? span : { start: span.start, end: span.end + rest };
}

function withComma(text: string, { start, end }: TextSpan): TextSpan {
  const behind = /^\s*,[ \t]*/.exec(text.slice(end))?.[0].length;
  if (behind !== undefined) return { start, end: end + behind };
  const before = /,\s*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  return { start: start - before, end };
}

function withLines(file: LocatedYaml, parent: LocatedNode, { start, end }: TextSpan, isItem: boolean): TextSpan | undefined {
  const { text } = file;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const before = text.slice(lineStart, start);
  const lineEnd = text.indexOf('\n', Math.max(end, start));
  const until = lineEnd < 0 ? text.length : lineEnd + 1;
  if (isItem) {
    const isOnly = (parent.items?.length ?? 0) < 2;
    return !isOnly && /^[ \t]*-[ \t]+$/.test(before) ? { start: lineStart, end: until } : undefined;
  }
  if (/^[ \t]*$/.test(before)) return { start: lineStart, end: until };
  // Behind a dash: what comes on the next line moves up to it.
  const next = /^[ \t]*/.exec(text.slice(until))?.[0].length ?? 0;
  const isFollowed = (parent.entries?.size ?? 0) > 1 && columnOf(text, until + next) === columnOf(text, start);
  return isFollowed && /^[ \t]*(?:-[ \t]+)+$/.test(before) ? { start, end: until + next } : undefined;
}

/** Adds a key with the beginning of a value after the first key of a mapping, written as the mapping is. */
export function addKey(draft: Draft, path: YamlPath, key: GrammarKey): SpanEdit | undefined {
  const { file } = draft;
  const node = nodeAtPath(file, path);
  const [first] = node?.entries?.values() ?? [];
  const inBrackets = node?.flow === true;
  const text = `${key.name}: ${withoutStops(new Sample(draft.language).value(key.field, [...path, key.name], inBrackets))}`;
  if (!node || node.alias) return undefined;
  if (!first) return inBrackets ? { span: { start: node.span.start + 1, end: node.span.start + 1 }, text: ` ${text} ` } : undefined;
  const value = placeOf(first.node);
  const end = value.start < first.keySpan.start ? first.keySpan.end : Math.max(first.keySpan.end, value.end);
  if (inBrackets) {
    const colon = withColon(file.text, { start: end, end }, first.node).end;
    return { span: { start: colon, end: colon }, text: `, ${text}` };
  }
  const newline = file.text.indexOf('\n', end);
  const lineEnd = newline < 0 ? file.text.length : file.text.charAt(newline - 1) === '\r' ? newline - 1 : newline;
  return { span: { start: lineEnd, end: lineEnd }, text: `\n${' '.repeat(columnOf(file.text, first.keySpan.start))}${text}` };
}

/** Tabs that indent lines, as two spaces each, on every line that has some. Empty when the line in question has none. */
export function indentWithSpaces(text: string, span: TextSpan): SpanEdit[] {
  const lineStart = text.lastIndexOf('\n', span.start - 1) + 1;
  if (!/^[ ]*\t/.test(text.slice(lineStart))) return [];
  return [...text.matchAll(/^[ \t]*\t[ \t]*/gm)].map((match) => ({
    span: { start: match.index, end: match.index + match[0].length },
    text: match[0].replaceAll('\t', '  '),
  }));
}

/** Puts quotes around the plain value of the line on which a problem is, where that leaves fewer problems. */
export function quoteRest(file: LocatedYaml, span: TextSpan): SpanEdit | undefined {
  const lineStart = file.text.lastIndexOf('\n', span.start - 1) + 1;
  const newline = file.text.indexOf('\n', lineStart);
  const line = file.text.slice(lineStart, newline < 0 ? file.text.length : newline).replace(/\r$/, '');
  const match = /^([ \t]*(?:-[ \t]+)*(?:[\w-]+:[ \t]+)?)([^\s"'|>[{][^"]*)$/.exec(line);
  if (!match?.[2]) return undefined;
  const start = lineStart + (match[1]?.length ?? 0);
  const edit = { span: { start, end: start + match[2].trimEnd().length }, text: JSON.stringify(match[2].trimEnd()) };
  const after = parseLocatedYaml(file.text.slice(0, edit.span.start) + edit.text + file.text.slice(edit.span.end));
  return after.problems.length < file.problems.length ? edit : undefined;
}
