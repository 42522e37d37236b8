import { replaceHidden } from '../../hiddenCharacters.ts';
import { asWritten } from '../shownText.ts';

/** What some models think aloud before they answer; also where it was cut off. */
const REASONING = /^\s*<(think|thinking|thought|reasoning)>[\s\S]*?(?:<\/\1>|$)/u;
/** A sentence that announces the answer, e.g. `Sure! Here is the commit message:`. */
const ANNOUNCEMENT = /^(?:sure|certainly|of course|okay|ok|absolutely|here(?:'s| is| are)|below is|based on|the following)\b.{0,200}$/iu;
const FAREWELL = /^(?:let me know|feel free|would you like|i hope (?:this|that)|please let me|if you(?:'d| would) like|do you want)\b/iu;
const FENCE = /^ {0,3}(`{3,}|~{3,})[^`]*$/u;

/**
 * The text that a model was asked for, out of what it answered: without thoughts, without the fence and the sentences around it, and
 * without characters that nobody sees. Empty where there is none. Also for an answer that is not complete.
 */
export function answerText(answer: string): string {
  const plain = replaceHidden(asWritten(answer).replace(REASONING, '').replace(/\r\n?/gu, '\n'), '');
  const lines = withoutAnnouncement(unfenced(plain.split('\n').map((line) => line.trimEnd())));
  return withoutFarewell(trimmed(lines)).join('\n');
}

/** What stands in a fence that opens the answer, also behind a sentence that announces it. A fence further down is a part of the text. */
function unfenced(lines: readonly string[]): readonly string[] {
  const filled = lines.flatMap((line, index) => (line.trim() === '' ? [] : [index])).slice(0, 2);
  const open = filled.find((index) => FENCE.test(lines[index] ?? ''));
  if (open === undefined) return lines;
  const isFirst = open === filled[0];
  if (!isFirst && !isAnnouncement(lines[filled[0] ?? 0] ?? '')) return lines;
  const mark = FENCE.exec(lines[open] ?? '')?.[1] ?? '```';
  const isClose = (line: string): boolean => line.trim().startsWith(mark) && line.trim().replaceAll(mark[0] ?? '`', '') === '';
  // The last one, since a description may hold blocks of code of its own.
  const close = lines.findLastIndex((line, index) => index > open && isClose(line));
  return lines.slice(open + 1, close === -1 ? undefined : close);
}

function withoutAnnouncement(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line.trim() !== '');
  const rest = lines.slice(first + 1);
  return first !== -1 && isAnnouncement(lines[first] ?? '') && rest.some((line) => line.trim() !== '') ? rest : lines;
}

function isAnnouncement(line: string): boolean {
  const text = line.trim();
  return ANNOUNCEMENT.test(text) && (text.endsWith(':') || /\b(?:message|description|draft|summary)\b/iu.test(text));
}

function withoutFarewell(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line.trim() === '');
  return last !== -1 && FAREWELL.test((lines[last + 1] ?? '').trim()) ? trimmed(lines.slice(0, last)) : lines;
}

/** Without blank lines at either end. */
export function trimmed(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line.trim() !== '');
  return first === -1 ? [] : lines.slice(first, lines.findLastIndex((line) => line.trim() !== '') + 1);
}
