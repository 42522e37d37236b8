import assert from 'node:assert/strict';
import type { EvidenceRecord } from '../../../src/core/workflow/evidence.ts';
import { nextSteps, planRun, progress } from '../../../src/core/workflow/plan.ts';
import {
  approval,
  changesOf,
  command,
  factsOf,
  generate,
  manual,
  NO_FINDINGS,
  planOf,
  recordOf,
  review,
  workflowOf,
} from './planFixtures.ts';

const BEFORE = changesOf({ 'src/a.ts': '1', 'docs/notes.md': '1' });
const AFTER = changesOf({ 'src/a.ts': '2', 'docs/notes.md': '1' });

describe('plan of a run', () => {
  it('starts with what needs nothing and blocks the rest with a reason', () => {
    const workflow = workflowOf(
      manual({ id: 'intent' }),
      command({ id: 'tests', needs: ['intent'] }),
      approval({ id: 'ok', needs: ['tests'] }),
    );
    const steps = planRun({ workflow, records: [], changes: BEFORE, facts: factsOf({ workflow }) });
    assert.deepEqual(
      steps.map(({ state }) => state),
      ['ready', 'blocked', 'blocked'],
    );
    assert.equal(steps[1]?.because, 'waits for Title of intent');
    assert.deepEqual(steps[0]?.missing, ['Tick it when it is done.']);
    assert.deepEqual(nextSteps(steps), ['intent']);
    assert.deepEqual(progress(steps), { done: 0, total: 3 });
  });

  it('reads steps that need one listed after them', () => {
    const workflow = workflowOf(command({ id: 'late', needs: ['early'] }), manual({ id: 'early' }));
    const plan = planOf({ workflow, changes: BEFORE, records: [recordOf(workflow, 'early', BEFORE)] });
    assert.equal(plan['late']?.state, 'ready');
    assert.equal(plan['late']?.because, 'needs done: early');
  });

  describe('manual steps', () => {
    it("take a person's word, never an agent's or a machine's, where they ask for one", () => {
      const workflow = workflowOf(manual({ id: 'swear', expect: [{ kind: 'attest', statement: 'I looked' }] }));
      for (const kind of ['agent', 'machine'] as const) {
        const plan = planOf({ workflow, records: [recordOf(workflow, 'swear', BEFORE, { actor: { kind } })] });
        assert.deepEqual(
          [plan['swear']?.state, plan['swear']?.assurance, plan['swear']?.missing],
          ['ready', 'missing', ['A person has to confirm it.']],
        );
      }
      const plan = planOf({ workflow, records: [recordOf(workflow, 'swear', BEFORE)] });
      assert.deepEqual([plan['swear']?.state, plan['swear']?.assurance], ['done', 'self-reported']);
    });

    it('say who ticked them where nothing else proves them', () => {
      const workflow = workflowOf(manual({ id: 'look' }));
      const said = { human: 'a person said so', agent: 'an agent said so', machine: 'a machine said so' } as const;
      for (const [kind, because] of Object.entries(said) as [keyof typeof said, string][]) {
        const plan = planOf({ workflow, records: [recordOf(workflow, 'look', BEFORE, { actor: { kind } })] });
        assert.deepEqual([plan['look']?.state, plan['look']?.assurance, plan['look']?.because], ['done', 'self-reported', because]);
      }
    });

    it('are done as soon as files prove them, with the evidence that seeing them gives', () => {
      const workflow = workflowOf(manual({ id: 'notes', expect: [{ kind: 'file', path: 'docs/${branch}.md', sections: ['Problem'] }] }));
      const missing = planOf({ workflow });
      assert.deepEqual(missing['notes']?.missing, ['There is no file docs/feat-x.md.']);
      const without = planOf({ workflow, files: { 'docs/feat-x.md': '# Other' } });
      assert.deepEqual(without['notes']?.missing, ['docs/feat-x.md lacks the section Problem.']);
      const there = planOf({ workflow, files: { 'docs/feat-x.md': '# Problem\nx' } });
      assert.deepEqual([there['notes']?.state, there['notes']?.assurance], ['done', 'bound']);
      assert.match(there['notes']?.evidence?.id ?? '', /^sha256:[0-9a-f]{64}$/);
      assert.equal(planOf({ workflow, files: { 'docs/feat-x.md': '# Problem\nx' } })['notes']?.evidence?.id, there['notes']?.evidence?.id);
    });

    it('wait for what they need even when files prove them', () => {
      const workflow = workflowOf(
        manual({ id: 'first' }),
        manual({ id: 'notes', needs: ['first'], expect: [{ kind: 'changed', glob: 'docs/**' }] }),
      );
      const plan = planOf({ workflow, changes: BEFORE });
      assert.deepEqual([plan['notes']?.state, plan['notes']?.evidence], ['blocked', undefined]);
    });

    it('can be taken back, also when files prove them', () => {
      const workflow = workflowOf(manual({ id: 'notes', expect: [{ kind: 'changed', glob: 'docs/**' }] }));
      const back = recordOf(workflow, 'notes', BEFORE, { result: { outcome: 'reopened' } });
      const plan = planOf({ workflow, changes: BEFORE, records: [back] });
      assert.deepEqual(
        [plan['notes']?.state, plan['notes']?.because, plan['notes']?.missing],
        ['ready', 'it was taken back', ['Tick it when it is done.']],
      );
      const again = recordOf(workflow, 'notes', BEFORE, { previous: back.id, time: 2 });
      assert.equal(planOf({ workflow, changes: BEFORE, records: [back, again] })['notes']?.state, 'done');
    });

    it('go stale with the files they cover and name them, not with others', () => {
      const workflow = workflowOf(
        manual({
          id: 'notes',
          expect: [
            { kind: 'changed', glob: 'src/**' },
            { kind: 'attest', statement: 'Read' },
          ],
        }),
      );
      const records = [recordOf(workflow, 'notes', BEFORE)];
      const plan = planOf({ workflow, changes: AFTER, records });
      assert.deepEqual([plan['notes']?.state, plan['notes']?.assurance, plan['notes']?.staleBecause], ['stale', 'stale', ['src/a.ts']]);
      const other = planOf({ workflow, changes: changesOf({ 'src/a.ts': '1', 'docs/notes.md': '9', 'new.md': '1' }), records });
      assert.equal(other['notes']?.state, 'done');
    });

    it('need the editor for its problems', () => {
      const workflow = workflowOf(manual({ id: 'tidy', expect: [{ kind: 'diagnostics', max: { error: 0 } }] }));
      assert.match(planOf({ workflow })['tidy']?.missing.join() ?? '', /needs the editor/);
      const seen = (error: number): EvidenceRecord =>
        recordOf(workflow, 'tidy', BEFORE, { result: { outcome: 'done', diagnostics: { error, warning: 3, info: 0, hint: 0 } } });
      assert.equal(planOf({ workflow, changes: BEFORE, records: [seen(0)] })['tidy']?.state, 'done');
      assert.equal(planOf({ workflow, changes: BEFORE, records: [seen(1)] })['tidy']?.state, 'ready');
      assert.equal(planOf({ workflow, changes: AFTER, records: [seen(0)] })['tidy']?.state, 'stale');
    });
  });

  describe('command steps', () => {
    const workflow = workflowOf(command({ id: 'tests', expect: [{ kind: 'exit', code: 0 }] }), command({ id: 'after', needs: ['tests'] }));
    const ran = (exitCode: number, changes = BEFORE): EvidenceRecord => {
      const outcome = exitCode === 0 ? ('done' as const) : ('failed' as const);
      return recordOf(workflow, 'tests', changes, { provider: 'command', result: { outcome, exitCode } });
    };

    it('are bound to the content they ran on', () => {
      const plan = planOf({ workflow, changes: BEFORE, records: [ran(0)] });
      assert.deepEqual([plan['tests']?.state, plan['tests']?.assurance], ['done', 'bound']);
      assert.partialDeepStrictEqual(plan['tests']?.evidence, { id: ran(0).id, provider: 'command' });
      const stale = planOf({ workflow, changes: AFTER, records: [ran(0)] });
      assert.deepEqual([stale['tests']?.state, stale['tests']?.because], ['stale', 'src/a.ts changed']);
      assert.equal(stale['after']?.state, 'ready', 'a stale step holds nobody up');
    });

    it('stay failed after an edit, and hold up what needs them', () => {
      for (const changes of [BEFORE, AFTER]) {
        const plan = planOf({ workflow, changes, records: [ran(2)] });
        assert.equal(plan['tests']?.state, 'failed');
        assert.equal(plan['after']?.state, 'blocked');
      }
      assert.equal(
        planOf({ workflow, changes: AFTER, records: [ran(2)] })['tests']?.because,
        'its command ended with exit code 2; since then src/a.ts changed',
      );
    });

    it('run until they end, and failed when their process went away', () => {
      const running = recordOf(workflow, 'tests', BEFORE, { provider: 'command', result: { outcome: 'running' } });
      assert.equal(planOf({ workflow, records: [running] })['tests']?.state, 'running');
      const gone = planOf({ workflow, records: [running], interrupted: [running.id] });
      assert.deepEqual([gone['tests']?.state, gone['tests']?.because], ['failed', 'its command was interrupted before it ended']);
    });

    it('go stale when what they run is edited, not when their title is', () => {
      const edited = workflowOf(command({ id: 'tests', run: 'false', expect: [{ kind: 'exit', code: 0 }] }));
      assert.equal(planOf({ workflow: edited, changes: BEFORE, records: [ran(0)] })['tests']?.because, 'what the step demands was edited');
      const retitled = workflowOf(command({ id: 'tests', title: 'Other', why: 'Because', expect: [{ kind: 'exit', code: 0 }] }));
      assert.equal(planOf({ workflow: retitled, changes: BEFORE, records: [ran(0)] })['tests']?.state, 'done');
    });
  });

  describe('review steps', () => {
    const reviewed = (fields: Parameters<typeof recordOf>[3] = {}): EvidenceRecord =>
      recordOf(strict, 'review', BEFORE, {
        provider: 'model',
        model: 'reviewer',
        result: { outcome: 'done', findings: NO_FINDINGS },
        ...fields,
      });
    const strict = workflowOf(
      generate({ id: 'write' }),
      review({ id: 'review', require: 'model', independentOf: ['write'], expect: [{ kind: 'findings', max: { high: 0 } }] }),
    );

    it('are bound to the model and the content', () => {
      const plan = planOf({ workflow: strict, changes: BEFORE, records: [reviewed()] });
      assert.deepEqual([plan['review']?.state, plan['review']?.assurance], ['done', 'bound']);
      assert.partialDeepStrictEqual(plan['review']?.evidence, { id: reviewed().id, provider: 'model', model: 'reviewer' });
    });

    it('fail with more findings than allowed', () => {
      const found = reviewed({ result: { outcome: 'done', findings: { ...NO_FINDINGS, high: 2 } } });
      const plan = planOf({ workflow: strict, changes: BEFORE, records: [found] });
      assert.deepEqual([plan['review']?.state, plan['review']?.missing], ['failed', ['The review left 2 open high findings (at most 0).']]);
    });

    it('are not settled by the built-in reviewer where a model is required', () => {
      const { model: _, ...builtin } = reviewed();
      const plan = planOf({ workflow: strict, changes: BEFORE, records: [{ ...builtin, provider: 'builtin' }] });
      assert.deepEqual([plan['review']?.state, plan['review']?.because], ['ready', 'the built-in reviewer alone does not settle it']);
    });

    it('are not settled by the model that wrote the change under another name', () => {
      const wrote = recordOf(strict, 'write', BEFORE, { provider: 'model', model: 'writer', modelId: 'gpt-x', actor: { kind: 'agent' } });
      const state = (modelId: string) =>
        planOf({ workflow: strict, changes: BEFORE, records: [wrote, reviewed({ modelId })] })['review']?.state;
      assert.deepEqual([state('gpt-x'), state('gpt-y')], ['ready', 'done']);
    });

    it('are not settled where the model that wrote the change answered a part', () => {
      const wrote = recordOf(strict, 'write', BEFORE, { provider: 'model', model: 'writer', modelId: 'gpt-x', actor: { kind: 'agent' } });
      const alsoAnswered = [{ model: 'local' }, { model: 'other-name', modelId: 'gpt-x' }];
      const plan = planOf({ workflow: strict, changes: BEFORE, records: [wrote, reviewed({ alsoAnswered })] });
      assert.deepEqual([plan['review']?.state, plan['review']?.because], ['ready', 'other-name reviewed its own work (Title of write)']);
      const done = planOf({ workflow: strict, changes: BEFORE, records: [wrote, reviewed({ alsoAnswered: [{ model: 'local' }] })] });
      assert.deepEqual([done['review']?.state, done['review']?.evidence?.alsoAnswered], ['done', [{ model: 'local' }]]);
    });

    it('are not settled by the model that wrote the change', () => {
      const wrote = recordOf(strict, 'write', BEFORE, { provider: 'model', model: 'reviewer', actor: { kind: 'agent' } });
      const plan = planOf({ workflow: strict, changes: BEFORE, records: [wrote, reviewed()] });
      assert.deepEqual([plan['review']?.state, plan['review']?.because], ['ready', 'reviewer reviewed its own work (Title of write)']);
      const other = planOf({ workflow: strict, changes: BEFORE, records: [wrote, reviewed({ model: 'another' })] });
      assert.equal(other['review']?.state, 'done');
    });

    it('count what was read only in part', () => {
      const workflow = workflowOf(review({ id: 'review', expect: [{ kind: 'coverage-receipt' }] }));
      const read = (partial: number): EvidenceRecord =>
        recordOf(workflow, 'review', BEFORE, {
          provider: 'builtin',
          result: { outcome: 'done', coverage: { full: 2, partial, skipped: 0 } },
        });
      assert.equal(planOf({ workflow, changes: BEFORE, records: [read(0)] })['review']?.state, 'done');
      assert.deepEqual(planOf({ workflow, changes: BEFORE, records: [read(1)] })['review']?.missing, [
        'The review read 1 file in part only.',
      ]);
    });
  });

  it("takes an agent's word for generation and nobody's but a person's for approval", () => {
    const workflow = workflowOf(generate({ id: 'write' }), approval({ id: 'ok' }));
    const agent = { actor: { kind: 'agent' as const } };
    const plan = planOf({
      workflow,
      changes: BEFORE,
      records: [recordOf(workflow, 'write', BEFORE, agent), recordOf(workflow, 'ok', BEFORE, agent)],
    });
    assert.deepEqual([plan['write']?.state, plan['write']?.assurance], ['done', 'self-reported']);
    assert.deepEqual([plan['ok']?.state, plan['ok']?.missing], ['ready', ['A person has to approve.']]);
    assert.equal(planOf({ workflow, changes: BEFORE, records: [recordOf(workflow, 'ok', BEFORE)] })['ok']?.state, 'done');
    assert.equal(planOf({ workflow, changes: AFTER, records: [recordOf(workflow, 'ok', BEFORE)] })['ok']?.state, 'stale');
  });

  it('skips what does not apply, says why in plain words, and leaves it out of the count', () => {
    const when = 'vars.risky';
    const workflow = {
      ...workflowOf(manual({ id: 'threats', when }), command({ id: 'tests', needs: ['threats'] })),
      vars: { risky: 'changes.exists(f, glob(f, "src/auth/**"))' },
    };
    const plan = planOf({ workflow, when: { threats: false } });
    assert.deepEqual([plan['threats']?.state, plan['threats']?.because], ['skipped', 'not needed: no file under src/auth/ changed']);
    assert.equal(plan['tests']?.state, 'ready');
    assert.deepEqual(progress(Object.values(plan)), { done: 0, total: 1 });
    const other = planOf({ workflow: workflowOf(manual({ id: 'threats', when: 'lines.added > 9' })), when: { threats: false } });
    assert.equal(other['threats']?.because, 'not needed: lines.added > 9 does not hold');
  });

  it('waives until the day is over', () => {
    const workflow = workflowOf(manual({ id: 'look' }));
    const waived = recordOf(workflow, 'look', BEFORE, { result: { outcome: 'waived', reason: 'small change', expires: '2026-03-01' } });
    const at = (now: string) => planOf({ workflow, records: [waived], now: Date.parse(now) })['look'];
    assert.deepEqual([at('2026-03-01T23:59:59Z')?.state, at('2026-03-01T23:59:59Z')?.assurance], ['waived', 'waived']);
    assert.deepEqual([at('2026-03-02T00:00:00Z')?.state, at('2026-03-02T00:00:00Z')?.because], ['ready', 'its waiver ended on 2026-03-01']);
  });

  it('puts what is stale behind what is ready or failed', () => {
    const workflow = workflowOf(manual({ id: 'a', expect: [{ kind: 'changed', glob: 'src/**' }] }), manual({ id: 'b' }));
    const steps = planRun({ workflow, records: [recordOf(workflow, 'a', BEFORE)], changes: AFTER, facts: factsOf({ workflow }) });
    assert.deepEqual(nextSteps(steps), ['b', 'a']);
  });

  it('puts what is stale before what rests on it', () => {
    const workflow = workflowOf(
      command({ id: 'build' }),
      manual({ id: 'look', needs: ['build'] }),
      command({ id: 'tests', needs: ['look'] }),
      manual({ id: 'other' }),
    );
    const failed = recordOf(workflow, 'tests', AFTER, { provider: 'command', result: { outcome: 'failed', exitCode: 1 } });
    const records = [recordOf(workflow, 'build', BEFORE, { provider: 'command' }), recordOf(workflow, 'look', BEFORE), failed];
    const steps = planRun({ workflow, records, changes: AFTER, facts: factsOf({ workflow }) });
    assert.deepEqual(
      steps.map((step) => step.state),
      ['stale', 'done', 'failed', 'ready'],
    );
    assert.deepEqual(nextSteps(steps), ['build', 'tests', 'other']);
  });

  it('survives a cycle that should never have got here', () => {
    const workflow = workflowOf(manual({ id: 'a', needs: ['b'] }), manual({ id: 'b', needs: ['a'] }));
    assert.ok(Object.values(planOf({ workflow })).every((step) => step.state === 'blocked'));
  });
});
