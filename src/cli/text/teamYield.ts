import type { Yield, YieldRange } from '../../core/team/yield.ts';
import { USUAL_PRESENCE } from '../../core/team/usageModel.ts';
import type { Paint } from './status.ts';
import { table } from './table.ts';

export interface AnsweredYield {
  question: { people: number; optIn: number; k: number; window: number; counters: readonly string[]; runs: number };
  answer: Yield;
  /** The same team with exactly so many people sharing. */
  steps: readonly ({ sharing: number } & Pick<Yield, 'events' | 'cells' | 'nothing'>)[];
}

/** What would be published, how sure that is, and what it rests on. */
export function yieldText({ question, answer, steps }: AnsweredYield, paint: Paint): string {
  const { people, optIn, k, window, counters, runs } = question;
  const { sharing, events, cells, withheld, nothing } = answer;
  const weeks = window === 1 ? 'windows of a week' : `windows of ${window} weeks`;
  return [
    `${people} people, each of whom shares with a likelihood of ${percent(optIn)}; ${k} or more behind every figure; ${weeks}.`,
    '',
    ...table(
      [`of ${runs} made-up teams`, 'the middle', '9 of 10 are within'],
      [
        ['people who share', String(sharing.median), withinOf(sharing, String)],
        ['of what they did, inside published figures', percent(events.median), withinOf(events, percent)],
        ['of the cells, named (the others are "other")', percent(cells.median), withinOf(cells, percent)],
        [`counters withheld for want of people, of ${counters.length}`, String(withheld.median), withinOf(withheld, String)],
      ],
      paint,
    ),
    nothing === 0 ? 'Every one of them could publish something.' : `In ${percent(nothing)} of them nothing could be published at all.`,
    '',
    ...table(['counter', 'published'], answer.counters.map(counterRow), paint),
    '',
    ...table(['people who share', 'inside figures', 'cells named', 'nothing at all'], steps.map(stepRow), paint),
    '',
    ASSUMED,
  ].join('\n');
}

const ASSUMED = `This is calculated by the rule of real releases, from people who do not exist. Assumed, and not measured: the busiest fifth does about 45 %
of everything, who shares has something to count in ${percent(USUAL_PRESENCE)} of the weeks, each person mostly uses one model and one assistant, and
all decide without looking at each other. Where one or two people do most of the work, less can be published. Your first release will tell.`;

function counterRow({ name, published, after }: Yield['counters'][number]): string[] {
  const instead = after.length === 0 ? '' : `   ${after.join(' or ')} comes first and says partly the same`;
  return [name, `${percent(published)}${instead}`];
}

function stepRow({ sharing, events, cells, nothing }: AnsweredYield['steps'][number]): string[] {
  return [String(sharing), percent(events.median), percent(cells.median), percent(nothing)];
}

function withinOf({ from, to }: YieldRange, say: (value: number) => string): string {
  return from === to ? say(from) : `${say(from)} to ${say(to)}`;
}

/** Whole, and never 0 or 100 for what is not. */
function percent(part: number): string {
  const rounded = Math.round(part * 100);
  if (rounded === 0 && part > 0) return 'under 1 %';
  return rounded === 100 && part < 1 ? 'over 99 %' : `${rounded} %`;
}
