import assert from 'node:assert/strict';
import type { AutomationResult } from '../../../src/core/workflow/automation/automation.ts';
import { endMessage, progressText } from '../../../src/vscode/automation/automationText.ts';
import { english } from '../vscode-workflow/samples.ts';
import { World } from '../workflow-automation/world.ts';

const done = { id: 'a', title: 'Run the tests', kind: 'command', outcome: 'done', attempts: 1, detail: '', duration: 1 } as const;
const message = (part: Partial<AutomationResult>, until?: { title: string }) =>
  endMessage(
    {
      ended: 'reached',
      performed: [],
      waitingFor: [],
      left: [],
      status: new World([{ id: 'a', kind: 'command' }]).status(),
      ...part,
    },
    until,
    english,
  );

describe('a run of the workflow in the editor, told', () => {
  it('says how far it is', () => {
    assert.equal(progressText(['Run the tests', 'Lint'], { settled: 2, total: 7 }, english), '2 of 7 · Run the tests, Lint');
    assert.equal(progressText(['Run the tests'], { settled: 0, total: 0 }, english), 'Run the tests');
    assert.equal(progressText([], { settled: 7, total: 7 }, english), '7 of 7');
  });

  it('ends with a way on', () => {
    assert.deepEqual(message({ performed: [done] }, { title: 'Pack' }), {
      text: '“Pack” is done. 1 step was performed.',
      isWarning: false,
      buttons: ['log'],
    });
    assert.deepEqual(
      message({ ended: 'waiting', waitingFor: [{ id: 'ok', title: 'Approve', kind: 'approval', by: ['@a'], missing: [] }] }),
      {
        text: 'The workflow waits for people: “Approve” (@a). 0 steps were performed.',
        isWarning: false,
        buttons: ['step'],
        step: 'ok',
      },
    );
    assert.deepEqual(
      message({ ended: 'failed', performed: [{ ...done, outcome: 'failed', detail: 'its command ended with exit code 1.' }] }),
      {
        text: '“Run the tests” failed: its command ended with exit code 1. 0 steps were performed.',
        isWarning: true,
        buttons: ['step', 'again', 'log'],
        step: 'a',
      },
    );
    assert.deepEqual(message({ ended: 'unsettled', left: [{ id: 'a', title: 'Lint', because: 'a.ts changed' }] }).buttons, ['again']);
    assert.deepEqual(message({ ended: 'cancelled' }).buttons, ['again']);
  });
});
