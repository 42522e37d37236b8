import { BY_STEP } from '../../telemetry/counters.ts';
import type { Release } from '../release/release.ts';
import { barsByWindow, captionNoise, chartNotes, figureOf, legendOver, REST, REST_SHADE } from './charts.ts';
import { knownText, knownWaits } from './halfDone.ts';
import { type Period, spanOf } from './periods.ts';
import type { ReportChart, ReportInput, Section } from './reportModel.ts';
import { isSeen, tallyOf } from './tally.ts';
import { WAIT_RANGES } from './waitRanges.ts';
import { whyNothing } from './withheld.ts';

/**
 * The steps that one team tells apart by name: how long and how often each is waited for. Undefined where the team lists none, and of
 * several teams, whose steps of one name need not be the same.
 */
export function ownStepsSection({ releases, windows, recent, teams }: ReportInput): Section | undefined {
  const isListed = releases.some(({ cells, withheld }) => withheld.includes(BY_STEP) || cells.some(({ counter }) => counter === BY_STEP));
  if (teams > 1 || !isListed) return undefined;
  const section = { id: 'steps', title: 'The team’s own steps', metrics: [], tables: [] };
  const charts = [
    waitsChart(recent),
    barsByWindow(windows, { id: 'own-steps', caption: 'How often each step was done', counter: BY_STEP, dim: 'step', values: [] }),
  ].filter((chart) => chart !== undefined);
  if (charts.length === 0) return { ...section, lead: whyNothing(releases, BY_STEP), charts, notes: [] };
  return {
    ...section,
    lead: 'The steps that this team tells apart by name: how long each had waited when it was done, and how often it was done.',
    charts,
    notes: [
      ...chartNotes(charts, teams),
      'What is published together with others may be of any step, so a bar is at least so much. Steps that the team does not list are in it, too.',
    ],
  };
}

/** A bar for each step, in ranges of waiting; what no step is named of has a bar of its own. */
function waitsChart({ releases, windows }: Period): ReportChart | undefined {
  const all = tallyOf(releases, BY_STEP, 'step');
  if (all.published === 0) return undefined;
  const steps = [...all.named.keys()].toSorted((a, b) => (all.named.get(b) ?? 0) - (all.named.get(a) ?? 0) || (a < b ? -1 : 1));
  const tallies = steps.map((step) => tallyOf(only(releases, step), BY_STEP, 'dwell'));
  const ranges = WAIT_RANGES.filter(([range]) => tallies.some(({ named }) => named.has(range)));
  // What never gets out of its noise is in the table only.
  const drawn = ranges.filter(([range]) => isSeen(tallies, range));
  const hasRest = all.rest > 0;
  const rows = [...steps, ...(hasRest ? [REST] : [])];
  const names = [...ranges.map(([, word]) => word), ...(hasRest ? [REST] : [])];
  const known = knownText(knownWaits(releases));
  const caption = `How long each step had waited when it was done, ${spanOf(windows)}${known === undefined ? '' : `, ${known}`}${captionNoise(tallies)}`;
  return {
    id: 'own-waits',
    caption,
    label: `A bar for each step, in ranges of waiting: ${caption}. The table has the figures.`,
    option: {
      ...legendOver([...drawn.map(([, word]) => word), ...(hasRest ? [REST] : [])]),
      // The first category is the lowest.
      yAxis: { type: 'category', data: rows.map(shortened), inverse: true },
      xAxis: { type: 'value', minInterval: 1, splitNumber: 4 },
      series: [
        ...drawn.map(([range, name, [colour, opacity]]) => ({
          type: 'bar' as const,
          stack: 'all',
          name,
          barMaxWidth: 28,
          itemStyle: { color: `var(--chart-${colour})`, opacity },
          data: rows.map((_, index) => tallies[index]?.named.get(range) ?? '-'),
        })),
        ...(hasRest
          ? [
              {
                type: 'bar' as const,
                stack: 'all',
                name: REST,
                barMaxWidth: 28,
                itemStyle: { color: `var(--chart-${REST_SHADE[0]})`, opacity: REST_SHADE[1] },
                data: rows.map((_, index) => (index < steps.length ? '-' : all.rest)),
              },
            ]
          : []),
      ],
    },
    table: {
      columns: ['Step', ...names],
      rows: [
        ...tallies.map((tally, index) => [
          steps[index] ?? '',
          ...ranges.map(([range]) => figureOf({ ...tally, rest: all.rest }, ({ named }) => named.get(range))),
          ...(hasRest ? ['–'] : []),
        ]),
        ...(hasRest ? [[REST, ...ranges.map(() => '–'), all.rest]] : []),
      ],
    },
  };
}

/** The releases with the cells of one step. */
function only(releases: readonly Release[], step: string): Release[] {
  return releases.map((release) => ({ ...release, cells: release.cells.filter(({ dims }) => dims['step'] === step) }));
}

/** Ids are as long as a team likes; the table has them whole. */
function shortened(step: string): string {
  return step.length <= 22 ? step : `${step.slice(0, 21)}…`;
}
