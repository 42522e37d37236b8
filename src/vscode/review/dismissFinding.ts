import * as vscode from 'vscode';
import { oneLine } from './plainText.ts';

export interface Dismissal {
  reason: string;
  expires?: string;
  team?: boolean;
}

/** *Dismiss…*: asks why, then for how long and for whom. Undefined when the person closes a question. */
export async function askToDismiss(title: string): Promise<Dismissal | undefined> {
  const heading = vscode.l10n.t('Dismiss: {0}', oneLine(title, 80));
  const reason = await askReason(heading);
  if (reason === undefined) return undefined;
  const reach = await askReach(heading);
  return reach === undefined ? undefined : { reason, ...reach };
}

async function askReason(title: string): Promise<string | undefined> {
  const other = vscode.l10n.t('Another reason…');
  const reasons = [
    vscode.l10n.t('Intended: the code is meant to do this'),
    vscode.l10n.t('Wrong: the code does not do what the finding says'),
    vscode.l10n.t('Not important enough to change'),
    vscode.l10n.t('Will be done later, it is tracked elsewhere'),
    other,
  ];
  const picked = await vscode.window.showQuickPick(reasons, { title, placeHolder: vscode.l10n.t('Why? The reason is kept with it.') });
  if (picked !== other) return picked;
  const text = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('The reason, in one sentence'),
    validateInput: (value) => (value.trim() === '' ? vscode.l10n.t('A dismissal needs a reason.') : undefined),
  });
  return text?.trim();
}

type Reach = Omit<Dismissal, 'reason'>;

async function askReach(title: string): Promise<Reach | undefined> {
  const items: (vscode.QuickPickItem & { reach?: Reach })[] = [
    { label: vscode.l10n.t('For me'), description: vscode.l10n.t('until I change my mind'), reach: {} },
    { label: vscode.l10n.t('For me, for two weeks'), reach: { expires: '14d' } },
    {
      label: vscode.l10n.t('For the team'),
      description: vscode.l10n.t('written to .handrail/dismissals.yml, to be committed'),
      reach: { team: true },
    },
    { label: vscode.l10n.t('For the team, for 90 days'), reach: { team: true, expires: '90d' } },
    { label: vscode.l10n.t('Until a date…') },
  ];
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t('For whom and how long?') });
  if (picked === undefined || picked.reach !== undefined) return picked?.reach;
  const date = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('The day it comes back, as 2026-12-31, or a time span such as 30d'),
    validateInput: (value) => (isExpiry(value) ? undefined : vscode.l10n.t('Write a date as 2026-12-31 or a number of days as 30d.')),
  });
  return date === undefined ? undefined : { expires: date.trim() };
}

function isExpiry(text: string): boolean {
  const value = text.trim();
  if (/^[1-9]\d{0,3}d$/.test(value)) return true;
  return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
}
