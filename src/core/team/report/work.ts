import { LEAST_STEPS, notEnoughText } from '../insight/enough.ts';
import { STEP_KINDS } from '../insight/measuredWork.ts';
import { tellsStepsApart } from '../insight/stepWaits.ts';
import { publishedCounters, type Release } from '../release/release.ts';
import { barsByWindow, chartNotes } from './charts.ts';
import { BY_KIND, type HalfDone, halfDone, knownText, knownWaits, knownWaitsOf, WAITED, whyNotSeen } from './halfDone.ts';
import { DROWNED, isDrowned } from './noise.ts';
import { compared, type Metric, type MetricInput, type ReportInput, type Section, withTeams } from './reportModel.ts';
import { shareOfValues, tallyOf, totalOf, totalText } from './tally.ts';
import { WAIT_RANGES } from './waitRanges.ts';
import { whyNothing } from './withheld.ts';
import { percent, percentRange, STEP_WORDS } from './words.ts';

const SEVERITIES = [
  ['critical', 'critical', [5, 1]],
  ['high', 'high', [2, 1]],
  ['medium', 'medium', [1, 1]],
  ['low', 'low', [1, 0.6]],
  ['info', 'information', [1, 0.3]],
] as const;
const KINDS = STEP_KINDS.map((kind) => [kind, STEP_WORDS[kind]] as const);

/** Efficiency and risk, always beside each other: faster is no gain where more slips through. */
export function workSection(input: ReportInput): Section {
  const { windows } = input;
  const charts = [
    barsByWindow(windows, {
      id: 'dwell',
      caption: 'Efficiency: how long steps had waited when they were done',
      aside: knownText(knownWaits(windows.at(-1) ?? [])),
      counter: WAITED,
      dim: 'dwell',
      values: WAIT_RANGES,
    }),
    barsByWindow(windows, {
      id: 'findings',
      caption: 'Risk: findings of AI reviews, by severity',
      counter: 'review.findings',
      dim: 'severity',
      values: SEVERITIES,
    }),
    barsByWindow(windows, {
      id: 'waived',
      caption: 'Risk: steps skipped with a reason',
      counter: 'steps.waived',
      dim: 'kind',
      values: KINDS,
    }),
  ];
  return {
    id: 'work',
    title: 'Efficiency and risk',
    lead: 'Shown together, because speed that lets more slip through is no gain.',
    metrics: [medianWait, turnaround, severeFindings, actedOn, waivers, reviewsEnded].map((metric) => compared(metric, input)),
    charts: charts.filter((chart) => chart !== undefined),
    tables: [],
    notes: [
      ...chartNotes(charts, input.teams),
      'Findings are acted on where they are shown, before a merge; those that nobody decided about are in neither part. Weights are ours.',
    ],
  };
}

/** Those of how many were done. */
const DONE = [...WAITED, 'steps.completed'];

/** The wait that half of all steps are below. */
export function medianWait({ releases, teams }: MetricInput): Metric {
  const label = 'Half of the steps are done within';
  const framework = 'DORA: lead time for changes; SPACE: efficiency and flow';
  const half = halfOf(releases);
  if ('why' in half) return { label, why: half.why, framework };
  const { value, detail } = half;
  return withTeams({ label, value, detail, framework }, tallyOf(releases, WAITED, 'dwell').teams, teams);
}

/** What is said of all steps, or why nothing is. */
export function halfOf(releases: readonly Release[]): HalfDone | { why: string } {
  const known = knownWaits(releases);
  if (isDrowned(releases, WAITED) || known.seen.published === 0) return { why: whyNothing(releases, WAITED) };
  return halfDone(known) ?? { why: whyNotSeen(known) };
}

function turnaround({ releases, teams }: MetricInput): Metric {
  const label = 'Half of the AI review steps are done within';
  const framework = 'DORA: lead time for changes';
  if (tellsStepsApart(releases)) return { label, why: 'Steps are counted by name, not by kind: see The team’s own steps.', framework };
  if (isDrowned(releases, WAITED)) return { label, why: DROWNED, framework };
  const known = knownWaitsOf('review', releases);
  const have = totalOf(known.seen);
  const half = have < LEAST_STEPS ? undefined : halfDone(known);
  if (half === undefined) {
    const why =
      tallyOf(releases, BY_KIND, 'dwell').published === 0
        ? whyNothing(releases, BY_KIND)
        : notEnoughText({ enough: false, reason: 'steps', have, need: LEAST_STEPS, kind: 'AI review' });
    return { label, why, framework };
  }
  const { value, detail } = half;
  return withTeams({ label, value, detail, framework }, tallyOf(releases, BY_KIND, 'kind').teams, teams);
}

function severeFindings({ releases, teams }: MetricInput): Metric {
  const label = 'Findings that are critical or high';
  const framework = 'SPACE: performance (quality)';
  const tally = tallyOf(releases, 'review.findings', 'severity');
  const share = shareOfValues(tally, ['critical', 'high']);
  if (share === undefined) return { label, why: whyNothing(releases, 'review.findings'), framework };
  return withTeams({ label, value: `${percentRange(share)} of ${totalText(tally, 'finding')}`, framework }, tally.teams, teams);
}

/** A critical finding counts as much as four low ones; information counts for nothing. */
const WEIGHTS: Readonly<Record<string, number>> = { critical: 4, high: 3, medium: 2, low: 1, info: 0 };

/** Of the findings that were decided about, the part whose fix was applied, by weight; what is not named may be anything. */
function actedOn({ releases, teams }: MetricInput): Metric {
  const label = 'Findings acted on, by severity';
  const framework = 'DORA: change failure rate (leading indicator); SPACE: performance';
  let [applied, dismissed, rest] = [0, 0, 0];
  for (const { counter, dims, value } of releases.flatMap(({ cells }) => cells)) {
    if (counter !== 'review.decisions') continue;
    const weight = WEIGHTS[dims['severity'] ?? ''];
    if (weight === undefined) rest += value * 4;
    else if (dims['decision'] === 'applied') applied += value * weight;
    else dismissed += value * weight;
  }
  const all = applied + dismissed + rest;
  if (applied + dismissed === 0) return { label, why: whyNothing(releases, 'review.decisions'), framework };
  const value = percentRange({ low: applied / all, high: (applied + rest) / all });
  const detail = 'Critical weighs 4, high 3, medium 2, low 1, of those that were decided about.';
  return withTeams({ label, value, detail, framework }, tallyOf(releases, 'review.decisions', 'decision').teams, teams);
}

/** Skipped steps of all that were due, in releases that publish both: beside other teams, waivers would look like more of theirs. */
export function waivers({ releases, teams }: MetricInput): Metric {
  const label = 'Steps skipped with a reason';
  const framework = 'DORA: change failure rate (leading indicator)';
  const both = releases.filter((release) => {
    const has = publishedCounters(release);
    return has.has('steps.waived') && DONE.some((name) => has.has(name));
  });
  const [waived, done] = [tallyOf(both, 'steps.waived', 'kind'), tallyOf(both, DONE, 'kind')];
  const all = totalOf(waived) + totalOf(done);
  if (all === 0 || isDrowned(both, ['steps.waived']) || isDrowned(both, DONE)) {
    return { label, why: all === 0 ? whyNothing(releases, 'steps.waived') : DROWNED, framework };
  }
  return withTeams({ label, value: `${percent(totalOf(waived) / all)} of steps`, framework }, waived.teams, teams);
}

function reviewsEnded({ releases, teams }: MetricInput): Metric {
  const label = 'AI reviews that ran to their end';
  const framework = 'SPACE: activity';
  const tally = tallyOf(releases, 'review.runs', 'outcome');
  const share = shareOfValues(tally, ['completed']);
  if (share === undefined) return { label, why: whyNothing(releases, 'review.runs'), framework };
  return withTeams({ label, value: `${percentRange(share)} of ${totalText(tally, 'review')}`, framework }, tally.teams, teams);
}
