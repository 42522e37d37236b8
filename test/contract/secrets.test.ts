import assert from 'node:assert/strict';
import fc from 'fast-check';
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
    ];
    for (const line of [...both, ...code]) assert.deepEqual(await scanSecrets('src/a.ts', `${line}\n`), [], line);
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
