import assert from 'node:assert/strict';
import { buildReport } from '../../../src/core/team/report/report.ts';
import type { Report } from '../../../src/core/team/report/reportModel.ts';
import { cellText, releasesCsv } from '../../../src/core/team/report/reportCsv.ts';
import { REPORT_FORMATS, reportText } from '../../../src/core/team/report/reportFiles.ts';
import { shareOfValues, tallyOf } from '../../../src/core/team/report/tally.ts';
import { GUARANTEE, RELEASE_SCHEMA, type Release, type ReleasedCell, REMAINDER } from '../../../src/core/team/release/release.ts';

const cell = (counter: string, dims: Readonly<Record<string, string>>, value: number): ReleasedCell => ({ counter, dims, value });

function release(more: Partial<Release> = {}): Release {
  return {
    schema: RELEASE_SCHEMA,
    id: 'r-0123456789abcdef',
    team: 'payments',
    window: { from: '2026-W41', to: '2026-W44' },
    k: 5,
    participation: { from: 10, to: 14 },
    cells: [
      cell('review.runs', { outcome: 'completed' }, 61),
      cell('review.runs', REMAINDER, 9),
      cell('generate.outcomes', { outcome: 'accepted' }, 40),
      cell('generate.outcomes', REMAINDER, 10),
    ],
    withheld: ['review.findings', 'models.cost', 'steps.waived'],
    guarantee: GUARANTEE,
    previous: null,
    ...more,
  };
}

const rosters = { payments: 14 };
const all = (report: Report, releases: readonly Release[]): string[] =>
  REPORT_FORMATS.map((format) => reportText(format, report, releases));

describe('a report', () => {
  it('is the same for the same releases, in whatever order they come', () => {
    const next = release({ id: 'r-1111111111111111', window: { from: '2026-W45', to: '2026-W48' } });
    const one = buildReport([release(), next], { rosters });
    const other = buildReport([next, release()], { rosters });
    assert.deepEqual(all(one, [release(), next]), all(other, [release(), next]));
  });

  it('says of a counter that is withheld that it is, and never a number', () => {
    const report = buildReport([release()], { rosters });
    const metrics = report.sections.flatMap((section) => section.metrics);
    for (const label of ['Findings that are critical or high', 'Steps skipped with a reason', 'Cost of models']) {
      const metric = metrics.find((one) => one.label === label);
      assert.ok(metric !== undefined && metric.value === undefined && metric.why !== undefined, label);
    }
    assert.ok(!report.sections.some(({ charts }) => charts.some(({ id }) => ['findings', 'cost', 'waived'].includes(id))));
    assert.match(releasesCsv([release()]), /,models\.cost,,withheld,cents,\r\n/);
  });

  it('draws no bar of a window that publishes nothing, and calls it no zero', () => {
    const silent = release({
      id: 'r-2222222222222222',
      window: { from: '2026-W45', to: '2026-W48' },
      cells: [],
      withheld: ['generate.outcomes'],
    });
    const report = buildReport([release(), silent], { rosters });
    const chart = report.sections.flatMap(({ charts }) => charts).find(({ id }) => id === 'outcomes');
    assert.deepEqual(chart?.table.rows, [
      ['2026-W41, 5 Oct 2026', 40, 10],
      ['2026-W45, 2 Nov 2026', 'withheld', 'withheld'],
    ]);
    const series = chart?.option.series;
    assert.ok(Array.isArray(series));
    assert.deepEqual(
      series.map(({ data }) => data),
      [
        [40, '-'],
        [10, '-'],
      ],
    );
  });

  it('tells of what is published together only that it may be anything', () => {
    const tally = tallyOf([release()], 'generate.outcomes', 'outcome');
    assert.deepEqual(shareOfValues(tally, ['accepted', 'edited']), { low: 0.8, high: 1 });
    assert.equal(shareOfValues(tallyOf([release()], 'models.cost', 'family'), ['gpt']), undefined);
    const metric = buildReport([release()], { rosters }).summary.find(({ label }) => label === 'Generated changes that were taken');
    assert.equal(metric?.value, '80 to 100 % of 50 changes');
  });

  it('weighs findings that were acted on by severity, and takes what is not named for anything', () => {
    const of = (decision: string, severity: string, value: number): ReleasedCell => cell('review.decisions', { decision, severity }, value);
    const acted = (cells: readonly ReleasedCell[]): string | undefined =>
      buildReport([release({ cells })], { rosters })
        .sections.flatMap(({ metrics }) => metrics)
        .find(({ label }) => label === 'Findings acted on, by severity')?.value;
    assert.equal(acted([of('applied', 'critical', 10), of('dismissed', 'low', 40)]), '50 %');
    assert.equal(acted([of('applied', 'critical', 10), of('dismissed', 'low', 40), cell('review.decisions', REMAINDER, 5)]), '40 to 60 %');
    assert.equal(acted([cell('review.decisions', REMAINDER, 5)]), undefined);
  });

  it('of a first window has no figure that is none, and no confidence that there is not', () => {
    const dwell = (kind: string, label: string): ReleasedCell => cell('steps.dwell', { kind, dwell: label }, 60);
    const cells = [dwell('review', '1h-4h'), dwell('manual', '10m-1h'), cell('steps.waived', { kind: 'manual' }, 6)];
    const report = buildReport([release({ cells })], { rosters });
    const text = all(report, [release({ cells })]).join('');
    assert.doesNotMatch(text, /NaN|undefined|Infinity/);
    const metric = report.sections
      .flatMap(({ metrics }) => metrics)
      .find(({ label }) => label === 'Half of the AI review steps are done within');
    assert.equal(metric?.value, '1 to 4 h');
    assert.doesNotMatch(text, /confidence\W+\d|min to 0 min/);
  });

  it('says how far figures with noise may be off', () => {
    const noise = [{ counter: 'review.runs', clip: 20, margin: 158 }];
    const privacy = {
      unit: 'person',
      epsilon: 1,
      delta: 1e-5,
      budget: 4,
      clip: 0.1,
      mechanism: 'discrete-gaussian',
      rho: 1,
      noise,
    } as const;
    const notes = (given: Release): string[] => buildReport([given], { rosters }).sections.find(({ id }) => id === 'method')?.notes ?? [];
    assert.match(notes(release({ privacy }))[0] ?? '', /epsilon 1, delta 0\.00001, for each person.*review\.runs ±158/);
    assert.ok(!notes(release()).some((note) => note.includes('noise')));
  });

  it('sums of several teams what each of them published, and no more', () => {
    const other = release({ id: 'r-3333333333333333', team: 'search', cells: [cell('generate.outcomes', { outcome: 'accepted' }, 20)] });
    const report = buildReport([release(), other], { rosters: { ...rosters, search: 12 } });
    const chart = report.sections.flatMap(({ charts }) => charts).find(({ id }) => id === 'outcomes');
    assert.deepEqual(chart?.table.rows, [['2026-W41, 5 Oct 2026', 60, 10]]);
    // Of payments 10 to 14 of 14, of search 10 to 14 of 12.
    assert.equal(report.summary[0]?.value, '20 to 26 of 26 people');
  });

  it('says how many took part by the band, and without a roster as at least', () => {
    const value = (given: Release, known = rosters): string | undefined => buildReport([given], { rosters: known }).summary[0]?.value;
    assert.equal(value(release()), '10 to 14 of 14 people');
    assert.equal(value(release({ participation: { from: 5 } })), 'at least 5 of 14 people');
    assert.equal(value(release({ participation: { from: 5 } }), {} as typeof rosters), 'at least 5 people');
    assert.equal(value(release(), { payments: 3 }), '10 to 14 people', 'fewer people than took part are not the team’s');
  });

  it('has not enough data for a forecast of one team, and says what it takes', () => {
    const forecast = buildReport([release()], { rosters }).sections.find(({ id }) => id === 'forecast');
    assert.match(forecast?.lead ?? '', /^Not enough data: it takes 50 contributors/);
    assert.deepEqual(forecast?.charts, []);
  });

  it('compares the last twelve weeks with the twelve before, and only where there are that many', () => {
    const weeks = ['2026-W21', '2026-W25', '2026-W29', '2026-W33', '2026-W37', '2026-W41'];
    const windows = weeks.map((from, index) =>
      release({
        id: `r-${String(index).repeat(16)}`,
        window: { from, to: from.replace(/\d\d$/, (week) => String(Number(week) + 3)) },
        cells: [
          cell('generate.outcomes', { outcome: 'accepted' }, index < 3 ? 20 : 30),
          cell('generate.outcomes', { outcome: 'rejected' }, index < 3 ? 20 : 10),
        ],
      }),
    );
    const takenOf = ([first, ...others]: readonly Release[]): unknown => {
      assert.ok(first !== undefined);
      const { label, value, before } = buildReport([first, ...others], { rosters }).summary[1] ?? {};
      return { label, value, before };
    };
    const label = 'Generated changes that were taken';
    assert.deepEqual(takenOf(windows), { label, value: '75 % of 120 changes', before: '50 % of 120 changes' });
    assert.deepEqual(takenOf(windows.slice(1)), { label, value: '75 % of 120 changes', before: undefined });
  });

  it('says on its first page whom it is about, since when, and how far it can be trusted', () => {
    const { facts, inShort } = buildReport([release()], { rosters });
    const said = Object.fromEntries(facts.map(({ label, value }) => [label, value]));
    assert.partialDeepStrictEqual(said, {
      'Figures on this page': '5 Oct 2026 to 1 Nov 2026',
      'Took part': '10 to 14 of 14 people, in the last window',
      'Smallest group': '5 people behind every figure',
      Withheld: '60 % of 5 tables: too little was counted, or too few people are behind them',
      'Last release': 'r-0123456789abcdef',
      Guarantee: `${GUARANTEE} Here k is 5.`,
    });
    assert.match(
      inShort[0] ?? '',
      /^71 to 100 % of the people took part in the last window\. Who does not share is not seen, so more of them may work with AI\. /,
    );
    assert.match(
      inShort.at(-1) ?? '',
      /^Nothing can be said yet of: how long steps take; how many steps are skipped; where work waits most\./,
    );
  });

  it('draws and writes no number of a counter but those that are published', () => {
    const report = buildReport([release()], { rosters });
    const published = new Set(release().cells.map(({ value }) => value));
    const charts = report.sections.flatMap((section) => section.charts).filter(({ id }) => id !== 'participation');
    assert.ok(charts.length > 0);
    const drawn: unknown[] = charts.flatMap(({ option: { series } }) =>
      (Array.isArray(series) ? series : []).flatMap(({ data }) => (Array.isArray(data) ? (data as unknown[]) : [])),
    );
    assert.ok(drawn.some((value) => typeof value === 'number'));
    const written = charts.flatMap(({ table }) => table.rows).flatMap((row) => row.slice(1));
    for (const value of [...drawn, ...written]) assert.ok(typeof value !== 'number' || published.has(value), String(value));
    const rows = releasesCsv([release()]).trimEnd().split('\r\n').slice(1);
    assert.deepEqual(
      rows.map((row) => row.split(',')[6]),
      [...release().cells.map(({ value }) => String(value)), 'withheld', 'withheld', 'withheld'],
    );
  });

  it('lists many releases by team and by name, without a figure of any of them', () => {
    const teams = Array.from({ length: 41 }, (_, index) =>
      release({ team: `team-${String(41 - index).padStart(2, '0')}`, id: `r-${String(index).padStart(16, '0')}` }),
    );
    const [first, ...others] = teams;
    const [list] = buildReport([first ?? release(), ...others]).sections.find(({ id }) => id === 'method')?.tables ?? [];
    assert.equal(list?.folded, true);
    assert.deepEqual(list.table.rows[0], ['team-01', 1, '2026-W41 to 2026-W44', 'r-0000000000000040']);
    const names = list.table.rows.map(([name]) => name);
    assert.deepEqual(names, names.toSorted());
  });

  it('lets no name of a team do anything on a page, in Markdown or in a spreadsheet', () => {
    const team = '=HYPERLINK("http://x")<script>alert(1)</script>|`*';
    const report = buildReport([release({ team })], {});
    const [html = '', markdown = '', , csv = ''] = all(report, [release({ team })]);
    assert.doesNotMatch(html, /<script|href=|src=/);
    assert.match(html, /&lt;script&gt;/);
    assert.doesNotMatch(markdown, /(?<!\\)(?:<script|\|`)/);
    assert.match(csv, /,"'=HYPERLINK\(""http:\/\/x""\)<script>alert\(1\)<\/script>\|`\*",/);
  });

  it('takes nothing for a formula that is a number', () => {
    for (const [text, safe] of [
      ['-12', '-12'],
      ['-1+2', "'-1+2"],
      ['+1', "'+1"],
      ['@sum', "'@sum"],
      ['\tx', "'\tx"],
      ['a,b', '"a,b"'],
      ['say "x"', '"say ""x"""'],
      ['two\r\nlines', '"two\r\nlines"'],
    ] as const) {
      assert.equal(cellText(text), safe);
    }
  });

  it('needs nothing but itself: no script, nothing from anywhere, and a table behind each picture', () => {
    const html = reportText('html', buildReport([release()], { rosters }), [release()]);
    assert.doesNotMatch(html, /<script|<link|<img|@import|url\((?!#)/);
    assert.equal([...html.matchAll(/<svg /g)].length, [...html.matchAll(/<details>/g)].length);
    assert.ok([...html.matchAll(/<svg [^>]*role="img"[^>]*aria-label="[^"]+"/g)].length > 0);
    const parsed = JSON.parse(reportText('json', buildReport([release()], { rosters }), [release()])) as Report;
    assert.equal(parsed.schema, 'handrail.report/1');
  });
});
