import assert from 'node:assert/strict';
import { DWELL } from '../../../src/core/telemetry/buckets.ts';
import { type Release, type ReleasedCell, REMAINDER } from '../../../src/core/team/release/release.ts';
import { buildReport } from '../../../src/core/team/report/report.ts';
import type { Metric, Report } from '../../../src/core/team/report/reportModel.ts';
import { reportText } from '../../../src/core/team/report/reportFiles.ts';
import { releaseOf } from '../../support/madeReleases.ts';

const waited = (dwell: string, value: number, kind = 'manual'): ReleasedCell => ({ counter: 'steps.dwell', dims: { kind, dwell }, value });
const rest = (value: number): ReleasedCell => ({ counter: 'steps.dwell', dims: REMAINDER, value });
const reportOf = (...cells: ReleasedCell[]): Report => buildReport([releaseOf(0, { cells })]);
const HALF = 'Half of the steps are done within';
const halfOf = ({ summary }: Report): Metric | undefined => summary.find(({ label }) => label === HALF);

describe('how long steps take, in a report', () => {
  it('is the range that half are below, where every wait is published', () => {
    const half = halfOf(reportOf(waited('under-10m', 20), waited('10m-1h', 60), waited('4h-1d', 20)));
    assert.equal(half?.value, '10 min to 1 h');
    assert.doesNotMatch(half.detail ?? '', /not known/);
  });

  it('is a range that holds whatever the hidden steps waited', () => {
    const given = [waited('under-10m', 30), waited('10m-1h', 60), waited('1h-4h', 60), waited('unknown', 20), rest(30)];
    const half = halfOf(reportOf(...given));
    assert.equal(half?.value, '10 min to 4 h');
    assert.match(half.detail ?? '', /50 steps/);
    // By brute force: every way to give the hidden ones one wait each has its median in the range.
    const { length } = DWELL.ranges;
    for (let short = 0; short < length; short += 1) {
      for (let long = 0; long < length; long += 1) {
        const counts = Array.from({ length }, (_, range) => [30, 60, 60][range] ?? 0);
        counts[short] = (counts[short] ?? 0) + 25;
        counts[long] = (counts[long] ?? 0) + 25;
        let sum = 0;
        const median = counts.findIndex((count) => (sum += count) >= 100);
        assert.ok(median >= 1 && median <= 2, `${short} ${long}: ${median}`);
      }
    }
  });

  it('is of those that were seen, and says so, where the hidden ones could make it anything', () => {
    const report = reportOf(waited('under-10m', 20), waited('10m-1h', 60), waited('4h-1d', 20), waited('unknown', 30), rest(60));
    const half = halfOf(report);
    assert.equal(half?.value, '10 min to 1 h, of 100 steps');
    assert.match(half.detail ?? '', /Of 90 more it is not known: with them, it may be anything up to 1 day\./);
    const short = report.inShort.join(' ');
    assert.match(short, /half of the 100 steps whose wait is known were done within a time between 10 min and 1 h/);
    assert.match(short, /How long 90 more steps waited is not known\./);
    for (const format of ['html', 'md', 'json'] as const) {
      assert.match(reportText(format, report, []), /10 min to 1 h, of 100 steps/, format);
    }
    const chart = report.sections.flatMap(({ charts }) => charts).find(({ id }) => id === 'dwell');
    assert.match(chart?.caption ?? '', / \(known of 53 % of the steps in the last window\)$/);
  });

  it('has no number where no wait was seen, and does not call it withheld', () => {
    const unseen = halfOf(reportOf(waited('unknown', 40)));
    assert.equal(unseen?.value, undefined);
    assert.equal(unseen?.why, 'Not known: how long 40 steps had waited was not seen.');
    assert.match(
      halfOf(reportOf(rest(40)))?.why ?? '',
      /^Not known: how long 40 steps had waited is published together with others only\.$/,
    );
  });

  it('calls AI reviews by their name, and takes what may be of any kind for anything', () => {
    const of = (...cells: ReleasedCell[]): Metric | undefined =>
      reportOf(...cells)
        .sections.flatMap(({ metrics }) => metrics)
        .find(({ label }) => label === 'Half of the AI review steps are done within');
    assert.equal(of(waited('1h-4h', 40, 'review'), waited('under-10m', 400))?.value, '1 to 4 h');
    assert.equal(of(waited('1h-4h', 40, 'review'), rest(400))?.value, '1 to 4 h, of 40 steps');
    assert.match(of(waited('1h-4h', 12, 'review'), rest(400))?.why ?? '', /^Not enough data: it takes 30 .* there are 12\.$/);
    assert.match(of()?.why ?? '', /^Not counted: /);
  });
});

describe('where work waits, in a report', () => {
  /** By hand waits most in the last twelve weeks; before, approvals did. Approvals are skipped often, too. */
  const approvals: ReleasedCell[] = [
    waited('1w-or-more', 400, 'approval'),
    waited('under-10m', 100),
    { counter: 'steps.waived', dims: { kind: 'approval' }, value: 300 },
  ];
  const byHand: ReleasedCell[] = [
    waited('1d-3d', 400),
    waited('4h-1d', 100, 'approval'),
    { counter: 'steps.waived', dims: { kind: 'approval' }, value: 60 },
  ];
  const windows = Array.from({ length: 6 }, (_, window): Release => releaseOf(window, { cells: window < 3 ? approvals : byHand }));
  const [first = releaseOf(0), ...others] = windows;
  const report = buildReport([first, ...others]);
  const section = report.sections.find(({ id }) => id === 'waiting');

  it('is told by the first page and by its table in the same order, of the same weeks', () => {
    const most = report.summary.find(({ label }) => label === 'Where work waits most');
    const [table] = section?.tables ?? [];
    assert.equal(most?.value, 'steps that people do by hand');
    assert.deepEqual(
      table?.table.rows.map(([kind]) => kind),
      ['by hand', 'approvals'],
    );
    assert.match(most.detail ?? '', /^\d+ % of all the waiting that was seen\.$/);
    const part = /^\d+ %/.exec(most.detail ?? '')?.[0];
    assert.equal(table.table.rows[0]?.[table.table.columns.indexOf('Part of all waiting')], part);
    const figures = report.facts.find(({ label }) => label === 'Figures on this page')?.value.split(';')[0] ?? '?';
    assert.ok(table.caption.endsWith(figures), table.caption);
    const hidden = buildReport([releaseOf(0, { cells: [...byHand, rest(500)] })]);
    assert.match(hidden.inShort.join(' '), /of all the waiting that was seen\. How long steps waited is known of 50 % of the steps\./);
    assert.match(hidden.sections.find(({ id }) => id === 'waiting')?.notes.join(' ') ?? '', /How long 500 more steps waited is not known/);
    // Which of them costs most where also counts what is not done, is said besides.
    assert.match(section?.notes.join(' ') ?? '', /approvals, by hand/);
    const option = report.sections.find(({ id }) => id === 'options')?.notes.find((note) => note.includes('all the waiting'));
    assert.ok(option?.includes(`${part} of all the waiting`), option);
  });
});
