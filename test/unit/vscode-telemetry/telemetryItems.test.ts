import assert from 'node:assert/strict';
import type { TelemetryEvent } from '../../../src/core/telemetry/catalogue.ts';
import { countsOf } from '../../../src/vscode/telemetry/counts.ts';
import { recordedText } from '../../../src/vscode/telemetry/recordedText.ts';
import { descriptionOf, messageOf, toItems } from '../../../src/vscode/telemetry/telemetryItems.ts';
import type { TelemetryState } from '../../../src/vscode/telemetry/telemetryState.ts';
import { english } from '../vscode-workflow/samples.ts';

const event = (fields: Partial<TelemetryEvent> = {}): TelemetryEvent => ({
  schema: 1,
  day: '2026-11-20',
  operation: 'review',
  outcome: 'completed',
  source: 'handrail',
  ...fields,
});
const EVENTS = [
  event({ day: '2026-11-02' }),
  event({ findingsBySeverity: { high: 1, low: 2 } }),
  event({ outcome: 'cancelled' }),
  event(),
  event({ workflowStepKind: 'review', stepState: 'done' }),
  event({ operation: 'manual', workflowStepKind: 'manual' }),
  event({ operation: 'manual', workflowStepKind: 'manual' }),
  event({ outcome: 'rejected', findingsDismissed: 1 }),
  event({ outcome: 'accepted', findingsApplied: 1 }),
  event({ operation: 'generate', outcome: 'error', errorType: 'timeout' }),
];
const recorded = countsOf(EVENTS, 1, (day) => day >= '2026-11-16');
const rows = (state: TelemetryState): [string, string | undefined][] =>
  toItems(state, english).flatMap((item) =>
    [item, ...(item.children ?? [])].map(({ label, description }) => [label, description] as [string, string | undefined]),
  );

describe('the Telemetry view', () => {
  it('counts this week: a settled step and a decision about a finding are no reviews', () => {
    assert.deepEqual(rows({ kind: 'on', since: '2026-11-01', recorded, keepDays: 90 }), [
      ['Recording', 'on this machine, since 2026-11-01'],
      ['This week', '9 events'],
      ['Reviews', '3 · 2 completed, 1 cancelled'],
      ['Findings', '1 applied, 1 dismissed'],
      ['Generations', '1 · 1 failed'],
      ['Steps settled', '3 · 2 by hand, 1 AI review'],
      ['My weeks', 'what worked, what it cost'],
      ['Show everything recorded', '10 events, 1 unreadable lines'],
      ['Kept for 90 days', 'change…'],
      ['Delete everything…', undefined],
      ['What is recorded, and what never', undefined],
      ['Turn off', undefined],
    ]);
  });

  it('has rows that can be read aloud, and commands behind those that do something', () => {
    const items = toItems({ kind: 'on', since: '2026-11-01', recorded, keepDays: 90 }, english);
    const commands = items.flatMap(({ command }) => (command === undefined ? [] : [command.id]));
    assert.deepEqual(commands, [
      'handrail.showMyWeeks',
      'handrail.showRecorded',
      'workbench.action.openSettings',
      'handrail.deleteRecorded',
      'handrail.openTelemetryCatalogue',
      'handrail.turnOffTelemetry',
    ]);
    assert.equal(new Set(items.map(({ id }) => id)).size, items.length);
  });

  it('says with whom figures are shared, and never then that nothing is sent', () => {
    const state: TelemetryState = { kind: 'on', since: '2026-11-01', recorded, keepDays: 90, shared: ['payments'] };
    assert.deepEqual(rows(state).slice(0, 2), [
      ['Recording', 'on this machine, since 2026-11-01'],
      ['Weekly figures shared with payments', undefined],
    ]);
    assert.equal(descriptionOf(state, english), 'on · shared with payments');
    assert.equal(
      toItems(state, english).some(({ tooltip }) => /nothing is sent/i.test(tooltip ?? '')),
      false,
    );
  });

  it('offers to share with the team of the folder, once, and says nothing of it where there is no team', () => {
    const labels = (more: { team?: string; shared?: readonly string[] }): string[] =>
      rows({ kind: 'on', since: '2026-11-01', recorded, keepDays: 90, ...more }).map(([label]) => label);
    const asked = ['Preview what my lead sees', 'Share with payments…'];
    assert.deepEqual(
      labels({ team: 'payments' }).filter((label) => asked.includes(label)),
      asked,
    );
    assert.deepEqual(
      labels({ team: 'payments', shared: ['payments'] }).filter((label) => asked.includes(label)),
      asked.slice(0, 1),
    );
    assert.deepEqual(
      labels({}).filter((label) => asked.includes(label)),
      [],
    );
  });

  it('says how much could not be written, where, and that nothing else is lost', () => {
    const [, row] = toItems(
      { kind: 'on', since: '2026-11-01', recorded, keepDays: 90, dropped: { count: 3, folder: '/home/ann/.handrail' } },
      english,
    );
    assert.deepEqual([row?.label, row?.icon], ['Could not be written: 3 events', 'warning']);
    assert.match(row?.tooltip ?? '', /what you did is not.*\/home\/ann\/\.handrail/);
  });

  it('offers nothing to delete before anything was recorded', () => {
    const none = countsOf([], 0, () => true);
    const labels = rows({ kind: 'on', since: '2026-11-22', recorded: none, keepDays: 30 });
    assert.deepEqual(labels[1], ['This week', 'nothing yet']);
    assert.ok(!labels.some(([label]) => label.startsWith('Delete')));
  });

  it('says while off what is left from before, and offers to turn it on again', () => {
    const labels = rows({ kind: 'kept', recorded, keepDays: 90 }).map(([label]) => label);
    assert.equal(labels[0], 'Off: nothing new is recorded');
    assert.ok(labels.includes('Delete everything…') && labels.includes('Turn on…') && !labels.includes('Turn off'));
  });

  it('pauses with a reason when the list of what is recorded has changed', () => {
    const [first] = rows({ kind: 'changed', since: '2026-11-01', recorded, keepDays: 90 });
    assert.deepEqual(first, ['Paused: the list of what is recorded has changed', 'agreed on 2026-11-01']);
  });

  it('says in the other states why nothing is recorded, with what mends it', () => {
    const states: [TelemetryState, RegExp | undefined, string, string[]][] = [
      [{ kind: 'off' }, undefined, 'off', []],
      [
        { kind: 'vetoed', wanted: false, events: 0 },
        /level of the editor is not “all”.*command line\.$/,
        'off · overruled',
        ["Open the editor's setting", 'What is recorded, and what never'],
      ],
      [
        { kind: 'vetoed', wanted: true, events: 3 },
        /it waits for the level “all”\. Recorded before and still kept: 3 events\.$/,
        'off · overruled',
        ["Open the editor's setting", 'Show everything recorded', 'Delete everything…', 'What is recorded, and what never'],
      ],
      [
        { kind: 'forbidden', because: 'DO_NOT_TRACK is set.', events: 0 },
        /^Nothing is recorded: DO_NOT_TRACK is set\.$/,
        'off · overruled',
        ['What is recorded, and what never'],
      ],
      [
        { kind: 'failed', message: 'The consent is damaged.' },
        /^The consent is damaged\.$/,
        'off · needs a mend',
        ['Try again', 'Turn on…', 'Delete everything…', 'What is recorded, and what never'],
      ],
    ];
    for (const [state, message, description, labels] of states) {
      assert.deepEqual(
        rows(state).map(([label]) => label),
        labels,
      );
      if (message === undefined) assert.equal(messageOf(state, english), undefined);
      else assert.match(messageOf(state, english) ?? '', message);
      assert.equal(descriptionOf(state, english), description);
    }
  });
});

describe('the page of everything recorded', () => {
  it('shows every event with every field that is stored of it, newest day first', () => {
    const text = recordedText(
      { folder: '/home/ada/.local/share/handrail/telemetry', events: EVENTS, unreadable: 1, keepDays: 90 },
      english,
    );
    assert.equal(text.split('\n').filter((line) => line.startsWith('- ')).length, EVENTS.length);
    assert.ok(text.indexOf('## 2026-11-20') < text.indexOf('## 2026-11-02'));
    for (const one of EVENTS) {
      for (const name of Object.keys(one).filter((key) => key !== 'day')) assert.ok(text.includes(`${name}: `), name);
    }
    assert.ok(text.includes('findingsBySeverity: 1 high, 2 low'));
    assert.ok(text.includes('/home/ada/.local/share/handrail/telemetry'));
    assert.match(text, /ended: 1\. They are not counted\./);
  });

  it('says when there is nothing', () => {
    const text = recordedText({ folder: '/t', events: [], unreadable: 0, keepDays: 90 }, english);
    assert.match(text, /No event has been recorded yet\./);
    assert.ok(!text.includes('not counted'));
  });
});
