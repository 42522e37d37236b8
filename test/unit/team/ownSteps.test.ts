import assert from 'node:assert/strict';
import { stepBottlenecks } from '../../../src/core/team/insight/stepWaits.ts';
import { type Release, type ReleasedCell, REMAINDER } from '../../../src/core/team/release/release.ts';
import { buildReport } from '../../../src/core/team/report/report.ts';
import { REPORT_FORMATS, reportText } from '../../../src/core/team/report/reportFiles.ts';
import type { Section } from '../../../src/core/team/report/reportModel.ts';
import { releaseOf } from '../../support/madeReleases.ts';

const waits = (step: string, dwell: string, value: number): ReleasedCell => ({ counter: 'steps.waits', dims: { step, dwell }, value });
const rest = (value: number): ReleasedCell => ({ counter: 'steps.waits', dims: REMAINDER, value });
const waived: ReleasedCell = { counter: 'steps.waived', dims: { kind: 'manual' }, value: 10 };

const cells = [waits('write-tests', '1h-4h', 40), waits('write-tests', 'under-10m', 5), waits('sign-off', '1d-3d', 35), rest(10), waived];
const windows = (given: readonly ReleasedCell[] = cells): [Release, ...Release[]] => [
  releaseOf(0, { cells: given }),
  releaseOf(1, { cells: given }),
];
const sectionOf = (releases: readonly [Release, ...Release[]], id: string): Section | undefined =>
  buildReport(releases).sections.find((section) => section.id === id);

describe('a team that tells its steps apart', () => {
  it('has a chart of how long each waits and how often each is done, with a table, in every form', () => {
    const section = sectionOf(windows(), 'steps');
    const [long, often] = section?.charts ?? [];
    assert.deepEqual(long?.table, {
      columns: ['Step', 'under 10 min', '1 to 4 h', '1 to 3 days', 'others, together'],
      rows: [
        ['write-tests', 10, 80, 'in others', '–'],
        ['sign-off', 'in others', 'in others', 70, '–'],
        ['others, together', '–', '–', '–', 20],
      ],
    });
    assert.deepEqual(
      often?.table.rows.map((row) => row.slice(1)),
      [
        [35, 45, 10],
        [35, 45, 10],
      ],
    );
    for (const format of REPORT_FORMATS) assert.match(reportText(format, buildReport(windows()), windows()), /write-tests/, format);
  });

  it('reads nothing of a step that is withheld, and says so of a counter that is', () => {
    const silent = sectionOf([releaseOf(0, { cells: [], withheld: ['steps.waits'] })], 'steps');
    assert.match(silent?.lead ?? '', /^Withheld: /);
    assert.deepEqual(silent?.charts, []);
    const hidden = sectionOf(windows([rest(40)]), 'steps');
    assert.deepEqual(hidden?.charts[0]?.table.rows, [['others, together', 80]]);
  });

  it('has no such section where it lists no steps, and none beside other teams', () => {
    assert.equal(sectionOf([releaseOf(0)], 'steps'), undefined);
    assert.equal(sectionOf([releaseOf(0, { cells }), releaseOf(0, { cells, team: 'search' })], 'steps'), undefined);
  });

  it('is told where its work waits by the names of its steps', () => {
    const found = stepBottlenecks(windows());
    assert.ok(found.enough);
    assert.deepEqual(
      found.steps.map(({ step, seen }) => [step, seen]),
      [
        ['sign-off', 70],
        ['write-tests', 90],
      ],
    );
    const [first, second] = found.steps;
    assert.ok(first && second && first.partOfWaiting.value > 0.8);
    assert.ok(Math.abs(first.partOfWaiting.value + second.partOfWaiting.value - 1) < 1e-9);
    assert.ok(second.medianHours.value > 1 && second.medianHours.value < 4);
    const report = buildReport(windows());
    const waiting = report.sections.find(({ id }) => id === 'waiting');
    assert.deepEqual(
      waiting?.tables[0]?.table.rows.map(([step]) => step),
      ['sign-off', 'write-tests'],
    );
    assert.equal(report.summary.find(({ label }) => label === 'Where work waits most')?.value, 'the step sign-off');
    assert.match(report.summary.find(({ label }) => label === 'Half of the steps are done within')?.value ?? '', /^1 to 4 h$/);
    // 20 of 180 that were done or waived.
    assert.equal(report.summary.find(({ label }) => label === 'Steps skipped with a reason')?.value, '10 % of steps');
    assert.doesNotMatch(report.inShort.join(' '), /Nothing can be said yet of:.*(steps|waits)/);
  });

  it('is told of steps that are seen too seldom by their names only', () => {
    const few = stepBottlenecks(windows([waits('write-tests', '1h-4h', 40), waits('sign-off', '1d-3d', 6)]));
    assert.ok(few.enough);
    assert.deepEqual(few.tooFew, ['sign-off']);
    const none = stepBottlenecks(windows([waits('sign-off', '1d-3d', 6)]));
    assert.ok(!none.enough);
    assert.deepEqual([none.have, none.kind], [12, 'sign-off']);
    assert.match(
      sectionOf(windows([waits('sign-off', '1d-3d', 6)]), 'waiting')?.lead ?? '',
      /^Not enough data: .* of sign-off steps, and there are 12\.$/,
    );
  });

  it('can call a step what it likes: it means nothing on a page or in Markdown', () => {
    const evil = windows([waits('<img src=x>|`*', '1h-4h', 40)]);
    const [html = '', markdown = ''] = REPORT_FORMATS.map((format) => reportText(format, buildReport(evil), evil));
    assert.doesNotMatch(html, /<img/);
    assert.doesNotMatch(markdown, /(?<!\\)(?:<img|\|`)/);
  });
});
