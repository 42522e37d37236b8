import { isBasicCredentials, isMask } from './secretValues.ts';

/**
 * Secrets that secretlint's recommended rules leave out: identifiers it finds too common to report, keys it only takes when they
 * are complete, tokens of services it does not know, and passwords that only their name gives away. Every pattern is linear: bounded
 * repeats, no nesting. Outside of literals a value holds nothing that calls or assigns: whoever writes code that looks like a setting
 * must not hide it from a review.
 */
export interface SecretPattern {
  kind: string;
  /** With flags `d` and `g`; the first group that took part, when there are groups, is the secret. */
  pattern: RegExp;
  /** Only in files of this path. */
  only?: RegExp;
  /** A value that gives nothing away (a placeholder, a reference) is passed over. */
  sparePlaceholders?: boolean;
  /** A value that reads like a word, a path or an identifier is passed over. */
  spareNames?: boolean;
  /** What else the value must be. */
  accept?: (value: string) => boolean;
}

/** Files that hold nothing but settings. */
export const ENV_FILE =
  /(^|\/)(\.env([\w.-]+)?|[\w.-]+\.env(\.[\w.-]+)?|\.envrc|\.npmrc|\.pypirc|\.netrc|credentials|[\w.-]+\.(properties|ini|toml|cfg|conf|tfvars))$/i;

/** Files where a value needs no quotes, among other things than settings. */
const PLAIN_VALUE_FILE = /(^|\/)([\w.-]*(dockerfile|containerfile)[\w.-]*|[\w.-]+\.(ya?ml|sh|bash|zsh|fish|ps1|bat|cmd))$/i;

const SECRET_WORD = String.raw`password|passwd|passphrase|(?<!by|com|tres|sur)pass(?![a-z])|pwd|secret|token(?!iz)|api[_-]?key|apikey|access[_-]?key|private[_-]?key|credential|auth(?![a-z])|(?:signing|encryption|master|cipher|hmac)[_-]?key`;
const NAME = String.raw`[\w.-]{0,60}(?:${SECRET_WORD})[\w.-]{0,40}`;
/** In a file of settings, what ends in a kind of key that is never public counts too. */
const SETTING_NAME = String.raw`[\w.-]{0,60}(?:${SECRET_WORD}|salt|(?:session|service|account|storage|deploy|license|app)[_-]?key)[\w.-]{0,40}`;
const UPPER_NAME = String.raw`[A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRET|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY)[A-Z0-9_]{0,40}`;
/** A literal without white space; a quote of the other kind may stand inside. */
const LITERAL = String.raw`(?:"([^"\s]{6,200})"|'([^'\s]{6,200})'|\x60([^\x60\s]{6,200})\x60)`;

/** Tokens that their beginning gives away, as their issuers document it. */
const TOKENS: readonly [kind: string, form: string][] = [
  ['google-api-key', String.raw`AIza[\w-]{35}`],
  ['google-oauth-token', String.raw`(?:ya29\.[\w-]{20,400}|GOCSPX-[\w-]{20,60})`],
  ['github-token', String.raw`(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{30,255})`],
  ['gitlab-token', String.raw`gl(?:pat|rt|dt|ptt|cbt|ft|soat|oas|imt|agent|ffct)-[\w.-]{18,255}`],
  ['openai-key', String.raw`sk-(?:proj-|svcacct-|admin-)?[\w-]{32,300}`],
  ['stripe-key', String.raw`(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16,120}|whsec_[A-Za-z0-9+/]{24,100}={0,2})`],
  ['slack-token', String.raw`(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,250}`],
  ['discord-token', String.raw`[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,45}`],
  ['telegram-token', String.raw`\d{8,10}:AA[\w-]{33}`],
  ['pypi-token', String.raw`pypi-AgEIcHlwaS5vcmc[\w-]{50,400}`],
  ['rubygems-token', String.raw`rubygems_[0-9a-f]{48}`],
  ['hugging-face-token', String.raw`hf_[A-Za-z0-9]{30,60}`],
  ['langsmith-key', String.raw`lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}`],
  ['pinecone-key', String.raw`pcsk_[A-Za-z0-9]{4,8}_[A-Za-z0-9]{50,80}`],
  ['xai-key', String.raw`xai-[A-Za-z0-9]{60,120}`],
  ['perplexity-key', String.raw`pplx-[A-Za-z0-9]{40,64}`],
  ['replicate-token', String.raw`r8_[A-Za-z0-9]{37,40}`],
  ['twilio-key', String.raw`SK[0-9a-f]{32}`],
  ['sendgrid-key', String.raw`SG\.[\w-]{16,32}\.[\w-]{32,64}`],
  ['brevo-key', String.raw`xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}`],
  ['mailgun-key', String.raw`key-[0-9a-f]{32}`],
  ['mailchimp-key', String.raw`[0-9a-f]{32}-us\d{1,2}`],
  ['digitalocean-token', String.raw`do[opr]_v1_[0-9a-f]{64}`],
  ['notion-token', String.raw`(?:ntn|secret)_[A-Za-z0-9]{43,50}`],
  ['airtable-token', String.raw`pat[A-Za-z0-9]{14}\.[0-9a-f]{64}`],
  ['hubspot-token', String.raw`pat-(?:na|eu|ap)\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`],
  ['dropbox-token', String.raw`sl\.(?:u\.)?[\w-]{100,1500}`],
  ['facebook-token', String.raw`EAA[A-Z][A-Za-z0-9]{80,300}`],
  ['one-password-token', String.raw`ops_eyJ[\w-]{100,2000}`],
  ['alibaba-access-key', String.raw`LTAI[A-Za-z0-9]{12,24}`],
  ['nuget-key', String.raw`oy2[a-z0-9]{43}`],
  ['crates-token', String.raw`cio[A-Za-z0-9]{32}`],
  ['render-key', String.raw`rnd_[A-Za-z0-9]{28,40}`],
  ['neon-key', String.raw`napi_[a-z0-9]{60,70}`],
  ['circleci-token', String.raw`CCI(?:PAT|PRJ)_[A-Za-z0-9]{20,24}_[0-9a-f]{40}`],
  ['buildkite-token', String.raw`bk(?:ua|ct)_[0-9a-f]{40}`],
  ['postman-key', String.raw`PMAK-[0-9a-f]{24}-[0-9a-f]{34}`],
  ['doppler-token', String.raw`dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}`],
  ['terraform-token', String.raw`[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}`],
  ['new-relic-key', String.raw`NRAK-[A-Z0-9]{27}`],
  ['sentry-token', String.raw`sntry[su]_[A-Za-z0-9+/=_-]{60,300}`],
  ['cloudflare-key', String.raw`v1\.0-[0-9a-f]{24}-[0-9a-f]{146}`],
  ['heroku-key', String.raw`HRKU-[\w-]{36,80}`],
  ['atlassian-token', String.raw`(?:AT[AC]TT3[\w=-]{60,300}|ATBB[A-Za-z0-9]{32})`],
  ['square-token', String.raw`sq0(?:atp|csp|idp)-[\w-]{20,60}`],
  ['age-key', String.raw`AGE-SECRET-KEY-1[A-Z0-9]{58}`],
  ['supabase-key', String.raw`(?:sb[pv]_[0-9a-f]{40}|sb_secret_[\w-]{20,60})`],
  ['planetscale-token', String.raw`pscale_(?:tkn|pw|oauth)_[\w.-]{32,64}`],
  ['fly-token', String.raw`(?:fo1_[\w-]{43}|fm[12][ar]?_[A-Za-z0-9+/=]{60,400})`],
  ['netlify-token', String.raw`nfp_[A-Za-z0-9]{36,40}`],
  ['pulumi-token', String.raw`pul-[0-9a-f]{40}`],
  ['tailscale-key', String.raw`tskey-[a-z]{3,10}-[\w-]{20,80}`],
  ['sonar-token', String.raw`sq[upa]_[0-9a-f]{40}`],
  ['azure-client-secret', String.raw`[\w~.-]{3}\dQ~[\w~.-]{31,34}`],
];

export const SECRET_PATTERNS: readonly SecretPattern[] = [
  {
    kind: 'aws-access-key',
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/dg,
    accept: (value) => !isMask(value),
  },
  ...TOKENS.map(([kind, form]) => ({
    kind,
    pattern: new RegExp(String.raw`(?<![\w-])${form}(?![\w-])`, 'dg'),
    accept: (value: string) => !isMask(value),
  })),
  { kind: 'azure-key', pattern: /(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,100}={0,2})/dg },
  { kind: 'azure-signature', pattern: /[?&]sig=([A-Za-z0-9%+/=]{20,200})/dg },
  { kind: 'link-signature', pattern: /[?&](?:X-Amz-|X-Goog-)?Signature=([A-Za-z0-9%+/=_-]{32,400})/dgi },
  { kind: 'one-time-password-seed', pattern: /otpauth:\/\/[^\s"'`<>]{1,200}?[?&]secret=([A-Za-z2-7]{12,128})/dg },
  { kind: 'webhook', pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{10,25}\/([\w-]{40,100})/dg },
  { kind: 'jwt', pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{16,2000}/dg },
  { kind: 'bearer-token', pattern: /\bBearer\s{1,3}([A-Za-z0-9._~+/-]{20,2000}={0,2})/dg, sparePlaceholders: true },
  { kind: 'basic-credentials', pattern: /\bBasic\s{1,3}([A-Za-z0-9+/]{8,1000}={0,2})/dg, accept: isBasicCredentials },
  { kind: 'npm-token', pattern: /:_(?:authToken|auth|password)\s{0,3}=\s{0,3}["']?([^\s"'(){}[\];,]{8,400})/dg, sparePlaceholders: true },
  {
    kind: 'password-in-url',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/'"`<>]{0,100}:([^\s:@/'"`<>]{3,200})@[a-z0-9[]/dgi,
    sparePlaceholders: true,
  },
  // Database drivers take passwords that other addresses would have to escape.
  {
    kind: 'password-in-url',
    pattern:
      /\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver|oracle|clickhouse)(?:\+\w{1,20})?:\/\/[^\s:@/'"`<>]{0,100}:([^\s'"`<>]{1,200})@[a-z0-9[]/dgi,
    sparePlaceholders: true,
  },
  // `…;Password=…;`, `…?user=a&api_key=…`, `host=db password=…` in one literal, `--password=…`.
  { kind: 'password', pattern: /[;&?](?:password|passwd|pwd)=([^\s;&"'`<>(){}[\]]{4,200})/dgi, sparePlaceholders: true, spareNames: true },
  {
    kind: 'password',
    pattern: new RegExp(
      String.raw`[;&?](?![\w.-]{0,20}(?:page|next|continuation|sync)[_-]?token)${NAME}=([^\s;&"'\x60<>(){}[\]]{8,400})`,
      'dgi',
    ),
    sparePlaceholders: true,
    spareNames: true,
  },
  {
    kind: 'password',
    pattern: /[\s"'`](?:password|passwd|pwd)=([\w!@#$%^&*+~-]{8,200})(?=[\s"'`])/dgi,
    sparePlaceholders: true,
    spareNames: true,
  },
  {
    kind: 'password',
    pattern:
      /(?<![\w-])--(?:[a-z]{1,20}-){0,2}(?:password|passwd|passphrase|secret|token|api-?key)(?:=|[ \t]{1,3})["']?([^\s"'`,;()]{6,200})/dgi,
    sparePlaceholders: true,
    spareNames: true,
  },
  {
    kind: 'password',
    pattern: /\bcurl\b[^\n]{0,300}?\s(?:-u|--user)[ =]{1,2}["']?[^\s:"']{1,80}:([^\s"'`()]{3,200})/dg,
    sparePlaceholders: true,
  },
  {
    kind: 'password',
    pattern: /<[\w.:-]{0,40}(?:password|passwd|passphrase|secret|token|api-?key)>([^<>{}\s]{4,200})<\//dgi,
    sparePlaceholders: true,
    spareNames: true,
  },
  { kind: 'password', pattern: /\bsshpass\s{1,3}-p\s{0,3}["']?([^\s"'`()]{3,200})/dg, sparePlaceholders: true },
  // Files whose lines have fields: `machine … password …`, `host:port:database:user:password`, `user:hash`, a key alone.
  { kind: 'password', pattern: /\bpassword[ \t]{1,3}([^\s]{3,200})/dgi, only: /(^|\/)[._]netrc$/i, sparePlaceholders: true },
  {
    kind: 'password',
    pattern: /^[^#\s:]{1,200}:[^\s:]{1,10}:[^\s:]{1,100}:[^\s:]{1,100}:([^\s]{1,200})$/dgm,
    only: /(^|\/)\.?pgpass(\.conf)?$/i,
  },
  { kind: 'password-hash', pattern: /^[^\s:#]{1,200}:([^\s:]{8,200})/dgm, only: /(^|\/)\.?htpasswd[\w.-]*$/i },
  { kind: 'encryption-key', pattern: /^\s{0,5}([0-9a-f]{32,64})\s{0,5}$/dg, only: /(^|\/)(master|credentials\/[\w-]{1,40})\.key$/i },
  // RFC 7517: the private part of a key.
  { kind: 'private-key', pattern: /"(?:d|k|p|q|dp|dq|qi)"\s{0,3}:\s{0,3}"([\w-]{40,700})"/dg, accept: (value) => !isMask(value) },
  // `password = "…"` in code: a quoted literal of some length that is not a placeholder.
  {
    kind: 'password',
    pattern: new RegExp(
      String.raw`(?<![\w.-])["']?${NAME}["']?\s{0,5}(?::\s{0,3}str(?:ing)?\s{0,3})?(?:[:=]{1,3}>?|!={1,2}|\|\||\?\?)\s{0,5}${LITERAL}`,
      'dgi',
    ),
    sparePlaceholders: true,
    spareNames: true,
  },
  // Words with blanks between them are a secret only where the name says so.
  {
    kind: 'passphrase',
    pattern:
      /(?<![\w.-])["']?[\w.-]{0,60}(?:passphrase|mnemonic|seed[_-]?phrase)["']?\s{0,5}[:=]{1,2}\s{0,5}(?:"([^"\n]{12,300})"|'([^'\n]{12,300})')/dgi,
    sparePlaceholders: true,
  },
  // `setdefault("DB_PASSWORD", "…")`, `getenv("API_TOKEN", "…")`.
  {
    kind: 'password',
    pattern: new RegExp(String.raw`["']${UPPER_NAME}["']\s{0,3},\s{0,3}${LITERAL}`, 'dg'),
    sparePlaceholders: true,
    spareNames: true,
    accept: (value) => !/^[A-Z0-9_]+$/.test(value),
  },
  // `DB_PASSWORD=…` in files that hold nothing but settings; blanks and `#` belong to the value inside quotes.
  {
    kind: 'password',
    pattern: new RegExp(
      String.raw`^[ \t]{0,20}(?:export[ \t]{1,5})?${SETTING_NAME}[ \t]{0,5}[:=][ \t]{0,5}(?:"([^"\n]{4,400})"|'([^'\n]{4,400})'|([^\s"'#]{4,400}))`,
      'dgim',
    ),
    only: ENV_FILE,
    sparePlaceholders: true,
  },
  {
    kind: 'password',
    pattern: new RegExp(
      String.raw`^[ \t]{0,40}(?:- )?(?:export[ \t]{1,5}|(?:ENV|ARG)[ \t]{1,5}|set[ \t]{1,5}|\$(?:env:)?)?${SETTING_NAME}[ \t]{0,5}[:=][ \t]{0,5}([^\s"'#$()[\]{}|>&*!,;%@\x60][^\s"'$()[\]{}|<>&;\x60]{5,399})[ \t]{0,20}(?:#[^\n]{0,400})?\r?$`,
      'dgim',
    ),
    only: PLAIN_VALUE_FILE,
    sparePlaceholders: true,
    spareNames: true,
  },
];
