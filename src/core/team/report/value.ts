import { notEnoughText } from '../insight/enough.ts';
import { valueOf } from '../insight/value.ts';
import { barsByWindow, GAP_NOTE, hasGaps } from './charts.ts';
import { compared, type Metric, type MetricInput, type ReportInput, type Section } from './reportModel.ts';
import { shareOfValues, tallyOf, totalOf } from './tally.ts';
import { percentRange, plural, roughRange, whole, wholeRange, WITHHELD } from './words.ts';

const OUTCOMES = [
  ['accepted', 'accepted'],
  ['edited', 'accepted in part'],
  ['rejected', 'rejected'],
  ['abandoned', 'abandoned'],
  ['cancelled', 'cancelled'],
  ['failed', 'failed'],
] as const;

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
      caption: 'Cost of models in cents, at least, by family',
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
      ...(charts.some((chart) => chart !== undefined && hasGaps(chart)) ? [GAP_NOTE] : []),
      'Costs are recorded in ranges, and summed by their lower ends; the upper end of a cost is ten times the lower.',
      'Time saved is an assumption and no measurement. Amounts are in the currency of the prices in the models file, US dollars or euros.',
    ],
  };
}

/** Proposals that people took, wholly or in part. */
export function taken({ releases }: MetricInput): Metric {
  const label = 'Generated changes that were taken';
  const framework = 'DX AI measurement: acceptance';
  const tally = tallyOf(releases, 'generate.outcomes', 'outcome');
  const share = shareOfValues(tally, ['accepted', 'edited']);
  if (share === undefined) return { label, why: WITHHELD, framework };
  return { label, value: `${percentRange(share)} of ${plural(totalOf(tally), 'change')}`, framework };
}

function costPerAccepted({ releases, assumptions }: MetricInput): Metric {
  const label = 'Cost of models for each accepted output';
  const found = valueOf(releases, assumptions);
  if (!found.enough) return { label, why: notEnoughText(found) };
  if (found.costPerAccepted === undefined) return { label, why: WITHHELD };
  const { low, high } = found.costPerAccepted;
  return { label, value: `${low.toFixed(2)} to ${high.toFixed(2)}`, framework: 'DX AI measurement: cost' };
}

function cost({ releases, assumptions }: MetricInput): Metric {
  const label = 'Cost of models';
  const found = valueOf(releases, assumptions);
  if (!found.enough || found.cost === undefined) return { label, why: found.enough ? WITHHELD : notEnoughText(found) };
  return { label, value: roughRange(found.cost) };
}

/** Hours saved at their cost, less models, as a range. */
export function netValue({ releases, assumptions }: MetricInput): Metric {
  const label = 'Net value';
  const found = valueOf(releases, assumptions);
  if (!found.enough) return { label, why: notEnoughText(found) };
  const { minutesSaved, costOfHour } = assumptions;
  return {
    label,
    value: roughRange(found.net),
    detail: `If each accepted output saved ${wholeRange(minutesSaved)} minutes, at ${whole(costOfHour)} an hour, less what models cost; US dollars or euros.`,
    framework: 'DX AI measurement: impact',
  };
}
