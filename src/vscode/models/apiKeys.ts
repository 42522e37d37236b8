import * as vscode from 'vscode';
import { parseEndpoint, VENDOR_BASE_URL } from '../../core/ai/models/endpoints.ts';
import { failureOf } from '../../core/errors.ts';
import type { SecretKeys } from './secretKeys.ts';
import { showInformation } from '../messages.ts';

/** Asks for the key of one origin and stores it; `again` when the last one was refused. False when the person gave none. */
export async function askForKey(keys: SecretKeys, origin: string, again = false): Promise<boolean> {
  const key = await vscode.window.showInputBox({
    title: again ? vscode.l10n.t('Set the key for {0} again', origin) : vscode.l10n.t('Set the key for {0}', origin),
    prompt: vscode.l10n.t('It is kept in the secret storage of the editor and sent to {0} only.', origin),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.trim() === '' || /\s/.test(text.trim()) ? vscode.l10n.t('A key is one word without spaces.') : undefined,
  });
  if (key === undefined) return false;
  await keys.set(origin, key.trim());
  return true;
}

/** *Set API Key…*: chooses the origin where none is given, then asks for its key. `known` tells the origins that models here use. */
export async function setApiKey(keys: SecretKeys, known: () => Promise<readonly string[]>, wanted?: string): Promise<void> {
  const isGiven = wanted !== undefined && /^https?:/.test(wanted);
  const origin = isGiven ? wanted : await pickOrigin(await keys.stored(), await known());
  if (origin === undefined) return;
  if (await askForKey(keys, origin)) {
    void showInformation(vscode.l10n.t('The key for {0} is stored. It goes to no other address.', origin));
  }
}

/** *Remove API Key…* */
export async function removeApiKey(keys: SecretKeys): Promise<void> {
  const stored = await keys.stored();
  if (stored.length === 0) {
    void showInformation(vscode.l10n.t('No key is stored in the editor.'));
    return;
  }
  const origin = await vscode.window.showQuickPick(stored, { title: vscode.l10n.t('Remove the key for…') });
  if (origin === undefined) return;
  await keys.remove(origin);
  void showInformation(vscode.l10n.t('The key for {0} is removed.', origin));
}

async function pickOrigin(stored: readonly string[], known: readonly string[]): Promise<string | undefined> {
  const origins = [...new Set([...known, parseEndpoint(VENDOR_BASE_URL).origin, ...stored])];
  const items: (vscode.QuickPickItem & { origin?: string })[] = origins.map((origin) => ({
    label: origin,
    ...(stored.includes(origin) ? { description: vscode.l10n.t('a key is stored') } : {}),
    origin,
  }));
  items.push({ label: vscode.l10n.t('Another address…') });
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Set the key for which address?') });
  if (picked === undefined || picked.origin !== undefined) return picked?.origin;
  const address = await vscode.window.showInputBox({
    title: vscode.l10n.t('Address of the model server'),
    placeHolder: 'https://api.openai.com/v1',
    ignoreFocusOut: true,
    validateInput: (text) => problemOf(text),
  });
  return address === undefined ? undefined : parseEndpoint(address).origin;
}

function problemOf(address: string): string | undefined {
  try {
    parseEndpoint(address);
    return undefined;
  } catch (error) {
    return failureOf(error)?.message ?? vscode.l10n.t('This is not the address of a model server.');
  }
}
