/**
 * What somebody else's program said, as one short sentence for people: on one line, at most 200 characters, without anything that
 * looks like a key. Empty when it said nothing.
 */
export function saidSentence(text: string): string {
  const line = text
    .replace(/\b(?:sk|pk|rk|gsk|key|token)[-_][\w*.-]{6,}|\b(?:AIza|ya29)[\w.*-]{12,}/gi, '…')
    .replace(/bearer\s+\S+/gi, 'Bearer …')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  const short = line.length > 200 ? `${line.slice(0, 200)}…` : line;
  return short === '' || /[.!?…]$/.test(short) ? short : `${short}.`;
}
