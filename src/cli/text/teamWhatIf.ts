import { type Answered, notEnoughText } from '../../core/team/insight/enough.ts';
import { hours } from '../../core/team/insight/options.ts';
import type { Estimate, Range } from '../../core/team/insight/statistics.ts';
import type { KindMeasured, LeadTime, WhatIf } from '../../core/team/insight/whatIf.ts';
import type { Change, SimulatedStep } from '../../core/team/insight/workflowChange.ts';
import { plural } from '../../core/team/report/words.ts';
import type { Paint } from './status.ts';
import { table } from './table.ts';

export interface AskedWhatIf {
  teams: number;
  releases: number;
  windows: number;
  workflow: string | null;
  steps: readonly SimulatedStep[];
  changes: readonly Change[];
}

/** Today and changed beside each other, what was measured, and what it rests on. */
export function whatIfText(asked: AskedWhatIf, answer: Answered<WhatIf>, paint: Paint): string {
  const { teams, releases, windows, workflow, steps, changes } = asked;
  const from = `${plural(releases, 'release')} of ${teams === 1 ? 'one team' : `${teams} teams`} in ${plural(windows, 'window')}`;
  if (!answer.enough) return `${notEnoughText(answer)}\nThere ${releases === 1 ? 'is' : 'are'} ${from}.`;
  const which = workflow === null ? 'one step of each kind, one after the other' : `the workflow ${workflow}`;
  const { today, changed, difference, faster, measured, assumptions, runs } = answer;
  const isChanged = changes.length > 0;
  return [
    `From the first step being ready to the last being settled, by ${from}.`,
    `Steps: ${steps.map(({ id }) => id).join(', ')} (${which}).`,
    ...(isChanged ? [`Changed: ${changes.map(changeText).join('; ')}.`] : []),
    '',
    ...table(
      ['', 'median', 'likely within (80 %)', '8 of 10 changes take'],
      [rowOf('today', today), ...(isChanged ? [rowOf('changed', changed)] : [])],
      paint,
    ),
    ...(isChanged
      ? ['', `Difference: ${signed(difference.value)}, likely ${signedRange(difference)} (80 %); faster in ${percent(faster)} of the runs.`]
      : []),
    '',
    ...table(['kind', 'steps measured', 'median wait', 'skipped', 'attempts that failed'], measured.map(measuredRow), paint),
    '',
    `A simulation of ${runs} changes, not a promise. It supposes that steps wait independently of each other and as they did, that every step ` +
      'applies, and that within a range waits are spread evenly on a logarithmic scale. ' +
      (changes.some(({ type }) => type === 'automate')
        ? `What is automated takes ${assumptions.automated.low} to ${assumptions.automated.high} minutes, is never skipped and fails as often. `
        : '') +
      'What a step that is left out would have found is not in it. Figures cannot say why steps wait: ask the people, and try it.',
  ].join('\n');
}

function rowOf(name: string, { median, within80 }: LeadTime): string[] {
  return [name, hours(median.value), range(median), range(within80)];
}

function measuredRow({ kind, steps, medianHours, skipped, failed }: KindMeasured): string[] {
  const part = (share: number | undefined): string => (share === undefined ? 'not published, taken as 0' : percent(share));
  return [kind, String(steps), hours(medianHours), part(skipped), part(failed)];
}

function changeText(change: Change): string {
  if (change.type === 'automate') return `${change.step} automated`;
  if (change.type === 'drop') return `without ${change.step}`;
  if (change.type === 'shorten') return `${change.step} waits ${Math.round(change.by * 100)} % less`;
  return change.type === 'move' ? `${change.step} before ${change.before}` : `${change.step} beside ${change.other}`;
}

function range({ low, high }: Range): string {
  return `${hours(low)} to ${hours(high)}`;
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${hours(value)}`;
}

function signedRange({ low, high }: Estimate): string {
  return `${signed(low)} to ${signed(high)}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
