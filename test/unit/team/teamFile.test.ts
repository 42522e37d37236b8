import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseTeam } from '../../../src/core/team/teamFile.ts';

const KEY = `${'A'.repeat(42)}A`;
const WHOLE = `version: 1
team: payments
k: 5
roster: 14
publicKey: "${KEY}"
transport: { git: origin }
window: 4w
counters: [review.runs, steps.waived]
`;
const LEAST = 'version: 1\nteam: payments\nk: 5\ncounters: [review.runs]\n';

/** `line code` of each problem. */
function problems(text: string): string[] {
  return parseTeam(text).problems.map(({ line, code }) => `${line} ${code}`);
}

describe('a team’s telemetry.yml', () => {
  it('says what the team asks for', () => {
    assert.deepEqual(parseTeam(WHOLE), {
      config: {
        team: 'payments',
        k: 5,
        roster: 14,
        publicKey: KEY,
        transport: { kind: 'git', remote: 'origin' },
        window: 4,
        counters: ['review.runs', 'steps.waived'],
      },
      problems: [],
    });
    assert.deepEqual(parseTeam(LEAST).config, { team: 'payments', k: 5, window: 4, counters: ['review.runs'] });
  });

  for (const [why, line, found] of [
    ['fewer people than five', 'k: 4', '3 bad-value'],
    ['part of a person', 'k: 5.5', '3 bad-value'],
    ['a roster that no figure can have', 'k: 8\nroster: 7', '4 bad-value'],
    ['a key that is none', 'k: 5\npublicKey: abc', '4 bad-value'],
    ['a private key', 'k: 5\nprivateKey: abc', '4 unknown-key'],
    ['two ways', 'k: 5\ntransport: { git: origin, folder: /srv }', '4 bad-value'],
    ['no way', 'k: 5\ntransport: {}', '4 bad-value'],
    ['a remote that is an option', 'k: 5\ntransport: { git: --upload-pack=x }', '4 bad-value'],
    ['a remote that is a program', 'k: 5\ntransport: { git: "ext::sh -c id" }', '4 bad-value'],
    ['a password in an address', 'k: 5\ntransport: { git: "https://ann@example.com/x" }', '4 bad-value'],
    ['a collector without encryption', 'k: 5\ntransport: { otlp: "http://example.com" }', '4 bad-value'],
    ['a window of days', 'k: 5\nwindow: 28d', '4 bad-value'],
  ] as const) {
    it(`refuses ${why}`, () => {
      const text = LEAST.replace('k: 5', line);
      assert.deepEqual(problems(text), [found]);
      assert.equal(parseTeam(text).config, undefined);
    });
  }

  it('refuses counters that are none, twice the same, and a team called none', () => {
    assert.deepEqual(problems(LEAST.replace('review.runs', 'review.run')), ['4 bad-value']);
    assert.deepEqual(problems(LEAST.replace('review.runs', 'review.runs, review.runs')), ['4 duplicate-id']);
    assert.deepEqual(problems(LEAST.replace('payments', 'none')), ['2 bad-value']);
  });

  it('lists the steps that are told apart by name, and wants some where a counter needs them', () => {
    const text = LEAST.replace('review.runs', 'steps.waits');
    assert.deepEqual(parseTeam(`${text}steps: [review, write-tests]\n`).config?.steps, ['review', 'write-tests']);
    assert.deepEqual(problems(text), ['4 bad-value']);
    assert.deepEqual(problems(`${text}steps: [review, review]\n`), ['5 duplicate-id']);
    assert.deepEqual(problems(`${text}steps: [Ann’s]\n`), ['5 bad-value']);
    const many = Array.from({ length: 21 }, (_, index) => `s${index}`);
    assert.deepEqual(problems(`${text}steps: [${many.join(', ')}]\n`), ['5 bad-value']);
  });

  it('takes remotes by name, https and ssh', () => {
    for (const remote of ['origin', 'https://example.com/team/data.git', 'ssh://git@example.com:22/data.git']) {
      const { config } = parseTeam(`${LEAST}transport: { git: "${remote}" }\n`);
      assert.deepEqual(config?.transport, { kind: 'git', remote });
    }
  });

  it('takes a collector on this machine and by https', () => {
    for (const url of ['http://127.0.0.1:4318', 'https://collector.example.com/otlp']) {
      const { config } = parseTeam(`${LEAST}transport: { otlp: "${url}" }\n`);
      assert.deepEqual(config?.transport, { kind: 'otlp', url });
    }
  });

  it('never throws, and says why where there is no config', () => {
    fc.assert(
      fc.property(fc.nat(WHOLE.length), fc.nat(20), fc.string({ maxLength: 8 }), (at, length, put) => {
        const { config, problems: found } = parseTeam(WHOLE.slice(0, at) + put + WHOLE.slice(at + length));
        assert.ok(config !== undefined || found.some(({ severity }) => severity === 'error'));
      }),
    );
  });
});
