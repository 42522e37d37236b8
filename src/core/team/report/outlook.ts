import { BY_STEP } from '../../telemetry/counters.ts';
import { type Bottleneck, bottlenecks } from '../insight/bottlenecks.ts';
import { notEnoughText } from '../insight/enough.ts';
import { forecastAdoption, type Forecast } from '../insight/forecast.ts';
import { hours, optionText, teamOptions } from '../insight/options.ts';
import { stepBottlenecks, tellsStepsApart } from '../insight/stepWaits.ts';
import type { Release } from '../release/release.ts';
import type { StepKind } from '../../workflow/definition.ts';
import { legendOver, windowLabels } from './charts.ts';
import { BY_KIND, knownText, type KnownWaits, knownWaits, WAITED } from './halfDone.ts';
import { DROWNED, isDrowned } from './noise.ts';
import { type Period, spanOf } from './periods.ts';
import { type Metric, type ReportChart, type ReportInput, type Section, withTeams } from './reportModel.ts';
import { tallyOf, teamsText } from './tally.ts';
import { firstDay, percent, percentRange, plural, STEP_WORDS } from './words.ts';

/** Where work waits, what helped here, and how adoption is likely to go on. */
export function outlookSections(input: ReportInput): Section[] {
  // Releases with noise never say how many took part.
  return [waitingSection(input), helpedSection(input), ...(input.noise === 'all' ? [] : [forecastSection(input)])];
}

/** By the names of one team's own steps where it tells them apart, and by kinds of steps otherwise; of the weeks that the first page is of. */
function waitingSection({ recent, teams }: ReportInput): Section {
  const { releases } = recent;
  const section = { id: 'waiting', title: 'Where work waits', metrics: [], charts: [], notes: [] };
  if (isDrowned(releases, WAITED)) return { ...section, lead: DROWNED, tables: [] };
  if (tellsStepsApart(releases)) return { ...section, ...waitingByStep(recent) };
  const of = teamsText(tallyOf(releases, BY_KIND, 'kind').teams, teams);
  const lead = `Kinds of steps by their part of all the waiting that was seen${of === undefined ? '' : `, of ${of}`}. Ends of ranges hold with 80 % confidence, for the steps that were seen.`;
  const found = bottlenecks(releases);
  if (!found.enough) return { ...section, lead: notEnoughText(found), tables: [] };
  const kinds = longestFirst(found.kinds);
  const rows = kinds.map(({ kind, lost, medianHours, partOfWaiting, steps }) => [
    STEP_WORDS[kind],
    percent(partOfWaiting),
    hoursRange(medianHours),
    percentRange(lost),
    steps,
  ]);
  const columns = [
    'Kind of step',
    'Part of all waiting',
    'Half of those seen were done within',
    'Attempts that did not get it done',
    'Steps seen',
  ];
  return {
    ...section,
    lead,
    tables: [{ caption: `Kinds of steps, the one that is waited for most first, ${spanOf(recent.windows)}`, table: { columns, rows } }],
    notes: [
      ...hiddenNote(knownWaits(releases, BY_KIND)),
      ...(kinds.length < 2
        ? []
        : [
            `By how often a step does not get done, times how long half of those seen wait, the order is: ${found.kinds.map(({ kind }) => STEP_WORDS[kind]).join(', ')}.`,
          ]),
      ...(found.tooFew.length === 0
        ? []
        : [`Too few steps to say anything of: ${found.tooFew.map((kind) => STEP_WORDS[kind]).join(', ')}.`]),
    ],
  };
}

function waitingByStep({ releases, windows }: Period): Pick<Section, 'lead' | 'tables' | 'notes'> {
  const found = stepBottlenecks(releases);
  if (!found.enough) return { lead: notEnoughText(found), tables: [], notes: [] };
  const rows = found.steps.map(({ step, medianHours, partOfWaiting, seen }) => [
    step,
    `${percent(partOfWaiting.value)} (${percentRange(partOfWaiting)})`,
    hoursRange(medianHours),
    seen,
  ]);
  return {
    lead: 'The team’s own steps, by their part of all the waiting that was seen. Ends of ranges hold with 80 % confidence, for the steps that were seen.',
    tables: [
      {
        caption: `Steps, the one that is waited for most first, ${spanOf(windows)}`,
        table: { columns: ['Step', 'Part of all waiting', 'Half of those seen were done within', 'Steps seen'], rows },
      },
    ],
    notes: [
      ...hiddenNote(knownWaits(releases, BY_STEP)),
      'Whether a step was skipped, or failed, is counted by kind and not by name, so it is not in this order.',
      ...(found.tooFew.length === 0 ? [] : [`Too few steps to say anything of: ${found.tooFew.join(', ')}.`]),
    ],
  };
}

/** Of how many steps nothing of this is known: if they are of other kinds, the order may be another. */
function hiddenNote({ unseen, together }: KnownWaits): string[] {
  const hidden = unseen + together;
  return hidden === 0
    ? []
    : [`How long ${plural(hidden, 'more step')} waited is not known: they are in no column, and could change the order.`];
}

function hoursRange({ low, high }: { low: number; high: number }): string {
  const [from, to] = [hours(low), hours(high)];
  return from === to ? from : `${from} to ${to}`;
}

function longestFirst(kinds: readonly Bottleneck[]): Bottleneck[] {
  return kinds.toSorted((a, b) => b.partOfWaiting - a.partOfWaiting);
}

const KIND_WORDS: Readonly<Record<StepKind, string>> = {
  manual: 'steps that people do by hand',
  command: 'commands',
  generate: 'AI generation',
  review: 'AI reviews',
  approval: 'approvals',
};

/** The step, or the kind of step, that most of the waiting is for. */
export function longestWait({ releases, teams }: ReportInput): Metric {
  const label = 'Where work waits most';
  if (isDrowned(releases, WAITED)) return { label, why: DROWNED };
  if (tellsStepsApart(releases)) return longestStep(releases, label);
  const found = bottlenecks(releases);
  if (!found.enough) return { label, why: notEnoughText(found) };
  const [most] = longestFirst(found.kinds);
  if (most === undefined) return { label, why: 'Not enough data.' };
  const metric = { label, value: KIND_WORDS[most.kind], ...waitingDetail(most.partOfWaiting, knownWaits(releases, BY_KIND)) };
  return withTeams(metric, tallyOf(releases, BY_KIND, 'kind').teams, teams);
}

function longestStep(releases: readonly Release[], label: string): Metric {
  const found = stepBottlenecks(releases);
  if (!found.enough) return { label, why: notEnoughText(found) };
  const [most] = found.steps;
  if (most === undefined) return { label, why: 'Not enough data.' };
  return { label, value: `the step ${most.step}`, ...waitingDetail(most.partOfWaiting.value, knownWaits(releases, BY_STEP)) };
}

function waitingDetail(part: number, waits: KnownWaits): Pick<Metric, 'detail' | 'framework'> {
  const known = knownText(waits);
  const rest = known === undefined ? '' : ` How long steps waited is ${known}.`;
  return { detail: `${percent(part)} of all the waiting that was seen.${rest}`, framework: 'DORA: lead time for changes' };
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
