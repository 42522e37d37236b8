import type { ChartOption } from '../../charts/chartSvg.ts';
import type { FigureTable } from '../../charts/figureHtml.ts';
import type { Release } from '../release/release.ts';
import type { ReportChart } from './reportModel.ts';
import { isSeen, marginOf, tallyOf, type Tally, teamsText } from './tally.ts';
import { firstDay, whole } from './words.ts';

/** The value of what is published together. */
export const REST = 'others, together';
/** Of a window in which nothing is published. */
export const NOTHING = 'withheld';

/** The first column of a table by windows. */
const WINDOW_FROM = 'Window from';

/** Pixels of a chart. */
export const CHART_SIZE = { width: 460, height: 260 };

/** A colour of the page (`--chart-1` to `--chart-6`), paler from 1 to 0. */
export type Shade = readonly [colour: number, opacity: number];

export interface BarsOptions {
  id: string;
  caption: string;
  /** Of several, no release has more than one. */
  counter: string | readonly string[];
  dim: string;
  /** What else is said of the last window, in brackets behind the caption. */
  aside?: string | undefined;
  /** Values in the order of the bars, with their words; those that are missing are left out. A shade where order or colour has a meaning. */
  values: readonly (readonly [value: string, word: string, shade?: Shade])[];
}

/** Never a colour of something that has a name. */
export const REST_SHADE: Shade = [6, 0.65];

/**
 * Bars by window of what is published of a counter, or undefined where that is nothing. A window that publishes nothing has no bar and says
 * so in the table: a withheld figure is no zero. There is no total, and no part of anything that is not published.
 */
export function barsByWindow(windows: readonly (readonly Release[])[], options: BarsOptions): ReportChart | undefined {
  const { id, caption, counter, dim, values, aside } = options;
  const tallies = windows.map((window) => tallyOf(window, counter, dim));
  if (tallies.every(({ published }) => published === 0)) return undefined;
  const known = new Map(values.map(([value, word, shade], index) => [value, { word, shade: shade ?? usualShade(index) }]));
  const seen = [...new Set(tallies.flatMap(({ named }) => [...named.keys()]))];
  const unknown = seen.filter((value) => !known.has(value)).toSorted();
  const order = [...known.keys()].filter((value) => seen.includes(value)).concat(unknown);
  const series = order.map((value) => ({
    name: known.get(value)?.word ?? value,
    value,
    shade: known.get(value)?.shade ?? (value === 'other' ? REST_SHADE : usualShade(known.size + unknown.indexOf(value))),
    of: ({ named }: Tally) => named.get(value),
  }));
  if (tallies.some(({ rest }) => rest > 0)) {
    series.push({ name: REST, value: REST, shade: REST_SHADE, of: ({ rest }) => (rest > 0 ? rest : undefined) });
  }
  // What never gets out of its noise is in the table only.
  const drawn = series.filter(({ value }) => value === REST || isSeen(tallies, value));
  const weeks = windows.map((window) => window[0]?.window.from ?? '');
  const all = new Set(windows.flat().map(({ team }) => team)).size;
  return {
    id,
    caption: `${caption}${captionAside(tallies, all, aside)}${captionNoise(tallies)}`,
    label: `Bars by window of weeks: ${caption}. The table has the figures.`,
    option: {
      ...legendOver(drawn.map(({ name }) => name)),
      xAxis: { type: 'category', data: windowLabels(weeks) },
      yAxis: { type: 'value', minInterval: 1, splitNumber: 4 },
      series: drawn.map(({ name, shade: [colour, opacity], of }) => ({
        type: 'bar',
        stack: 'all',
        name,
        barMaxWidth: 48,
        itemStyle: { color: `var(--chart-${colour})`, opacity },
        data: tallies.map((one) => of(one) ?? '-'),
      })),
    },
    table: tableOf(weeks, { tallies, series, teams: all }),
  };
}

function restNote(teams: number): string {
  const more = teams > 1 ? 'more of it can be named, or more teams publish it' : 'more of it can be named';
  return `A bar with a name may also rise because ${more}: what too few people are behind is in “others, together”, or withheld.`;
}

/** Whether a chart has a window without a bar, which a reader must not take for zero. */
function hasGaps({ table }: ReportChart): boolean {
  return table.rows.some((row) => row.includes(NOTHING));
}

const GAP_NOTE = 'A window without a bar is withheld. It is not zero.';
/** What a reader has to know of some of the charts of a section. */
export function chartNotes(charts: readonly (ReportChart | undefined)[], teams: number): string[] {
  const given = charts.filter((chart) => chart !== undefined);
  return [
    ...(given.some(hasGaps) ? [GAP_NOTE] : []),
    ...(given.some(({ table }) => table.columns[0] === WINDOW_FROM && table.columns.includes(REST)) ? [restNote(teams)] : []),
  ];
}

/** A legend in as many lines as its names take, and the drawing below it. */
export function legendOver(names: readonly string[]): Pick<ChartOption, 'legend' | 'grid'> {
  const [GAP, ICON, LETTER, LINE] = [18, 15, 6.4, 30];
  let [lines, used] = [1, 0];
  for (const name of names) {
    const width = ICON + LETTER * name.length + GAP;
    if (used > 0 && used + width > CHART_SIZE.width - 8) [lines, used] = [lines + 1, 0];
    used += width;
  }
  const top = LINE * lines;
  return { legend: { data: [...names], itemGap: GAP }, grid: { top, outerBounds: { left: 8, right: 8, top, bottom: 6 } } };
}

/** When windows begin, short enough for an axis: `5 Oct 26`. */
export function windowLabels(weeks: readonly string[]): string[] {
  return weeks.map((week) => firstDay(week).replace(/ 20(\d\d)$/, ' $1'));
}

function usualShade(index: number): Shade {
  // The sixth colour is of what has no name; after five names they come again, paler.
  return [(index % 5) + 1, index < 5 ? 1 : 0.5];
}

/** Of how many teams the figures are, where some publish nothing of the counter: by the last window. */
function captionAside(tallies: readonly Tally[], all: number, aside: string | undefined): string {
  const last = tallies.at(-1);
  const teams = last === undefined ? undefined : teamsText(last.teams, all);
  const said = [teams, aside].filter((text) => text !== undefined);
  return said.length === 0 ? '' : ` (${said.join(', ')} in the last window)`;
}

/** How far a figure may be off for noise: the widest of the chart. */
export function captionNoise(tallies: readonly Tally[]): string {
  const margin = Math.max(0, ...tallies.flatMap((tally) => [...tally.noise.keys()].map((value) => marginOf(tally, value))));
  return margin === 0 ? '' : `, each ±${whole(margin)}`;
}

function tableOf(
  weeks: readonly string[],
  {
    tallies,
    series,
    teams,
  }: { tallies: readonly Tally[]; series: readonly { name: string; of(one: Tally): number | undefined }[]; teams: number },
): FigureTable {
  // Of each window, since a sum of fewer teams is no less of anything.
  const hasTeams = tallies.some((tally) => tally.teams.size < teams) && teams > 1;
  return {
    columns: [WINDOW_FROM, ...series.map(({ name }) => name), ...(hasTeams ? ['Teams'] : [])],
    rows: tallies.map((tally, index) => [
      `${weeks[index] ?? ''}, ${firstDay(weeks[index] ?? '')}`,
      ...series.map(({ of }) => figureOf(tally, of)),
      ...(hasTeams ? [`${tally.teams.size} of ${teams}`] : []),
    ]),
  };
}

/** A cell of a table: what is not published is never a number. */
export function figureOf(tally: Tally, of: (one: Tally) => number | undefined): number | string {
  return tally.published === 0 ? NOTHING : (of(tally) ?? (tally.rest > 0 ? 'in others' : 'none'));
}
