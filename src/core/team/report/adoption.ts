import { type DepthCohort, depthCohorts, depthOf } from '../insight/depthCohorts.ts';
import { GARTNER, statedShare } from '../insight/gartner.ts';
import { nonResponseBounds, participationWindows, shareOf } from '../insight/participationBands.ts';
import { STEP_KINDS } from '../insight/measuredWork.ts';
import type { Release } from '../release/release.ts';
import { barsByWindow, chartNotes, legendOver, windowLabels } from './charts.ts';
import { spanOf } from './periods.ts';
import { compared, type Metric, type ReportChart, type ReportInput, type Section, withTeams } from './reportModel.ts';
import { tallyOf, totalText } from './tally.ts';
import { whyNothing } from './withheld.ts';
import { firstDay, percent, percentRange, STEP_WORDS, whole } from './words.ts';

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
      caption: 'Thousands of tokens of assistants, by the lower ends of ranges',
      counter: 'assistants.tokens',
      dim: 'source',
      values: ASSISTANTS,
    }),
    barsByWindow(windows, STEPS),
  ];
  return {
    id: 'adoption',
    title: 'Adoption',
    lead: `How many people take part, what they use, and which steps of the workflow are done. ${
      input.noise === 'all' ? 'Who does not share is not seen.' : 'Who does not share is not seen, so use is at least this much.'
    }`,
    metrics: [participation(input), ...nonResponse(input), assistants(input), ...depth(input)],
    charts: charts.filter((chart) => chart !== undefined),
    tables: cohorts(input),
    notes: [
      ...chartNotes(charts, input.teams),
      ...(input.noise === 'all' ? [] : ['A count of people is never published: participation is a band as wide as k.']),
      ...(charts[0] === undefined ? [] : [STATED]),
    ],
  };
}

const STATED = `For comparison: ${GARTNER.map(({ name }) => name).join('; ')}. These are statements about people who use an assistant at all; the line between their two points is ours.`;

/** Why a noisy release tells no number of people. */
const NOT_WITH_NOISE = 'Not published: it would be the one figure without noise.';

/** `10 to 14 of 14 people`, of the last window. */
export function participation({ windows, rosters, noise }: ReportInput): Metric {
  const last = windows.at(-1) ?? [];
  const label = 'Took part in the last window';
  const framework = 'DX AI measurement: active users';
  if (noise === 'all') return { label, why: NOT_WITH_NOISE, framework };
  const from = last.reduce((sum, release) => sum + release.participation.from, 0);
  // Fewer people than took part are not how many the team has.
  const rosterOf = ({ team, participation: band }: Release): number =>
    Object.hasOwn(rosters, team) && (rosters[team] ?? 0) >= band.from ? (rosters[team] ?? Infinity) : Infinity;
  const to = last.every((release) => release.participation.to !== undefined)
    ? last.reduce((sum, release) => sum + Math.min(release.participation.to ?? 0, rosterOf(release)), 0)
    : undefined;
  const all = last.reduce((sum, release) => sum + rosterOf(release), 0);
  const roster = Number.isFinite(all) ? all : undefined;
  const people = roster === undefined ? 'people' : `of ${whole(roster)} people`;
  if (to === undefined) return { label, value: `at least ${whole(from)} ${people}`, framework };
  return { label, value: from === to ? `${whole(from)} ${people}` : `${whole(from)} to ${whole(to)} ${people}`, framework };
}

function nonResponse({ releases, rosters, noise }: ReportInput): Metric[] {
  if (noise === 'all') return [];
  const label = 'Use, whatever those do who share nothing';
  const last = participationWindows(releases, rosters).at(-1);
  if (last === undefined) return [{ label, why: 'Not enough data: no team names how many people it has.' }];
  return [{ label, value: percentRange(nonResponseBounds(last)), detail: 'If only those who took part use AI, and if everybody does.' }];
}

function assistants({ windows, teams }: ReportInput): Metric {
  const label = 'Days with an assistant, last window';
  const last = windows.at(-1) ?? [];
  const tally = tallyOf(last, 'assistants.days', 'source');
  if (tally.published === 0) return { label, why: whyNothing(last, 'assistants.days') };
  return withTeams(
    {
      label,
      value: totalText(tally, 'day'),
      detail: 'A day with two assistants counts twice.',
      framework: 'DX AI measurement: utilisation',
    },
    tally.teams,
    teams,
  );
}

/** How much one team asks of AI for each person; of several teams it is told by cohorts. */
function depth(input: ReportInput): Metric[] {
  if (input.teams > 1) return [];
  const metric = compared(({ releases }) => {
    const label = 'Reviews and generations a week, for each person';
    const found = depthOf(releases);
    // What cannot be known of these releases is not asked.
    if (found === undefined) return { label };
    return {
      label,
      value: rateRange(found),
      detail: 'By the most people of a week; people who were away make it less.',
      framework: 'DX AI measurement: utilisation',
    };
  }, input);
  return metric.value === undefined ? [] : [metric];
}

/** Teams by how deep their use goes; nothing where releases do not say enough. */
function cohorts({ releases, recent, teams }: ReportInput): Section['tables'] {
  const found = depthCohorts(recent.releases, releases);
  if (!found.enough) return [];
  const caption = `Teams by reviews and generations a week, for each person who took part, ${spanOf(recent.windows)}${
    found.known < teams ? ` (known of ${found.known} of ${teams} teams)` : ''
  }`;
  const rows = found.cohorts.map(({ depth: of, least, most }) => [depthWords(of), least, most]);
  return [{ caption, table: { columns: ['For each person, a week', 'Teams, at least', 'Teams, at most'], rows } }];
}

function depthWords({ from, below }: DepthCohort['depth']): string {
  if (from === 0) return `fewer than ${below}`;
  return below === Infinity ? `${from} or more` : `${from} to fewer than ${below}`;
}

function rateRange({ low, high }: { low: number; high: number }): string {
  const [from, to] = [low.toFixed(1), high.toFixed(1)];
  return from === to ? from : `${from} to ${to}`;
}

/** Steps by kind: from the waits where those are published, which have the same sums. */
const STEPS = {
  id: 'steps',
  caption: 'Steps of the workflow that were done',
  counter: ['steps.dwell', 'steps.completed'],
  dim: 'kind',
  values: KINDS,
};

function participationChart({ releases, rosters, noise }: ReportInput): ReportChart | undefined {
  if (noise === 'all') return undefined;
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
