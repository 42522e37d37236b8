import { codeText, plainText } from '../../workflow/markdownText.ts';

/**
 * Markdown of a model for a page of a code host: paragraphs, lists and code stay, everything else is shown letter by letter. It loads
 * no picture, links nowhere, mentions nobody, closes no issue, draws no diagram, ticks no box and holds no HTML.
 */

const MAX_LINE = 2_000;
const FENCE = /^ {0,3}(`{3,}|~{3,})/u;
const ITEM = /^(\s{0,12})([-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(.*)$/u;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*$/u;
/** A picture or a link; of both only the words are kept. */
const LINK = /!?\[([^[\]\n]{0,300})\](?:\([^()\n]{0,500}\)|\[[^[\]\n]{0,100}\])/gu;
const CODE = /(`+)([^`\n]{1,400})\1(?!`)/gu;

/** As many lines as are given or fewer; ends of blocks of code are added. */
export function quietMarkdown(lines: readonly string[]): string[] {
  const out: string[] = [];
  let code: { mark: string; lines: string[] } | undefined;
  for (const line of lines) {
    const mark = FENCE.exec(line)?.[1];
    if (code !== undefined) {
      if (mark !== undefined && mark.startsWith(code.mark) && line.trim() === mark) {
        out.push(...fenced(code.lines));
        code = undefined;
      } else code.lines.push(line);
    } else if (mark !== undefined) code = { mark, lines: [] };
    else out.push(quietLine(line));
  }
  if (code !== undefined) out.push(...fenced(code.lines));
  return out;
}

/** Without a language: hosts draw some of them. */
function fenced(lines: readonly string[]): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/gu)].map((run) => run[0].length)));
  const mark = '`'.repeat(longest + 1);
  // What looks for the marks of a summary must find none of them here.
  return [mark, ...lines.map((line) => line.replaceAll('<!--', '<!\u200b--')), mark];
}

function quietLine(line: string): string {
  if (line.trim() === '') return '';
  const heading = HEADING.exec(line)?.[1];
  if (heading !== undefined) return `**${plainText(withoutEmphasis(heading), 200)}**`;
  const [, indent = '', marker, text = ''] = ITEM.exec(line) ?? [];
  if (marker === undefined) return quietWords(line.trim());
  return `${indent.replaceAll('\t', '  ')}${/\d/u.test(marker) ? marker.replace(')', '.') : '-'} ${quietWords(text)}`;
}

/** Words with their code; at most {@link MAX_LINE} characters of them. */
function quietWords(line: string): string {
  const text = line.slice(0, MAX_LINE).replace(LINK, '$1');
  const parts: string[] = [];
  let from = 0;
  for (const { index, 0: whole, 2: inner = '' } of text.matchAll(CODE)) {
    parts.push(spaced(text.slice(from, index)), codeText(inner, 400));
    from = index + whole.length;
  }
  return [...parts, spaced(text.slice(from))].join('').trim();
}

/** The blanks at the ends belong to the sentence. */
function spaced(text: string): string {
  if (text.trim() === '') return text === '' ? '' : ' ';
  const words = plainText(withoutEmphasis(text), MAX_LINE);
  return `${/^\s/u.test(text) ? ' ' : ''}${words}${/\s$/u.test(text) ? ' ' : ''}`;
}

function withoutEmphasis(text: string): string {
  return text.replace(/(\*\*|__)(?=\S)([^*_\n]{1,300})(?<=\S)\1/gu, '$2');
}
