import assert from 'node:assert/strict';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';
import type { ParsedWorkflow } from '../../../src/core/workflow/parse.ts';
import { places, workflow } from './places.ts';

const BASE = workflow(
  [
    '  - { id: tests, kind: command, title: Tests, why: Because, run: npm test, expect: [{ exit: 0 }], final: true }',
    '  - { id: review, kind: review, title: Review, needs: [tests], when: vars.large }',
    '  - { id: note, kind: manual, title: Note }',
    '',
  ].join('\n'),
  'evidence: tracked\nvars: { large: lines.added > 100 }\n',
);

function extend(
  steps: string,
  options: { header?: string; files?: Record<string, string>; bases?: string } = {},
): ParsedWorkflow & { places: string[] } {
  const text = `version: 1\nid: team\ntitle: Team\nextends: [${options.bases ?? './base.yml'}]\n${options.header ?? ''}steps:${steps === '' ? ' []' : `\n${steps}`}\n`;
  const files: Record<string, string> = { '.handrail/workflows/base.yml': BASE, ...options.files };
  const parsed = parseWorkflow(text, '.handrail/workflows/team.yml', { read: (path) => files[path] });
  return { ...parsed, places: places(text, parsed.problems) };
}

describe('extends', () => {
  it('merges steps by id: fields replaced, steps removed and added', () => {
    const { workflow: read, places: found } = extend(
      '  - { id: review, title: Our review, require: model }\n  - { id: note, remove: true }\n  - { id: more, kind: manual, title: More, needs: [review] }',
    );
    assert.deepEqual(found, []);
    assert.ok(read);
    assert.deepEqual(
      read.steps.map((step) => [step.id, step.title]),
      [
        ['tests', 'Tests'],
        ['review', 'Our review'],
        ['more', 'More'],
      ],
    );
    const review = read.steps[1];
    assert.ok(review?.kind === 'review');
    assert.deepEqual([review.needs, review.when, review.require], [['tests'], 'vars.large', 'model']);
    assert.deepEqual([read.id, read.evidence, read.vars], ['team', 'tracked', { large: 'lines.added > 100' }]);
  });

  it('takes an empty list of steps as everything the base has', () => {
    assert.equal(extend('').workflow?.steps.length, 3);
  });

  it('replaces vars and evidence', () => {
    const { workflow: read } = extend('', { header: 'evidence: local\nvars: { large: lines.added > 5 }\n' });
    assert.deepEqual([read?.evidence, read?.vars], ['local', { large: 'lines.added > 5' }]);
  });

  it('asks for what a new step lacks, and for what a changed one has wrong', () => {
    assert.deepEqual(extend('  - { id: more, title: More }').places, ['missing-key: id']);
    assert.deepEqual(extend('  - { id: more, kind: command, title: More }').places, ['missing-key: id']);
    assert.deepEqual(extend('  - { id: note, run: x }').places, ['unknown-key: run']);
    assert.deepEqual(extend('  - { id: review, needs: [nope] }').places, ['unknown-step: nope']);
    assert.deepEqual(extend('  - { id: note, kind: command, run: x }').places, ['bad-value: command']);
    assert.deepEqual(extend('  - { id: nope, remove: true }').places, ['unknown-step: nope']);
  });

  it('protects a final step from removal and weakening, not from better words', () => {
    assert.deepEqual(extend('  - { id: tests, remove: true }').places, ['bad-value: true']);
    assert.deepEqual(extend('  - { id: tests, run: "true" }').places, ['bad-value: "true"']);
    assert.deepEqual(extend('  - { id: tests, expect: [] }').places, ['bad-value: []']);
    assert.deepEqual(extend('  - { id: tests, when: "false" }').places.includes('bad-value: "false"'), true);
    assert.deepEqual(extend('  - { id: tests, final: false }').places, ['bad-value: false']);
    assert.deepEqual(extend('  - { id: tests, title: Better words, why: Better reason }').places, []);
  });

  it('keeps the variable that decides about a final step', () => {
    const base = BASE.replace('when: vars.large', 'when: vars.large, final: true');
    const { places: found } = extend('', { header: 'vars: { large: "false" }\n', files: { '.handrail/workflows/base.yml': base } });
    assert.deepEqual(found, ['bad-value: "false"']);
  });

  it('follows files that extend others themselves', () => {
    const files = {
      '.handrail/workflows/base.yml': 'version: 1\nid: b\ntitle: B\nextends: [parts/root.yml]\nsteps: [{ id: note, title: Noted }]\n',
      '.handrail/workflows/parts/root.yml': BASE,
    };
    assert.deepEqual(
      extend('', { files }).workflow?.steps.map((step) => step.title),
      ['Tests', 'Review', 'Noted'],
    );
  });

  it('reports a file that is not there, is broken, or goes round in a circle', () => {
    assert.deepEqual(extend('', { bases: './nope.yml' }).places, ['missing-file: ./nope.yml']);
    assert.deepEqual(extend('', { files: { '.handrail/workflows/base.yml': 'a: [' } }).places, ['bad-value: ./base.yml']);
    const circle = 'version: 1\nid: b\ntitle: B\nextends: [team.yml]\nsteps: []\n';
    assert.deepEqual(extend('', { files: { '.handrail/workflows/base.yml': circle } }).places, ['cycle: ./base.yml']);
    assert.deepEqual(extend('', { bases: './team.yml' }).places, ['cycle: ./team.yml']);
  });

  it('never ignores a source it does not fetch', () => {
    for (const remote of ['acme/workflows//base.yml@v1', '"https://example.com/base.yml"', '"git@example.com:acme/x.git"']) {
      const { workflow: read, places: found, problems } = extend('', { bases: remote });
      assert.equal(read, undefined);
      assert.deepEqual(found, [`bad-value: ${remote}`]);
      assert.match(problems[0]?.message ?? '', /not fetched by this version/);
    }
  });

  it('refuses paths that leave the folder', () => {
    assert.deepEqual(extend('', { bases: '../base.yml' }).places, ['unsafe-path: ../base.yml']);
    assert.deepEqual(extend('', { bases: '/etc/passwd' }).places, ['unsafe-path: /etc/passwd']);
  });

  it('says nothing about names it cannot know when files cannot be read', () => {
    const text =
      'version: 1\nid: t\ntitle: T\nextends: [base.yml]\nsteps: [{ id: a, kind: manual, title: A, needs: [tests], when: vars.large }]\n';
    const { workflow: read, problems } = parseWorkflow(text, '.handrail/workflows/t.yml');
    assert.deepEqual([read, problems], [undefined, []]);
  });
});
