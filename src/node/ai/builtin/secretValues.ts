/** What a value beside a secret-sounding name, or of a token's form, says about itself: a placeholder, a mask, a count, a word. */

/** `user:password` in Base64, as RFC 7617 has it. */
export function isBasicCredentials(value: string): boolean {
  return /^[\x20-\x7e]{0,100}:[\x20-\x7e]{3,}$/.test(Buffer.from(value, 'base64').toString('latin1'));
}

/** `maxTokens: 4096`, `TOKEN_TTL=3600`: a number beside such a name counts something. */
export function isCount(name: string, value: string): boolean {
  return (
    /^[\d._]+(?:[a-z]{1,2})?$/i.test(value) &&
    /tokens|max|min|limit|length|ttl|expir|timeout|lifetime|age|rounds|retries|count|size/i.test(name)
  );
}

const PLACEHOLDER =
  /^(?:<[a-z].*|(?:.*(?:\$\{|\{\{|%\(|\$\().*)|\$\w+|%\w+%|\{[\w.]+\}|\[[a-z -]{3,30}\]|[x*.•_-]+|.*(?:\.\.\.|…)|(?:your|my|the|some|insert|enter|add|put)[\W_].*|an? .*|.*(?:example|placeholder|changeme|change[-_]me|dummy|redacted|replace[-_]?me|to-?do|your[-_]).*|(?:true|false|null|none|undefined|required|optional|disabled|enabled|string)|(?:process\.|os\.|import\.meta\.)?env(?:iron)?[.[(].*|secrets\.\w.*|(?:op|vault|ssm|awssm|keyvault|secretref|gcp-sm):.*|(?:arn|urn):[a-z][\w-]{0,20}:.*|pass(?:word|wd)?|pwd|secret)$/i;

/** Values that stand for a secret without being one: references, masks, examples. */
export function isPlaceholder(value: string): boolean {
  // One character over and over.
  return PLACEHOLDER.test(value) || isMask(value) || new Set(value).size <= 2;
}

/** A token of which only the beginning is real, as documentation shows it. */
export function isMask(value: string): boolean {
  return /EXAMPLE|([x0*#.\u2022])\1{7,}|\.\.\.|your[-_]/i.test(value);
}

/**
 * Literals beside secret-sounding names that are plainly words, paths, identifiers, colours or versions:
 * `tokenType: "access_token"`, `authUrl: "/login"`, `Token.Name: "#0a0b0c"`, `"jsonwebtoken": "^9.0.0"`.
 */
export function looksLikeName(value: string): boolean {
  if (/^#[0-9a-f]{3,8}$/i.test(value) || /^(?:[~^]|[<>=]{1,2})?v?\d{1,6}\.\d{1,6}\.\d{1,6}(?:-[\w.]+)?$/.test(value)) return true;
  if (!/[A-Za-z]{2,}/.test(value) || !(value.match(/[A-Za-z]+/g) ?? []).every(isWordy)) return false;
  return (
    /^[_*/#.]?[a-z]+(?:[ ._:/-][a-z]+)*[:.]?$/i.test(value) ||
    /^(?:https?:)?\/{1,2}[\w./-]*$/.test(value) ||
    /^[a-z]+\d?(?:[A-Z][a-z]{2,}){2,}$/.test(value) ||
    /^[a-z]+(?:[A-Z][a-z]+)+$/.test(value)
  );
}

/** Letters that read like words put together, and not like drawn ones: `newPassword`, `RSAPrivateKey`, but not `RtzKpQwLmN`. */
function isWordy(letters: string): boolean {
  if (letters.length < 6) return true;
  const humps = letters.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [];
  if (humps.length > 1 && letters.length / humps.length < 3) return false;
  const vowels = letters.match(/[aeiouy]/gi)?.length ?? 0;
  return vowels / letters.length >= 0.15 || /^[A-Z]+$/.test(letters);
}
