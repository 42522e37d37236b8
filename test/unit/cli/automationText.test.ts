import assert from 'node:assert/strict';
import { eventText, forecastText, resultText } from '../../../src/cli/text/automation.ts';
import type { AutomationResult } from '../../../src/core/workflow/automation/automation.ts';
import { World } from '../workflow-automation/world.ts';

const plain = (_style: unknown, text: string): string => text;
const status = new World([{ id: 'a', kind: 'command' }]).status();
const result = (part: Partial<AutomationResult>): AutomationResult => ({
  ended: 'reached',
  performed: [],
  waitingFor: [],
  left: [],
  status,
  ...part,
});
const textOf = (part: Partial<AutomationResult>, until?: string): string =>
  resultText(result(part), { jobs: 2, generates: false, ...(until === undefined ? {} : { until }) }, '/r/run.log', plain).join('\n');

describe('a run of several steps, told', () => {
  it('says how it ended and how it goes on', () => {
    assert.match(textOf({}, 'a'), /^\na is done; 0 steps were performed\.$/);
    assert.match(
      textOf({
        ended: 'waiting',
        waitingFor: [{ id: 'ok', title: 'Owner', kind: 'approval', by: ['@a', '@b'], missing: ['A person has to approve.'] }],
        left: [{ id: 'ship', title: 'Ship', because: 'waits for Owner' }],
      }),
      /Waiting for people[\s\S]*➜ ok {2}Owner · approval by @a or @b\n {6}A person has to approve\.\n {6}handrail check ok\nNot done yet:\n {2}○ ship {2}waits for Owner\nGoes on where it stopped: handrail run --all$/,
    );
    const performed: AutomationResult['performed'] = [
      { id: 'a', title: 'A', kind: 'command', outcome: 'failed', attempts: 2, detail: 'exit code 1', duration: 1_234 },
    ];
    assert.match(textOf({ ended: 'failed', performed }, 'a'), /Failed: a; 1 step was performed\.[\s\S]*--until a\nLog: \/r\/run\.log$/);
    assert.match(textOf({ ended: 'unsettled' }), /Not everything counts as done/);
    assert.match(textOf({ ended: 'cancelled' }), /Cancelled/);
  });

  it('tells each step with its outcome', () => {
    const step = status.steps[0] ?? assert.fail();
    assert.equal(eventText({ type: 'started', step, attempt: 1, of: 3, settled: 0, total: 1 }, plain), '▶ a  Title of a');
    assert.equal(eventText({ type: 'started', step, attempt: 2, of: 3, settled: 0, total: 1 }, plain), '▶ a  Title of a (attempt 2 of 3)');
    const performance = { id: 'a', title: 'A', kind: 'command', outcome: 'failed', attempts: 3, detail: 'no', duration: 900 } as const;
    assert.equal(eventText({ type: 'ended', performance, settled: 1, total: 4 }, plain), '✗ a  no (3 attempts) · 1 of 4');
    assert.match(eventText({ type: 'elsewhere', steps: [step] }, plain), /a {2}performed by another process/);
  });

  it('keeps what a repository wrote from steering the terminal or making lines of its own', () => {
    const hostile = 'x\u001b[2J\nrm -rf\u202e';
    const step = { ...(status.steps[0] ?? assert.fail()), title: hostile };
    const told = [
      eventText({ type: 'started', step, attempt: 1, of: 1, settled: 0, total: 1 }, plain),
      textOf({ ended: 'waiting', waitingFor: [{ id: 'ok', title: hostile, kind: 'approval', by: [hostile], missing: [hostile] }] }),
      forecastText(
        {
          waves: [['a']],
          waitingFor: [],
          left: [],
          asks: [{ id: 'a', title: hostile, kind: 'generate', prompt: hostile, because: hostile }],
          commands: [{ id: 'a', run: hostile }],
          settled: [],
        },
        { ...status, steps: [step], workflow: status.workflow ?? assert.fail() },
        { jobs: 1, generates: true },
        plain,
      ).join('\n'),
    ];
    for (const text of told) {
      for (const sign of ['\u001b', '\u202e']) assert.ok(!text.includes(sign), JSON.stringify(text));
      assert.doesNotMatch(text, /^rm/m);
    }
  });
});
