import { BY_STEP } from '../../telemetry/counters.ts';
import { type Bottleneck, bottlenecks } from '../insight/bottlenecks.ts';
import { notEnoughText } from '../insight/enough.ts';
import { hours } from '../insight/options.ts';
import { stepBottlenecks, tellsStepsApart } from '../insight/stepWaits.ts';
import type { Release } from '../release/release.ts';
import type { StepKind } from '../../workflow/definition.ts';
import { BY_KIND, knownText, type KnownWaits, knownWaits, WAITED } from './halfDone.ts';
import { DROWNED, isDrowned } from './noise.ts';
import { type Period, spanOf } from './periods.ts';
import { type Metric, type ReportInput, type Section, withTeams } from './reportModel.ts';
import { tallyOf, teamsText } from './tally.ts';
import { percent, percentRange, plural, STEP_WORDS } from './words.ts';

/** By the names of one team's own steps where it tells them apart, and by kinds of steps otherwise; of the weeks that the first page is of. */
export function waitingSection({ recent, teams }: ReportInput): Section {
  const { releases } = recent;
  const section = { id: 'waiting', title: 'Where work waits', metrics: [], charts: [], notes: [] };
  if (isDrowned(releases, WAITED)) return { ...section, lead: DROWNED, tables: [] };
  if (tellsStepsApart(releases)) return { ...section, ...waitingByStep(recent) };
  const of = teamsText(tallyOf(releases, BY_KIND, 'kind').teams, teams);
  const lead = `Kinds of steps by their part of all the waiting that was seen${of === undefined ? '' : `, of ${of}`}. Ends of ranges hold with 80 % confidence, for the steps that were seen.`;
  const found = bottlenecks(releases);
  if (!found.enough) return { ...section, lead: notEnoughText(found), tables: [] };
  const kinds = longestFirst(found.kinds);
  const rows = kinds.map(({ kind, lost, medianHours, partOfWaiting, steps }) => [
    STEP_WORDS[kind],
    percent(partOfWaiting),
    hoursRange(medianHours),
    percentRange(lost),
    steps,
  ]);
  const columns = [
    'Kind of step',
    'Part of all waiting',
    'Half of those seen were done within',
    'Attempts that did not get it done',
    'Steps seen',
  ];
  return {
    ...section,
    lead,
    tables: [{ caption: `Kinds of steps, the one that is waited for most first, ${spanOf(recent.windows)}`, table: { columns, rows } }],
    notes: [
      ...hiddenNote(knownWaits(releases, BY_KIND)),
      ...(kinds.length < 2
        ? []
        : [
            `By how often a step does not get done, times how long half of those seen wait, the order is: ${found.kinds.map(({ kind }) => STEP_WORDS[kind]).join(', ')}.`,
          ]),
      ...(found.tooFew.length === 0
        ? []
        : [`Too few steps to say anything of: ${found.tooFew.map((kind) => STEP_WORDS[kind]).join(', ')}.`]),
    ],
  };
}

function waitingByStep({ releases, windows }: Period): Pick<Section, 'lead' | 'tables' | 'notes'> {
  const found = stepBottlenecks(releases);
  if (!found.enough) return { lead: notEnoughText(found), tables: [], notes: [] };
  const rows = found.steps.map(({ step, medianHours, partOfWaiting, seen }) => [
    step,
    `${percent(partOfWaiting.value)} (${percentRange(partOfWaiting)})`,
    hoursRange(medianHours),
    seen,
  ]);
  return {
    lead: 'The team’s own steps, by their part of all the waiting that was seen. Ends of ranges hold with 80 % confidence, for the steps that were seen.',
    tables: [
      {
        caption: `Steps, the one that is waited for most first, ${spanOf(windows)}`,
        table: { columns: ['Step', 'Part of all waiting', 'Half of those seen were done within', 'Steps seen'], rows },
      },
    ],
    notes: [
      ...hiddenNote(knownWaits(releases, BY_STEP)),
      'Whether a step was skipped, or failed, is counted by kind and not by name, so it is not in this order.',
      ...(found.tooFew.length === 0 ? [] : [`Too few steps to say anything of: ${found.tooFew.join(', ')}.`]),
    ],
  };
}

/** Of how many steps nothing of this is known: if they are of other kinds, the order may be another. */
function hiddenNote({ unseen, together }: KnownWaits): string[] {
  const hidden = unseen + together;
  return hidden === 0
    ? []
    : [`How long ${plural(hidden, 'more step')} waited is not known: they are in no column, and could change the order.`];
}

function hoursRange({ low, high }: { low: number; high: number }): string {
  const [from, to] = [hours(low), hours(high)];
  return from === to ? from : `${from} to ${to}`;
}

function longestFirst(kinds: readonly Bottleneck[]): Bottleneck[] {
  return kinds.toSorted((a, b) => b.partOfWaiting - a.partOfWaiting);
}

const KIND_WORDS: Readonly<Record<StepKind, string>> = {
  manual: 'steps that people do by hand',
  command: 'commands',
  generate: 'AI generation',
  review: 'AI reviews',
  approval: 'approvals',
};

/** The step, or the kind of step, that most of the waiting is for. */
export function longestWait({ releases, teams }: ReportInput): Metric {
  const label = 'Where work waits most';
  if (isDrowned(releases, WAITED)) return { label, why: DROWNED };
  if (tellsStepsApart(releases)) return longestStep(releases, label);
  const found = bottlenecks(releases);
  if (!found.enough) return { label, why: notEnoughText(found) };
  const [most] = longestFirst(found.kinds);
  if (most === undefined) return { label, why: 'Not enough data.' };
  const metric = { label, value: KIND_WORDS[most.kind], ...waitingDetail(most.partOfWaiting, knownWaits(releases, BY_KIND)) };
  return withTeams(metric, tallyOf(releases, BY_KIND, 'kind').teams, teams);
}

function longestStep(releases: readonly Release[], label: string): Metric {
  const found = stepBottlenecks(releases);
  if (!found.enough) return { label, why: notEnoughText(found) };
  const [most] = found.steps;
  if (most === undefined) return { label, why: 'Not enough data.' };
  return { label, value: `the step ${most.step}`, ...waitingDetail(most.partOfWaiting.value, knownWaits(releases, BY_STEP)) };
}

function waitingDetail(part: number, waits: KnownWaits): Pick<Metric, 'detail' | 'framework'> {
  const known = knownText(waits);
  const rest = known === undefined ? '' : ` How long steps waited is ${known}.`;
  return { detail: `${percent(part)} of all the waiting that was seen.${rest}`, framework: 'DORA: lead time for changes' };
}
