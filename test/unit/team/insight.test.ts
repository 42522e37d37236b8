import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { teamWhatIf, type WhatIfFlags } from '../../../src/cli/team/whatIf.ts';
import { whatIfText } from '../../../src/cli/text/teamWhatIf.ts';
import type { HandrailError } from '../../../src/core/errors.ts';
import { seededRandom } from '../../../src/core/seededRandom.ts';
import { bottlenecks } from '../../../src/core/team/insight/bottlenecks.ts';
import { optionText, teamOptions } from '../../../src/core/team/insight/options.ts';
import { helpfulPractices } from '../../../src/core/team/insight/practices.ts';
import { valueOf } from '../../../src/core/team/insight/value.ts';
import { whatIf } from '../../../src/core/team/insight/whatIf.ts';
import { chainOf } from '../../../src/core/team/insight/workflowChange.ts';
import { emptyLedger } from '../../../src/core/team/release/ledger.ts';
import { type Release, type ReleasedCell, releaseId, REMAINDER } from '../../../src/core/team/release/release.ts';
import { readReleaseFolders } from '../../../src/node/team/release/releaseFolders.ts';
import { writeRelease } from '../../../src/node/team/release/releaseFolder.ts';
import { binomial, releaseOf, TRUTH, working } from '../../support/madeReleases.ts';

const cell = (counter: string, dims: Record<string, string>, value: number): ReleasedCell => ({ counter, dims, value });

describe('bottlenecks', () => {
  const slow = { ...TRUTH, dwell: [0, 0, 0, 0.1, 0.3, 0.4, 0.2], waived: 0.3 };

  it('put the kind first that is often lost and waits long, close to the truth', () => {
    const answer = bottlenecks(working('bottlenecks', 9, 200, (kind) => (kind === 'approval' ? slow : TRUTH)));
    assert.ok(answer.enough);
    const [first, second] = answer.kinds;
    assert.equal(first?.kind, 'approval');
    assert.ok(first.score.low > (second?.score.high ?? Infinity));
    // Of one step begun, 0.3 are waived; each of the others fails a quarter of a time before it is done.
    const lost = (0.3 + 0.7 * 0.25) / (1 + 0.7 * 0.25);
    for (const [{ value, low, high }, truth] of [
      [first.lost, lost],
      [first.skipped, 0.3],
    ] as const) {
      assert.ok(Math.abs(value - truth) < 0.03 && low < value && value < high && high - low < 0.06, `${value}, not ${truth}`);
    }
    const parts = answer.kinds.reduce((sum, { partOfWaiting }) => sum + partOfWaiting, 0);
    assert.ok(Math.abs(parts - 1) < 1e-9);
  });

  it('suppose all of a remainder at the upper end only', () => {
    const cells = [
      cell('steps.dwell', { kind: 'review', dwell: '1h-4h' }, 80),
      cell('steps.dwell', { kind: 'manual', dwell: '1h-4h' }, 80),
      cell('steps.waived', REMAINDER, 40),
    ];
    const answer = bottlenecks([releaseOf(0, { cells })]);
    assert.ok(answer.enough);
    for (const { skipped } of answer.kinds) {
      assert.deepEqual([skipped.low, skipped.value], [0, 0.2]);
      assert.ok(skipped.high > 1 / 3);
    }
  });

  it('are not named of too few steps', () => {
    const few = [cell('steps.dwell', { kind: 'review', dwell: '1h-4h' }, 29)];
    assert.deepEqual(bottlenecks([releaseOf(0, { cells: few })]), { enough: false, reason: 'steps', have: 29, need: 30, kind: 'review' });
    assert.equal(bottlenecks([]).enough, false);
    const more = [...few, cell('steps.dwell', { kind: 'manual', dwell: '1h-4h' }, 30)];
    const answer = bottlenecks([releaseOf(0, { cells: more })]);
    assert.deepEqual(answer.enough ? answer.tooFew : [], ['review']);
  });
});

describe('practices that help', () => {
  /** Teams that review more or less; where `helps`, those that review more have fewer attempts that fail. */
  function reviewing(seed: string, helps: boolean): Release[] {
    const random = seededRandom(seed);
    return Array.from({ length: 24 }, (_, team) => team).flatMap((team) => {
      const much = random();
      return [0, 1].map((window) =>
        releaseOf(window, {
          team: `team-${team}`,
          cells: [
            cell('steps.completed', { kind: 'manual' }, 200),
            cell('review.runs', { outcome: 'completed' }, 1 + binomial(200, much, random)),
            cell('steps.failed', { kind: 'manual' }, 1 + binomial(200, helps ? 0.3 - 0.25 * much : 0.15 + 0.02 * random(), random)),
          ],
        }),
      );
    });
  }

  it('are found where they go with a better outcome, with both figures', () => {
    const answer = helpfulPractices(reviewing('helps', true));
    assert.ok(answer.enough);
    const [one, ...others] = answer.associations;
    assert.ok(one && others.length === 0);
    assert.deepEqual([one.practice, one.outcome], ['reviews-per-step', 'failed-attempts']);
    assert.ok(one.withMore < one.withLess && one.difference.high < 0);
  });

  it('are rarely found where there are none', () => {
    const found = Array.from({ length: 60 }, (_, run) => helpfulPractices(reviewing(`none ${run}`, false))).filter(
      (answer) => answer.enough && answer.associations.length > 0,
    );
    assert.ok(found.length <= 3, `${found.length} of 60`);
  });

  it('are not looked for in too few windows', () => {
    assert.deepEqual(helpfulPractices(reviewing('few', true).slice(0, 14)), { enough: false, reason: 'units', have: 14, need: 16 });
  });

  it('are told as options that claim no cause', () => {
    const slow = { dwell: [0, 0, 0, 0.1, 0.3, 0.4, 0.2], waived: 0.4, failed: 0.5 };
    const answer = teamOptions([...reviewing('helps', true), ...working('options', 9, 200, (kind) => (kind === 'manual' ? slow : TRUTH))]);
    assert.ok(answer.enough);
    assert.deepEqual([...new Set(answer.options.map(({ type }) => type))].toSorted(), ['automate', 'drop', 'prepare', 'teach']);
    for (const option of answer.options) {
      assert.match(optionText(option), /^You could .+\.$/);
      assert.doesNotMatch(optionText(option), /because|leads? to|caused|improves?|should|must/);
    }
    assert.equal(teamOptions([]).enough, false);
  });
});

describe('value', () => {
  it('is a range under assumptions that are part of the answer', () => {
    const cells = [
      cell('generate.outcomes', { outcome: 'accepted' }, 90),
      cell('generate.outcomes', { outcome: 'edited' }, 30),
      cell('generate.outcomes', { outcome: 'rejected' }, 50),
      cell('generate.outcomes', REMAINDER, 30),
      cell('models.cost', { family: 'gpt' }, 1200),
    ];
    const assumptions = { minutesSaved: { low: 1, high: 10 }, costOfHour: 60 };
    const answer = valueOf([releaseOf(0, { cells })], assumptions);
    assert.ok(answer.enough);
    assert.equal(answer.accepted, 120);
    assert.deepEqual(answer.hoursSaved, { low: 2, high: 20 });
    // 12 at the lower ends of ranges of ten, and a cent at most for each of 200 calls.
    assert.deepEqual(answer.cost, { low: 12, high: 122 });
    assert.deepEqual(answer.net, { low: 120 - 122, high: 1200 - 12 });
    assert.equal(answer.costPerAccepted?.low, 0.1);
  });

  it('does without cost where that is withheld, and without an answer where nothing was accepted', () => {
    const answer = valueOf([releaseOf(0, { cells: [cell('generate.survival', { survival: 'most' }, 60)], withheld: ['models.cost'] })]);
    assert.ok(answer.enough);
    assert.deepEqual([answer.by, answer.cost, answer.costPerAccepted], ['generate.survival', undefined, undefined]);
    const none = valueOf([releaseOf(0, { cells: [cell('generate.outcomes', REMAINDER, 60)] })]);
    assert.deepEqual(none, { enough: false, reason: 'counter', have: 0, need: 1, kind: 'generate.outcomes' });
  });
});

describe('what a lead reads of a changed workflow', () => {
  const plain = (_style: unknown, text: string): string => text;
  const asked = { teams: 1, releases: 9, windows: 9, workflow: 'feature', steps: chainOf(['manual', 'approval']) };

  it('is today beside changed, what it rests on, and nothing that is no number', () => {
    const changes = [{ type: 'drop', step: 'approval' } as const, { type: 'automate', step: 'manual' } as const];
    const text = whatIfText({ ...asked, changes }, whatIf({ releases: working('text', 9, 100), steps: asked.steps, changes }), plain);
    assert.match(text, /^today +[\d.]+ (?:h|min|days)/m);
    assert.match(text, /^changed +/m);
    assert.match(text, /Difference: -[\d.]+ \w+, likely -/);
    assert.match(text, /without approval; manual automated/);
    assert.match(text, /1 to 10 minutes/);
    assert.doesNotMatch(text, /NaN|undefined|Infinity/);
    const today = whatIfText(
      { ...asked, changes: [] },
      whatIf({ releases: working('text', 9, 100), steps: asked.steps, changes: [] }),
      plain,
    );
    assert.doesNotMatch(today, /changed|Difference/i);
  });

  it('is why there is no answer', () => {
    const text = whatIfText({ ...asked, changes: [] }, whatIf({ releases: [], steps: asked.steps, changes: [] }), plain);
    assert.match(text, /^Not enough data: it takes 50 contributors/);
    const one = { ...asked, changes: [], teams: 1, releases: 1, windows: 1 };
    assert.match(
      whatIfText(one, whatIf({ releases: [], steps: asked.steps, changes: [] }), plain),
      /\nThere is 1 release of one team in 1 window\.$/,
    );
  });
});

describe('folders of releases', () => {
  it('are one of a team, or those of several, each with its chain checked', async () => {
    const root = mkdtempSync(join(tmpdir(), 'handrail-releases-'));
    try {
      const written = new Map<string, string>();
      for (const team of ['payments', 'search']) {
        const { id: _id, ...body } = releaseOf(0, { team, k: 5 });
        const { path } = await writeRelease(join(root, team), emptyLedger(team), { ...body, id: releaseId(body) });
        written.set(team, path);
      }
      mkdirSync(join(root, 'empty'));
      const teamsOf = (folder: string): string[] => readReleaseFolders(folder).map(({ ledger }) => ledger.team);
      assert.deepEqual(teamsOf(root), ['payments', 'search']);
      assert.deepEqual(teamsOf(join(root, 'search')), ['search']);
      assert.throws(() => teamsOf(join(root, 'empty')), { reason: 'not-found' });
      assert.throws(() => teamsOf(join(root, 'nowhere')), { reason: 'not-found' });
      writeFileSync(written.get('search') ?? '', '{}');
      assert.throws(() => teamsOf(root), { reason: 'conflict' });
      writeFileSync(join(root, 'search', 'ledger.json'), '[]');
      assert.throws(() => teamsOf(root), { reason: 'conflict' });
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe('handrail team what-if', () => {
  const none = { steps: undefined, automate: [], drop: [], shorten: [], move: [], beside: [] };
  let root = '';
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'handrail-what-if-'));
    let ledger = emptyLedger('payments');
    for (const release of working('command', 9, 100)) {
      const { id: _id, ...body } = { ...release, previous: ledger.entries.at(-1)?.digest ?? null };
      ({ ledger } = await writeRelease(join(root, 'all'), ledger, { ...body, id: releaseId(body) }));
    }
    const { id: _id, ...body } = releaseOf(0);
    await writeRelease(join(root, 'few'), emptyLedger('payments'), { ...body, id: releaseId(body) });
  });
  after(() => rmSync(root, { recursive: true }));

  async function run(flags: Partial<WhatIfFlags>): Promise<{ code: number; document: Record<string, unknown> }> {
    let document: Record<string, unknown> = {};
    const status = {
      workflow: { id: 'feature' },
      steps: [
        { id: 'write', kind: 'manual', needs: [] },
        { id: 'look', kind: 'review', needs: ['write'] },
      ],
    };
    const context = {
      cwd: root,
      format: 'json',
      terminal: { document: (data: Record<string, unknown>) => void (document = data), note: () => assert.fail() },
      services: { workflow: async () => ({ status: async () => status }) },
    };
    const code = await teamWhatIf(context as never, { ...none, in: 'all', ...flags });
    return { code, document };
  }

  it('asks about the workflow of the folder, or about kinds of steps that are said', async () => {
    const { code, document } = await run({ drop: ['look'], shorten: ['write:25%'] });
    assert.equal(code, 0);
    assert.equal(document['workflow'], 'feature');
    assert.deepEqual(document['changes'], [
      { type: 'shorten', step: 'write', by: 0.25 },
      { type: 'drop', step: 'look' },
    ]);
    assert.ok((document['answer'] as { difference: { value: number } }).difference.value < 0);
    const said = await run({ steps: 'manual,command', move: ['command:manual'], beside: ['manual:command'], automate: ['command'] });
    assert.equal(said.document['workflow'], null);
    assert.deepEqual(
      (said.document['changes'] as { type: string }[]).map(({ type }) => type),
      ['move', 'beside', 'automate'],
    );
  });

  it('ends with 1 and why where there is too little', async () => {
    const { code, document } = await run({ in: 'few' });
    assert.equal(code, 1);
    assert.deepEqual(document['answer'], { enough: false, reason: 'windows', have: 1, need: 8 });
  });

  for (const flags of [
    { in: undefined },
    { steps: 'manual,tests' },
    { move: ['write'] },
    { beside: ['write:look:more'] },
    { shorten: ['write:101'] },
    { shorten: ['write:-5%'] },
    { drop: ['approval'] },
  ]) {
    it(`refuses ${JSON.stringify(flags)} with the next action`, async () => {
      await assert.rejects(run(flags), (error: HandrailError) => error.reason === 'usage' && (error.hint ?? '') !== '');
    });
  }
});
