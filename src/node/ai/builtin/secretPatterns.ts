/**
 * Secrets that secretlint's recommended rules leave out: identifiers it finds too common to report, keys it only takes when they
 * are complete, and passwords that only their name gives away. Every pattern is linear: bounded repeats, no nesting.
 */
export interface SecretPattern {
  kind: string;
  /** With flags `d` and `g`; group 1, when there is one, is the secret. */
  pattern: RegExp;
  /** Only in files of this path. */
  only?: RegExp;
  /** A value that gives nothing away (a placeholder, a reference) is passed over. */
  sparePlaceholders?: boolean;
}

export const ENV_FILE =
  /(^|\/)(\.env(\.[\w.-]+)?|[\w.-]+\.env|\.envrc|\.npmrc|\.pypirc|\.netrc|credentials|[\w.-]+\.(properties|ini|toml|cfg|conf))$/i;

const NAME = String.raw`[\w.-]{0,60}(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|credential|auth)[\w.-]{0,40}`;

export const SECRET_PATTERNS: readonly SecretPattern[] = [
  // A key cut off in the middle gives as much away.
  {
    kind: 'private-key',
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----BEGIN )[\s\S]){0,20000}?(?:-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----|$(?![\s\S]))/dg,
  },
  { kind: 'aws-access-key', pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/dg },
  { kind: 'google-api-key', pattern: /(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/dg },
  { kind: 'google-oauth-token', pattern: /(?<![A-Za-z0-9_-])(?:ya29\.[A-Za-z0-9_-]{20,400}|GOCSPX-[A-Za-z0-9_-]{20,60})/dg },
  { kind: 'github-token', pattern: /(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{30,255})/dg },
  { kind: 'openai-key', pattern: /(?<![A-Za-z0-9_-])sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,300}/dg },
  { kind: 'stripe-key', pattern: /(?<![A-Za-z0-9_])(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,120}/dg },
  { kind: 'slack-token', pattern: /(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,250}/dg },
  { kind: 'azure-storage-key', pattern: /AccountKey=([A-Za-z0-9+/]{40,100}={0,2})/dg },
  { kind: 'telegram-token', pattern: /(?<![A-Za-z0-9])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])/dg },
  { kind: 'pypi-token', pattern: /pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,400}/dg },
  { kind: 'jwt', pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{16,2000}/dg },
  { kind: 'bearer-token', pattern: /\bBearer\s{1,3}([A-Za-z0-9._~+/-]{20,2000}={0,2})/dg, sparePlaceholders: true },
  {
    kind: 'password-in-url',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/'"`<>]{1,100}:([^\s:@/'"`<>]{3,200})@[a-z0-9[]/dgi,
    sparePlaceholders: true,
  },
  // `password = "…"` in code: a quoted literal of some length that is not a placeholder.
  {
    kind: 'password',
    pattern: new RegExp(
      String.raw`(?<![\w.-])["']?${NAME}["']?\s{0,5}(?::\s{0,3}str\s{0,3})?[:=]{1,2}>?\s{0,5}["'\x60]([^"'\x60\s]{8,200})["'\x60]`,
      'dgi',
    ),
    sparePlaceholders: true,
  },
  // `DB_PASSWORD=…` in files that hold nothing but settings.
  {
    kind: 'password',
    pattern: new RegExp(String.raw`^[ \t]{0,20}(?:export[ \t]{1,5})?${NAME}[ \t]{0,5}[:=][ \t]{0,5}["']?([^\s"'#]{4,400})`, 'dgim'),
    only: ENV_FILE,
    sparePlaceholders: true,
  },
];

const PLACEHOLDER =
  /^(?:(?:.*(?:\$\{|\{\{|<[a-z]|%\(|\$\().*)|\$[A-Za-z_]\w*|[x*.•_-]+|(?:your|my|the|some|an?|insert|enter|add|put)[\W_].*|.*(?:example|placeholder|changeme|change[-_]me|dummy|redacted|replace[-_]?me|to-?do).*|(?:true|false|null|none|undefined|required|optional|disabled|enabled|string|process\.env.*|os\.environ.*|env\..*))$/i;

/** Values that stand for a secret without being one: references, masks, examples. */
export function isPlaceholder(value: string): boolean {
  if (PLACEHOLDER.test(value)) return true;
  // One character over and over.
  return new Set(value).size <= 2;
}

/** Literals beside secret-sounding names that are plainly words, paths or identifiers: `tokenType: "access_token"`, `authUrl: "/login"`. */
export function looksLikeName(value: string): boolean {
  return (
    /^[a-z]+(?:[ ._:/-][a-z]+)*$/i.test(value) || /^(?:https?:)?\/{1,2}[\w./-]*$/.test(value) || /^[a-z]+(?:[A-Z][a-z]+)+$/.test(value)
  );
}
