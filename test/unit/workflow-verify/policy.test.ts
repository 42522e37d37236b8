import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseModels } from '../../../src/core/ai/models/config.ts';
import { parseDismissals } from '../../../src/core/ai/review/dismissalsFile.ts';
import type { Workflow } from '../../../src/core/workflow/definition.ts';
import { stepDigest } from '../../../src/core/workflow/digests.ts';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';
import type { PolicyChange } from '../../../src/core/workflow/verify/policy/change.ts';
import { compareDismissals } from '../../../src/core/workflow/verify/policy/dismissals.ts';
import { guardedAmong } from '../../../src/core/workflow/verify/policy/guarded.ts';
import { compareModels } from '../../../src/core/workflow/verify/policy/models.ts';
import { compareWorkflows } from '../../../src/core/workflow/verify/policy/workflow.ts';

const BASE = `version: 1
id: feature
title: Feature
evidence: local
vars: { risky: "changes.exists(f, f == 'a')", spare: "true" }
steps:
  - { id: first, kind: manual, title: First, expect: [{ file: a.md, sections: [One] }, { attest: Done }] }
  - { id: run, kind: command, title: Run, needs: [first], run: npm test, inputs: ["src/**"], protects: [ci.yml], expect: [{ exit: 0 }] }
  - { id: read, kind: review, title: Read, needs: [run], when: vars.risky, scope: working, independent-of: [first], expect: [{ findings: { critical: 1, high: 2 } }] }
  - { id: write, kind: generate, title: Write, prompt: a.prompt.md, role: writer, performer: agent, expect: [{ changed: "src/**" }] }
  - { id: ok, kind: approval, title: Ok, final: true, by: { any-of: [codeowners, "@lead"], not: [author] } }
waive: { expires: 14d, by: { any-of: ["@lead"] } }
`;

function parsed(text: string): Workflow {
  const { workflow, problems } = parseWorkflow(text, 'w.yml');
  assert.ok(workflow, JSON.stringify(problems));
  return workflow;
}

const effects = (from: string, to: string): PolicyChange[] => compareWorkflows(parsed(BASE), parsed(BASE.replace(from, to)));
const kinds = (changes: readonly PolicyChange[]): string => [...new Set(changes.map(({ effect }) => effect))].sort().join();

describe('what a change does to the policy', () => {
  /** A part of the workflow, what it becomes, and what that is. */
  const WORKFLOW: [from: string, to: string, is: 'relaxed' | 'notice' | ''][] = [
    ['title: Feature', 'title: Feature # or fix', ''],
    ['title: Feature', 'title: Fix', 'notice'],
    ['title: First,', 'title: First, why: Because, learn: "https://example.com",', 'notice'],
    ['evidence: local', 'evidence: tracked', 'notice'],
    ['spare: "true"', 'spare: "false"', 'notice'],
    ["f == 'a'", "f == 'b'", 'relaxed'],
    [', spare: "true"', ', spare: "true", more: "true"', ''],
    ['needs: [run], ', '', 'relaxed'],
    ['needs: [run]', 'needs: [run, first]', 'notice'],
    ['when: vars.risky, ', '', 'notice'],
    ['when: vars.risky', 'when: vars.spare', 'relaxed'],
    ['title: First,', 'title: First, when: vars.risky,', 'relaxed'],
    ['sections: [One]', 'sections: [Two, One]', 'notice'],
    ['sections: [One]', 'sections: [Two]', 'relaxed'],
    ['file: a.md', 'file: b.md', 'notice,relaxed' as 'relaxed'],
    ['{ attest: Done }', '{ attest: Done }, { clean: true }', 'notice'],
    [', { attest: Done }', '', 'relaxed'],
    ['{ exit: 0 }', '{ exit: 1 }', 'notice,relaxed' as 'relaxed'],
    ['high: 2', 'high: 1, low: 0', 'notice'],
    ['high: 2', 'high: 3', 'relaxed'],
    [', high: 2', '', 'relaxed'],
    ['run: npm test', 'run: npm test -- --all', 'relaxed'],
    ['inputs: ["src/**"]', 'inputs: ["src/**", "test/**"]', 'notice'],
    ['inputs: ["src/**"]', 'inputs: ["src/**", "!src/a"]', 'relaxed'],
    ['inputs: ["src/**"]', 'inputs: ["src/*"]', 'relaxed'],
    ['inputs: ["src/**"], ', '', 'notice'],
    ['title: Read,', 'title: Read, inputs: ["src/**"],', 'relaxed'],
    ['protects: [ci.yml]', 'protects: [ci.yml, a]', 'notice'],
    ['protects: [ci.yml]', 'protects: [a]', 'notice,relaxed' as 'relaxed'],
    ['scope: working', 'scope: branch', 'notice'],
    ['scope: working', 'scope: file', 'relaxed'],
    ['title: Read,', 'title: Read, require: model,', 'notice'],
    ['independent-of: [first]', 'independent-of: [first, run]', 'notice'],
    ['independent-of: [first]', 'independent-of: [run]', 'notice,relaxed' as 'relaxed'],
    ['role: writer', 'role: other', 'relaxed'],
    ['prompt: a.prompt.md', 'prompt: b.prompt.md', 'relaxed'],
    ['final: true, ', '', 'relaxed'],
    ['title: Run,', 'title: Run, final: true,', 'notice'],
    ['title: Run,', 'title: Run, retry: 3,', 'notice'],
    ['title: Run,', 'title: Run, continue-on-failure: true,', 'notice'],
    ['[codeowners, "@lead"]', '[codeowners]', 'notice'],
    ['[codeowners, "@lead"]', '[codeowners, "@lead", "@eve"]', 'relaxed'],
    ['[codeowners, "@lead"]', '["@eve"]', 'relaxed'],
    ['not: [author]', 'not: [author, agent]', 'notice'],
    [', not: [author]', '', 'relaxed'],
    ['expires: 14d', 'expires: 7d', 'notice'],
    ['expires: 14d', 'expires: 15d', 'relaxed'],
    ['expires: 14d, ', '', 'relaxed'],
    ['expires: 14d', 'require: reason, expires: 14d', 'notice'],
    [', by: { any-of: ["@lead"] } }', ' }', 'relaxed'],
    ['any-of: ["@lead"]', 'any-of: ["@lead"], not: [author]', 'notice'],
    ['waive: { expires: 14d, by: { any-of: ["@lead"] } }', '', 'relaxed'],
    ['performer: agent, ', '', 'notice'],
  ];
  for (const [from, to, is] of WORKFLOW) {
    it(`${from} → ${to === '' ? 'nothing' : to} is ${is === '' ? 'none of it' : is}`, () => {
      assert.ok(BASE.includes(from), from);
      assert.equal(kinds(effects(from, to)), is);
    });
  }

  it('is relaxed where a step is left to agents that was not', () => {
    const [change, ...more] = compareWorkflows(parsed(BASE.replace('performer: agent, ', '')), parsed(BASE));
    assert.deepEqual([change?.effect, more], ['relaxed', []]);
    assert.match(JSON.stringify(change), /may now be done by an agent/);
  });

  it('is nothing for the same workflow, in whatever order its keys stand', () => {
    const turned = BASE.replace(
      'kind: command, title: Run, needs: [first], run: npm test',
      'run: npm test, needs: [first], title: Run, kind: command',
    );
    assert.notEqual(turned, BASE);
    assert.deepEqual(compareWorkflows(parsed(BASE), parsed(turned)), []);
  });

  it('is relaxed in one direction or the other wherever a step demands something else', function () {
    this.timeout(60_000);
    const edits = WORKFLOW.map(([from, to]) => [from, to] as const);
    fc.assert(
      fc.property(fc.subarray(edits, { minLength: 1, maxLength: 6 }), (chosen) => {
        const text = chosen.reduce((before, [from, to]) => before.replace(from, to), BASE);
        const { workflow } = parseWorkflow(text, 'w.yml');
        fc.pre(workflow !== undefined);
        if (workflow === undefined) return;
        const [there, back] = [compareWorkflows(parsed(BASE), workflow), compareWorkflows(workflow, parsed(BASE))];
        const isRelaxed = [...there, ...back].some(({ effect }) => effect === 'relaxed');
        const digests = (one: Workflow): string => one.steps.map((step) => `${step.id} ${stepDigest(step)}`).join();
        assert.ok(isRelaxed || digests(workflow) === digests(parsed(BASE)), text);
      }),
      { numRuns: 200 },
    );
  });

  it('weighs models by whether a role reaches them', () => {
    const text = `version: 1
models:
  a: { provider: openai, model: a-1, fallback: [b], price: { input: 1, output: 2, currency: USD }, budget: { perRun: 1 } }
  b: { provider: openai, model: b-1 }
  spare: { provider: openai, model: s-1 }
roles: { review: a }
`;
    const config = (source: string) => parseModels(source).config;
    const kind = (from: string, to: string): string => {
      assert.ok(text.includes(from));
      return kinds(compareModels(config(text), config(text.replace(from, to))));
    };
    assert.equal(kind('model: a-1', 'model: a-2'), 'relaxed');
    assert.equal(kind('model: b-1', 'model: b-2'), 'relaxed');
    assert.equal(kind('model: s-1', 'model: s-2'), 'notice');
    assert.equal(kind('review: a', 'review: spare'), 'relaxed');
    assert.equal(kind('review: a', 'review: a, quick: b'), 'notice');
    assert.equal(kind('review: a', 'review: a, generate: b'), 'relaxed');
    assert.equal(kind('perRun: 1', 'perRun: 0.5'), 'notice');
    assert.equal(kind('perRun: 1', 'perRun: 2'), 'relaxed');
    assert.equal(kind('model: b-1', 'model: b-1, price: { input: 1, output: 1, currency: USD }'), 'notice');
    assert.equal(kind('model: b-1', 'model: b-1, limits: { outputTokens: 1 }'), 'relaxed');
    assert.equal(kinds(compareModels(undefined, config(text))), 'notice');
    assert.equal(kinds(compareModels(config(text), undefined)), 'relaxed');
    assert.deepEqual(compareModels(config(text), config(text)), []);
  });

  it('weighs dismissals by what they hide, and for how long', () => {
    const list = (...items: string[]) =>
      parseDismissals(`version: 1\ndismissals: [${items.map((item) => `{ fingerprint: 0123456789abcdef, ${item} }`).join(', ')}]\n`)
        .dismissals ?? [];
    const kind = (before: string[], after: string[]): string => kinds(compareDismissals(list(...before), list(...after)));
    assert.equal(kind([], ['reason: a']), 'relaxed');
    assert.equal(kind(['reason: a'], []), 'notice');
    assert.equal(kind(['reason: a'], ['reason: b']), 'notice');
    assert.equal(kind(['reason: a, file: x'], ['reason: a']), 'notice,relaxed');
    assert.equal(kind(['reason: a, expires: "2026-01-01"'], ['reason: a, expires: "2026-02-01"']), 'relaxed');
    assert.equal(kind(['reason: a, expires: "2026-01-01"'], ['reason: a']), 'relaxed');
    assert.equal(kind(['reason: a'], ['reason: a, expires: "2026-01-01"']), 'notice');
    assert.equal(kind(['reason: a, quote: x'], ['reason: a, quote: y']), 'relaxed');
    assert.equal(kind(['reason: a'], ['reason: a']), '');
  });

  it('guards what decides beside the workflow, in the workspace and at the top', () => {
    const paths = [
      'CODEOWNERS',
      '.github/CODEOWNERS',
      'docs/CODEOWNERS',
      'x/CODEOWNERS',
      'x/.handrail/signers',
      'x/.handrailignore',
      '.handrailignore',
      'x/.handrail/workflows.lock',
      'x/.handrail/workflows/remote.lock',
      'x/.handrail/lock.yml',
      'x/.handrail/unlocked',
      'x/a.prompt.md',
      'a.prompt.md',
      'x/AGENTS.md',
      'x/.gitignore',
      'x/package-lock.json',
    ];
    const { guarded, steering } = guardedAmong(paths, { prefix: 'x/', workflows: [parsed(BASE)] });
    assert.deepEqual(
      guarded.map(({ path }) => path),
      [
        'CODEOWNERS',
        '.github/CODEOWNERS',
        'docs/CODEOWNERS',
        'x/.handrail/signers',
        'x/.handrailignore',
        'x/.handrail/workflows.lock',
        'x/.handrail/workflows/remote.lock',
        'x/.handrail/lock.yml',
        'x/a.prompt.md',
      ],
    );
    assert.deepEqual(steering, ['x/AGENTS.md']);
  });
});
