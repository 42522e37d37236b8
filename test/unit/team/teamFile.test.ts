import assert from 'node:assert/strict';
import fc from 'fast-check';
import { failureOf } from '../../../src/core/errors.ts';
import { CONTRIBUTION_SCHEMA } from '../../../src/core/team/contribution.ts';
import { registryOf } from '../../../src/core/team/registry.ts';
import { parseTeam } from '../../../src/core/team/teamFile.ts';
import { COUNTERS } from '../../../src/core/telemetry/counters.ts';
import { seal } from '../../../src/node/team/envelope.ts';
import { newTeamKey } from '../../../src/node/team/keys.ts';

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

  it('warns where a week of all there is would be longer than a contribution can be, and says by how much', () => {
    const ids = (length: number, count = 20): string[] =>
      Array.from({ length: count }, (_, index) => `${'s'.repeat(length - 3)}-${String(index).padStart(2, '0')}`);
    const of = (steps: readonly string[], counters = 'steps.waits') =>
      parseTeam(`${LEAST.replace('review.runs', counters)}steps: [${steps.join(', ')}]\n`);
    const long = of(ids(40));
    assert.ok(long.config);
    const [warning] = long.problems;
    assert.partialDeepStrictEqual(long.problems, [{ severity: 'warning', code: 'bad-value', line: 5 }]);
    assert.match(warning?.message ?? '', /could be 2\d,\d{3} bytes long, and more than 16,384 cannot be sent/);
    assert.match(warning?.hint ?? '', /give steps shorter ids, fewer of them, or fewer counters/);
    // It is the whole that counts, and nobody is bothered where it fits.
    assert.deepEqual(of(ids(40, 10)).problems, []);
    assert.equal(of(ids(40, 10), COUNTERS.map(({ name }) => name).join(', ')).problems.length, 1);
    assert.deepEqual(
      problems(
        LEAST.replace(
          'review.runs',
          COUNTERS.map(({ name }) => name)
            .filter((name) => name !== 'steps.waits')
            .join(', '),
        ),
      ),
      [],
    );
  });

  it('warns by the size that sealing keeps to', async () => {
    const { publicKey } = await newTeamKey();
    const sealed = async (steps: readonly string[]): Promise<boolean> => {
      const registry = registryOf(['steps.waits'], steps);
      const [counter] = registry.counters;
      assert.ok(counter);
      const cells = (counter.dims['step'] ?? []).flatMap((step) =>
        (counter.dims['dwell'] ?? []).map((dwell) => ({ counter: counter.name, dims: { step, dwell }, value: counter.clip })),
      );
      const contribution = {
        schema: CONTRIBUTION_SCHEMA,
        week: '2026-W46',
        team: 'payments',
        registry: registry.digest,
        token: 'A'.repeat(22),
        revision: 2 ** 31,
        counters: cells,
      } as const;
      return seal(contribution, publicKey).then(
        () => true,
        (error: unknown) => {
          assert.equal(failureOf(error)?.reason, 'too-large');
          return false;
        },
      );
    };
    for (let length = 8; length <= 20; length += 1) {
      const steps = Array.from({ length: 20 }, (_, index) => `${'s'.repeat(length - 2)}${String(index).padStart(2, '0')}`);
      const { problems: found } = parseTeam(`${LEAST.replace('review.runs', 'steps.waits')}steps: [${steps.join(', ')}]\n`);
      assert.equal(found.length === 0, await sealed(steps), `ids of ${length} characters`);
    }
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
