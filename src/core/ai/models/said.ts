const KEYS = [
  /\b(?:sk|pk|rk|gsk|key|token)[-_][\w*.-]{6,}|\b(?:AIza|ya29)[\w.*-]{12,}/gi,
  // GitHub, GitLab, Slack, AWS, and tokens of three parts (RFC 7519).
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[a-z]-)[\w-]{10,}|\bAKIA[A-Z0-9]{12,}|\beyJ[\w-]{8,}\.[\w.-]{8,}/g,
] as const;
/** `NAME_KEY=value` and the like; the name stays. */
const ASSIGNED = /((?:api[-_ ]?key|token|secret|password|passwd)"?\s*[=:]\s*)(?:"[^"]*"?|'[^']*'?|\S{6,})/gi;

/** The text without anything that looks like a key. */
export function withoutKeys(text: string): string {
  return KEYS.reduce((rest, key) => rest.replace(key, '…'), text)
    .replace(/bearer\s+\S+/gi, 'Bearer …')
    .replace(ASSIGNED, '$1…')
    .replace(/\/\/[^/@\s]{1,200}@/g, '//…@');
}

/**
 * What somebody else's program said, as one short sentence for people: on one line, at most 200 characters, without anything that
 * looks like a key. Empty when it said nothing.
 */
export function saidSentence(text: string): string {
  const line = withoutKeys(text)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  const short = line.length > 200 ? `${line.slice(0, 200)}…` : line;
  return short === '' || /[.!?…]$/.test(short) ? short : `${short}.`;
}
