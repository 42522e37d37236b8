import { nonResponseBounds, participationWindows } from '../insight/participationBands.ts';
import { GARTNER, statedShare } from '../insight/gartner.ts';
import { participation } from './adoption.ts';
import { withheldShare } from './method.ts';
import { longestWait } from './outlook.ts';
import { compared, type Fact, type Metric, type ReportInput } from './reportModel.ts';
import { netValue, taken } from './value.ts';
import { medianWait, waivers } from './work.ts';
import { firstDay, lastDay, percent, percentRange, plural } from './words.ts';

/** What the first page is about: whom, when, and how far it can be trusted. */
export function factsOf(input: ReportInput): Fact[] {
  const { windows, releases } = input;
  const last = windows.at(-1)?.[0];
  const recent = input.recent.windows;
  const of = (period: ReportInput['windows']): string =>
    `${firstDay(period[0]?.[0]?.window.from ?? '')} to ${lastDay(period.at(-1)?.[0]?.window.to ?? '')}`;
  const k = Math.min(...releases.map((release) => release.k));
  const teams = new Set(releases.map(({ team }) => team)).size;
  const ids = windows.at(-1)?.map(({ id }) => id) ?? [];
  return [
    { label: 'Figures on this page', value: `${of(recent)}${recent.length < windows.length ? '; charts begin earlier' : ''}` },
    { label: 'Released', value: `${plural(windows.length, 'window')} of weeks, ${of(windows)}` },
    { label: 'Took part', value: `${participation(input).value ?? 'not known'}, in the last window` },
    { label: 'Smallest group', value: `${k} people behind every figure${teams > 1 ? ', in each team' : ''}` },
    {
      label: 'Withheld',
      value: `${withheldShare({ releases }).value}, since too little was counted, or they could have told of single people`,
    },
    {
      label: ids.length > 1 ? 'Last releases' : 'Last release',
      value: ids.length > 1 ? `${ids.length}, listed under Method and limits` : (ids[0] ?? ''),
    },
    { label: 'Guarantee', value: last?.guarantee ?? '' },
  ];
}

/** What a person who does not know the product takes away, in a few sentences. */
export function inShort(input: ReportInput): string[] {
  const sentences = [useSentence(input)];
  const [accepted, wait, skipped, longest, net] = headlines(input).slice(1);
  if (accepted?.value !== undefined)
    sentences.push(`People took ${accepted.value} that AI generated, whole or in part${beforeText(accepted)}.`);
  const pair = [
    ...(wait?.value === undefined ? [] : [`half of the steps of a change were done within ${wait.value}${beforeText(wait)}`]),
    ...(skipped?.value === undefined ? [] : [`${skipped.value} were skipped with a reason${beforeText(skipped)}`]),
  ];
  if (pair.length > 0) sentences.push(`Speed and care: ${pair.join(', and ')}.`);
  if (longest?.value !== undefined) sentences.push(`Work waits most for ${longest.value}: ${longest.detail ?? ''}`);
  if (net?.value !== undefined) {
    sentences.push(
      `Net value: ${net.value}. ${net.detail ?? ''} It rests on assumptions that are under Value, and that anybody may change.`,
    );
  }
  const unknown = headlines(input).filter(({ value }) => value === undefined);
  if (unknown.length > 0) sentences.push(`Nothing can be said yet of: ${unknown.map(({ label }) => label.toLowerCase()).join('; ')}.`);
  return sentences;
}

function beforeText({ before }: Metric): string {
  return before === undefined ? '' : ` (before: ${before})`;
}

/** Use as a range, beside what Gartner stated for the same day: a comparison of levels, with no word about why. */
function useSentence({ releases, rosters }: ReportInput): string {
  const last = participationWindows(releases, rosters).at(-1);
  if (last === undefined) return 'How many of the people took part is not known, because no team says how many people it has.';
  const { low, high } = nonResponseBounds(last);
  const stated = GARTNER.map((statement) => statedShare(statement, last.start));
  const range = percentRange({ low: Math.min(...stated), high: Math.max(...stated) });
  return (
    `At least ${percent(low)} of the people work with AI in this way, and up to ${percent(high)} may: who does not share is not seen. ` +
    `What Gartner stated of AI code assistants in enterprises comes to ${range} at that time.`
  );
}

/** What a reader has to know who never saw a workflow. */
export const STEP_NOTE =
  'A step is one thing that a team asks of a change: done by hand, by a command or by AI, or approved by somebody. “Before” is the same number of weeks before.';

/** The first page's figures; none needs another page to be understood. */
export function headlines(input: ReportInput): Metric[] {
  return [
    participation(input),
    compared(taken, input),
    compared(medianWait, input),
    compared(waivers, input),
    longestWait({ ...input, ...input.recent }),
    compared(netValue, input),
  ];
}
