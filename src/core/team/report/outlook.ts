import { notEnoughText } from '../insight/enough.ts';
import { forecastAdoption, type Forecast } from '../insight/forecast.ts';
import { optionText, teamOptions } from '../insight/options.ts';
import { tellsStepsApart } from '../insight/stepWaits.ts';
import { legendOver, windowLabels } from './charts.ts';
import { WAITED } from './halfDone.ts';
import { DROWNED, isDrowned } from './noise.ts';
import { spanOf } from './periods.ts';
import type { Metric, ReportChart, ReportInput, Section } from './reportModel.ts';
import { waitingSection } from './waiting.ts';
import { firstDay, percent, percentRange } from './words.ts';

/** Where work waits, what helped here, and how adoption is likely to go on. */
export function outlookSections(input: ReportInput): Section[] {
  // Releases with noise never say how many took part.
  return [waitingSection(input), helpedSection(input), ...(input.noise === 'all' ? [] : [forecastSection(input)])];
}

function helpedSection({ releases, windows, recent }: ReportInput): Section {
  const section = { id: 'options', title: 'What helped here, and what you could try', metrics: [], charts: [], tables: [] };
  if (isDrowned(releases, WAITED)) return { ...section, lead: DROWNED, notes: [] };
  const found = teamOptions(releases, { recent: recent.releases });
  if (!found.enough) {
    const lead = tellsStepsApart(releases)
      ? 'Nothing can be said by kinds of steps, since this team tells its steps apart by name: see Where work waits.'
      : notEnoughText(found);
    return { ...section, lead, notes: [] };
  }
  if (found.options.length === 0) return { ...section, lead: 'Nothing stands out beyond chance.', notes: [] };
  return {
    ...section,
    lead: `Options to talk about, not orders: people know what figures do not. What went together need not be cause and effect. Windows are compared from ${spanOf(windows)}; what is said of steps is of ${spanOf(recent.windows)}.`,
    notes: found.options.map(optionText),
  };
}

function forecastSection({ releases, rosters }: ReportInput): Section {
  const section = { id: 'forecast', title: 'Forecast of participation', tables: [] };
  const found = forecastAdoption(releases, { rosters });
  if (!found.enough) return { ...section, lead: notEnoughText(found), metrics: [], charts: [], notes: [] };
  return {
    ...section,
    lead: 'A logistic curve through the bands of participation, with what it is likely within. Who does not share is not in it.',
    metrics: forecastMetrics(found),
    charts: [forecastChart(found)],
    notes: ['How it is computed, and tested on the past, is in Handrail’s reference, under figures.'],
  };
}

function forecastMetrics({ points, backtest, ceiling }: Forecast): Metric[] {
  const last = points.at(-1);
  const metrics: Metric[] = [];
  if (last !== undefined) {
    metrics.push({
      label: `Likely to take part from ${firstDay(last.week)}`,
      value: percent(last.median),
      detail: `${percentRange(last.within80)} with 80 % confidence, ${percentRange(last.within95)} with 95 %.`,
    });
  }
  metrics.push({
    label: 'Levels off at about',
    value: percent(ceiling.median),
    detail: `${percentRange(ceiling.within80)} with 80 % confidence.`,
  });
  if (backtest !== undefined) {
    const { forecasts, meanError, meanErrorOfNoChange, coverage80 } = backtest;
    metrics.push({
      label: 'How far off such forecasts were',
      value: `${percent(meanError)} of the people`,
      detail: `The mean of ${forecasts} forecasts of the next window, each from those before it; supposing no change was off by ${percent(meanErrorOfNoChange)}. ${percent(coverage80)} were within their 80 % interval.`,
    });
  }
  return metrics;
}

/** Each interval is two lines of one name. */
const BOUNDS = [
  { name: '80 % interval', dash: 'dashed', color: 'var(--chart-3)', of: ({ within80 }: Point) => within80 },
  { name: '95 % interval', dash: 'dotted', color: 'var(--chart-4)', of: ({ within95 }: Point) => within95 },
] as const;
type Point = Forecast['points'][number];

function forecastChart({ points, released }: Forecast): ReportChart {
  const rounded = (share: number): number => Math.round(share * 1000) / 10;
  const within = (of: (point: Forecast['points'][number]) => number) => points.map((point) => rounded(of(point)));
  return {
    id: 'forecast',
    caption: 'Participation in percent: seen, and likely',
    label: 'A line with its 80 and 95 % intervals; points are what was seen. The table has the figures.',
    option: {
      ...legendOver(['seen', 'likely', '80 % interval', '95 % interval']),
      xAxis: { type: 'category', data: windowLabels(points.map(({ week }) => week)) },
      yAxis: { type: 'value', min: 0, max: 100 },
      series: [
        {
          type: 'line',
          name: 'seen',
          lineStyle: { opacity: 0 },
          data: points.map(({ observed }) => (observed === undefined ? '-' : rounded(observed.likely))),
        },
        { type: 'line', name: 'likely', symbol: 'none', data: within(({ median }) => median) },
        ...BOUNDS.flatMap(({ name, dash, color, of }) =>
          (['low', 'high'] as const).map((end) => ({
            type: 'line' as const,
            name,
            symbol: 'none',
            lineStyle: { type: dash },
            color,
            data: within((point) => of(point)[end]),
          })),
        ),
      ],
    },
    table: {
      columns: ['Window from', 'seen', 'likely', '80 % interval', '95 % interval'],
      rows: points.map(({ week, observed, median, within80, within95 }, index) => [
        index < released ? week : `${week} (forecast)`,
        observed === undefined ? 'to come' : percentRange(observed),
        percent(median),
        percentRange(within80),
        percentRange(within95),
      ]),
    },
  };
}
