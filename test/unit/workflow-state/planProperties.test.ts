import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ChangeSet } from '../../../src/core/workflow/changes.ts';
import type { Step, Workflow } from '../../../src/core/workflow/definition.ts';
import type { EvidenceBody, EvidenceRecord } from '../../../src/core/workflow/evidence.ts';
import { judge } from '../../../src/core/workflow/expectations.ts';
import { demandsPerson } from '../../../src/core/workflow/plan.ts';
import { changesOf, factsOf, NO_FINDINGS, planOf, recordOf, workflowOf } from './planFixtures.ts';

const FILES = ['src/a.ts', 'src/b.ts', 'docs/notes.md', 'README.md'];
const IDS = ['one', 'two', 'three', 'four', 'five'];

const expectation = fc.constantFrom<Step['expect'][number]>(
  { kind: 'file', path: 'docs/notes.md', sections: ['Problem'] },
  { kind: 'changed', glob: 'src/**' },
  { kind: 'attest', statement: 'I looked' },
  { kind: 'clean' },
  { kind: 'exit', code: 0 },
  { kind: 'findings', max: { high: 0 } },
  { kind: 'coverage-receipt' },
  { kind: 'diagnostics', max: { error: 0 } },
  { kind: 'commit', subject: 'feat*' },
);

/** Steps that need only earlier ones: a graph without cycles. */
const workflowArb: fc.Arbitrary<Workflow> = fc
  .array(
    fc.record({
      kind: fc.constantFrom<Step['kind']>('manual', 'command', 'generate', 'review', 'approval'),
      needs: fc.subarray([0, 1, 2, 3]),
      expect: fc.array(expectation, { maxLength: 2 }),
      hasWhen: fc.boolean(),
      inputs: fc.option(fc.subarray(['src/**', 'docs/**', 'README.md'], { minLength: 1 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: IDS.length },
  )
  .map((drafts) =>
    workflowOf(
      ...drafts.map(({ kind, needs, expect, hasWhen, inputs }, index): Step => {
        const id = IDS[index] ?? 'last';
        const ids = needs.filter((need) => need < index).map((need) => IDS[need] ?? '');
        const base = {
          id,
          title: id,
          needs: ids,
          expect,
          final: false,
          ...(hasWhen ? { when: 'vars.x' } : {}),
          ...(inputs ? { inputs } : {}),
        };
        if (kind === 'command') return { ...base, kind, run: 'true' };
        if (kind === 'generate') return { ...base, kind, prompt: 'p.md' };
        if (kind === 'review') return { ...base, kind, scope: 'branch', independentOf: [] };
        if (kind === 'approval') return { ...base, kind, by: { anyOf: ['codeowners'], not: [] } };
        return { ...base, kind };
      }),
    ),
  );

const changesArb: fc.Arbitrary<ChangeSet> = fc
  .dictionary(fc.constantFrom(...FILES), fc.constantFrom('1', '2', '3'), { maxKeys: FILES.length })
  .map((files) => changesOf(files));

const resultArb = fc.constantFrom<EvidenceBody['result']>(
  { outcome: 'done' },
  { outcome: 'done', exitCode: 0, findings: NO_FINDINGS, coverage: { full: 1, partial: 0, skipped: 0 } },
  { outcome: 'done', findings: { ...NO_FINDINGS, high: 1 }, coverage: { full: 1, partial: 1, skipped: 0 } },
  { outcome: 'done', diagnostics: { error: 0, warning: 0, info: 0, hint: 0 } },
  { outcome: 'failed', exitCode: 1 },
  { outcome: 'running' },
  { outcome: 'reopened' },
  { outcome: 'waived', reason: 'small' },
);

interface World {
  workflow: Workflow;
  changes: ChangeSet;
  records: EvidenceRecord[];
  files: Record<string, string>;
  when: Record<string, boolean>;
  clean: boolean;
  headSubject: string | null;
}

const worldArb: fc.Arbitrary<World> = fc.tuple(workflowArb, changesArb, changesArb).chain(([workflow, changes, earlier]) =>
  fc.record({
    workflow: fc.constant(workflow),
    changes: fc.constant(changes),
    records: fc
      .array(
        fc.record({
          step: fc.constantFrom(...workflow.steps.map(({ id }) => id)),
          isNow: fc.boolean(),
          result: resultArb,
          actor: fc.constantFrom('human' as const, 'agent' as const, 'machine' as const),
          provider: fc.constantFrom(undefined, 'model' as const, 'builtin' as const, 'command' as const),
          time: fc.nat(9),
        }),
        { maxLength: 8 },
      )
      .map((drafts) =>
        drafts.map(({ step, isNow, result, actor, provider, time }) =>
          recordOf(workflow, step, isNow ? changes : earlier, { result, actor: { kind: actor }, time, ...(provider ? { provider } : {}) }),
        ),
      ),
    files: fc.constantFrom<Record<string, string>>({}, { 'docs/notes.md': '# Problem\nx' }, { 'docs/notes.md': '# Other' }),
    when: fc.constantFrom({}, Object.fromEntries(IDS.map((id, i) => [id, i % 2 === 0])), Object.fromEntries(IDS.map((id) => [id, false]))),
    clean: fc.boolean(),
    headSubject: fc.constantFrom(null, 'feat: x', 'fix: y'),
  }),
);

describe('plan, whatever the workflow and the records', function () {
  this.timeout(20_000);

  it('calls no step done before its expectations hold', () => {
    fc.assert(
      fc.property(worldArb, (world) => {
        const facts = { ...factsOf(world), changes: world.changes };
        for (const step of Object.values(planOf(world))) {
          if (step.state !== 'done') continue;
          const record = world.records.find(({ id }) => id === step.evidence?.id);
          const definition = world.workflow.steps.find(({ id }) => id === step.id);
          for (const expected of definition?.expect ?? []) assert.ok(judge(expected, facts, record).met, `${step.id}: ${expected.kind}`);
          assert.deepEqual(step.missing, []);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('lets only a person settle what takes a person', () => {
    fc.assert(
      fc.property(worldArb, (world) => {
        const plan = planOf(world);
        for (const definition of world.workflow.steps.filter(demandsPerson)) {
          const step = plan[definition.id];
          if (step?.state !== 'done' && step?.state !== 'stale') continue;
          assert.equal(world.records.find(({ id }) => id === step.evidence?.id)?.actor.kind, 'human');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never blocks anything by a skipped step', () => {
    fc.assert(
      fc.property(worldArb, (world) => {
        const skipped = new Set(
          Object.values(planOf(world))
            .filter(({ state }) => state === 'skipped')
            .map(({ id }) => id),
        );
        const without: Workflow = {
          ...world.workflow,
          steps: world.workflow.steps.map((step) => ({ ...step, needs: step.needs.filter((need) => !skipped.has(need)) })),
        };
        const states = (workflow: Workflow) => Object.values(planOf({ ...world, workflow })).map(({ id, state }) => `${id} ${state}`);
        assert.deepEqual(states(world.workflow), states(without));
      }),
      { numRuns: 500 },
    );
  });

  it('never calls a step done on records about other content', () => {
    fc.assert(
      fc.property(worldArb, (world) => {
        // A file outside every record's time: the whole change is another one.
        const edited: ChangeSet = { ...world.changes, entries: world.changes.entries.map((entry) => ({ ...entry, newBlob: 'edited' })) };
        if (edited.entries.length === 0) return;
        for (const step of Object.values(planOf({ ...world, changes: edited }))) {
          const definition = world.workflow.steps.find(({ id }) => id === step.id);
          const coversAll = definition?.inputs === undefined && ['command', 'review', 'approval'].includes(step.kind);
          if (coversAll) assert.notEqual(step.state, 'done');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives every settled step its evidence, and depends on no order of the records', () => {
    fc.assert(
      fc.property(worldArb, fc.infiniteStream(fc.nat()), (world, shuffle) => {
        const plan = planOf(world);
        for (const step of Object.values(plan)) {
          const isSettled = ['done', 'stale', 'waived', 'failed'].includes(step.state);
          assert.equal(step.evidence !== undefined || !isSettled, true, step.id);
        }
        const keyed = world.records.map((record) => ({ record, key: shuffle.next().value as number }));
        const records = keyed.sort((a, b) => a.key - b.key).map(({ record }) => record);
        assert.deepEqual(planOf({ ...world, records }), plan);
      }),
      { numRuns: 500 },
    );
  });
});
