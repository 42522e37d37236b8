import type { StepKind } from '../../workflow/definition.ts';
import type { Release } from '../release/release.ts';
import { type Bottleneck, bottlenecks } from './bottlenecks.ts';
import { type Answered } from './enough.ts';
import { type Association, helpfulPractices } from './practices.ts';

/** Something that a team could do, with what speaks for it. Never an order: people know what figures do not. */
export type TeamOption =
  /** A practice to show others: where there was more of it, an outcome was better. */
  | { readonly type: 'teach'; readonly association: Association }
  /** A step that a person waits long for, and that a machine might do. */
  | { readonly type: 'automate'; readonly bottleneck: Bottleneck }
  /** A step that is often skipped: needed less often than it is asked for, or in the wrong place. */
  | { readonly type: 'drop'; readonly bottleneck: Bottleneck }
  /** A step that often fails at first: what it asks could be shown earlier. */
  | { readonly type: 'prepare'; readonly bottleneck: Bottleneck };

/** People do these; the others are done by machines, or have to be a person's. */
const AUTOMATABLE: readonly StepKind[] = ['manual'];
/** At least this part of all waiting, and of all attempts, surely. */
const MUCH_WAITING = 0.2;
const OFTEN = 0.1;

/** What the figures suggest to talk about, the best founded first: practices by all windows, since they take many, steps by the `recent` ones. */
export function teamOptions(
  releases: readonly Release[],
  { seed, recent = releases }: { seed?: string; recent?: readonly Release[] } = {},
): Answered<{ options: readonly TeamOption[] }> {
  const given = seed === undefined ? {} : { seed };
  const [steps, practices] = [bottlenecks(recent, given), helpfulPractices(releases, given)];
  if (!steps.enough && !practices.enough) return steps;
  const teach = practices.enough ? practices.associations.map((association): TeamOption => ({ type: 'teach', association })) : [];
  return { enough: true, options: [...teach, ...(steps.enough ? steps.kinds.flatMap(optionsOf) : [])] };
}

function optionsOf(bottleneck: Bottleneck): TeamOption[] {
  const { kind, partOfWaiting, skipped, failed } = bottleneck;
  const options: TeamOption[] = [];
  if (AUTOMATABLE.includes(kind) && partOfWaiting >= MUCH_WAITING) options.push({ type: 'automate', bottleneck });
  if (skipped.low >= OFTEN) options.push({ type: 'drop', bottleneck });
  if (failed.low >= OFTEN) options.push({ type: 'prepare', bottleneck });
  return options;
}

/** The option in words that make no claim about causes. */
export function optionText(option: TeamOption): string {
  if (option.type === 'teach') return practiceText(option.association);
  const { kind, partOfWaiting, medianHours, skipped, failed } = option.bottleneck;
  if (option.type === 'automate') {
    return `You could look whether a command can do some of the ${kind} steps: they are ${percent(partOfWaiting)} of all the waiting that was seen, and half of those seen wait more than ${hours(medianHours.value)}.`;
  }
  if (option.type === 'drop') {
    return `You could ask whether all ${kind} steps are needed: ${percent(skipped.value)} (${percent(skipped.low)} to ${percent(skipped.high)}) were skipped with a reason.`;
  }
  return `You could show earlier what ${kind} steps ask for: ${percent(failed.value)} (${percent(failed.low)} to ${percent(failed.high)}) of the attempts failed.`;
}

/** With more of a practice, and with less. What went together is no cause; the report says so once, above all of them. */
const PRACTICES = {
  'reviews-per-step': ['more reviews for each step', 'fewer'],
  'few-waivers': ['fewer skipped steps', 'more'],
  'edited-proposals': ['more proposals edited before they were accepted', 'fewer'],
} as const;
const OUTCOMES: Readonly<Record<Association['outcome'], (value: number) => string>> = {
  'failed-attempts': (share) => `${percent(share)} of attempts at a step failed`,
  'median-hours': (value) => `half of the steps whose wait was seen were done within ${hours(value)}`,
  'lasting-changes': (share) => `${percent(share)} of accepted changes were mostly there after a week`,
};

function practiceText({ practice, outcome, units, withMore, withLess }: Association): string {
  const [more, less] = PRACTICES[practice];
  const other = outcome === 'median-hours' ? hours(withLess) : percent(withLess);
  return `You could show others how teams came to ${more}: with ${more.split(' ')[0]}, ${OUTCOMES[outcome](withMore)}; with ${less}, ${other} (${units.more} and ${units.less} windows of teams).`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A time that people can picture: minutes, hours or days. */
export function hours(value: number): string {
  if (Math.abs(value) < 1) return `${Math.round(value * 60)} min`;
  return Math.abs(value) < 48 ? `${value.toFixed(1)} h` : `${(value / 24).toFixed(1)} days`;
}
