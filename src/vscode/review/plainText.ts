import { replaceHidden } from '../../core/hiddenCharacters.ts';
import { showHidden } from '../../core/ai/shownText.ts';

/** What the pure modules need of `vscode.l10n`, so that they run without the editor. */
export interface Localise {
  t(message: string, ...args: (string | number)[]): string;
}

/** Text that a model, an engine or a repository wrote, fit for a label: one line, and nothing in it that is not seen. */
export function oneLine(text: string, limit = 300): string {
  const line = withoutControls(text).replace(/\s+/g, ' ').trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

/** As {@link oneLine}, with line ends kept. */
export function severalLines(text: string, limit = 8_000): string {
  const clean = withoutControls(text.replace(/\r\n?/g, '\n')).trim();
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1)}…`;
}

/**
 * The same for messages of the editor and prompts of its input boxes: of `[words](command:…)` they make a link that runs the command,
 * wherever the text comes from.
 */
export function forMessage(text: string, limit = 2_000): string {
  return oneLine(text, limit).replaceAll('](', '] (');
}

/** Line ends and other blanks are kept. */
function withoutControls(text: string): string {
  return replaceHidden(text.replace(/[\u0085\u2028\u2029\v\f]/g, ' '), '');
}

/**
 * Untrusted text as markdown that shows it literally: every ASCII punctuation mark is escaped (CommonMark 2.4), so no link,
 * image, command, HTML or bare address becomes active. Only code, between backticks or fences, keeps its form, because code
 * is shown literally by itself.
 */
export function asMarkdown(text: string): string {
  // A fence is one only at the beginning of its line.
  const parts = severalLines(text).split(/(^```[^\n`]*\n[\s\S]*?\n```(?=\n|$))/m);
  return parts.map((part, index) => (index % 2 === 1 ? fencedAgain(part) : prose(part))).join('');
}

/** A fenced block whose fence is longer than any run of backticks inside, so that the content cannot leave it. What hides is written out. */
export function codeBlock(code: string, language = ''): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${showHidden(code.replace(/\r\n?/g, '\n'))}\n${fence}`;
}

function fencedAgain(block: string): string {
  const lines = block.split('\n');
  const language = /^[A-Za-z]{1,20}$/.exec(lines[0]?.slice(3).trim() ?? '')?.[0] ?? '';
  return codeBlock(lines.slice(1, -1).join('\n'), language);
}

function prose(text: string): string {
  return text
    .replace(/^[ \t]+/gm, '')
    .split(/(`[^`\n]{1,200}`)/)
    .map((part, index) => (index % 2 === 1 ? part : escaped(part)))
    .join('')
    .replace(/\n{2,}/g, '\n\n')
    .replace(/([^\n])\n(?=[^\n])/g, '$1  \n');
}

function escaped(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, '\\$&');
}
