import assert from 'node:assert/strict';
import type { Finding } from '../../../src/core/ai/finding.ts';
import type { RunStatus, StepStatus } from '../../../src/core/workflow/run.ts';
import { coverageText, findingText, nextButtons, nextText, statusText, stepsMeant } from '../../../src/vscode/chat/answerText.ts';

const l10n = {
  t: (text: string, ...args: (string | number)[]) => text.replace(/\{(\d)\}/gu, (_all, at: string) => String(args[Number(at)])),
};
const HOSTILE = '[press](command:evil) <b>x</b> ![i](https://evil.example/i.png) `x`';
const LIVE = /(?<!\\)\[press|(?<!\\)<b>|(?<!\\)!\[|(?<!\\)`x/u;

const step = (fields: Partial<StepStatus> = {}): StepStatus => ({
  id: 'tests',
  title: 'Run the tests',
  kind: 'command',
  state: 'ready',
  because: '',
  assurance: 'none',
  expect: [],
  needs: [],
  missing: [],
  ...fields,
});

const run = (steps: StepStatus[], fields: Partial<RunStatus> = {}): RunStatus => ({
  workflow: { id: 'feature', title: 'Feature', digest: 'sha256:00', path: '.handrail/workflows/feature.yml' },
  branch: 'feat/x',
  base: 'main',
  steps,
  next: steps.filter(({ state }) => state === 'ready').map(({ id }) => id),
  done: steps.filter(({ state }) => state === 'done').length,
  total: steps.length,
  alternatives: [],
  problems: [],
  ...fields,
});

describe('what @handrail says', () => {
  it('tells what is next, who does it, and offers to run it', () => {
    const status = run([step({ id: 'intent', state: 'done', kind: 'manual' }), step(), step({ id: 'ok', kind: 'approval' })]);
    const text = nextText(l10n, status);
    assert.match(text, /1 of 3 steps done/u);
    assert.match(text, /Run the tests.*\n.*Handrail runs its command when you say so/u);
    assert.match(text, /Somebody who may approve it/u);
    assert.doesNotMatch(text, /intent/u);
    assert.deepEqual(
      nextButtons(l10n, status).map(({ command, arguments: [target] = [] }) => [command, target]),
      [
        ['handrail.runStep', { stepId: 'tests' }],
        ['handrail.explainStep', { stepId: 'tests' }],
        ['handrail.checkStep', { stepId: 'ok' }],
      ],
    );
  });

  it('says that everything is done, and what to do without a workflow', () => {
    assert.match(nextText(l10n, run([step({ state: 'done' })])), /Everything is done/u);
    const none = run([], { workflow: null, note: 'No workflow is for main.' });
    assert.match(statusText(l10n, none), /follows no workflow.*No workflow is for main/u);
    assert.equal(nextButtons(l10n, none)[0]?.command, 'handrail.chooseTemplate');
  });

  it('leaves what is settled out of the status and says what a step waits for', () => {
    const text = statusText(
      l10n,
      run([
        step(),
        step({ id: 'later', title: 'Later', state: 'blocked', needs: ['tests'] }),
        step({ id: 'x', title: 'Over', state: 'waived' }),
      ]),
    );
    assert.match(text, /Later.*waits for Run the test/u);
    assert.doesNotMatch(text, /Over/u);
  });

  it('finds a step by id, by words of its title, by a slip, and gives the next for no words', () => {
    const status = run([step(), step({ id: 'review', title: 'AI review of the branch' }), step({ id: 'threats', title: 'Threat notes' })]);
    const ids = (query: string): string[] => stepsMeant(query, status).map(({ id }) => id);
    assert.deepEqual(ids('review'), ['review']);
    assert.deepEqual(ids('Notes'), ['threats']);
    assert.deepEqual(ids('treats'), ['threats']);
    assert.deepEqual(ids('the'), ['tests', 'review']);
    assert.deepEqual(ids(''), ['tests']);
    assert.deepEqual(ids('nothing of that kind'), []);
  });

  it('makes no link, image or markup of what a repository or a model wrote', () => {
    const hostile = run([step({ title: HOSTILE, missing: [HOSTILE] })], { note: HOSTILE });
    const finding = { severity: 'high', title: HOSTILE, message: HOSTILE } as Finding;
    const texts = [
      nextText(l10n, hostile),
      statusText(l10n, hostile),
      nextText(l10n, { ...hostile, workflow: null }),
      findingText(l10n, finding),
      coverageText(l10n, [{ file: 'a.ts', status: 'skipped', reason: HOSTILE }]),
    ];
    for (const text of texts) {
      assert.ok(text.includes('press'));
      assert.doesNotMatch(text, LIVE);
    }
  });

  it('tells what was read in part and not at all', () => {
    const text = coverageText(l10n, [
      { file: 'a.ts', status: 'full' },
      { file: 'b.bin', status: 'skipped', reason: 'it is binary' },
    ]);
    assert.match(text, /1 in full, 0 in part, 1 not at all/u);
    assert.match(text, /`b\.bin` · it is binary/u);
  });
});
