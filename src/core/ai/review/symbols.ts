import { indentOf } from './lines.ts';

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
    // Closing brackets and the like end what stands above them at the same depth.
    indent = width(text);
    const name = declaredName(text);
    if (name) found.unshift({ name, line: index + 1 });
  }
  return found.slice(-6);
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
