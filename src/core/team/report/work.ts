import { bottlenecks } from '../insight/bottlenecks.ts';
import { waitAt, waitsOf, HOUR } from '../insight/dwell.ts';
import { notEnoughText } from '../insight/enough.ts';
import { measuredWork, STEP_KINDS, sumOf, type WindowCounts } from '../insight/measuredWork.ts';
import { hours } from '../insight/options.ts';
import { barsByWindow, GAP_NOTE, hasGaps } from './charts.ts';
import { compared, type Metric, type MetricInput, type ReportInput, type Section } from './reportModel.ts';
import { shareOfValues, tallyOf, totalOf } from './tally.ts';
import { percent, percentRange, plural, STEP_WORDS, WITHHELD } from './words.ts';

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
      counter: 'steps.dwell',
      dim: 'dwell',
      values: [
        ['under-10m', 'under 10 min', [1, 0.3]],
        ['10m-1h', '10 min to 1 h', [1, 0.6]],
        ['1h-4h', '1 to 4 h', [1, 1]],
        ['4h-1d', '4 h to 1 day', [4, 0.7]],
        ['1d-3d', '1 to 3 days', [4, 1]],
        ['3d-1w', '3 days to a week', [5, 0.7]],
        ['1w-or-more', 'a week or more', [5, 1]],
        ['unknown', 'not seen', [6, 0.3]],
      ],
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
      ...(charts.some((chart) => chart !== undefined && hasGaps(chart)) ? [GAP_NOTE] : []),
      'Findings are acted on where they are shown, before a merge; those that nobody decided about are in neither part. Weights are ours.',
    ],
  };
}

/** The wait that half of all steps are below. */
export function medianWait({ releases }: MetricInput): Metric {
  const label = 'Half of the steps are done within';
  const framework = 'DORA: lead time for changes; SPACE: efficiency and flow';
  const counts = sumOf(measuredWork(releases));
  const waits = waitsOf(dwellOf(counts));
  if (waits === undefined) return { label, why: WITHHELD, framework };
  return {
    label,
    value: hours(waitAt(waits, 0.5) / HOUR),
    detail: 'From when a step could be done until it was, where that was seen.',
    framework,
  };
}

function dwellOf(counts: WindowCounts): Float64Array {
  const sum = new Float64Array(counts.manual.dwell.length);
  for (const kind of STEP_KINDS) counts[kind].dwell.forEach((count, range) => (sum[range] = (sum[range] ?? 0) + count));
  return sum;
}

function turnaround({ releases }: MetricInput): Metric {
  const label = 'Half of the review steps are done within';
  const framework = 'DORA: lead time for changes';
  const found = bottlenecks(releases);
  if (!found.enough) return { label, why: notEnoughText(found), framework };
  const review = found.kinds.find(({ kind }) => kind === 'review');
  if (review === undefined) return { label, why: 'Not enough data: too few review steps are published.', framework };
  const { low, high, value } = review.medianHours;
  if (low === high) return { label, value: hours(value), framework };
  return { label, value: `${hours(low)} to ${hours(high)}`, detail: 'With 80 % confidence.', framework };
}

function severeFindings({ releases }: MetricInput): Metric {
  const label = 'Findings that are critical or high';
  const framework = 'SPACE: performance (quality)';
  const tally = tallyOf(releases, 'review.findings', 'severity');
  const share = shareOfValues(tally, ['critical', 'high']);
  if (share === undefined) return { label, why: WITHHELD, framework };
  return { label, value: `${percentRange(share)} of ${plural(totalOf(tally), 'finding')}`, framework };
}

/** A critical finding counts as much as four low ones; information counts for nothing. */
const WEIGHTS: Readonly<Record<string, number>> = { critical: 4, high: 3, medium: 2, low: 1, info: 0 };

/** Of the findings that were decided about, the part whose fix was applied, by weight; what is not named may be anything. */
function actedOn({ releases }: MetricInput): Metric {
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
  if (applied + dismissed === 0) return { label, why: WITHHELD, framework };
  const value = percentRange({ low: applied / all, high: (applied + rest) / all });
  return { label, value, detail: 'Critical weighs 4, high 3, medium 2, low 1, of those that were decided about.', framework };
}

/** Skipped steps of all that were due. */
export function waivers({ releases }: MetricInput): Metric {
  const label = 'Steps skipped with a reason';
  const framework = 'DORA: change failure rate (leading indicator)';
  const counts = sumOf(measuredWork(releases));
  const sum = (of: (kind: (typeof STEP_KINDS)[number]) => number): number => STEP_KINDS.reduce((all, kind) => all + of(kind), 0);
  const done = sum((kind) => counts[kind].doneBesideWaived);
  const tally = tallyOf(releases, 'steps.waived', 'kind');
  if (tally.published === 0 || done === 0) return { label, why: WITHHELD, framework };
  const waived = totalOf(tally);
  return { label, value: `${percent(waived / (waived + done))} of steps`, framework };
}

function reviewsEnded({ releases }: MetricInput): Metric {
  const label = 'AI reviews that ran to their end';
  const framework = 'SPACE: activity';
  const tally = tallyOf(releases, 'review.runs', 'outcome');
  const share = shareOfValues(tally, ['completed']);
  if (share === undefined) return { label, why: WITHHELD, framework };
  return { label, value: `${percentRange(share)} of ${plural(totalOf(tally), 'review')}`, framework };
}
