import assert from 'node:assert/strict';
import { depthCohorts, depthOf } from '../../../src/core/team/insight/depthCohorts.ts';
import { type Release, type ReleasedCell, REMAINDER } from '../../../src/core/team/release/release.ts';
import { buildReport } from '../../../src/core/team/report/report.ts';
import type { Metric, Report } from '../../../src/core/team/report/reportModel.ts';
import { isReport, reportText } from '../../../src/core/team/report/reportFiles.ts';
import { absencesOf } from '../../../src/core/team/report/withheld.ts';
import { releaseOf } from '../../support/madeReleases.ts';

const cell = (counter: string, dims: Readonly<Record<string, string>>, value: number): ReleasedCell => ({ counter, dims, value });
const taken = (value: number): ReleasedCell => cell('generate.outcomes', { outcome: 'accepted' }, value);
const reviews = (value: number): ReleasedCell => cell('review.runs', { outcome: 'completed' }, value);
const metricOf = ({ sections }: Report, label: string): Metric | undefined =>
  sections.flatMap(({ metrics }) => metrics).find((metric) => metric.label === label);

const three: [Release, ...Release[]] = [
  releaseOf(0, { team: 'a', cells: [taken(40), reviews(50)] }),
  releaseOf(0, { team: 'b', cells: [taken(60), reviews(50)] }),
  releaseOf(0, { team: 'c', cells: [reviews(50)], withheld: ['generate.outcomes'] }),
];

describe('a report of several teams', () => {
  it('says of how many teams a figure is, where some withheld it', () => {
    const report = buildReport(three);
    assert.equal(metricOf(report, 'Generated changes that were taken')?.teams, '2 of 3 teams');
    assert.equal(metricOf(report, 'AI reviews that ran to their end')?.teams, undefined);
    const chart = report.sections.flatMap(({ charts }) => charts).find(({ id }) => id === 'outcomes');
    assert.equal(chart?.caption, 'What became of generated changes (2 of 3 teams in the last window)');
    assert.deepEqual(chart.table, { columns: ['Window from', 'accepted', 'Teams'], rows: [[chart.table.rows[0]?.[0], 100, '2 of 3']] });
    assert.match(report.inShort.join(' '), /People took 100 % of 100 changes that AI generated, whole or in part \(of 2 of 3 teams\)\./);
    assert.match(reportText('md', report, three), /100 % of 100 changes \(of 2 of 3 teams\)\./);
    assert.match(reportText('html', report, three), /<p class="note">Of 2 of 3 teams<\/p>/);
  });

  it('compares waivers with what was done in the same releases only', () => {
    const [done, waived] = [cell('steps.completed', { kind: 'manual' }, 90), cell('steps.waived', { kind: 'manual' }, 10)];
    const both = releaseOf(0, { team: 'a', cells: [done, waived] });
    const report = buildReport([both, releaseOf(0, { team: 'b', cells: [waived], withheld: ['steps.completed'] })]);
    assert.equal(metricOf(report, 'Steps skipped with a reason')?.value, '10 % of steps');
    assert.equal(metricOf(report, 'Steps skipped with a reason')?.teams, '1 of 2 teams');
  });

  it('is summed in the CSV, a line each figure with of how many teams it is, and no team', () => {
    const waits = (step: string, value: number): ReleasedCell => cell('steps.waits', { step, dwell: '1h-4h' }, value);
    const [one, other = one, third = one] = three;
    const given = [{ ...one, cells: [...one.cells, waits('x', 7)] }, { ...other, cells: [...other.cells, waits('y', 8)] }, third] as const;
    const rows = reportText('csv', buildReport(three), [...given, given[0]])
      .trimEnd()
      .split('\r\n');
    const { from, to } = one.window;
    assert.deepEqual(rows, [
      'from,to,counter,of,value,unit,teams,margin',
      `${from},${to},review.runs,outcome=completed,150,reviews,3,`,
      `${from},${to},generate.outcomes,outcome=accepted,100,generations,2,`,
      `${from},${to},generate.outcomes,,withheld,generations,1,`,
      // Steps of one name need not be the same in two teams.
      `${from},${to},steps.waits,dwell=1h-4h,15,steps,2,`,
    ]);
    assert.ok(isReport('csv', `${rows.join('\r\n')}\r\n`));
    assert.match(reportText('csv', buildReport([one]), [one]), /^release,team,from,to,/);
  });

  it('says of a named bar that it may rise since more of it can be named', () => {
    const notes = (releases: [Release, ...Release[]], id: string): string =>
      buildReport(releases)
        .sections.find((section) => section.id === id)
        ?.notes.join(' ') ?? '';
    const hidden: Release = releaseOf(0, { team: 'c', cells: [cell('generate.outcomes', REMAINDER, 30)] });
    assert.match(notes([three[0], hidden], 'value'), /may also rise because/);
    assert.doesNotMatch(notes(three, 'value'), /may also rise because/);
  });

  it('names the weeks that a value in money is of', () => {
    const report = buildReport(three);
    const [weeks = '?'] = report.facts.find(({ label }) => label === 'Figures on this page')?.value.split(';') ?? [];
    assert.ok(report.summary.find(({ label }) => label === 'Net value')?.detail?.includes(weeks));
    assert.ok(report.inShort.find((sentence) => sentence.startsWith('Net value'))?.includes(weeks));
  });

  it('says that people took part where the figure is participation', () => {
    const [first = ''] = buildReport(three, { rosters: { a: 64, b: 64, c: 64 } }).inShort;
    assert.match(first, /^94 to 100 % of the people took part in the last window\./);
    assert.doesNotMatch(first, /of the people work with AI/);
  });
});

describe('a counter without figures', () => {
  const release = {
    cells: [reviews(50), cell('steps.dwell', REMAINDER, 60)],
    withheld: ['models.calls', 'steps.completed', 'models.cost'],
  };

  it('is withheld, or left out since its figures would follow from others', () => {
    assert.deepEqual(
      [...absencesOf(releaseOf(0, release), [])],
      [
        ['models.calls', 'linked'],
        ['steps.completed', 'linked'],
        ['models.cost', 'withheld'],
      ],
    );
    const survival = releaseOf(1, { withheld: ['generate.survival'] });
    assert.equal(absencesOf(survival, [releaseOf(0, { cells: [taken(40)] })]).get('generate.survival'), 'linked');
    assert.equal(absencesOf(survival, []).get('generate.survival'), 'withheld');
  });

  it('counts as withheld only where it is', () => {
    const report = buildReport([releaseOf(0, release)]);
    const share = metricOf(report, 'Tables that are withheld');
    assert.equal(share?.value, '33 % of 3 tables');
    assert.match(share?.detail ?? '', /2 more would follow from tables that are published/);
    const [row] = report.sections.find(({ id }) => id === 'method')?.tables[0]?.table.rows ?? [];
    assert.deepEqual(row?.slice(3), ['models.cost', 'models.calls, steps.completed']);
    const csv = reportText('csv', report, [releaseOf(0, release)]);
    assert.match(csv, /,models\.calls,,left out,calls,\r\n/);
    assert.match(csv, /,models\.cost,,withheld,cents,\r\n/);
  });

  it('is told from one that the team does not count', () => {
    const report = buildReport([releaseOf(0, release)]);
    assert.match(metricOf(report, 'Cost of models')?.why ?? '', /generate\.outcomes/);
    assert.equal(metricOf(report, 'Findings acted on, by severity')?.why, 'Not counted: the team does not list review.decisions.');
    const withheld = buildReport([releaseOf(0, { withheld: ['review.decisions'] })]);
    assert.match(metricOf(withheld, 'Findings acted on, by severity')?.why ?? '', /^Withheld: /);
  });
});

describe('how deep use goes', () => {
  const team = (name: string, asked: number, fields: Partial<Release> = {}): Release[] =>
    Array.from({ length: 8 }, (_, window) =>
      releaseOf(window, { team: name, participation: { from: 20, to: 24 }, cells: [taken(asked / 2), reviews(asked / 2)], ...fields }),
    );

  it('is a range for each person, by the band of those who took part', () => {
    assert.deepEqual(depthOf(team('a', 960)), { low: 10, high: 12 });
    assert.equal(depthOf(team('a', 960, { cells: [taken(480)] })), undefined, 'a part of it would look like less');
    assert.equal(depthOf(team('a', 960, { participation: { from: 5 } })), undefined, 'without a roster there is no upper end');
    const [first = releaseOf(0), ...others] = team('a', 960);
    assert.equal(metricOf(buildReport([first, ...others]), 'Reviews and generations a week, for each person')?.value, '10.0 to 12.0');
  });

  it('is told of several teams by cohorts, with those that may be in two', () => {
    // 0.4 to 0.48, 4.8 to 5.76 over an edge, and 10 to 12 a week; of one nothing is known.
    const all = [...team('a', 38.4), ...team('b', 460.8), ...team('c', 960), ...team('d', 0, { cells: [] })];
    const found = depthCohorts(all, all);
    assert.ok(found.enough);
    assert.deepEqual(
      found.cohorts.map(({ least, most }) => [least, most]),
      [
        [1, 1],
        [0, 1],
        [1, 2],
        [0, 0],
      ],
    );
    assert.deepEqual([found.known, found.teams], [3, 4]);
    const [first = releaseOf(0), ...others] = all;
    const [table] = buildReport([first, ...others]).sections.find(({ id }) => id === 'adoption')?.tables ?? [];
    assert.match(table?.caption ?? '', /known of 3 of 4 teams/);
    assert.deepEqual(table?.table.rows[1], ['1 to fewer than 5', 0, 1]);
  });

  it('is not shown where it can never be known: of one team, of few people, or with noise', () => {
    for (const given of [[releaseOf(0)], three, team('a', 960).slice(0, 1)]) {
      const [first = releaseOf(0), ...others] = given;
      const adoption = buildReport([first, ...others]).sections.find(({ id }) => id === 'adoption');
      assert.deepEqual(adoption?.tables, []);
      assert.ok(!adoption.metrics.some(({ label }) => label.includes('cohort')));
    }
  });
});
