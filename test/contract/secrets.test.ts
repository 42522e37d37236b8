import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SecretMatch } from '../../src/core/ai/provider.ts';
import { createSecretScanner } from '../../src/node/ai/builtin/builtinReviewer.ts';
import { createEngineHost, type EngineHost } from '../../src/node/ai/builtin/engineHost.ts';
import { scanSecrets } from '../../src/node/ai/builtin/secretScan.ts';

/** Put together at run time, so that this file itself holds nothing a scanner would report. */
const random = (length: number, alphabet = 'aB3dE5gH7jK9mN1pQ2rS4tU6vW8xYz0') =>
  Array.from({ length }, (_, i) => alphabet[(i * 7 + 3) % alphabet.length]).join('');

const SECRETS: readonly [kind: RegExp, value: string][] = [
  [/^aws-access-key$/, `AKIA${random(16, 'ABCDEFGH234567')}`],
  [/^github-token$/, `ghp_${random(36)}`],
  [/^github-token$/, `github_pat_${random(22)}_${random(59)}`],
  [/openai/, `sk-proj-${random(60)}`],
  [/stripe/, `sk_live_${random(28)}`],
  [/slack-token/, `xoxb-${random(12, '0123456789')}-${random(12, '0123456789')}-${random(24)}`],
  [/^google-api-key$/, `AIza${random(35)}`],
  [/^jwt$/, `eyJ${random(20)}.eyJ${random(40)}.${random(43)}`],
  [/^private-key$/, `-----BEGIN RSA PRIVATE KEY-----\n${random(64)}\n${random(64)}\n-----END RSA PRIVATE KEY-----`],
  [/^private-key$/, `-----BEGIN OPENSSH PRIVATE KEY-----\n${random(64)}\n${random(30)}`],
  [/password/, `postgres://app:${random(12)}@db.example.org:5432/app`],
];

const masked = (text: string, secrets: readonly SecretMatch[]): string =>
  secrets.toReversed().reduce((rest, { start, end }) => `${rest.slice(0, start)}[redacted]${rest.slice(end)}`, text);

describe('secret scanner', function () {
  this.timeout(60_000);
  let host: EngineHost;
  before(() => {
    host = createEngineHost();
  });
  after(() => host.dispose());

  it('finds known kinds wherever they stand, whole', async () => {
    const scanner = createSecretScanner({ host });
    for (const [kind, value] of SECRETS) {
      for (const [before, after] of [
        ['', ''],
        ['const k = "', '";\n'],
        ['😀é key: ', ' # end\n'],
        ['(', ')'],
      ] as const) {
        const text = `${before}${value}${after}`;
        const matches = await scanner.scan('src/a.txt', text);
        const secret = matches.find((match) => kind.test(match.kind));
        assert.ok(secret, `${String(kind)} in ${JSON.stringify(text)}: ${JSON.stringify(matches)}`);
        const hidden = text.slice(secret.start, secret.end);
        const sensitive = value.includes('://') ? random(12) : value;
        assert.ok(hidden.includes(sensitive), `${String(kind)} is hidden only in part: ${hidden}`);
      }
    }
  });

  it('finds passwords by their names, in code and in files of settings', async () => {
    const found = async (path: string, text: string) => (await scanSecrets(path, text)).map(({ start, end }) => text.slice(start, end));
    assert.deepEqual(await found('.env', 'DB_PASSWORD=s3cr3t\nexport API_TOKEN="abcd1234"\nDEBUG=true\nport: 8080\n'), [
      's3cr3t',
      'abcd1234',
    ]);
    assert.deepEqual(await found('config/prod.env', 'secret_key = hunter2!\n'), ['hunter2!']);
    assert.deepEqual(await found('a.py', 'PASSWORD = "Tr0ub4dor&3"\n'), ['Tr0ub4dor&3']);
    assert.deepEqual(await found('a.json', '{ "clientSecret": "9f8e7d6c5b4a" }'), ['9f8e7d6c5b4a']);
  });

  it('finds tokens of services that secretlint does not know', async () => {
    const hex = (length: number) => random(length, '0a9b8c7d6e5f');
    const tokens: readonly [kind: string, value: string][] = [
      ['gitlab-token', `glrt-${random(20)}`],
      ['stripe-key', `whsec_${random(32)}`],
      ['hugging-face-token', `hf_${random(34)}`],
      ['replicate-token', `r8_${random(37)}`],
      ['twilio-key', `SK${hex(32)}`],
      ['mailgun-key', `key-${hex(32)}`],
      ['digitalocean-token', `dop_v1_${hex(64)}`],
      ['rubygems-token', `rubygems_${hex(48)}`],
      ['sentry-token', `sntrys_${random(80)}`],
      ['atlassian-token', `ATATT3xFfGF0${random(180)}`],
      ['age-key', `AGE-SECRET-KEY-1${random(58, 'QWERTYUPASD234567')}`],
    ];
    for (const [kind, value] of tokens) {
      for (const [before, after] of [
        ['', ''],
        ['send("', '");\n'],
      ] as const) {
        const [secret, ...more] = await scanSecrets('src/a.ts', `${before}${value}${after}`);
        assert.deepEqual(more, []);
        assert.deepEqual(secret, { kind, start: before.length, end: before.length + value.length });
      }
    }
  });

  it('finds passwords in addresses, connection strings, headers and on command lines', async () => {
    const password = random(14);
    const lines = [
      `const r = "redis://:${password}@cache:6379/0";`,
      `const db = "postgres://app:p@ss/${password}@db:5432/app";`,
      `const j = "jdbc:mysql://db/x?user=app&password=${password}";`,
      `const c = "Server=db;User Id=sa;Password=${password};";`,
      `const d = "host=db user=app password=${password} dbname=x";`,
      `const p = process.env.DB_PASSWORD || "${password}";`,
      `if (password === '${password}') allow();`,
      `connect({ user: "a", pass: "${password}" });`,
      `const password = "it's${password}";`,
      `const passphrase = "it's ${password}";`,
      `os.environ.setdefault("DB_PASSWORD", "${password}")`,
      `curl -u admin:${password} https://api.example.org`,
      `mysql --password=${password} -u root`,
      `<password>${password}</password>`,
      `//registry.example.org/:_authToken=${password}`,
    ];
    for (const line of lines) {
      const kept = masked(line, await scanSecrets('src/a.txt', line));
      assert.ok(!kept.includes(password), kept);
    }
    const basic = Buffer.from(`user:${password}`).toString('base64');
    assert.equal((await scanSecrets('a.ts', `Authorization: Basic ${basic}`)).length, 1);
    assert.equal((await scanSecrets('a.ts', 'Basic authentication2 is weak')).length, 0);
    for (const path of ['config/deploy.yml', 'Dockerfile', 'run.sh', 'app.env.local'])
      for (const line of [`DB_PASSWORD=${password}`, `  db_password: ${password} # prod`])
        assert.equal(masked(line, await scanSecrets(path, line)).includes(password), false, `${path}: ${line}`);
  });

  it('knows a secret again where nothing tells that it is one', async () => {
    const password = random(14);
    const text = `const password = "${password}";\nlog("sent ${password}");\neval('x="${password}"');\n`;
    const matches = await scanSecrets('a.ts', text);
    assert.equal(matches.length, 3);
    assert.equal(masked(text, matches).includes(password), false);
  });

  it('leaves the quote that closes a literal', async () => {
    const line = `DATABASE = "postgres://app:${random(12)}@db.example.org:5432/app"\n`;
    assert.match(masked(line, await scanSecrets('a.py', line)), /^DATABASE = "[^"]*"\n$/);
  });

  it('leaves references, placeholders and plain words alone', async () => {
    const both = [
      'DB_PASSWORD=${DB_PASSWORD}',
      'API_KEY=<your key>',
      'API_KEY=your-key-here',
      'API_KEY=xxxxxxxxxxxx',
      'password: "changeme123"',
      'https://example.org/path?a=b',
      'http://user:${PASSWORD}@host/',
      'sk-short',
      'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
    ];
    const code = [
      'const password = process.env.PASSWORD;',
      'const tokenType = "access_token";',
      'passwordField: "newPassword",',
      'const authUrl = "/api/login/start";',
      'token = getToken()',
      'if (password === other) {}',
      '"jsonwebtoken": "^9.0.0",',
      'Token.Name: "#08547a",',
      'const maxTokens = "4096";',
      'private_key: "_RSAPrivateKey"',
    ];
    for (const line of [...both, ...code]) assert.deepEqual(await scanSecrets('src/a.ts', `${line}\n`), [], line);
    for (const line of ['max_tokens: 4096', 'tokenizer: cl100k', 'author: Ada2', 'auth: ldap'])
      assert.deepEqual(await scanSecrets('a.yml', `${line}\n`), [], line);
    for (const line of both) assert.deepEqual(await scanSecrets('.env', `${line}\n`), [], line);
  });

  it('is not talked out of it by a comment in the file', async () => {
    const token = `ghp_${random(36)}`;
    const text = `// secretlint-disable\nconst a = "${token}"; // secretlint-disable-line\n`;
    assert.equal((await scanSecrets('a.ts', text)).length, 1);
  });

  it('gives sorted ranges inside the text that do not overlap', async () => {
    const part = fc.oneof(
      fc.constantFrom(...SECRETS.map(([, value]) => value)),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('\n', ' ', 'password="', '"', 'API_KEY='),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), fc.constantFrom('.env', 'a.ts', 'README'), async (parts, path) => {
        const text = parts.join('');
        let last = 0;
        for (const { start, end, kind } of await scanSecrets(path, text)) {
          assert.ok(start >= last && end > start && end <= text.length);
          assert.match(kind, /^[a-z0-9]+(-[a-z0-9]+)*$/);
          last = end;
        }
      }),
      { numRuns: 150 },
    );
  });

  it('reads hostile texts in linear time', async () => {
    const cost = async (text: string) => {
      const started = performance.now();
      await scanSecrets('.env', text);
      return performance.now() - started;
    };
    const hostile = [
      (n: number) => 'password'.repeat(n),
      (n: number) => 'a://'.repeat(n),
      (n: number) => '-----BEGIN PRIVATE KEY-----\n'.repeat(n),
      (n: number) => 'eyJ'.repeat(n),
      (n: number) => `password=${'"'.repeat(n)}`,
      (n: number) => 'a.'.repeat(n) + 'token',
      (n: number) => `"a" + `.repeat(n),
      (n: number) => `'a'\n`.repeat(n),
      (n: number) => `-----BEGIN PRIVATE KEY-----\n${'MIIEpAIBAAKCAQEA\n'.repeat(n)}`,
      (n: number) => `-----BEGIN PRIVATE KEY-----\n${'Version: 1\n'.repeat(n)}`,
      (n: number) => '-'.repeat(n),
      (n: number) => `kind: Secret\ndata:\n${'  a: b c\n'.repeat(n)}`,
      (n: number) => `kind: Secret\ndata:\n  a: ${'b '.repeat(n)}`,
      (n: number) => `?${'token'.repeat(n)}`,
      (n: number) => `machine ${'password '.repeat(n)}`,
    ];
    for (const make of hostile) {
      await cost(make(500));
      const [small, large] = [await cost(make(2_000)), await cost(make(16_000))];
      assert.ok(
        large < Math.max(200, small * 40),
        `${make(2).slice(0, 20)}: ${small.toFixed(1)} ms for 2,000, ${large.toFixed(1)} ms for 16,000`,
      );
    }
  });
});
