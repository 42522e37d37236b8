import assert from 'node:assert/strict';
import fc from 'fast-check';
import { seededRandom } from '../../../src/core/seededRandom.ts';
import { backtestOf } from '../../../src/core/team/insight/backtest.ts';
import { forecastOf } from '../../../src/core/team/insight/curveForecast.ts';
import { notEnoughText } from '../../../src/core/team/insight/enough.ts';
import { forecastAdoption } from '../../../src/core/team/insight/forecast.ts';
import { GARTNER, statedShare } from '../../../src/core/team/insight/gartner.ts';
import { bandMoments, fitLogistic, likelyShare } from '../../../src/core/team/insight/logistic.ts';
import { nonResponseBounds, participationWindows, shareOf } from '../../../src/core/team/insight/participationBands.ts';
import { logFactorials, quantile, wilson, Z80, Z95 } from '../../../src/core/team/insight/statistics.ts';
import { adopting, binomial, releaseOf, shareIn, weekOfWindow } from '../../support/madeReleases.ts';

const CURVE = { ceiling: 0.85, level: -2.5, slope: 0.35 };
const near = (actual: number, expected: number, by: number, what = ''): void =>
  assert.ok(Math.abs(actual - expected) <= by, `${what} ${actual} is not within ${by} of ${expected}`);

describe('a forecast of participation', () => {
  it('finds level, slope and ceiling again, though only bands are known', () => {
    const { releases, rosters } = adopting('recover', { teams: 120, roster: 16, windows: 18, curve: CURVE });
    const answer = forecastAdoption(releases, { rosters, ahead: 4 });
    assert.ok(answer.enough);
    near(answer.ceiling.median, CURVE.ceiling, 0.02, 'ceiling');
    for (const [window, { median }] of answer.points.entries()) near(median, shareIn(CURVE, window), 0.02, `window ${window}`);
    assert.equal(answer.released, 18);
    assert.equal(answer.points.length, 22);
    assert.deepEqual(
      answer.points.slice(17, 20).map(({ week }) => week),
      [17, 18, 19].map(weekOfWindow),
    );
  });

  it('has intervals that hold about as often as they say, for one team and for many', function () {
    this.timeout(60_000);
    for (const { teams, roster, windows } of [
      { teams: 1, roster: 70, windows: 12 },
      { teams: 10, roster: 16, windows: 12 },
    ]) {
      const [runs, ahead] = [100, 2];
      let [in80, in95] = [0, 0];
      for (let run = 0; run < runs; run += 1) {
        const { releases, people, rosters } = adopting(`coverage ${run}`, { teams, roster, windows: windows + ahead, curve: CURVE });
        const before = participationWindows(releases, rosters).slice(0, windows);
        const point = forecastOf(before, { ahead, seed: 'coverage' }).points.at(-1) ?? assert.fail();
        const share = (people.at(-1) ?? 0) / (teams * roster);
        if (point.within80.low <= share && share <= point.within80.high) in80 += 1;
        if (point.within95.low <= share && share <= point.within95.high) in95 += 1;
      }
      // Two and a half standard errors of 100 runs, and rather too wide than too narrow.
      assert.ok(in80 / runs >= 0.7 && in80 / runs <= 0.95, `80 %: ${in80} of ${runs}`);
      assert.ok(in95 / runs >= 0.9, `95 %: ${in95} of ${runs}`);
    }
  });

  it('says how good it would have been, and that it beats no change while things change', () => {
    const given = ['one', 'two', 'three', 'four'].map((seed) => adopting(seed, { teams: 60, roster: 16, windows: 14, curve: CURVE }));
    const backtests = given.map(({ releases, rosters }) => backtestOf(participationWindows(releases, rosters), 'b') ?? assert.fail());
    const mean = (of: (one: (typeof backtests)[number]) => number): number => backtests.reduce((sum, one) => sum + of(one), 0) / 4;
    for (const { forecasts, widened } of backtests) assert.ok(forecasts === 9 && widened >= 1);
    // The curve rises by about 0.06 a window here, which is what no change is off by.
    near(
      mean((one) => one.meanErrorOfNoChange),
      0.057,
      0.015,
    );
    assert.ok(mean((one) => one.meanError) < 0.6 * mean((one) => one.meanErrorOfNoChange), `${mean((one) => one.meanError)}`);
    near(
      mean((one) => one.coverage80),
      0.8,
      0.17,
    );
    assert.ok(mean((one) => one.coverage95) >= 0.85);
    const { releases, rosters } = given[0] ?? assert.fail();
    assert.equal(backtestOf(participationWindows(releases, rosters).slice(0, 5), 'backtest'), undefined);
  });

  it('widens its intervals where forecasts were further off than they expected', () => {
    const { releases, rosters } = adopting('break', { teams: 40, roster: 16, windows: 7, curve: CURVE });
    const stopped = adopting('stopped', { teams: 40, roster: 16, windows: 12, curve: { ceiling: 0.1, level: 5, slope: 0 } }).releases;
    const all = [...releases, ...stopped.slice(7 * 40)];
    const windows = participationWindows(all, rosters);
    const backtest = backtestOf(windows, 'forecast') ?? assert.fail();
    assert.ok(backtest.widened > 2, `${backtest.widened}`);
    const answer = forecastAdoption(all, { rosters, ahead: 1 });
    const plain = forecastOf(windows, { ahead: 1, seed: 'forecast' }).points.at(-1);
    assert.ok(answer.enough && plain);
    const [wide, narrow] = [answer.points.at(-1), plain].map((point) => (point?.within80.high ?? 0) - (point?.within80.low ?? 0));
    assert.ok((wide ?? 0) > 1.3 * (narrow ?? 1), `${wide} and ${narrow}`);
  });

  it('is not made of too few people or windows, or without a roster, and says why', () => {
    const few = adopting('few', { teams: 2, roster: 14, windows: 12, curve: CURVE });
    const short = adopting('short', { teams: 20, roster: 14, windows: 7, curve: { ceiling: 1, level: 2, slope: 0 } });
    const answers = [
      forecastAdoption(few.releases, few),
      forecastAdoption(short.releases, short),
      forecastAdoption(adopting('none', { teams: 20, roster: 14, windows: 9, curve: { ceiling: 1, level: 2, slope: 0 } }).releases, {
        rosters: {},
      }),
      forecastAdoption([], { rosters: {} }),
    ];
    assert.deepEqual(
      answers.map((answer) => (answer.enough ? 'enough' : answer.reason)),
      ['contributors', 'windows', 'roster', 'contributors'],
    );
    for (const answer of answers) assert.match(answer.enough ? '' : notEnoughText(answer), /^Not enough data: .+\.$/);
  });

  it('gives the same figures for the same releases in any order, and others for another seed', () => {
    const { releases, rosters } = adopting('same', { teams: 10, roster: 16, windows: 9, curve: { ...CURVE, level: 1 } });
    const answer = forecastAdoption(releases, { rosters });
    assert.ok(answer.enough);
    assert.deepEqual(forecastAdoption([...releases.toReversed(), ...releases], { rosters }), answer);
    assert.notDeepEqual(forecastAdoption(releases, { rosters, seed: 'another' }), answer);
  });

  it('stays between 0 and 1 whatever the bands are', () => {
    const band = fc.record({ from: fc.integer({ min: -5, max: 90 }), to: fc.option(fc.integer({ min: -5, max: 90 }), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(band, { minLength: 1, maxLength: 12 }), (bands) => {
        const releases = bands.map(({ from, to }, window) =>
          releaseOf(window, { participation: to === undefined ? { from } : { from, to } }),
        );
        const windows = participationWindows([...releases, releaseOf(20)], { payments: 64 });
        for (const { median, within80, within95 } of forecastOf(windows, { ahead: 3, seed: 'any' }).points) {
          const ordered = [0, within95.low, within80.low, median, within80.high, within95.high, 1];
          assert.deepEqual(
            ordered,
            ordered.toSorted((a, b) => a - b),
          );
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('participation by bands', () => {
  it('takes a team that did not yet release for its lowest band, and a window that is missing later for unknown', () => {
    const releases = [releaseOf(0, { team: 'first', participation: { from: 10, to: 14 } }), releaseOf(1), releaseOf(3)];
    const windows = participationWindows(releases, { first: 14, payments: 64, unknown: 9 });
    assert.deepEqual(
      windows.map(({ bands }) => bands.map(({ team, from, to }) => `${team} ${from}-${to}`)),
      [['first 10-14', 'payments 0-4'], ['payments 60-64'], ['payments 60-64']],
    );
    assert.deepEqual(shareOf(windows[0] ?? assert.fail()), { low: 10 / 78, high: 18 / 78 });
    assert.deepEqual(nonResponseBounds(windows[0] ?? assert.fail()), { low: 10 / 78, high: 1 });
  });

  it('leaves out what does not fit the roster', () => {
    assert.deepEqual(participationWindows([releaseOf(0)], { payments: 20 }), []);
    assert.deepEqual(participationWindows([releaseOf(0)], { payments: Number.NaN }), []);
  });
});

describe('the statistics', () => {
  it('of a band are those of its binomial probabilities', () => {
    // Of 4 people with a half each, 1 to 3: 4, 6 and 4 of 16.
    const { log, mean, variance } = bandMoments({ roster: 4, from: 1, to: 3 }, 0.5, logFactorials(4));
    near(Math.exp(log), 14 / 16, 1e-12);
    near(mean, 2, 1e-12);
    near(variance, 8 / 14, 1e-12);
  });

  it('fit what a grid finds to be most likely', () => {
    const random = seededRandom('grid');
    const cells = Array.from({ length: 10 }, (_, index) => {
      const x = index / 4.5 - 1;
      const count = binomial(60, 0.9 / (1 + Math.exp(-(0.3 + 1.5 * x))), random);
      return { x, roster: 60, from: Math.max(0, count - 2), to: Math.min(60, count + 2), teams: 1 };
    });
    const fit = fitLogistic(cells, 0.9);
    const logs = logFactorials(60);
    const at = (level: number, slope: number): number =>
      cells.reduce((sum, cell) => sum + bandMoments(cell, 0.9 / (1 + Math.exp(-(level + slope * cell.x))), logs).log, 0) -
      (level ** 2 + slope ** 2) / 50;
    near(fit.logLikelihood, at(fit.level, fit.slope), 1e-9);
    for (let one = -0.5; one <= 0.5; one += 0.05) {
      for (let other = -0.5; other <= 0.5; other += 0.05) assert.ok(at(fit.level + one, fit.slope + other) <= fit.logLikelihood + 1e-6);
    }
    // Counts that are known exactly have the share that they are.
    near(likelyShare([{ x: 0, roster: 20, from: 7, to: 7, teams: 3 }]), 0.35, 1e-6);
  });

  it('of shares and quantiles are the published ones', () => {
    // Wilson 1927 for 8 of 10 at 95 %, as in Newcombe, Stat. Med. 17, 1998.
    const { low, high } = wilson(8, 10, Z95);
    near(low, 0.4902, 1e-4);
    near(high, 0.9433, 1e-4);
    assert.deepEqual(wilson(0, 0, Z80), { low: 0, high: 1 });
    assert.equal(quantile([1, 2, 4], 0.75), 3);
  });

  it('of Gartner go through the points that were stated', () => {
    const [first, later] = GARTNER;
    assert.ok(first && later);
    near(statedShare(first, Date.UTC(2023, 0, 1)), 0.1, 1e-9);
    near(statedShare(first, Date.UTC(2028, 0, 1)), 0.75, 1e-9);
    near(statedShare(later, Date.UTC(2024, 0, 1)), 0.14, 1e-9);
    near(statedShare(later, Date.UTC(2028, 0, 1)), 0.9, 1e-9);
  });
});
