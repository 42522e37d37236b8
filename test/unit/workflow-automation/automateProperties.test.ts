import assert from 'node:assert/strict';
import fc from 'fast-check';
import { automate } from '../../../src/core/workflow/automation/automate.ts';
import type { AutomationRules } from '../../../src/core/workflow/automation/automation.ts';
import { isAutomatic, isSettled, scopeOf } from '../../../src/core/workflow/automation/moves.ts';
import type { StepKind } from '../../../src/core/workflow/definition.ts';
import type { StepState, StepStatus } from '../../../src/core/workflow/run.ts';
import { type Draft, World } from './world.ts';

const draftsArb: fc.Arbitrary<Draft[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom<StepKind>('command', 'command', 'command', 'review', 'generate', 'manual', 'approval'),
      needs: fc.array(fc.nat(11), { maxLength: 3 }),
      state: fc.constantFrom<StepState>('ready', 'ready', 'ready', 'done', 'stale', 'failed', 'skipped', 'waived'),
      scope: fc.constantFrom<StepStatus['scope']>('branch', 'file'),
      retry: fc.nat(2),
      failures: fc.constantFrom(0, 0, 0, 1, 2, Infinity),
      goesOn: fc.boolean(),
      spoils: fc.array(fc.nat(11), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((drafts) =>
    drafts.map(({ kind, needs, state, scope, retry, failures, goesOn, spoils }, index) => ({
      id: `s${index}`,
      kind,
      needs: [...new Set(needs.filter((need) => need < index))].map((need) => `s${need}`),
      state,
      scope,
      retry,
      failures,
      ...(goesOn ? { continueOnFailure: true as const } : {}),
      spoils: spoils.map((other) => `s${other}`),
    })),
  );

const never = { aborted: false, addEventListener() {}, removeEventListener() {} };

describe('a run of several steps, whatever the graph and in whatever order its steps end', () => {
  it('starts nothing before its time, repeats nothing that is done, keeps what writes alone, and ends', async () => {
    const cases = fc.record({
      drafts: draftsArb,
      until: fc.option(fc.nat(11)),
      jobs: fc.integer({ min: 1, max: 4 }),
      generates: fc.boolean(),
    });
    const property = fc.asyncProperty(cases, fc.scheduler(), async ({ drafts, until, jobs, generates }, scheduler) => {
      const world = new World(drafts);
      const rules: AutomationRules = { jobs, generates, ...(until === null ? {} : { until: `s${until % drafts.length}` }) };
      const running = new Map<string, StepStatus>();
      const ends = new Map<string, number>();
      let stopped = false;
      const perform = async (step: StepStatus, attempt: number) => {
        const { steps } = world.status();
        const state = world.states.get(step.id);
        assert.ok(state === 'ready' || state === 'stale' || state === 'failed', `${step.id} is ${state}`);
        assert.ok(isAutomatic(step, rules));
        assert.ok(scopeOf(steps, rules.until).has(step.id), `${step.id} is not asked for`);
        for (const need of step.needs) {
          const before = steps.find(({ id }) => id === need);
          assert.ok(before !== undefined && (isSettled(before) || before.state === 'stale'), `${step.id} needs ${need}`);
        }
        // A step that was under way keeps its further attempts.
        assert.ok(!stopped || attempt > 1, `${step.id} starts after a failure that ends the run`);
        running.set(step.id, step);
        assert.ok(running.size <= jobs);
        const kinds = [...running.values()].map(({ kind }) => kind);
        assert.ok(!kinds.includes('generate') || kinds.length === 1, 'nothing goes on while a model writes');
        assert.ok(kinds.filter((kind) => kind === 'review').length <= 1);
        for (const other of running.keys()) {
          assert.ok(!world.precedes(other, step.id) && !world.precedes(step.id, other), `${step.id} runs beside ${other}`);
        }
        await scheduler.schedule(Promise.resolve(), step.id);
        running.delete(step.id);
        const end = world.end(step);
        if (end.outcome === 'done') ends.set(step.id, (ends.get(step.id) ?? 0) + 1);
        return end;
      };
      const result = await scheduler.waitFor(
        automate(rules, {
          status: () => scheduler.schedule(Promise.resolve(), 'look').then(() => world.status()),
          perform,
          pause: () => Promise.reject(new Error('nothing is performed elsewhere')),
          onEvent: (event) => {
            if (event.type !== 'ended' || event.performance.outcome !== 'failed') return;
            if (drafts.find(({ id }) => id === event.performance.id)?.continueOnFailure !== true) stopped = true;
          },
          clock: { now: () => 0 },
          signal: never,
        }),
      );
      const scope = scopeOf(result.status.steps, rules.until);
      const settled = result.status.steps.every((step) => !scope.has(step.id) || isSettled(step));
      assert.equal(result.ended === 'reached', settled);
      for (const { id, retry = 0, kind } of drafts) {
        const rounds = ends.get(id) ?? 0;
        assert.ok(rounds <= (kind === 'generate' ? 1 : 2), `${id} was done ${rounds} times`);
        assert.ok((world.attempts.get(id) ?? 0) <= 1 + retry + rounds, `${id} was tried too often`);
      }
      assert.deepEqual(new Set(result.performed.map(({ id }) => id)), new Set(world.attempts.keys()));
      // What builds on a step that is to be done again, but cannot be before a person acted, is left with it.
      const isFree = ({ id }: StepStatus): boolean => !result.status.steps.some((one) => !isSettled(one) && world.precedes(one.id, id));
      const openAndFree = result.status.steps.filter(
        (step) => scope.has(step.id) && step.state === 'ready' && isAutomatic(step, rules) && isFree(step),
      );
      if (result.ended === 'waiting' || result.ended === 'unsettled') assert.deepEqual(openAndFree, [], 'what machines could do was left');
    });
    await fc.assert(property, { numRuns: 1_500 });
  });

  it('goes on after a kill at any moment from what was recorded, and does no more than a run without one', async () => {
    const property = fc.asyncProperty(draftsArb, fc.integer({ min: 0, max: 12 }), async (drafts, at) => {
      const calm = drafts.map((draft) => ({ ...draft, spoils: [], failures: 0 }));
      const world = new World(calm);
      const began = [...world.states].filter(([, state]) => state === 'done').map(([id]) => id);
      let left = at;
      const dead = new Promise<never>(() => undefined);
      const round = (kills: boolean, onKill: () => void) =>
        automate(
          { jobs: 2, generates: true },
          {
            status: () => Promise.resolve(world.status()),
            perform: (step) => {
              if (kills && left-- === 0) {
                onKill();
                return dead;
              }
              return kills && left < 0 ? dead : Promise.resolve(world.end(step));
            },
            pause: () => Promise.reject(new Error('nothing is performed elsewhere')),
            onEvent() {},
            clock: { now: () => 0 },
            signal: never,
          },
        );
      await new Promise<void>((resolve) => {
        void round(true, resolve).then(() => resolve());
      });
      await round(false, () => undefined);
      for (const [id, count] of world.attempts) assert.equal(count, 1, `${id} took effect ${count} times`);
      for (const id of began) assert.equal(world.attempts.has(id), false, `${id} was done before`);
    });
    await fc.assert(property, { numRuns: 500 });
  });
});
