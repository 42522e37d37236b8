import assert from 'node:assert/strict';
import type { Problem } from '../../../src/core/workflow/problem.ts';
import { formerQuestion } from '../../../src/vscode/workflow/formerText.ts';
import { nodesOf } from '../../../src/vscode/workflow/nodes.ts';
import { descriptionOf, messageOf, stateOfRun, statusBarOf } from '../../../src/vscode/workflow/viewState.ts';
import type { ViewState } from '../../../src/vscode/workflow/viewState.ts';
import { english, run, step } from './samples.ts';

const problem = (line: number, severity: Problem['severity'] = 'error'): Problem => ({
  line,
  column: 3,
  endLine: line,
  endColumn: 8,
  severity,
  code: 'unknown-key',
  message: 'The key “stepz” is unknown.',
});
const path = '.handrail/workflows/feature.yml';
const commandsOf = (state: ViewState): (string | undefined)[] => nodesOf(english, state).map(({ command }) => command);

describe('the state of the Workflow view', () => {
  const done = step({ id: 'intent', title: 'State the problem', state: 'done' });
  const next = step({ id: 'review', title: 'AI review', kind: 'review' });
  const running = stateOfRun(run([done, next]), true);

  it('shows workflow, branch and progress, and the folder when there are several', () => {
    assert.equal(descriptionOf(english, running, undefined), '1/2 · Feature or fix · feat/login');
    assert.equal(descriptionOf(english, running, 'shop'), '1/2 · shop · Feature or fix · feat/login');
    assert.equal(
      descriptionOf(english, { kind: 'run', run: run([next], { branch: null }) }, undefined),
      '0/1 · Feature or fix · no branch',
    );
    assert.equal(descriptionOf(english, { kind: 'no-folder' }, undefined), undefined);
  });

  it('puts progress and the next step into the status bar', () => {
    assert.equal(statusBarOf(english, running)?.text, '$(checklist) 1/2 · next: AI review');
    assert.equal(statusBarOf(english, stateOfRun(run([done]), true))?.text, '$(pass) 1/1 · done');
    assert.equal(statusBarOf(english, { kind: 'no-folder' }), undefined);
    assert.equal(statusBarOf(english, { kind: 'no-workflow' }), undefined);
  });

  it('does not let a title draw icons in the status bar', () => {
    const state = stateOfRun(run([step({ id: 'a', title: '$(bug) x' })]), true);
    assert.equal(statusBarOf(english, state)?.text, '$(checklist) 0/1 · next: $ (bug) x');
  });

  it('is never blank for a broken file: a sentence with the line, and every problem as a line to open', () => {
    const broken = run([], { workflow: null, problems: [{ path, problems: [problem(9, 'warning'), problem(7)] }] });
    const state = stateOfRun(broken, true);
    assert.equal(state.kind, 'invalid');
    assert.equal(messageOf(english, state), 'feature.yml cannot be used. Line 7: The key “stepz” is unknown.');
    const nodes = nodesOf(english, state);
    assert.deepEqual(
      nodes.map((node) => node.item.description),
      ['feature.yml, line 9', 'feature.yml, line 7'],
    );
    assert.deepEqual(nodes[1]?.problem, { path, problem: problem(7) });
    assert.match(statusBarOf(english, state)?.text ?? '', /has problems/);
  });

  it('tells apart no workflow at all and none for this branch', () => {
    const none = run([], { workflow: null, note: 'No workflow follows main.' });
    assert.equal(stateOfRun(none, false).kind, 'no-workflow');
    const unmatched = stateOfRun(none, true);
    assert.equal(unmatched.kind, 'unmatched');
    assert.equal(messageOf(english, unmatched), 'No workflow follows main.');
    assert.deepEqual(commandsOf(unmatched), ['handrail.selectWorkflow', 'handrail.chooseTemplate', 'handrail.importChecklist']);
  });

  it('offers what can be done as lines wherever a sentence says what is wrong', () => {
    assert.deepEqual(commandsOf({ kind: 'no-git', message: 'No repository.' }), ['git.init', 'handrail.refreshWorkflow']);
    assert.deepEqual(commandsOf({ kind: 'failed', message: 'It broke.' }), ['handrail.refreshWorkflow', 'handrail.showLog']);
    assert.deepEqual(commandsOf({ kind: 'no-workflow' }), []);
  });

  it('keeps the run in spite of warnings', () => {
    assert.equal(stateOfRun(run([next], { problems: [{ path, problems: [problem(3, 'warning')] }] }), true).kind, 'run');
  });

  it('keeps the run when the problem concerns a single step, and says it', () => {
    const state = stateOfRun(run([next], { problems: [{ path, problems: [problem(3)] }] }), true);
    assert.equal(state.kind, 'run');
    assert.equal(messageOf(english, state), 'feature.yml, line 3: The key “stepz” is unknown.');
  });

  it('says when everything is done', () => {
    assert.equal(messageOf(english, stateOfRun(run([done]), true)), 'Everything is done.');
    assert.equal(messageOf(english, running), undefined);
  });

  it('offers the records of a former branch above the steps, in a line that asks first', () => {
    const former = [{ branch: 'feat/old', records: 6, renamed: true }];
    const nodes = nodesOf(english, { kind: 'run', run: run([step({ id: 'a' })], { former }) });
    assert.deepEqual(
      nodes.map(({ item, command }) => [item.label, command]),
      [
        ['Take over 6 records of feat/old…', 'handrail.takeOverRecords'],
        ['a', undefined],
      ],
    );
    const question = (renamed: boolean) => formerQuestion(english, { branch: 'feat/old', records: 6, renamed }, 'feat/new').detail;
    assert.match(question(true), /^feat\/new was called feat\/old before\. What was recorded there \(6\) counts/);
    assert.match(question(false), /^feat\/new goes on from the last commit of feat\/old, which is no more/);
  });

  it('asks above the steps whether records are committed, until the person said so', () => {
    const rows = (sharing: 'undecided' | 'agreed' | 'declined') =>
      nodesOf(english, { kind: 'run', run: run([step({ id: 'a' })], { sharing }) }).map(({ command }) => command);
    assert.deepEqual(rows('undecided'), ['handrail.shareEvidence', undefined]);
    for (const decided of ['agreed', 'declined'] as const) assert.deepEqual(rows(decided), [undefined]);
  });

  it('gives step nodes what menus hand to commands', () => {
    assert.deepEqual(
      nodesOf(english, running).map((node) => node.stepId),
      ['intent', 'review'],
    );
  });
});
