import type { AnswerForm } from '../../../core/ai/models/capabilities.ts';
import type { Circuit } from '../../../core/ai/models/circuit.ts';
import { amountText, countText, durationText, moneyText, shareText } from '../../../core/ai/models/figures.ts';
import type { ModelStatus, ModelTest } from '../../../core/ai/models/modelStatus.ts';
import type { Localise } from '../../review/plainText.ts';

/** What is known about a model, in one line each. */

export function whereText({ model, origin }: Pick<ModelStatus, 'model' | 'origin'>, l10n: Localise): string {
  if (origin === '') return model === '' ? l10n.t('a language model of the editor') : l10n.t('{0}, a language model of the editor', model);
  return model === '' ? origin : l10n.t('{0} at {1}', model, origin);
}

export function healthText({ calls, p95, errorRate, settled, slo }: ModelStatus, l10n: Localise): string {
  const verdict =
    slo === undefined
      ? []
      : slo.verdict === 'met'
        ? [l10n.t('meets its SLO')]
        : slo.verdict === 'missed'
          ? [l10n.t('misses its SLO')]
          : [l10n.t('too few calls for its SLO')];
  if (calls === 0) return [l10n.t('not called in 30 days'), ...verdict].join(' · ');
  const target = slo?.p95?.target;
  const allowed = slo?.errors?.target;
  return [
    calls === 1 ? l10n.t('1 call in 30 days') : l10n.t('{0} calls in 30 days', calls),
    ...(p95 === undefined
      ? []
      : [target === undefined ? l10n.t('p95 {0}', durationText(p95)) : l10n.t('p95 {0} of {1}', durationText(p95), durationText(target))]),
    ...(settled === 0
      ? []
      : [
          allowed === undefined
            ? l10n.t('{0} failed', shareText(errorRate))
            : l10n.t('{0} failed, {1} allowed', shareText(errorRate), shareText(allowed)),
        ]),
    ...verdict,
  ].join(' · ');
}

/** What it cost today, against its limit; with `isLong` also over 30 days and the limit of a run. */
export function spendText({ today, budget, cost }: ModelStatus, l10n: Localise, isLong = false): string {
  const day =
    budget?.perDay === undefined
      ? l10n.t('{0} today', today.map(moneyText).join(' + ') || '–')
      : l10n.t('{0} of {1} {2} today', amountText(spentToday({ today, budget })), amountText(budget.perDay), budget.currency);
  if (!isLong) return day;
  return [
    day,
    ...(budget?.perRun === undefined ? [] : [l10n.t('at most {0} a run', moneyText({ amount: budget.perRun, currency: budget.currency }))]),
    ...(cost.length === 0 ? [] : [l10n.t('{0} in 30 days', cost.map(moneyText).join(' + '))]),
  ].join(' · ');
}

function spentToday({ today, budget }: Pick<ModelStatus, 'today'> & { budget: NonNullable<ModelStatus['budget']> }): number {
  return (today.find(({ currency }) => currency === budget.currency)?.amount ?? 0) + budget.heldToday;
}

export function circuitText(circuit: Exclude<Circuit, { state: 'closed' }>, l10n: Localise): string {
  const failed = l10n.t('{0} failures in a row ({1})', circuit.failures, circuit.reason);
  // No timer counts down beside it, so the time itself is said.
  if (circuit.state === 'open') return l10n.t('{0}, until {1}', failed, new Date(circuit.until).toLocaleTimeString());
  return l10n.t('{0}; the next request tries it', failed);
}

/** What its answers have shown. */
export function shownText(
  { api, form, refused, ignored = [], contextTokens }: NonNullable<ModelStatus['capabilities']>,
  l10n: Localise,
): string {
  const ignores = ignored.map((one) => (one === 'schema' ? l10n.t('a JSON schema') : l10n.t('a forced call')));
  const words = [
    ...(form === undefined ? [] : [formText(form, l10n)]),
    ...(api === 'responses' ? [l10n.t('on the Responses API')] : []),
    ...(refused.length === 0 ? [] : [l10n.t('refuses {0}', refused.join(', '))]),
    ...(ignores.length === 0 ? [] : [l10n.t('ignores {0}', ignores.join(', '))]),
    ...(contextTokens === undefined ? [] : [l10n.t('takes {0} tokens', countText(contextTokens))]),
  ];
  return words.join(' · ');
}

function formText(form: AnswerForm, l10n: Localise): string {
  switch (form) {
    case 'schema':
      return l10n.t('keeps to a JSON schema');
    case 'tool':
      return l10n.t('answers by a forced call');
    case 'prompt':
      return l10n.t('answers as the prompt asks');
  }
}

/** What a test has shown. */
export function testedText({ name, latency, capabilities, contextTokens }: ModelTest, l10n: Localise): string {
  const form = capabilities.form === undefined ? l10n.t('no answer in a known form') : formText(capabilities.form, l10n);
  return l10n.t('{0} answers: {1}, {2}, {3} tokens of context.', name, durationText(latency), form, contextTokens);
}
