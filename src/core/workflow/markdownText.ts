/**
 * Text of a repository or a model inside Markdown that a code host renders (GitHub, GitLab, Bitbucket): shown letter by letter. It
 * draws no link, image, HTML, heading, table cell or formula, mentions nobody and refers to no issue.
 */

/**
 * An invisible zero-width space as an entity. A backslash does not keep a host from seeing a mention or an address, because hosts look
 * for those in the rendered text; a character between the sign and the name does.
 */
const APART = '&#8203;';

// oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const CONTROL =
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Half a surrogate pair, which no encoding can hold. */
const LONELY = /\p{Surrogate}/gu;

/** One line without controls, invisible and direction characters; at most `most` UTF-16 units. */
export function oneLine(text: string, most: number): string {
  const line = text
    .slice(0, 20 * most)
    .replace(LONELY, '\ufffd')
    .replace(CONTROL, '\ufffd')
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= most) return line;
  return `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Untrusted text inside a sentence or a table cell. */
export function plainText(text: string, most = 200): string {
  return oneLine(text, most)
    .replace(/[\\`*_{}[\]|~^<>&$@#!%:]/g, (sign, at: number, whole: string) => signText(sign, whole.slice(at + 1, at + 3)))
    .replace(/\bGH-(?=\d)/gi, `$&${APART}`)
    .replace(/\b(?:www\.|mailto:|xmpp:)(?=\S)/gi, `$&${APART}`)
    .replace(/^[-+=#:]/, '\\$&')
    .replace(/^\d+(?=[.)])/, `${APART}$&`);
}

/** One sign of Markdown, or of a host's own references, so that it stands for itself. `next` are the two characters behind it. */
function signText(sign: string, next: string): string {
  const apart = /^\S/.test(next) ? APART : '';
  switch (sign) {
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '$':
      // Begins a formula, or a snippet's number.
      return `&#36;${apart}`;
    case '&':
      return `&amp;${apart}`;
    case '@':
    case '#':
    case '!':
    case '%':
      return `${sign}${apart}`;
    case '~':
      return `\\~${apart}`;
    case ':':
      // Addresses are linked without any markup.
      return next === '//' ? `:${APART}` : ':';
    default:
      return `\\${sign}`;
  }
}

/** Untrusted text as inline code: a path, a branch, a name. Hosts neither link nor mention inside code. */
export function codeText(text: string, most = 300): string {
  // A comment mark inside could be taken for one of our own by who looks for them in the text.
  const body = oneLine(text, most).replace(/<!--/g, '<!\u200b--');
  if (body === '') return '';
  const longest = Math.max(0, ...[...body.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  // Without the blanks, a backtick at either end would join the fence.
  return longest > 0 ? `${fence} ${body} ${fence}` : `${fence}${body}${fence}`;
}

/** The same in a cell of a table, where code cannot hold a vertical bar for certain. */
export function cellCode(text: string): string {
  return text.includes('|') ? plainText(text, 300) : codeText(text);
}
