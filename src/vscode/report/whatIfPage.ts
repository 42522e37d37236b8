import { escapeHtml } from '../../core/html.ts';
import { notEnoughText } from '../../core/team/insight/enough.ts';
import { hours } from '../../core/team/insight/options.ts';
import type { Estimate, Range } from '../../core/team/insight/statistics.ts';
import type { WhatIf } from '../../core/team/insight/whatIf.ts';
import { STEP_WORDS } from '../../core/team/report/words.ts';
import { commandLink, paragraph, slider } from '../page/pageHtml.ts';
import type { PageContent } from '../page/pagePanel.ts';
import type { Localise } from '../review/plainText.ts';
import { MOST_LESS, type TrialStep, type WorkflowTrial } from './workflowTrial.ts';

const COMMAND = 'handrail.tryWorkflowChange';
/** What links of the page may run. */
export const WHAT_IF_COMMANDS = [COMMAND, 'handrail.openReport'] as const;

/** *What If*: each step with a slider for how much less it waits and with what else can be tried, and what that would likely do. */
export function whatIfPage(trial: WorkflowTrial, l10n: Localise): PageContent {
  const title = l10n.t('What If We Changed the Workflow?');
  const back = commandLink('handrail.openReport', l10n.t('Back to the Report'), 'secondary');
  const answer = trial.answer();
  if (!answer.enough) {
    const body = [
      paragraph(notEnoughText(answer)),
      paragraph(
        l10n.t('Below that, a simulation would say more about chance than about the team. A report of several teams has more data.'),
      ),
      `<div class="actions">${back}</div>`,
    ];
    return { title, body: body.join('\n') };
  }
  const isChanged = trial.steps.some(({ id }) => trial.trialOf(id) !== 'as-is');
  const body = [
    paragraph(
      trial.isOwn
        ? l10n.t('Choose what to try with the steps of this workflow. Nothing is changed by it.')
        : l10n.t('Choose what to try with each kind of step, one after the other. Nothing is changed by it.'),
    ),
    metrics(answer, isChanged, l10n),
    trial.steps.map((step) => stepHtml(step, trial, l10n)).join('\n'),
    `<div class="actions">${isChanged ? commandLink(COMMAND, l10n.t('As It Is Today'), 'secondary') : ''}${back}</div>`,
    `<h2>${escapeHtml(l10n.t('What this rests on'))}</h2>`,
    `<ul>${[...measured(answer, l10n), ...assumed(answer, l10n)].map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`,
  ];
  return { title, body: body.join('\n') };
}

function metrics({ today, changed, difference, faster }: WhatIf, isChanged: boolean, l10n: Localise): string {
  const cards = [
    metric(l10n.t('Today, half of the changes take up to'), hours(today.median.value), within(today.within80, l10n)),
    ...(isChanged
      ? [
          metric(l10n.t('With what you try'), hours(changed.median.value), within(changed.within80, l10n)),
          metric(
            difference.value <= 0 ? l10n.t('Shorter by') : l10n.t('Longer by'),
            hours(Math.abs(difference.value)),
            l10n.t(
              '{0}, with 80 % confidence. Faster in {1} % of the simulated changes.',
              differenceText(difference, l10n),
              Math.round(faster * 100),
            ),
          ),
        ]
      : []),
  ];
  return `<div class="metrics" aria-live="polite">${cards.join('')}</div>`;
}

function metric(label: string, value: string, note: string): string {
  return `<div class="metric"><p class="label">${escapeHtml(label)}</p><p class="value">${escapeHtml(value)}</p><p class="note">${escapeHtml(note)}</p></div>`;
}

function within({ low, high }: Range, l10n: Localise): string {
  return l10n.t('8 of 10 take {0} to {1}.', hours(low), hours(high));
}

function differenceText({ low, high }: Estimate, l10n: Localise): string {
  const one = (value: number): string => (value <= 0 ? l10n.t('{0} shorter', hours(-value)) : l10n.t('{0} longer', hours(value)));
  return l10n.t('{0} to {1}', one(low), one(high));
}

function stepHtml(step: TrialStep, trial: WorkflowTrial, l10n: Localise): string {
  const chosen = trial.trialOf(step.id);
  const before = trial.steps.find(({ id }) => id === step.needs[0])?.title ?? '';
  // Beside what is left out there is nothing to be.
  const offered =
    trial.trialOf(step.needs[0] ?? '') === 'drop' ? trial.trialsOf(step).filter((one) => one !== 'beside') : trial.trialsOf(step);
  const shorter = slider({
    name: step.id,
    of: step.title,
    label: l10n.t('waits less, by'),
    value: trial.lessOf(step.id),
    most: MOST_LESS,
  });
  const links = offered.map((one) => {
    const words = trialWords(one, before, l10n);
    if (one === chosen) return `<strong aria-current="true">${escapeHtml(words)}</strong>`;
    const args = encodeURIComponent(JSON.stringify([step.id, one]));
    return `<a href="command:${COMMAND}?${escapeHtml(args)}" aria-label="${escapeHtml(`${step.title}: ${words}`)}">${escapeHtml(words)}</a>`;
  });
  return `<div class="choice"><h2>${escapeHtml(step.title)}</h2><p class="slider">${shorter}</p><p>${links.join(' · ')}</p></div>`;
}

function trialWords(trial: ReturnType<WorkflowTrial['trialsOf']>[number], before: string, l10n: Localise): string {
  switch (trial) {
    case 'as-is':
      return l10n.t('as it is');
    case 'automate':
      return l10n.t('a machine does it');
    case 'drop':
      return l10n.t('left out');
    case 'beside':
      return l10n.t('at the same time as “{0}”', before);
  }
}

function measured({ measured: kinds }: WhatIf, l10n: Localise): string[] {
  const share = (value: number | undefined): string => (value === undefined ? l10n.t('not published') : `${Math.round(value * 100)} %`);
  return kinds.map(({ kind, steps, medianHours, skipped, failed }) =>
    l10n.t(
      '{0}: {1} steps whose wait was seen, half of them done within {2}; skipped: {3}; attempts that failed: {4}.',
      STEP_WORDS[kind],
      steps.toLocaleString('en'),
      hours(medianHours),
      share(skipped),
      share(failed),
    ),
  );
}

function assumed({ assumptions, runs }: WhatIf, l10n: Localise): string[] {
  const { low, high } = assumptions.automated;
  return [
    l10n.t(
      '{0} simulated changes. Every step applies, and steps wait independently of each other, as long as they were measured to.',
      runs,
    ),
    l10n.t('Where a machine does a step, it is done within {0} to {1} minutes.', low, high),
    l10n.t('It says what is likely if people go on as before. Only a trial shows what a change causes.'),
  ];
}
