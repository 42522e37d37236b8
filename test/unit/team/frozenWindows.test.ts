import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../../src/core/team/contribution.ts';
import { registryOf } from '../../../src/core/team/registry.ts';
import { releaseText } from '../../../src/core/team/release/release.ts';
import { memoryEngine } from '../../../src/node/team/release/memoryEngine.ts';
import { newSecret, tokenOf } from '../../../src/node/team/token.ts';
import { type ReleasedTeam, releaseTeam, type ReleaseTeamOptions } from '../../../src/node/team/release/releaseTeam.ts';

const registry = registryOf(['review.runs', 'steps.waived']);

describe('a window that was released', () => {
  let root: string;
  const people = Array.from({ length: 9 }, () => newSecret());
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'handrail windows-'));
    mkdirSync(join(root, 'in'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

  const give = (person: number, week: string, value = 3): Contribution => ({
    schema: CONTRIBUTION_SCHEMA,
    week,
    team: 'payments',
    registry: registry.digest,
    token: tokenOf(people[person] ?? newSecret(), week, 'payments'),
    revision: 1,
    counters: [{ counter: 'review.runs', dims: { outcome: 'completed' }, value }],
  });
  const put = (name: string, contributions: readonly Contribution[]): void =>
    writeFileSync(join(root, 'in', name), contributions.map((one) => JSON.stringify(one)).join('\n'));
  const release = (more: Partial<ReleaseTeamOptions> = {}): Promise<ReleasedTeam> =>
    releaseTeam({
      team: 'payments',
      k: 5,
      roster: 14,
      registry,
      window: 4,
      engine: memoryEngine({ folder: join(root, 'in'), allowPlain: true }),
      output: join(root, 'out'),
      prove: false,
      now: Date.UTC(2027, 0, 4),
      ...more,
    });

  for (const window of [1, 2, 3, 5, 8]) {
    it(`is not released once more in windows of ${window} weeks`, async () => {
      put(
        'a.ndjson',
        ['2026-W45', '2026-W46', '2026-W47', '2026-W48'].flatMap((week) => people.map((_, person) => give(person, week))),
      );
      const first = await release();
      assert.deepEqual(
        first.released.map(({ release: { window: released } }) => released),
        [{ from: '2026-W45', to: '2026-W48' }],
      );
      await assert.rejects(release({ window }), { reason: 'conflict', message: /The windows of this ledger are 4 weeks long/ });
      assert.equal(readdirSync(join(root, 'out')).length, 2);
    });
  }

  it('is the same bytes with somebody whose week says nothing but zero as without them', async () => {
    const given = people.map((_, person) => give(person, '2026-W46'));
    put('a.ndjson', given);
    const without = (await release({ output: join(root, 'without') })).released.map((one) => releaseText(one.release));
    put(
      'zero.ndjson',
      Array.from({ length: 5 }, () => ({ ...give(99, '2026-W46', 0), token: tokenOf(newSecret(), '2026-W46', 'payments') })),
    );
    const withThem = await release();
    assert.deepEqual(
      withThem.released.map((one) => releaseText(one.release)),
      without,
    );
    // Nor do they count against the roster.
    assert.equal((await release({ output: join(root, 'small'), roster: 9 })).released.length, 1);
  });
});
