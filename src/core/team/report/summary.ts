import { participationWindows, shareOf } from '../insight/participationBands.ts';
import { GARTNER, statedShare } from '../insight/gartner.ts';
import { participation } from './adoption.ts';
import { weeksBetween } from '../window.ts';
import { withheldShare } from './method.ts';
import { noiseText } from './noise.ts';
import { spanOf } from './periods.ts';
import { compared, type Fact, type Metric, type Report, type ReportInput } from './reportModel.ts';
import { netValue, taken } from './value.ts';
import { longestWait } from './waiting.ts';
import { halfOf, medianWait, waivers } from './work.ts';
import { percentRange, plural } from './words.ts';

/** What the first page is about: whom, when, and how far it can be trusted. */
export function factsOf(input: ReportInput): Fact[] {
  const { windows, releases, noise, teams } = input;
  const last = windows.at(-1)?.[0];
  const recent = input.recent.windows;
  const ks = new Set(releases.map((release) => release.k));
  const k = Math.min(...ks);
  const ids = windows.at(-1)?.map(({ id }) => id) ?? [];
  const weeks = last === undefined ? 1 : weeksBetween(last.window);
  const took = participation(input);
  const { value: withheld } = withheldShare({ releases });
  return [
    { label: 'Figures on this page', value: `${spanOf(recent)}${recent.length < windows.length ? '; charts begin earlier' : ''}` },
    { label: 'Released', value: `${plural(windows.length, 'window')} of ${plural(weeks, 'week')}, ${spanOf(windows)}` },
    {
      label: 'Took part',
      value: took.value === undefined ? 'not published: it would be the one figure without noise' : `${took.value}, in the last window`,
    },
    ...(noise === 'all' ? [] : [{ label: 'Smallest group', value: `${k} people behind every figure${teams > 1 ? ', in each team' : ''}` }]),
    ...(noise === 'none' ? [] : [{ label: noise === 'all' ? 'Noise' : 'Noise, of some teams', value: noiseText(releases) }]),
    {
      label: 'Withheld',
      value:
        noise === 'all'
          ? 'nothing: what is counted is published, with noise'
          : `${withheld}: too little was counted, or too few people are behind them`,
    },
    {
      label: ids.length > 1 ? 'Last releases' : 'Last release',
      value: ids.length > 1 ? `${ids.length}, listed under Method and limits` : (ids[0] ?? ''),
    },
    { label: 'Guarantee', value: `${last?.guarantee ?? ''}${noise === 'all' ? '' : ` Here k is ${k}${ks.size > 1 ? ' or more' : ''}.`}` },
  ];
}

/** What a person who does not know the product takes away, in a few sentences. */
export function inShort(input: ReportInput): string[] {
  const sentences = [useSentence(input)];
  const [accepted, wait, skipped, longest, net] = headlines(input).slice(1);
  if (accepted?.value !== undefined)
    sentences.push(`People took ${accepted.value} that AI generated, whole or in part${beforeText(accepted)}.`);
  const half = halfOf(input.recent.releases);
  const pair = [
    ...(wait?.value === undefined || 'why' in half ? [] : [`${half.sentence}${beforeText(wait)}`]),
    ...(skipped?.value === undefined ? [] : [`${skipped.value} were skipped with a reason${beforeText(skipped)}`]),
  ];
  if (pair.length > 0) {
    const rest = 'rest' in half && half.rest !== undefined ? ` ${half.rest}` : '';
    sentences.push(`Speed and care: ${pair.join(', and ')}.${rest}`);
  }
  if (longest?.value !== undefined) sentences.push(`Work waits most for ${longest.value}${beforeText(longest)}: ${longest.detail ?? ''}`);
  if (net?.value !== undefined) {
    sentences.push(`Net value${beforeText(net)}: ${net.value} ${net.detail ?? ''} Anybody may assume otherwise: see Value.`);
  }
  // How many took part is said in the first sentence, whatever is known.
  const unknown = SUBJECTS.filter((_, index) => headlines(input)[index + 1]?.value === undefined);
  const why = input.noise === 'all' ? 'Under this noise nothing can be said of' : 'Nothing can be said yet of';
  if (unknown.length > 0) sentences.push(`${why}: ${unknown.join('; ')}.`);
  return sentences;
}

/** What the headlines after the first are about. */
const SUBJECTS = [
  'what became of generated changes',
  'how long steps take',
  'how many steps are skipped',
  'where work waits most',
  'net value',
];

/** In brackets: of how many teams it is, and what it was before. */
function beforeText({ value = '', before, teams }: Metric): string {
  const [, unit = ''] = /( of steps)$/.exec(value) ?? [];
  const parts = [...(teams === undefined ? [] : [`of ${teams}`]), ...(before === undefined ? [] : [`before: ${before.replace(unit, '')}`])];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** Participation as a range, beside what Gartner stated for the same day: a comparison of levels, with no word about why. */
function useSentence({ releases, rosters, noise }: ReportInput): string {
  if (noise === 'all') return 'How many people took part is not published: it would be the one figure without noise.';
  const last = participationWindows(releases, rosters).at(-1);
  if (last === undefined) return 'How many of the people took part is not known, because no team says how many people it has.';
  const { low, high } = shareOf(last);
  const stated = GARTNER.map((statement) => statedShare(statement, last.start));
  const range = percentRange({ low: Math.min(...stated), high: Math.max(...stated) });
  return (
    `${percentRange({ low, high })} of the people took part in the last window. Who does not share is not seen, so more of them may work with AI. ` +
    `What Gartner stated of AI code assistants in enterprises comes to ${range} for the same time.`
  );
}

/** What a reader has to know who never saw a workflow. */
export function pageNote({ teams }: Pick<Report, 'teams'>): string {
  return teams.length > 1 ? `${STEP_NOTE} “Of 9 of 10 teams”: the tenth publishes nothing of it.` : STEP_NOTE;
}

const STEP_NOTE =
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
