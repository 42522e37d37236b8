import assert from 'node:assert/strict';
import { type Change, toChangeSet } from '../../../src/core/workflow/changes.ts';
import { coverageOf, CoveredParts } from '../../../src/core/workflow/coverage.ts';
import type { Workflow } from '../../../src/core/workflow/definition.ts';
import { stepDigest } from '../../../src/core/workflow/digests.ts';
import { EVIDENCE_SCHEMA, type EvidenceBody, type EvidenceRecord, toRecord } from '../../../src/core/workflow/evidence.ts';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';
import { POLICY_STEP } from '../../../src/core/workflow/verify/approvalMessage.ts';
import type { Candidate } from '../../../src/core/workflow/verify/candidates.ts';
import { parseCodeOwners } from '../../../src/core/workflow/verify/codeowners.ts';
import type { VerifyFacts } from '../../../src/core/workflow/verify/facts.ts';
import { judgeSteps } from '../../../src/core/workflow/verify/judge.ts';
import { judgePolicy, POLICY_DEMAND } from '../../../src/core/workflow/verify/judgePolicy.ts';
import { comparePolicies, type PolicyFiles, policyPaths } from '../../../src/core/workflow/verify/policy/compare.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const REPOSITORY = 'github.com/acme/shop';
const HEAD = 'a'.repeat(40);

const WORKFLOW = `version: 1
id: feature
title: Feature
evidence: tracked
steps:
  - { id: note, kind: manual, title: Note, expect: [{ file: "n/\${branch}.md" }, { clean: true }, { commit: "feat*" }] }
  - { id: word, kind: manual, title: Word, needs: [note], expect: [{ attest: Seen }] }
  - { id: tick, kind: manual, title: Tick }
  - { id: shown, kind: manual, title: Shown, expect: [{ diagnostics: { error: 0 } }] }
  - { id: write, kind: generate, title: Write, prompt: p.prompt.md }
  - { id: run, kind: command, title: Run, run: npm test, inputs: ["src/**"], protects: [ci.yml], expect: [{ exit: 2 }] }
  - { id: read, kind: review, title: Read, needs: [run], independent-of: [write], expect: [{ findings: { high: 0 } }, { coverage-receipt: full }] }
  - { id: maybe, kind: manual, title: Maybe, when: "false" }
  - { id: ok, kind: approval, title: Ok, needs: [read], by: { any-of: [codeowners], not: [author] } }
waive: { by: { any-of: ["@lena"] } }
`;

function workflow(text = WORKFLOW): Workflow {
  const parsed = parseWorkflow(text, 'w.yml').workflow;
  assert.ok(parsed);
  return parsed;
}

const change = (path: string, blob = '1'.repeat(40)): Change => ({
  path,
  status: 'added',
  oldBlob: null,
  newBlob: blob,
  oldMode: null,
  newMode: '100644',
  untracked: false,
  linesAdded: 1,
  linesDeleted: 0,
});

class World {
  readonly workflow: Workflow;
  readonly changes = toChangeSet('b'.repeat(40), [change('src/a.ts'), change('docs/a.md')]);
  readonly #parts = new CoveredParts(this.changes);
  records: EvidenceRecord[] = [];

  constructor(text = WORKFLOW) {
    this.workflow = workflow(text);
  }

  body(id: string, fields: Partial<EvidenceBody> = {}): EvidenceRecord {
    const step = this.workflow.steps.find((one) => one.id === id);
    assert.ok(step);
    return toRecord({
      schema: EVIDENCE_SCHEMA,
      run: 'feat-x-123456',
      step: id,
      stepDigest: stepDigest(step),
      workflowDigest: `sha256:${'0'.repeat(64)}`,
      changeDigest: this.#parts.get(coverageOf(step, 'feat-x')).digest,
      actor: { kind: 'human' },
      result: { outcome: 'done' },
      previous: null,
      ...fields,
    });
  }

  /** What everyone leaves who does their part. */
  everything(): EvidenceRecord[] {
    const counts = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
    return [
      this.body('word'),
      this.body('tick', { actor: { kind: 'agent' } }),
      this.body('shown', { result: { outcome: 'done', diagnostics: { error: 0, warning: 2, info: 0, hint: 0 } } }),
      this.body('write', { provider: 'model', model: 'writer', modelId: 'w-1' }),
      this.body('run', { provider: 'command', result: { outcome: 'done', exitCode: 2 } }),
      this.body('read', {
        provider: 'model',
        model: 'reader',
        modelId: 'r-1',
        result: { outcome: 'done', findings: counts, coverage: { full: 2, partial: 0, skipped: 0 } },
      }),
    ];
  }

  content(policyDigest = 'p', holds = true): NonNullable<Candidate['content']> {
    return { digestOf: (coverage) => this.#parts.get(coverage).digest, policyDigest, holds: () => holds };
  }

  approval(name: string, fields: Partial<Candidate> = {}): Candidate {
    return { approver: { names: new Set([name]), label: name, source: 'host' }, commit: HEAD, content: this.content(), ...fields };
  }

  signed(id: string, name: string, fields: Partial<NonNullable<Candidate['signed']>> = {}): Candidate {
    const step = this.workflow.steps.find((one) => one.id === id);
    assert.ok(step);
    const signed = {
      repository: REPOSITORY,
      step: id,
      stepDigest: stepDigest(step),
      changeDigest: this.content().digestOf('everything'),
      head: HEAD,
      ...fields,
    };
    return { ...this.approval(name), approver: { names: new Set([name]), label: name, source: 'signature' }, signed };
  }

  facts(fields: Partial<VerifyFacts> & { records?: EvidenceRecord[] } = {}): VerifyFacts {
    const { records = this.everything(), ...rest } = fields;
    return {
      workflow: this.workflow,
      changes: this.changes,
      prefix: '',
      branchSlug: 'feat-x',
      files: { 'n/feat-x.md': 'text' },
      clean: true,
      headSubject: 'feat: x',
      stepDigests: Object.fromEntries(this.workflow.steps.map((step) => [step.id, [stepDigest(step)]])),
      when: { maybe: { expression: 'false', applies: false, matched: [] } },
      tracked: { records, paths: new Map(records.map(({ id }) => [id, `e/${id}`])), bad: [] },
      deleted: [],
      broughtAt: new Map(records.map(({ id }) => [`e/${id}`, NOW / 1000])),
      commands: new Map(),
      candidates: [this.approval('@bob')],
      rejected: new Map(),
      rules: { owners: parseCodeOwners('* @bob\n', 'CODEOWNERS'), authors: new Set(['@ada']) },
      repository: REPOSITORY,
      models: undefined,
      now: NOW,
      require: undefined,
      withoutApprovals: false,
      ...rest,
    };
  }
}

type Judged = ReturnType<typeof judgeSteps>;
const problems = ({ problems: found }: Judged): string[] => found.map(({ code, step }) => `${code} ${step ?? ''}`);
const step = ({ steps }: Judged, id: string) => {
  const found = steps.find((one) => one.id === id);
  assert.ok(found);
  return found;
};

describe('judging steps', () => {
  const world = new World();
  const judged = (fields: Parameters<World['facts']>[0] = {}): Judged => judgeSteps(world.facts(fields));
  const instead = (id: string, fields: Partial<EvidenceBody>): EvidenceRecord[] =>
    world.everything().map((record) => (record.step === id ? toRecord({ ...withoutId(record), ...fields } as EvidenceBody) : record));
  const without = (id: string): EvidenceRecord[] => world.everything().filter(({ step: of }) => of !== id);

  it('finds nothing where everything is there, and says what each is worth', () => {
    const all = judged();
    assert.deepEqual(problems(all), []);
    assert.deepEqual(
      all.steps.map(({ id, state, assurance }) => `${id} ${state} ${assurance}`),
      [
        'note done verified',
        'word done self-reported',
        'tick done self-reported',
        'shown done self-reported',
        'write done bound',
        'run done bound',
        'read done bound',
        'maybe skipped none',
        'ok done verified',
      ],
    );
    assert.deepEqual(step(all, 'tick').detail, 'An agent said so.');
  });

  it('recomputes what anyone can see', () => {
    assert.deepEqual(problems(judged({ files: {} })), ['unmet-expectation note']);
    assert.deepEqual(problems(judged({ clean: false })), ['unmet-expectation note']);
    assert.deepEqual(problems(judged({ headSubject: 'fix: x' })), ['unmet-expectation note']);
    assert.equal(step(judged({ files: {} }), 'word').state, 'blocked');
  });

  it('misses records, and names those that were deleted', () => {
    for (const id of ['word', 'tick', 'shown', 'write', 'run', 'read'])
      assert.deepEqual(problems(judged({ records: without(id) })), [`missing-evidence ${id}`]);
    const [gone] = world.everything();
    assert.ok(gone);
    const deleted = judged({ records: without('word'), deleted: [{ record: gone, commit: HEAD }] });
    assert.match(deleted.problems[0]?.detail ?? '', /which came with commit aaaaaaaaaaaa, was deleted/);
    const superseded = toRecord({ ...withoutId(gone), previous: gone.id } as EvidenceBody);
    assert.deepEqual(problems(judged({ records: [...without('word'), superseded], deleted: [{ record: gone, commit: HEAD }] })), []);
    assert.deepEqual(problems(judged({ records: instead('word', { result: { outcome: 'reopened' } }) })), ['missing-evidence word']);
    assert.deepEqual(problems(judged({ records: [...world.everything(), world.body('note', { result: { outcome: 'reopened' } })] })), [
      'missing-evidence note',
    ]);
  });

  it("takes an agent's word for a step only in the meaning that the base gives it", () => {
    // The branch let an agent do what the base does not leave to agents, so the record is about another demand.
    const own = new World(WORKFLOW.replace('id: tick, kind: manual', 'id: tick, kind: manual, performer: agent'));
    const [record] = own.everything().filter(({ step: of }) => of === 'tick');
    assert.ok(record);
    assert.deepEqual(problems(judged({ records: [...without('tick'), record] })), ['stale-evidence tick']);
    const judgedThere = judgeSteps(own.facts({ records: [...own.everything().filter(({ step: of }) => of !== 'tick'), record] }));
    assert.deepEqual(problems(judgedThere), []);
    assert.match(step(judgedThere, 'tick').detail, /An agent said so/);
  });

  it('tells strange records from stale ones', () => {
    const strange: [string, Partial<EvidenceBody>, string][] = [
      ['word', { actor: { kind: 'agent' } }, 'forged-evidence'],
      ['tick', { provider: 'model', model: 'm' }, 'forged-evidence'],
      ['write', { provider: 'builtin' }, 'forged-evidence'],
      ['run', { provider: 'model' }, 'forged-evidence'],
      ['run', { result: { outcome: 'done' } }, 'forged-evidence'],
      ['run', { result: { outcome: 'done', exitCode: 0 } }, 'unmet-expectation'],
      ['run', { result: { outcome: 'failed', exitCode: 1 } }, 'unmet-expectation'],
      ['run', { result: { outcome: 'failed', exitCode: null } }, 'unmet-expectation'],
      ['run', { result: { outcome: 'failed', reason: 'it was cancelled' } }, 'unmet-expectation'],
      ['run', { changeDigest: `sha256:${'9'.repeat(64)}` }, 'stale-evidence'],
      ['run', { stepDigest: `sha256:${'9'.repeat(64)}` }, 'stale-evidence'],
      ['run', { stepDigest: world.body('write').stepDigest }, 'bad-record'],
      ['read', { result: { outcome: 'done' } }, 'forged-evidence'],
      ['read', { provider: 'model', model: undefined }, 'forged-evidence'],
      ['read', { model: 'writer' }, 'unmet-expectation'],
      ['read', { modelId: 'w-1' }, 'unmet-expectation'],
      [
        'read',
        {
          result: {
            outcome: 'done',
            findings: { critical: 0, high: 1, medium: 0, low: 0, info: 0 },
            coverage: { full: 1, partial: 0, skipped: 0 },
          },
        },
        'unmet-expectation',
      ],
      [
        'read',
        {
          result: {
            outcome: 'done',
            findings: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
            coverage: { full: 1, partial: 1, skipped: 0 },
          },
        },
        'unmet-expectation',
      ],
      ['shown', { result: { outcome: 'done', diagnostics: { error: 1, warning: 0, info: 0, hint: 0 } } }, 'unmet-expectation'],
    ];
    for (const [id, fields, code] of strange)
      assert.deepEqual(problems(judged({ records: instead(id, fields) })), [`${code} ${id}`], JSON.stringify(fields));
    assert.equal(
      step(judged({ records: instead('write', { provider: undefined, model: undefined, modelId: undefined }) }), 'write').assurance,
      'self-reported',
    );
    assert.equal(
      step(judged({ records: instead('read', { provider: 'builtin', model: undefined, modelId: undefined }) }), 'read').detail,
      'A record says that the built-in reviewer read this content.',
    );
  });

  it('takes commands that ran, or their checks, over records, and weighs what weakens them', () => {
    const ran = (fields: object) =>
      judged({ records: without('run'), commands: new Map([['run', { isMet: true, how: 'ended', ...fields }]]) });
    assert.equal(step(ran({ exitCode: 2 }), 'run').assurance, 'verified');
    assert.deepEqual(step(ran({}), 'run').expect, [{ kind: 'exit', met: true, detail: 'The command ended with exit code 2.' }]);
    assert.equal(step(ran({ weakenedBy: 'it changed a' }), 'run').detail, 'Its command ended, but it changed a.');
    assert.equal(step(ran({ weakenedBy: 'it changed a' }), 'run').assurance, 'bound');
    const failed = judged({ commands: new Map([['run', { isMet: false, exitCode: 1, how: 'ended with exit code 1' }]]) });
    assert.deepEqual([problems(failed), step(failed, 'run').state], [['unmet-expectation run'], 'failed']);
    assert.equal(step(failed, 'read').state, 'blocked');
    assert.equal(step(failed, 'ok').state, 'blocked', 'what it needs waits itself');
    const touched = judgeSteps({
      ...world.facts({ commands: new Map([['run', { isMet: true, how: 'ended' }]]) }),
      changes: toChangeSet(null, [change('ci.yml')]),
    });
    assert.match(step(touched, 'run').detail, /ci\.yml, which the step protects/);
  });

  it('counts approvals of this content by those who may', () => {
    const by = (...candidates: Candidate[]) => judged({ candidates });
    const other = { digestOf: () => 'other', policyDigest: 'p', holds: () => true };
    assert.deepEqual(problems(by()), ['missing-evidence ok']);
    assert.deepEqual(problems(by(world.approval('@eve'))), ['unauthorised-approval ok']);
    assert.deepEqual(problems(by(world.approval('@bob', { content: other }))), ['stale-evidence ok']);
    assert.deepEqual(problems(by(withoutContent(world.approval('@bob')))), ['stale-evidence ok']);
    assert.deepEqual(problems(by(world.approval('@eve', { content: other }))), ['missing-evidence ok']);
    assert.equal(
      step(by(world.approval('@bob', { approver: { names: new Set(['@bob']), label: '@bob', source: 'file' } })), 'ok').assurance,
      'bound',
    );
    assert.deepEqual(problems(by(world.signed('ok', '@bob'))), []);
    const wrong: [Partial<NonNullable<Candidate['signed']>>, string][] = [
      [{ repository: 'github.com/acme/other' }, 'unauthorised-approval ok'],
      [{ step: 'other' }, 'missing-evidence ok'],
      [{ waiver: `sha256:${'1'.repeat(64)}` }, 'missing-evidence ok'],
      [{ stepDigest: `sha256:${'1'.repeat(64)}` }, 'stale-evidence ok'],
      [{ changeDigest: `sha256:${'1'.repeat(64)}` }, 'unauthorised-approval ok'],
    ];
    for (const [fields, problem] of wrong)
      assert.deepEqual(problems(by(world.signed('ok', '@bob', fields))), [problem], JSON.stringify(fields));
    assert.match(
      judged({ candidates: [world.signed('ok', '@bob')], repository: undefined }).problems[0]?.detail ?? '',
      /name of this repository is not known/,
    );
    const elsewhere = { ...world.signed('ok', '@bob', { changeDigest: 'other' }), content: other };
    assert.deepEqual(problems(by(elsewhere)), ['stale-evidence ok']);
    assert.deepEqual(problems(judged({ candidates: [], rejected: new Map([['ok', ['The tag x is not signed']]]) })), [
      'unauthorised-approval ok',
    ]);
    const claimed = judged({ candidates: [], records: [...world.everything(), world.body('ok')] });
    assert.deepEqual([problems(claimed), step(claimed, 'ok').assurance], [['unauthorised-approval ok'], 'self-reported']);
    assert.deepEqual(problems(judged({ records: [...world.everything(), world.body('ok', { actor: { kind: 'machine' } })] })), [
      'forged-evidence ok',
    ]);
    assert.deepEqual(
      [problems(judged({ candidates: [], withoutApprovals: true })), step(judged({ withoutApprovals: true }), 'ok').state],
      [[], 'ready'],
    );
  });

  it('lets a step be skipped by whom the workflow names, for as long as it says', () => {
    const waived = (fields: object, rest: Partial<EvidenceBody> = {}, facts: Partial<VerifyFacts> = {}) =>
      judged({
        records: instead('run', {
          result: { outcome: 'waived', reason: 'Down', ...fields },
          provider: undefined,
          ...rest,
        }),
        candidates: [world.approval('@bob'), world.approval('@lena')],
        ...facts,
      });
    const fine = waived({ expires: '2026-03-20' });
    assert.deepEqual([problems(fine), step(fine, 'run').state, step(fine, 'run').assurance], [[], 'waived', 'waived']);
    assert.match(step(fine, 'run').detail, /Skipped: Down Approved by @lena/);
    assert.deepEqual(problems(waived({})), [], 'without a day it lasts as long as it may');
    assert.deepEqual(problems(waived({}, {}, { now: NOW + 91 * 86_400_000 })), ['expired-waiver run']);
    assert.deepEqual(problems(waived({ expires: '2026-03-09' })), ['expired-waiver run']);
    const undated = { broughtAt: new Map<string, number>() };
    assert.deepEqual(problems(waived({ expires: '2026-03-20' }, {}, undated)), ['expired-waiver run'], 'brought nobody knows when');
    assert.deepEqual(problems(waived({ expires: '2026-07-01' })), ['bad-record run']);
    assert.deepEqual(problems(waived({}, { actor: { kind: 'agent' } })), ['forged-evidence run']);
    assert.deepEqual(problems(waived({}, { stepDigest: `sha256:${'9'.repeat(64)}` })), ['stale-evidence run']);
    assert.deepEqual(problems(waived({}, {}, { candidates: [world.approval('@bob')] })), ['unauthorised-approval run']);
    const unseen = world.approval('@lena', { content: world.content('p', false) });
    assert.deepEqual(problems(waived({}, {}, { candidates: [world.approval('@bob'), unseen] })), ['stale-evidence run']);
    assert.deepEqual(problems(waived({}, {}, { candidates: [], withoutApprovals: true })), []);
    const anyone = new World(WORKFLOW.replace('waive: { by: { any-of: ["@lena"] } }\n', ''));
    const record = anyone.body('run', { result: { outcome: 'waived', reason: 'Down' } });
    assert.deepEqual(
      problems(judgeSteps(anyone.facts({ records: [...anyone.everything().filter(({ step: of }) => of !== 'run'), record] }))),
      [],
    );
  });

  it('asks for as much as is required, and reports what stays on each machine', () => {
    assert.deepEqual(problems(judged({ require: 'bound' })), ['missing-evidence word', 'missing-evidence tick', 'missing-evidence shown']);
    assert.equal(problems(judged({ require: 'verified' })).length, 6);
    const local = new World(WORKFLOW.replace('evidence: tracked', 'evidence: local'));
    const seen = judgeSteps(local.facts({ records: [], candidates: [] }));
    assert.deepEqual(problems(seen), []);
    assert.deepEqual(
      [step(seen, 'note').assurance, step(seen, 'read').assurance, step(seen, 'ok').assurance],
      ['verified', 'self-reported', 'self-reported'],
    );
    assert.equal(step(judgeSteps(local.facts({ records: [] })), 'ok').assurance, 'verified');
    const strict = new World(
      WORKFLOW.replace('evidence: tracked', 'evidence: local').replace('title: Read,', 'title: Read, require: model,'),
    );
    assert.deepEqual(problems(judgeSteps(strict.facts({ records: [] }))), ['missing-evidence read']);
  });

  it('takes the model that the base pins, its fallbacks included, where a model is required', () => {
    const strict = new World(WORKFLOW.replace('title: Read,', 'title: Read, require: model, role: quick,'));
    const models = {
      version: 1 as const,
      roles: { quick: 'first' },
      models: {
        first: { provider: 'openai' as const, model: 'x', fallback: ['second', 'builtin'] },
        second: { provider: 'vscode' as const },
        builtin: { provider: 'builtin' as const },
      },
    };
    const by = (model: string, of: VerifyFacts['models']): string[] =>
      problems(
        judgeSteps(
          strict.facts({
            models: of,
            records: strict
              .everything()
              .map((record) => (record.step === 'read' ? toRecord({ ...withoutId(record), model } as EvidenceBody) : record)),
          }),
        ),
      );
    assert.deepEqual([by('first', models), by('second', models), by('third', models)], [[], [], ['unmet-expectation read']]);
    assert.deepEqual(by('third', undefined), []);
    assert.deepEqual(by('third', { ...models, roles: {} }), []);
    assert.deepEqual(by('third', { ...models, roles: { quick: 'builtin' } }), []);
    const builtin = strict
      .everything()
      .map((record) =>
        record.step === 'read'
          ? toRecord({ ...withoutId(record), provider: 'builtin', model: undefined, modelId: undefined } as EvidenceBody)
          : record,
      );
    assert.deepEqual(problems(judgeSteps(strict.facts({ records: builtin }))), ['unmet-expectation read']);
  });
});

describe('judging changes of the policy', () => {
  const files = (text: string, fields: Partial<PolicyFiles> = {}, path = '.handrail/workflows/feature.yml'): PolicyFiles => ({
    workflows: [{ path, workflow: workflow(text) }],
    ...fields,
  });
  const compared = (head: PolicyFiles, changed: string[], tip = files(WORKFLOW)) =>
    comparePolicies({
      start: files(WORKFLOW),
      head,
      tip,
      changed,
      differsFromTip: (path) => path !== 'same/.handrail/signers',
      prefix: 'same/',
    });
  const FILE = 'same/.handrail/workflows/feature.yml';
  const weaker = WORKFLOW.replace('needs: [read], ', '');

  it('tells what the branch does, not what the base did since', () => {
    assert.deepEqual(
      compared(files(weaker), [FILE]).map(({ effect, code, paths }) => [effect, code, paths]),
      [['relaxed', 'workflow-changed', [FILE]]],
    );
    assert.deepEqual(compared(files(weaker), [FILE], files(weaker)), [], 'the base is as weak by now');
    const own = files(WORKFLOW);
    assert.deepEqual(
      comparePolicies({ start: own, head: own, tip: files(weaker), changed: ['same/src/a'], differsFromTip: () => true, prefix: 'same/' }),
      [],
    );
    assert.deepEqual(
      comparePolicies({
        start: own,
        head: own,
        tip: own,
        changed: [],
        differsFromTip: () => false,
        throughLinks: ['same/.handrail/signers'],
        prefix: 'same/',
      }).map(({ paths }) => paths),
      [['same/.handrail/signers']],
    );
    assert.deepEqual(compared(files(WORKFLOW), ['same/.handrail/signers']), [], 'as the base has it by now');
    assert.deepEqual(
      compared(files(WORKFLOW), ['same/.handrailignore', 'same/AGENTS.md']).map(({ effect, paths }) => [effect, paths]),
      [
        ['relaxed', ['same/.handrailignore']],
        ['notice', ['same/AGENTS.md']],
      ],
    );
    assert.deepEqual(
      compared(files(WORKFLOW, { dismissals: [{ fingerprint: 'f', reason: 'r' }] }), ['same/.handrail/dismissals.yml']).map(
        ({ code }) => code,
      ),
      ['dismissals-changed'],
    );
    assert.deepEqual(
      compared({ workflows: [] }, [FILE]).map(({ detail }) => detail),
      ['Workflow feature is gone, or cannot be read any more.'],
    );
    const isPolicy = policyPaths(files(WORKFLOW), 'same/');
    assert.deepEqual([FILE, 'same/.handrail/models.yml', 'same/p.prompt.md', 'same/src/a', '.handrail/models.yml'].map(isPolicy), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('tells when a workflow may take branches from another', () => {
    const second = { path: '.handrail/workflows/z.yml', workflow: workflow(WORKFLOW.replace('id: feature', 'id: zed')) };
    const start: PolicyFiles = {
      workflows: [...files(WORKFLOW.replace('evidence', 'on: { branches: ["a/**"] }\nevidence')).workflows, second],
    };
    const effects = (text: string): string[] =>
      comparePolicies({
        start,
        head: { workflows: [...files(text).workflows, second] },
        tip: start,
        changed: [FILE],
        differsFromTip: () => true,
        prefix: 'same/',
      }).map(({ effect }) => effect);
    const on = (globs: string): string => WORKFLOW.replace('evidence', `on: { branches: ${globs} }\nevidence`);
    assert.deepEqual(effects(on('["a/**", "b/**"]')), ['relaxed']);
    assert.deepEqual(effects(on('["b/**"]')), ['relaxed']);
    assert.deepEqual(effects(on('["a/**", "!a/b"]')), ['relaxed']);
    assert.deepEqual(effects(WORKFLOW), ['relaxed']);
    const alone = (from: PolicyFiles, to: string): string[] =>
      comparePolicies({ start: from, head: files(to), tip: from, changed: [FILE], differsFromTip: () => true, prefix: 'same/' }).map(
        ({ effect }) => effect,
      );
    assert.deepEqual(alone(files(on('["a/**"]')), on('["a/**", "b/**"]')), ['notice']);
    assert.deepEqual(alone(files(WORKFLOW), on('["a/**"]')), ['relaxed']);
    assert.deepEqual(alone(files(on('["!a/**"]')), on('["!a/**", "b/**"]')), ['relaxed']);
  });

  it('tells when a workflow is added, moved, or made a part of another', () => {
    const at = (path: string, text: string) => ({ path: `.handrail/workflows/${path}`, workflow: workflow(text) });
    const named = (id: string, more = ''): string => WORKFLOW.replace('id: feature', `id: ${id}${more}`);
    const compare = (before: PolicyFiles['workflows'], after: PolicyFiles['workflows']): string[] =>
      comparePolicies({
        start: { workflows: before },
        head: { workflows: after },
        tip: { workflows: before },
        changed: [FILE],
        differsFromTip: () => true,
        prefix: 'same/',
      }).map(({ effect, detail }) => `${effect}: ${detail}`);
    const [b, d] = [at('b.yml', named('bee')), at('d.yml', named('dee'))];
    assert.deepEqual(compare([b, d], [at('a.yml', named('aye')), b, d]), [
      'relaxed: Workflow aye is new and comes before bee, from which it may take branches.',
    ]);
    assert.deepEqual(compare([b, d], [b, d, at('e.yml', named('eye'))]), ['notice: Workflow eye is new.']);
    assert.deepEqual(compare([b, d], [at('c.yml', named('bee')), d]), ['notice: Workflow bee lies in another file.']);
    assert.deepEqual(compare([b, d], [d, at('e.yml', named('bee'))]), ['relaxed: Workflow bee has another place among the workflows.']);
    const extending = { ...at('e.yml', named('eye')), workflow: { ...workflow(named('eye')), extends: ['./b.yml'] } };
    assert.deepEqual(compare([b], [b, extending]), [
      'relaxed: Workflow bee is extended by another one now, so no branch follows it by itself.',
      'notice: Workflow eye is new.',
    ]);
  });

  it('wants an owner beside the authors, who has seen this very change', () => {
    const owners = parseCodeOwners('* @bob\n/p @lena @ada\n', 'CODEOWNERS');
    const content = { digestOf: () => 'all', policyDigest: 'now', holds: () => true };
    const approval = (name: string, fields: Partial<Candidate> = {}): Candidate => ({
      approver: { names: new Set([name]), label: name, source: 'host' },
      commit: HEAD,
      content,
      ...fields,
    });
    const judgement = (candidates: Candidate[], effect: 'relaxed' | 'notice' = 'relaxed') =>
      judgePolicy({
        effects: [{ code: 'workflow-changed', effect, detail: 'Weaker.', paths: ['p'] }],
        candidates,
        rules: { owners, authors: new Set(['@ada']) },
        repository: REPOSITORY,
        policyDigest: 'now',
        wholeSteps: new Set(['ok']),
      });
    const signed = { repository: REPOSITORY, step: POLICY_STEP, stepDigest: POLICY_DEMAND, changeDigest: 'now', head: HEAD };
    const counts = (...candidates: Candidate[]): boolean => judgement(candidates).isApproved;
    assert.equal(counts(approval('@lena')), true);
    assert.equal(counts(approval('@bob')), false);
    assert.equal(counts(approval('@ada')), false);
    assert.equal(counts(approval('@lena', { content: { ...content, policyDigest: 'then' } })), false);
    assert.equal(counts(approval('@lena', { signed })), true);
    assert.equal(counts(approval('@lena', { signed: { ...signed, repository: 'x' } })), false);
    assert.equal(counts(approval('@lena', { signed: { ...signed, changeDigest: 'then' } })), false);
    assert.equal(counts(approval('@lena', { signed: { ...signed, stepDigest: 'x' } })), false);
    assert.equal(counts(approval('@lena', { signed: { ...signed, step: 'ok', changeDigest: 'all' } })), true);
    assert.equal(counts(approval('@lena', { signed: { ...signed, step: 'part', changeDigest: 'all' } })), false);
    assert.equal(counts(approval('@lena', { signed: { ...signed, waiver: 'w' } })), false);
    assert.deepEqual(judgement([], 'notice'), { problems: [], notices: ['Weaker.'], isApproved: false });
    assert.match(judgement([]).problems[0]?.hint ?? '', /have @lena or @ada approve it/);
    const nobody = judgePolicy({
      effects: [{ code: 'models-changed', effect: 'relaxed', detail: 'Weaker.', paths: ['p'] }],
      candidates: [],
      rules: { owners: parseCodeOwners('', 'CODEOWNERS'), authors: new Set() },
      repository: REPOSITORY,
      policyDigest: 'now',
      wholeSteps: new Set(),
    });
    assert.match(nobody.problems[0]?.hint ?? '', /has no CODEOWNERS/);
  });
});

function withoutId({ id: _id, ...rest }: EvidenceRecord): Partial<EvidenceBody> {
  return rest;
}

function withoutContent({ content: _content, ...rest }: Candidate): Candidate {
  return rest;
}
