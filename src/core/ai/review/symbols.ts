import { indentOf, type LineRange } from './lines.ts';

/** Words that begin a statement and look like a call or a declaration followed by a block. */
const STATEMENTS: ReadonlySet<string> = new Set(
  'if else for while switch catch try do return with match case when unless foreach until loop synchronized using lock defer go await yield'.split(
    ' ',
  ),
);

const DECLARATION =
  /^(?:(?:export|default|public|private|protected|internal|static|abstract|final|async|declare|override|virtual|pub(?:\([\w:]+\))?|unsafe|const|readonly|sealed|partial|open|data|suspend|inline)\s+)*(?:function\*?|class|interface|enum|struct|trait|impl|def|func|fun|fn|module|namespace|type|object|record|sub|mod)\s+(?:\([^)]*\)\s*)?([\p{L}_$][\p{L}\p{N}_$.]*)/u;
const ASSIGNED =
  /^(?:export\s+)?(?:const|let|var|val)?\s*([\p{L}_$][\p{L}\p{N}_$.]*)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:function\b|class\b|\([^)]*\)?\s*(?::[^=]+)?(?:=>|$)|[\p{L}_$][\p{L}\p{N}_$]*\s*=>|\{\s*$)/u;
const METHOD = /^(?:[\p{L}_$@<>[\],.?*&\s]+\s)?\*?([\p{L}_$#~][\p{L}\p{N}_$]*)\s*(?:<[^>]*>)?\([^;]*(?:\)[^;]*\{|\(|,|\{)?\s*$/u;
/** Comments, and lines that languages put at the first column whatever surrounds them. */
const BESIDE = /^(?:\/\/|\/\*|\*|#|--|"""|''')/u;
/** Comments and decorators, which belong to what stands below them. */
const ABOVE = /^(?:\/\/|\/\*|\*|#|--|@|\[\w)/u;
const CLOSING = /^(?:[)\]}]|end\b)/u;
/** Columns that methods are indented by, in languages that indent by four. */
const METHOD_INDENT = 4;

/**
 * Name of the function, method or class around a line, outermost first (`Cart.total`); empty at the top of a file. Told by
 * indentation and the looks of a declaration, so it works for any language well enough to name a place; it is no parser.
 */
export function enclosingSymbol(lines: readonly string[], line: number): string {
  return enclosingDeclarations(lines, line)
    .map((declaration) => declaration.name)
    .join('.');
}

/** The declarations around a line with the lines they begin on, outermost first. */
export function enclosingDeclarations(lines: readonly string[], line: number): { name: string; line: number }[] {
  const found: { name: string; line: number }[] = [];
  let index = Math.min(line, lines.length) - 1;
  while (index > 0 && (lines[index] ?? '').trim() === '') index--;
  const own = declaredName(lines[index] ?? '');
  if (own) found.unshift({ name: own, line: index + 1 });
  let indent = width(lines[index] ?? '');
  for (index--; index >= 0 && indent > 0; index--) {
    const text = lines[index] ?? '';
    if (text.trim() === '' || width(text) >= indent || BESIDE.test(text.trim())) continue;
    // What such a line goes on with began above it, at the same depth; a mere closing bracket ends what stands there.
    indent = goesOn(text.trim()) ? width(text) + 1 : width(text);
    const name = declaredName(text);
    if (name) found.unshift({ name, line: index + 1 });
  }
  return found.slice(-6);
}

/** The declarations of a text in their order, those that are nested deeper than methods of a class left out. */
export function outlineLines(lines: readonly string[]): { name: string; line: number }[] {
  return lines.flatMap((text, index) => {
    const name = width(text) > METHOD_INDENT || BESIDE.test(text.trim()) ? undefined : declaredName(text);
    return name === undefined ? [] : [{ name, line: index + 1 }];
  });
}

/**
 * The innermost declaration around all lines from `first` to `last`, with the comments right above it; undefined at the top of a
 * file. Its end is told by indentation, as everything here.
 */
export function enclosingRange(lines: readonly string[], first: number, last: number): LineRange | undefined {
  for (const { line } of enclosingDeclarations(lines, first).toReversed()) {
    const end = endOf(lines, line);
    if (line <= first && end >= last) return { start: startOf(lines, line), end };
  }
  return undefined;
}

/** The first of the comment lines and decorators that stand right above a declaration. */
function startOf(lines: readonly string[], line: number): number {
  let start = line;
  while (start > 1 && ABOVE.test((lines[start - 2] ?? '').trim())) start--;
  return start;
}

/** The last line of a declaration: before the next line that is not indented deeper, or its closing bracket. */
function endOf(lines: readonly string[], line: number): number {
  const indent = width(lines[line - 1] ?? '');
  let end = line;
  for (let index = line; index < lines.length; index++) {
    const text = (lines[index] ?? '').trim();
    if (text === '' || (width(lines[index] ?? '') <= indent && BESIDE.test(text))) continue;
    const deeper = width(lines[index] ?? '') > indent;
    if (deeper || (width(lines[index] ?? '') === indent && goesOn(text))) end = index + 1;
    else return width(lines[index] ?? '') === indent && CLOSING.test(text) ? index + 1 : end;
  }
  return end;
}

/** `) {` below the parameters, `{` on a line of its own, `} else {`: what began above goes on. */
function goesOn(text: string): boolean {
  return text === '{' || /^[)\]}].*[{(:,]$/u.test(text);
}

function declaredName(text: string): string | undefined {
  const trimmed = text.trim().slice(0, 300);
  const name = (DECLARATION.exec(trimmed) ?? ASSIGNED.exec(trimmed) ?? METHOD.exec(trimmed))?.[1];
  if (name === undefined || STATEMENTS.has(name) || STATEMENTS.has(trimmed.split(/\W/u)[0] ?? '')) return undefined;
  return name;
}

/** Indentation in columns, a tab counting four. */
function width(text: string): number {
  return indentOf(text).replaceAll('\t', '    ').length;
}
