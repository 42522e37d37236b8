import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privacyOf } from '../../../src/cli/team/privacyFlag.ts';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../../src/core/team/contribution.ts';
import { registryOf } from '../../../src/core/team/registry.ts';
import { parseLedger, parseRelease } from '../../../src/core/team/release/ledgerFile.ts';
import { memoryEngine } from '../../../src/node/team/release/memoryEngine.ts';
import { type ReleasedTeam, releaseTeam, type ReleaseTeamOptions } from '../../../src/node/team/release/releaseTeam.ts';
import { newSecret, tokenOf } from '../../../src/node/team/token.ts';

const registry = registryOf(['review.runs', 'steps.waived']);
const STEP_KINDS = registry.counters.find(({ name }) => name === 'steps.waived')?.dims['kind']?.length ?? 0;

describe('a team that releases with noise', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'handrail noise-'));
    mkdirSync(join(root, 'in'));
    for (const week of ['2026-W45', '2026-W46', '2026-W47', '2026-W48']) {
      const given = Array.from({ length: 20 }, (): Contribution => ({
        schema: CONTRIBUTION_SCHEMA,
        week,
        team: 'payments',
        registry: registry.digest,
        token: tokenOf(newSecret(), week, 'payments'),
        revision: 1,
        counters: [{ counter: 'review.runs', dims: { outcome: 'completed' }, value: 12 }],
      }));
      writeFileSync(join(root, 'in', `${week}.ndjson`), given.map((one) => JSON.stringify(one)).join('\n'));
    }
  });
  afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

  const noise = (text: string): NonNullable<ReleaseTeamOptions['noise']> => ({ privacy: privacyOf(text), random: randomBytes });
  const options = (): ReleaseTeamOptions => ({
    team: 'payments',
    k: 5,
    roster: 1000,
    registry,
    window: 2,
    engine: memoryEngine({ folder: join(root, 'in'), allowPlain: true }),
    output: join(root, 'out'),
    prove: true,
    now: Date.UTC(2027, 0, 4),
  });
  const release = (more: Partial<ReleaseTeamOptions> = {}): Promise<ReleasedTeam> =>
    releaseTeam({ ...options(), noise: noise('epsilon=1,budget=2,clip=0.1'), ...more });
  const out = (name: string): string => readFileSync(join(root, 'out', name), 'utf8');
  const releases = (): string[] => readdirSync(join(root, 'out')).filter((name) => name.startsWith('r-'));

  it('has each window once, proved, with what it spent, and says what was left out by the clip', async () => {
    const done = await release();
    assert.equal(done.released.length, 2);
    for (const { release: written, eventCoverage, proved } of done.released) {
      assert.equal(proved, true);
      assert.deepEqual(parseRelease(out(`${written.id}.json`)), written);
      assert.partialDeepStrictEqual(written.privacy, {
        mechanism: 'discrete-gaussian',
        unit: 'person',
        epsilon: 1,
        delta: 1e-5,
        budget: 2,
      });
      assert.equal(written.cells.length, 4 + STEP_KINDS);
      assert.equal(eventCoverage, 1);
    }
    assert.equal(parseLedger(out('ledger.json'))?.entries.length, 2);
    assert.deepEqual((await release()).released, []);
    const clipped = await release({ output: join(root, 'less'), noise: noise('epsilon=1,budget=2,clip=0.03') });
    assert.equal(clipped.released[0]?.eventCoverage, 0.5);
  });

  it('draws noise once: a lost file is not made again, and one that a killed run wrote is taken as it is', async () => {
    const [first] = (await release()).released;
    assert.ok(first);
    const [one, two] = [releases(), out('ledger.json')];
    // The ledger was not written yet when the run was killed.
    rmSync(join(root, 'out/ledger.json'));
    await assert.rejects(release({ noise: noise('epsilon=1.1,budget=2,clip=0.1') }), { reason: 'conflict', message: /with other noise/ });
    await release();
    assert.deepEqual([releases(), out('ledger.json')], [one, two]);
    rmSync(join(root, 'out', `${first.release.id}.json`));
    await assert.rejects(release(), { reason: 'conflict', message: /is missing, and noise is not drawn a second time/ });
    await assert.rejects(releaseTeam(options()), { message: /noise is not drawn a second time/ });
  });

  it('stops when the budget is spent, and keeps noise and exact sums apart', async () => {
    await assert.rejects(release({ noise: noise('epsilon=1,budget=1.2,clip=0.1') }), {
      reason: 'conflict',
      message: /more than its budget of 1.2/,
    });
    assert.equal(releases().length, 1);
    const early = { now: Date.UTC(2026, 10, 24) };
    const exact = { ...options(), output: join(root, 'exact') };
    assert.equal((await releaseTeam({ ...exact, ...early })).released.length, 1);
    await assert.rejects(releaseTeam({ ...exact, noise: noise('epsilon=1,budget=2') }), { reason: 'conflict', message: /has no noise/ });
    await release({ output: join(root, 'noisy'), ...early });
    await assert.rejects(releaseTeam({ ...exact, output: join(root, 'noisy') }), { reason: 'conflict', message: /would undo that/ });
  });

  it('is refused for a team without a roster, and for one in which noise would drown everything', async () => {
    const { roster: _roster, ...rest } = options();
    await assert.rejects(releaseTeam({ ...rest, noise: noise('epsilon=1,budget=2') }), { reason: 'usage', message: /names no roster/ });
    await assert.rejects(release({ roster: 40 }), {
      reason: 'conflict',
      message: /would drown: at epsilon 1 and delta 0.00001 one count alone/,
    });
    assert.equal(readdirSync(root).includes('out'), false);
  });

  it('says what it wants in one flag', () => {
    assert.deepEqual(privacyOf('epsilon=1,budget=4'), { unit: 'person', epsilon: 1, delta: 1e-5, budget: 4, clip: 1 });
    assert.deepEqual(privacyOf('unit=week, epsilon=0.5, delta=1e-6, clip=0.2'), {
      unit: 'week',
      epsilon: 0.5,
      delta: 1e-6,
      budget: 0.5,
      clip: 0.2,
    });
    for (const text of [
      '',
      'epsilon=1',
      'budget=4',
      'epsilon=0,budget=4',
      'epsilon=-1,budget=4',
      'epsilon=1e99,budget=4',
      'epsilon=1,budget=4,unit=team',
      'epsilon=1,epsilon=2,budget=4',
      'epsilon=1,budget=4,clip=2',
      'epsilon=1,budget=4,delta=0.5',
      'epsilon=1,budget=4,noise=none',
      'epsilon=0x1,budget=4',
    ]) {
      assert.throws(() => privacyOf(text), { reason: 'usage' }, text);
    }
  });
});
