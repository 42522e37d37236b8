import type { FigureTable } from '../../charts/figureHtml.ts';
import type { Release } from '../release/release.ts';
import type { ReportChart } from './report.ts';
import { tallyOf, type Tally } from './tally.ts';

/** The value of what is published together. */
const REST = 'others, together';
/** Of a window in which nothing is published. */
const NOTHING = 'withheld';

export interface BarsOptions {
  id: string;
  caption: string;
  counter: string;
  dim: string;
  /** Values in the order of the bars, with their words; those that are missing are left out. */
  values: readonly (readonly [value: string, word: string])[];
}

/**
 * Bars by window of what is published of a counter, or undefined where that is nothing. A window that publishes nothing has no bar and says
 * so in the table: a withheld figure is no zero. There is no total, and no part of anything that is not published.
 */
export function barsByWindow(windows: readonly (readonly Release[])[], options: BarsOptions): ReportChart | undefined {
  const { id, caption, counter, dim, values } = options;
  const tallies = windows.map((window) => tallyOf(window, counter, dim));
  if (tallies.every(({ published }) => published === 0)) return undefined;
  const words = new Map(values);
  const seen = [...new Set(tallies.flatMap(({ named }) => [...named.keys()]))];
  const order = [...words.keys()].filter((value) => seen.includes(value)).concat(seen.filter((value) => !words.has(value)).toSorted());
  const series = order.map((value) => ({ name: words.get(value) ?? value, of: ({ named }: Tally) => named.get(value) }));
  if (tallies.some(({ rest }) => rest > 0)) series.push({ name: REST, of: ({ rest }) => (rest > 0 ? rest : undefined) });
  const labels = windows.map((window) => window[0]?.window.from ?? '');
  return {
    id,
    caption,
    label: `Bars by window of weeks: ${caption}. The table has the figures.`,
    option: {
      legend: {},
      xAxis: { type: 'category', data: labels },
      yAxis: { type: 'value', minInterval: 1, splitNumber: 4 },
      series: series.map(({ name, of }) => ({
        type: 'bar',
        stack: 'all',
        name,
        barMaxWidth: 48,
        data: tallies.map((one) => of(one) ?? '-'),
      })),
    },
    table: tableOf(labels, tallies, series),
  };
}

function tableOf(
  labels: readonly string[],
  tallies: readonly Tally[],
  series: readonly { name: string; of(one: Tally): number | undefined }[],
): FigureTable {
  return {
    columns: ['Window from', ...series.map(({ name }) => name)],
    rows: tallies.map((tally, index) => [
      labels[index] ?? '',
      ...series.map(({ of }) => (tally.published === 0 ? NOTHING : (of(tally) ?? 'in others'))),
    ]),
  };
}
