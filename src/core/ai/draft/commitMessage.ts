import { answerText, trimmed } from './answerText.ts';

/** UTF-16 units of a subject, so that every list of commits shows it whole. */
export const SUBJECT_LIMIT = 72;
const BODY_WIDTH = 72;

export interface CommitMessage {
  /** Subject, and a body after a blank line where there is one; no line break at the end. */
  text: string;
  /** What was done to the answer, in plain sentences. */
  notices: string[];
}

/** Lines that speak for somebody, who did not. */
const TRAILER = /^(?:signed-off-by|co-authored-by|reviewed-by|acked-by|tested-by|approved-by|reported-by|change-id|skip-checks)\s*:/iu;
/** What makes a code host skip its checks, or close an issue. */
const SKIP =
  /\[(?:skip ci|ci skip|no ci|skip actions|actions skip|skip-ci|ci-skip|skip checks|skip azp|azp skip|azurepipelines skip|skip azurepipelines|ci_skip)\]|\*\*\*NO_CI\*\*\*/giu;
const CLOSES =
  /\b(clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?)[:\s]{1,4}(?:issues?[:\s]{1,4})?(?:https?:\/\/[^\s#]{1,200}\/(?:issues|pull|merge_requests|work_items)\/|gh-|(?:[\w.-]+\/){0,4}[\w.-]*#)(\d+)/giu;
const LABEL = /^(?:\*\*)?(?:(?:proposed |suggested )?commit message|subject(?: line)?|title)(?:\*\*)?\s*:\s*(?:\*\*)?\s*/iu;
const QUOTES: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['**', '**'],
];

/**
 * A commit message out of what a model answered; undefined where it answered nothing. Nothing in it speaks for a person, closes an
 * issue or skips checks unless `said` (the person's own words and the branch's name) does: the change that the model read may have
 * asked for that.
 */
export function commitMessageOf(answer: string, { said = '' }: { said?: string } = {}): CommitMessage | undefined {
  const notices: string[] = [];
  const [first = '', ...rest] = unquotedWhole(answerText(answer)).split('\n');
  const lines = withoutClaims([bareSubject(first), ...rest.map(withoutLabel)], said, notices);
  const [subjectLine = '', ...bodyLines] = trimmed(lines);
  const subject = bareSubject(subjectLine);
  if (subject === '') return undefined;
  const body = wrapped(trimmed(bodyLines));
  if (subject.length <= SUBJECT_LIMIT) return { text: joined(subject, body), notices };
  notices.push(`The subject was longer than ${SUBJECT_LIMIT} characters; it was shortened, and the body begins with the whole of it.`);
  return { text: joined(shortened(subject), [...wrapped([subject]), ...(body.length === 0 ? [] : ['', ...body])]), notices };
}

function joined(subject: string, body: readonly string[]): string {
  return body.length === 0 ? subject : `${subject}\n\n${body.join('\n')}`;
}

/** Models put a whole message into quotation marks. */
function unquotedWhole(text: string): string {
  for (const [open, close] of QUOTES) {
    const inner = text.startsWith(open) && text.endsWith(close) && text.length >= open.length + close.length;
    if (inner && !text.slice(open.length, -close.length).includes(open)) return text.slice(open.length, -close.length).trim();
  }
  return text;
}

/** Without the marks of a heading or a list, a label, quotation marks and a full stop at its end. */
function bareSubject(line: string): string {
  const bare = line
    .trim()
    .replace(/^(?:#{1,6}|[-*])\s+/u, '')
    .replace(LABEL, '');
  return unquotedWhole(bare.replace(/\s+/gu, ' ').trim()).replace(/(?<!\.)\.$/u, '');
}

/** Git takes a line with `#` for a comment where a message is edited. */
function withoutLabel(line: string): string {
  return line
    .replace(/^#{1,6}[ \t]+/u, '')
    .replace(/^(?:\*\*)?(?:body|description)(?:\*\*)?\s*:\s*(?:\*\*)?$/iu, '')
    .trimEnd();
}

function withoutClaims(lines: readonly string[], said: string, notices: string[]): string[] {
  const spoken = said.toLowerCase();
  const isSaid = (text: string): boolean => spoken.includes(text.trim().toLowerCase());
  let dropped = false;
  const kept = lines
    .filter((line) => {
      const isClaim = TRAILER.test(line.trim()) && !isSaid(line);
      dropped ||= isClaim;
      return !isClaim;
    })
    .map((line) =>
      line
        .replace(SKIP, (mark) => {
          if (isSaid(mark)) return mark;
          dropped = true;
          return '';
        })
        .replace(CLOSES, (phrase, word: string, number: string) => {
          if (new RegExp(`(?<!\\d)${number}(?!\\d)`, 'u').test(said)) return phrase;
          dropped = true;
          return `${word} ${number}`;
        }),
    );
  if (dropped) notices.push('What would have closed an issue, skipped checks or signed for somebody was taken out of the message.');
  return kept;
}

/** Up to a word's end; inside one where the first is longer than the limit. */
function shortened(subject: string): string {
  const cut = subject.slice(0, SUBJECT_LIMIT + 1);
  const end = cut.lastIndexOf(' ');
  const kept = end > SUBJECT_LIMIT / 2 ? cut.slice(0, end) : cut.slice(0, SUBJECT_LIMIT).replace(/[\ud800-\udbff]$/u, '');
  return kept.replace(/[\s,;:(–-]+$/u, '');
}

/** Long lines of prose are broken; what is indented, a quote or a trailer stays as it is, and of several blank lines one. */
function wrapped(lines: readonly string[]): string[] {
  const out: string[] = [];
  for (const line of lines) {
    if (line === '' && out.at(-1) === '') continue;
    if (line.length <= BODY_WIDTH || /^(?:\s{4}|\t|>|[\w-]+: \S+$)/u.test(line)) out.push(line);
    else out.push(...wrapLine(line));
  }
  return out;
}

function wrapLine(line: string): string[] {
  const marker = /^\s*(?:[-*+]|\d{1,3}[.)])\s+/u.exec(line)?.[0] ?? '';
  const indent = ' '.repeat(marker.length);
  const out: string[] = [];
  let current = marker;
  for (const word of line.slice(marker.length).split(/\s+/u)) {
    const isStart = current === marker || current === indent;
    if (!isStart && current.length + 1 + word.length > BODY_WIDTH) {
      out.push(current);
      current = indent + word;
    } else current += isStart ? word : ` ${word}`;
  }
  return [...out, current];
}
