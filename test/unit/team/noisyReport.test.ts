import assert from 'node:assert/strict';
import type { Privacy } from '../../../src/core/team/privacy/privacy.ts';
import { guaranteeOf } from '../../../src/core/team/privacy/noisyRelease.ts';
import type { Release } from '../../../src/core/team/release/release.ts';
import { buildReport } from '../../../src/core/team/report/report.ts';
import { isReport, REPORT_FORMATS, reportText } from '../../../src/core/team/report/reportFiles.ts';
import { shareOfValues, tallyOf } from '../../../src/core/team/report/tally.ts';
import { releaseOf } from '../../support/madeReleases.ts';

const options = { unit: 'person', epsilon: 1, delta: 1e-5, budget: 4, clip: 0.1 } as const;
const privacy: Privacy = {
  ...options,
  mechanism: 'discrete-gaussian',
  rho: 1,
  noise: [
    { counter: 'review.runs', clip: 20, margin: 158 },
    { counter: 'generate.outcomes', clip: 20, margin: 120 },
  ],
};
const outcome = (counter: string, of: string, value: number) => ({ counter, dims: { outcome: of }, value });
const noisy = (window = 0, more: Partial<Release> = {}): Release =>
  releaseOf(window, {
    participation: { from: 0, to: 1500 },
    cells: [
      outcome('review.runs', 'completed', 5200),
      outcome('review.runs', 'failed', 300),
      outcome('review.runs', 'other', 0),
      outcome('generate.outcomes', 'accepted', 3000),
      outcome('generate.outcomes', 'rejected', 1000),
    ],
    withheld: ['models.calls'],
    guarantee: guaranteeOf(options),
    privacy,
    ...more,
  });
const rosters = { payments: 1500 };

describe('a report of releases with noise', () => {
  const report = buildReport([noisy()], { rosters });
  const facts = Object.fromEntries(report.facts.map(({ label, value }) => [label, value]));

  it('promises what noise promises, and nothing of groups of k', () => {
    assert.match(report.subtitle, /Every figure carries noise, so that none tells of one person\.$/);
    assert.equal(facts['Smallest group'], undefined);
    assert.match(
      facts['Noise'] ?? '',
      /^epsilon 1 at delta 0\.00001 for each release .*the margin: a figure is off by no more, 95 times of 100$/,
    );
    assert.match(facts['Took part'] ?? '', /^not published: /);
    assert.match(facts['Withheld'] ?? '', /^nothing/);
    const [html = '', markdown = ''] = REPORT_FORMATS.map((format) => reportText(format, report, [noisy()]));
    for (const text of [html, markdown]) {
      assert.doesNotMatch(text, /at least 5 people|Smallest group|lower bounds?|at least 0|0 to 1,500|0 to 100 %|as wide as k|Here k is/i);
    }
  });

  it('says of shares and sums what noise may add to them', () => {
    const taken = report.summary.find(({ label }) => label === 'Generated changes that were taken');
    assert.equal(taken?.value, '73 to 77 % of 4,000 ±170 changes');
    // The margin of the share to the first order: 1/4000 √(0.25² 120² + 0.75² 120²).
    const share = shareOfValues(tallyOf([noisy()], 'generate.outcomes', 'outcome'), ['accepted']);
    assert.ok(share && Math.abs(share.high - 0.75 - Math.hypot(30, 90) / 4000) < 1e-9 && Math.abs(share.high + share.low - 1.5) < 1e-9);
    const chart = report.sections.flatMap(({ charts }) => charts).find(({ id }) => id === 'outcomes');
    assert.match(chart?.caption ?? '', /, each ±120$/);
  });

  it('says nothing of what is made of many figures that noise is larger than', () => {
    const noise = [{ counter: 'steps.dwell', clip: 20, margin: 100 }];
    const wait = (value: number) => (kind: string) => ({ counter: 'steps.dwell', dims: { kind, dwell: '1h-4h' }, value });
    const waits = (value: number): string[] => {
      const cells = ['manual', 'command', 'review'].map(wait(value));
      const { summary, sections, inShort } = buildReport([noisy(0, { privacy: { ...privacy, noise }, cells })]);
      const said = summary.find(({ label }) => label === 'Half of the steps are done within');
      const chart = sections.flatMap(({ charts }) => charts).find(({ id }) => id === 'steps');
      return [said?.value ?? said?.why ?? '', inShort.at(-1) ?? '', JSON.stringify(chart?.option.legend)];
    };
    const [seen = '', , legend = ''] = waits(4000);
    assert.equal(seen, '1 to 4 h');
    assert.match(legend, /by hand/);
    const [drowned = '', short = '', none = ''] = waits(60);
    assert.match(drowned, /^Drowned in noise: /);
    assert.match(short, /^Under this noise nothing can be said of: .*how long steps take/);
    assert.doesNotMatch(none, /by hand/, 'no bar of noise alone');
  });

  it('has a margin for each figure in the CSV, and none for exact ones', () => {
    const exact = releaseOf(0, { team: 'search', cells: [outcome('review.runs', 'completed', 61)] });
    const csv = reportText('csv', report, [noisy()]);
    const rows = csv.trimEnd().split('\r\n');
    assert.equal(rows[0], 'release,team,from,to,counter,of,value,unit,margin');
    assert.match(rows[1] ?? '', /,5200,reviews,158$/);
    assert.match(rows[4] ?? '', /,3000,generations,120$/);
    assert.match(reportText('csv', report, [exact]), /,61,reviews,\r\n/);
    // The sum of two teams has the margins of both: √(2 · 158²).
    assert.match(reportText('csv', report, [noisy(), { ...noisy(), team: 'search' }]), /,outcome=completed,10400,reviews,2,223\r\n/);
    assert.match(reportText('csv', report, [noisy(), exact]), /,outcome=completed,5261,reviews,2,158\r\n/);
    assert.ok(isReport('csv', csv));
    assert.ok(isReport('csv', 'release,team,from,to,counter,of,value,unit\r\n'), 'one that was written before there were margins');
  });

  it('says both where only some teams have noise', () => {
    const both = buildReport([noisy(), releaseOf(0, { team: 'search', participation: { from: 10, to: 14 } })], { rosters });
    assert.match(both.subtitle, /at least 5 people, or carries noise/);
    const labels = both.facts.map(({ label }) => label);
    assert.ok(labels.includes('Smallest group') && labels.includes('Noise, of some teams'));
  });
});
