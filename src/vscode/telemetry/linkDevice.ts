import * as vscode from 'vscode';
import { failureOf } from '../../core/errors.ts';
import { acceptLink, answerLink, linkFirst, requestLink, type LinkPlaces } from '../../node/team/link.ts';
import { showInformation } from '../messages.ts';
import type { PersonalSecret } from './personalSecret.ts';

export interface EditorLinkPlaces extends LinkPlaces {
  secret: PersonalSecret;
}

/** Links this device, or answers another one of the same person. Returns whether this device is linked now. */
export async function linkDevice(places: EditorLinkPlaces): Promise<boolean> {
  if (await places.secret.isTwofold()) return joinCommandLine(places.secret);
  if ((await places.secret.read()) === undefined) return linkThis(places);
  await linkAnother(places);
  return true;
}

async function joinCommandLine(secret: PersonalSecret): Promise<boolean> {
  const join = vscode.l10n.t("Use the Editor's for Both");
  const detail = vscode.l10n.t('They would count as two people. Weeks that the command line has sent already stay as they are.');
  const question = vscode.l10n.t('The editor and the command line of this machine were linked apart from each other.');
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, join)) !== join) return false;
  await secret.overrule();
  return true;
}

async function linkThis(places: EditorLinkPlaces): Promise<boolean> {
  const items = [
    {
      label: vscode.l10n.t('This is my first device, or the only one'),
      detail: vscode.l10n.t('Windows into remotes and containers from this desktop count as the same.'),
      link: () => linkFirst(places),
    },
    {
      label: vscode.l10n.t('I share from another device already'),
      detail: vscode.l10n.t('So that both count as one person: copies a request that the other device answers.'),
      link: () => linkByRequest(places),
    },
  ];
  const title = vscode.l10n.t('Link This Device');
  const choice = await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t('Nothing is shared by this') });
  await choice?.link();
  return (await places.secret.read()) !== undefined;
}

/** The request travels over the clipboard; it and its answer are of no use to anybody else. */
async function linkByRequest(places: EditorLinkPlaces): Promise<void> {
  await vscode.env.clipboard.writeText(await requestLink(places));
  const options = {
    title: vscode.l10n.t('Link This Device'),
    prompt: vscode.l10n.t(
      'A request is on your clipboard. On the other device, choose “Handrail: Link This Device…” or run “handrail telemetry link --for REQUEST”, and paste its answer here.',
    ),
    placeHolder: 'handrail-answer-…',
  };
  await askUntilRight(options, (text) => acceptLink(places, text));
}

async function linkAnother(places: EditorLinkPlaces): Promise<void> {
  const options = {
    title: vscode.l10n.t('Link Another Device'),
    prompt: vscode.l10n.t(
      'Paste the request that your other device shows. Whoever gets the answer counts as you, so answer only devices of your own.',
    ),
    placeHolder: 'handrail-link-…',
  };
  await askUntilRight(options, async (text) => {
    await vscode.env.clipboard.writeText(await answerLink(places, text));
    void showInformation(vscode.l10n.t('The answer is on your clipboard. Paste it on the other device.'));
  });
}

/** Asks again with what was wrong, until it is right or the person gives up. */
async function askUntilRight(options: vscode.InputBoxOptions, take: (text: string) => Promise<void>): Promise<void> {
  let wrong: { text: string; because: string } | undefined;
  for (;;) {
    const text = await vscode.window.showInputBox({
      ...options,
      ignoreFocusOut: true,
      value: wrong?.text ?? '',
      validateInput: (typed) => (typed === wrong?.text ? wrong.because : undefined),
    });
    if (text === undefined || text.trim() === '') return;
    try {
      await take(text);
      return;
    } catch (error) {
      const failure = failureOf(error);
      if (failure?.reason !== 'usage') throw error;
      wrong = { text, because: failure.hint === undefined ? failure.message : `${failure.message} ${failure.hint}` };
    }
  }
}
