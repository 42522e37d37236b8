import { valueOf } from '../insight/value.ts';
import { publishedCounters, type Release } from '../release/release.ts';
import { barsByWindow, chartNotes } from './charts.ts';
import { DROWNED, isDrowned } from './noise.ts';
import { spanOf } from './periods.ts';
import { compared, type Metric, type MetricInput, type ReportInput, type Section, withTeams } from './reportModel.ts';
import { shareOfValues, tallyOf, totalText } from './tally.ts';
import { whyNothing } from './withheld.ts';
import { percentRange, roughRange, whole, wholeRange } from './words.ts';

const OUTCOMES = [
  ['accepted', 'accepted'],
  ['edited', 'accepted in part'],
  ['rejected', 'rejected'],
  ['abandoned', 'abandoned'],
  ['cancelled', 'cancelled'],
  ['failed', 'failed'],
] as const;

/** Two counters of accepted output, of which no release has both. */
const ACCEPTED = ['generate.outcomes', 'generate.survival'];
const COST = 'models.cost';

/** What came of it, and what it cost. */
export function valueSection(input: ReportInput): Section {
  const { windows, assumptions } = input;
  const charts = [
    barsByWindow(windows, {
      id: 'outcomes',
      caption: 'What became of generated changes',
      counter: 'generate.outcomes',
      dim: 'outcome',
      values: OUTCOMES,
    }),
    barsByWindow(windows, {
      id: 'survival',
      caption: 'How much of an accepted change is there after a week',
      counter: 'generate.survival',
      dim: 'survival',
      values: [
        ['all', 'all of it'],
        ['most', 'most'],
        ['half', 'about half'],
        ['some', 'some'],
        ['none', 'nothing'],
      ],
    }),
    barsByWindow(windows, {
      id: 'cost',
      caption: 'Cost of models in cents, by the lower ends of ranges, by family',
      counter: 'models.cost',
      dim: 'family',
      values: [],
    }),
  ];
  const { minutesSaved, costOfHour } = assumptions;
  return {
    id: 'value',
    title: 'Value',
    lead: 'What was accepted, what it cost, and what that is worth under assumptions that anybody may change.',
    metrics: [taken, costPerAccepted, cost, netValue].map((metric) => compared(metric, input)),
    charts: charts.filter((chart) => chart !== undefined),
    tables: [
      {
        caption: 'Assumptions of the net value',
        table: {
          columns: ['Assumption', 'Value', 'Change it with'],
          rows: [
            ['Minutes that an accepted output saved, reading it included', wholeRange(minutesSaved), '--minutes-saved LOW-HIGH'],
            ['Cost of an hour of work', whole(costOfHour), '--cost-of-hour AMOUNT'],
          ],
        },
      },
    ],
    notes: [
      ...chartNotes(charts, input.teams),
      'Costs are recorded in ranges, and summed by their lower ends; the upper end of a cost is ten times the lower.',
      'Time saved is an assumption and no measurement. Amounts are in the currency of the prices in the models file, US dollars or euros.',
    ],
  };
}

/** Proposals that people took, wholly or in part. */
export function taken({ releases, teams }: MetricInput): Metric {
  const label = 'Generated changes that were taken';
  const framework = 'DX AI measurement: acceptance';
  const tally = tallyOf(releases, 'generate.outcomes', 'outcome');
  const share = shareOfValues(tally, ['accepted', 'edited']);
  if (share === undefined) return { label, why: whyNothing(releases, 'generate.outcomes'), framework };
  return withTeams({ label, value: `${percentRange(share)} of ${totalText(tally, 'change')}`, framework }, tally.teams, teams);
}

function costPerAccepted({ releases, assumptions, teams }: MetricInput): Metric {
  const label = 'Cost of models for each accepted output';
  if (isDrowned(releases, [COST])) return { label, why: DROWNED };
  const found = valueOf(bothPublished(releases), assumptions);
  if (!found.enough) return { label, why: whyNothing(releases, ['models.cost', ...ACCEPTED]) };
  if (found.costPerAccepted === undefined) return { label, why: whyNothing(releases, COST) };
  const { low, high } = found.costPerAccepted;
  const metric = { label, value: `${low.toFixed(2)} to ${high.toFixed(2)}`, framework: 'DX AI measurement: cost' };
  return withTeams(metric, tallyOf(bothPublished(releases), COST, 'family').teams, teams);
}

/** Accepted output of releases without a cost would make each look cheaper, and the other way round. */
function bothPublished(releases: readonly Release[]): Release[] {
  return releases.filter((release) => {
    const has = publishedCounters(release);
    return has.has(COST) && ACCEPTED.some((name) => has.has(name));
  });
}

function cost({ releases, windows, assumptions, teams }: MetricInput): Metric {
  const label = 'Cost of models';
  if (isDrowned(releases, [COST])) return { label, why: DROWNED };
  const found = valueOf(releases, assumptions);
  if (!found.enough || found.cost === undefined) return { label, why: whyNothing(releases, found.enough ? COST : ACCEPTED) };
  return withTeams(
    { label, value: roughRange(found.cost), detail: `US dollars or euros, from ${spanOf(windows)}.` },
    tallyOf(releases, COST, 'family').teams,
    teams,
  );
}

/** Hours saved at their cost, less models, as a range. */
export function netValue({ releases, windows, assumptions, teams }: MetricInput): Metric {
  const label = 'Net value';
  if (isDrowned(releases, [COST])) return { label, why: DROWNED };
  const found = valueOf(releases, assumptions);
  if (!found.enough) return { label, why: whyNothing(releases, ACCEPTED) };
  const { minutesSaved, costOfHour } = assumptions;
  const metric = {
    label,
    value: roughRange(found.net),
    detail: `US dollars or euros, from ${spanOf(windows)}, if each accepted output saved ${wholeRange(minutesSaved)} minutes at ${whole(costOfHour)} an hour, less what models cost.${costNote(releases, teams)}`,
    framework: 'DX AI measurement: impact',
  };
  return withTeams(metric, tallyOf(releases, ACCEPTED, 'outcome').teams, teams);
}

/** What of the cost is missing: without it, value looks higher. */
function costNote(releases: readonly Release[], teams: number): string {
  const { size } = tallyOf(releases, COST, 'family').teams;
  if (size === 0) return ' What they cost is not published, and not in it.';
  return size < teams ? ` What they cost is known of ${size} of ${teams} teams.` : '';
}
