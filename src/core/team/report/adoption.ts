import { GARTNER, statedShare } from '../insight/gartner.ts';
import { nonResponseBounds, participationWindows, shareOf } from '../insight/participationBands.ts';
import { STEP_KINDS } from '../insight/measuredWork.ts';
import { barsByWindow, GAP_NOTE, hasGaps, legendOver, windowLabels } from './charts.ts';
import type { Metric, ReportChart, ReportInput, Section } from './reportModel.ts';
import { tallyOf, totalOf } from './tally.ts';
import { firstDay, percent, percentRange, plural, STEP_WORDS, whole, WITHHELD } from './words.ts';

const ASSISTANTS = [
  ['copilot', 'Copilot'],
  ['claude-code', 'Claude Code'],
  ['codex', 'Codex'],
  ['gemini-cli', 'Gemini CLI'],
] as const;
const KINDS = STEP_KINDS.map((kind) => [kind, STEP_WORDS[kind]] as const);

/** How many take part, with which assistants, in which steps. */
export function adoptionSection(input: ReportInput): Section {
  const { windows } = input;
  const charts = [
    participationChart(input),
    barsByWindow(windows, {
      id: 'assistants',
      caption: 'Days on which an assistant was used',
      counter: 'assistants.days',
      dim: 'source',
      values: ASSISTANTS,
    }),
    barsByWindow(windows, {
      id: 'tokens',
      caption: 'Thousands of tokens of assistants, at least',
      counter: 'assistants.tokens',
      dim: 'source',
      values: ASSISTANTS,
    }),
    barsByWindow(windows, stepsOptions(input)),
  ];
  return {
    id: 'adoption',
    title: 'Adoption',
    lead: 'How many people take part, what they use, and which steps of the workflow are done. Who does not share is not seen, so use is at least this much.',
    metrics: [participation(input), nonResponse(input), assistants(input), ...depth()],
    charts: charts.filter((chart) => chart !== undefined),
    tables: [],
    notes: [
      ...(charts.some((chart) => chart !== undefined && hasGaps(chart)) ? [GAP_NOTE] : []),
      'A count of people is never published: participation is a band as wide as k.',
      `For comparison: ${GARTNER.map(({ name }) => name).join('; ')}. These are statements about people who use an assistant at all; the line between their two points is ours.`,
    ],
  };
}

/** `10 to 14 of 14 people`, of the last window. */
export function participation({ windows, rosters }: ReportInput): Metric {
  const last = windows.at(-1) ?? [];
  const label = 'Took part in the last window';
  const framework = 'DX AI measurement: active users';
  const from = last.reduce((sum, release) => sum + release.participation.from, 0);
  const to = last.every((release) => release.participation.to !== undefined)
    ? last.reduce((sum, release) => sum + (release.participation.to ?? 0), 0)
    : undefined;
  const roster = last.every(({ team }) => Object.hasOwn(rosters, team))
    ? last.reduce((sum, { team }) => sum + (rosters[team] ?? 0), 0)
    : undefined;
  const people = roster === undefined ? 'people' : `of ${whole(roster)} people`;
  if (to === undefined) return { label, value: `at least ${whole(from)} ${people}`, framework };
  return { label, value: from === to ? `${whole(from)} ${people}` : `${whole(from)} to ${whole(to)} ${people}`, framework };
}

function nonResponse({ releases, rosters }: ReportInput): Metric {
  const label = 'Use, whatever those do who share nothing';
  const last = participationWindows(releases, rosters).at(-1);
  if (last === undefined) return { label, why: 'Not enough data: no team names how many people it has.' };
  return { label, value: percentRange(nonResponseBounds(last)), detail: 'Between only those who took part, and everybody.' };
}

function assistants({ windows }: ReportInput): Metric {
  const label = 'Days with an assistant, last window';
  const tally = tallyOf(windows.at(-1) ?? [], 'assistants.days', 'source');
  if (tally.published === 0) return { label, why: WITHHELD };
  return {
    label,
    value: plural(totalOf(tally), 'day'),
    detail: 'A day with two assistants counts twice.',
    framework: 'DX AI measurement: utilisation',
  };
}

/** Cohorts by depth of use would need figures of few people. */
function depth(): Metric[] {
  return [
    {
      label: 'How deep the use goes, by cohort',
      why: 'Not enough data: contributions hold sums of a week, and no person is followed from week to week.',
    },
  ];
}

/** Steps by kind: from the waits where those are published, which have the same sums. */
function stepsOptions({ releases }: ReportInput) {
  const counter = tallyOf(releases, 'steps.dwell', 'kind').published > 0 ? 'steps.dwell' : 'steps.completed';
  return { id: 'steps', caption: 'Steps of the workflow that were done', counter, dim: 'kind', values: KINDS };
}

function participationChart({ releases, rosters }: ReportInput): ReportChart | undefined {
  const windows = participationWindows(releases, rosters);
  if (windows.length === 0) return undefined;
  const shares = windows.map((window) => ({ week: window.week, start: window.start, ...shareOf(window) }));
  const stated = GARTNER.map((statement) => ({ name: statement.name, shares: shares.map(({ start }) => statedShare(statement, start)) }));
  const rounded = (share: number): number => Math.round(share * 1000) / 10;
  return {
    id: 'participation',
    caption: 'People who took part, in percent of the teams',
    label:
      'A band by window: at least and at most so many took part. Lines: what Gartner stated for its enterprises. The table has the figures.',
    option: {
      ...legendOver(['took part, at least', 'took part, at most', ...stated.map(({ name }) => name)]),
      xAxis: { type: 'category', data: windowLabels(shares.map(({ week }) => week)) },
      yAxis: { type: 'value', min: 0, max: 100 },
      series: [
        { type: 'line', name: 'took part, at least', data: shares.map(({ low }) => rounded(low)) },
        { type: 'line', name: 'took part, at most', lineStyle: { type: 'dashed' }, data: shares.map(({ high }) => rounded(high)) },
        ...stated.map(({ name, shares: values }) => ({
          type: 'line' as const,
          name,
          symbol: 'none',
          lineStyle: { type: 'dotted' as const },
          data: values.map(rounded),
        })),
      ],
    },
    table: {
      columns: ['Window from', 'at least', 'at most', ...stated.map(({ name }) => name)],
      rows: shares.map(({ week, low, high }, index) => [
        `${week}, ${firstDay(week)}`,
        percent(low),
        percent(high),
        ...stated.map(({ shares: values }) => percent(values[index] ?? 0)),
      ]),
    },
  };
}
