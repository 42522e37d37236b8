import * as vscode from 'vscode';
import { USUAL_VALUE, type ValueAssumptions } from '../../core/team/insight/value.ts';

/** What a person assumed before, or what is usual. */
export function keptAssumptions(kept: unknown): ValueAssumptions {
  const { minutesSaved, costOfHour } = (kept ?? {}) as Partial<ValueAssumptions>;
  const isKept =
    typeof costOfHour === 'number' && costOfHour >= 0 && typeof minutesSaved?.low === 'number' && minutesSaved.low <= minutesSaved.high;
  return isKept ? { minutesSaved: { low: minutesSaved.low, high: minutesSaved.high }, costOfHour } : USUAL_VALUE;
}

/** Asks for what no release can say. Undefined where the person stopped. */
export async function askAssumptions({ minutesSaved, costOfHour }: ValueAssumptions): Promise<ValueAssumptions | undefined> {
  const title = vscode.l10n.t('What the net value assumes');
  const minutes = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('Minutes that an accepted output saves somebody, reading it included: at least and at most'),
    value: `${minutesSaved.low} ${minutesSaved.high}`,
    validateInput: (text) => (rangeOf(text) === undefined ? vscode.l10n.t('Two numbers, such as 2 15') : undefined),
  });
  const range = minutes === undefined ? undefined : rangeOf(minutes);
  if (range === undefined) return undefined;
  const cost = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('What an hour of work costs, in the currency of the models’ prices'),
    value: String(costOfHour),
    validateInput: (text) => (amountOf(text) === undefined ? vscode.l10n.t('A number, such as 80') : undefined),
  });
  const amount = cost === undefined ? undefined : amountOf(cost);
  return amount === undefined ? undefined : { minutesSaved: range, costOfHour: amount };
}

function rangeOf(text: string): ValueAssumptions['minutesSaved'] | undefined {
  const [, low, high = low] = /^\s*(-?\d{1,3})(?:[\s–-]+(-?\d{1,3}))?\s*$/.exec(text) ?? [];
  return low === undefined || Number(low) > Number(high) ? undefined : { low: Number(low), high: Number(high) };
}

function amountOf(text: string): number | undefined {
  return /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : undefined;
}
