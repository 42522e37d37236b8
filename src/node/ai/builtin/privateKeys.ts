import type { SecretMatch } from '../../../core/ai/provider.ts';

/**
 * Private keys in armour (RFC 7468, RFC 4880, PuTTY), also in literals over several lines, with escaped line ends, in comments, and cut
 * off in the middle. Only what looks like a key is taken: whoever writes the first line of one above some code must not hide it.
 */

const BEGIN = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----/g;
const END = /-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----/y;
/** What stands between two lines of a key in code, data and comments. */
const BETWEEN = /(?:\\[nrt]|\/\/|<br ?\/?>|-(?!-)|[\s"'`+,.;#*\\>|&()[\]]){0,200}/y;
const HEADER = /(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID|Encryption|Public-Lines): ?[^\n"'`\\]{0,120}/y;
/** A whole line; shorter ones are words. A checksum of OpenPGP begins with an equals sign. */
const LINE = /[A-Za-z0-9+/]{16,20000}={0,2}|=[A-Za-z0-9+/]{4}(?![A-Za-z0-9+/])/y;
/** The last line may be short. */
const LAST = /[A-Za-z0-9+/]{1,15}={0,2}(?![A-Za-z0-9+/=(.:])/y;

const PUTTY = /\bPrivate-Lines: \d{1,4}\r?\n((?:[ \t]{0,20}[A-Za-z0-9+/=]{1,80}(?:\r?\n|$)){1,200})/dg;

export function privateKeyMatches(text: string): SecretMatch[] {
  const armoured = [...text.matchAll(BEGIN)].flatMap(({ index, 0: begin }) => {
    const end = endOfKey(text, index + begin.length);
    return end === undefined ? [] : [{ start: index, end, kind: 'private-key' }];
  });
  const putty = [...text.matchAll(PUTTY)].flatMap(({ indices }) => {
    const lines = indices?.[1];
    return lines === undefined ? [] : [{ start: lines[0], end: lines[1], kind: 'private-key' }];
  });
  return [...armoured, ...putty];
}

/** Where the key that begins here ends; undefined when nothing like a key follows. */
function endOfKey(text: string, from: number): number | undefined {
  let at = from;
  let end: number | undefined;
  for (;;) {
    const next = after(BETWEEN, text, at) ?? at;
    const closed = after(END, text, next);
    if (closed !== undefined) return end === undefined ? undefined : closed;
    const line = after(LINE, text, next);
    const header = line ?? after(HEADER, text, next);
    if (line !== undefined) end = line;
    if (header === undefined) return end === undefined ? undefined : (lastLine(text, next) ?? end);
    at = header;
  }
}

/** A short line counts where the key is closed behind it, or nothing follows. */
function lastLine(text: string, from: number): number | undefined {
  const short = after(LAST, text, from);
  if (short === undefined) return undefined;
  const next = after(BETWEEN, text, short) ?? short;
  return after(END, text, next) ?? (next === text.length ? short : undefined);
}

/** Where the match that begins at this place ends. */
function after(pattern: RegExp, text: string, from: number): number | undefined {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
