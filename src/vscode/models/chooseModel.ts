import * as vscode from 'vscode';
import type { ModelOffer, ReviewService } from '../../core/ai/service.ts';
import type { Answers } from './consent.ts';

type Item = vscode.QuickPickItem & { pick?: ModelOffer | 'builtin' };

/** *Choose Model…*: the built-in reviewer, the entries of models.yml, and what was found on this machine. True when chosen. */
export async function chooseModel(service: ReviewService, answers: Answers): Promise<boolean> {
  const choice = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Looking for models…') },
    () => service.choose({ lookForServers: true }),
  );
  const current = choice.kind === 'builtin' ? 'builtin' : choice.name;
  const items = itemsOf(choice.offers, current);
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Who reviews in this workspace?'),
    placeHolder: choice.because,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked?.pick === undefined) return false;
  if (picked.pick === 'builtin') {
    await service.follow(undefined);
    // models.yml may name a model all the same; then the person's no stands in its way.
    const after = await service.choose();
    if (after.kind === 'model' && after.origin !== undefined) await answers.setDeclined(after.origin, true);
    void vscode.window.showInformationMessage(vscode.l10n.t('The built-in reviewer answers in this workspace. Nothing is sent.'));
    return true;
  }
  await answers.setDeclined(picked.pick.origin, false);
  await service.follow(picked.pick);
  void vscode.window.showInformationMessage(
    vscode.l10n.t('{0} reviews in this workspace. You are asked before anything goes to {1}.', picked.pick.label, picked.pick.origin),
  );
  return true;
}

function itemsOf(offers: readonly ModelOffer[], current: string): Item[] {
  const mark = (name: string): string => (name === current ? ` ${vscode.l10n.t('(in use)')}` : '');
  const items: Item[] = [
    {
      label: `$(shield) ${vscode.l10n.t('Built-in reviewer')}${mark('builtin')}`,
      detail: vscode.l10n.t('Biome, Ruff and secretlint on this machine. No model, no key, nothing is sent.'),
      pick: 'builtin',
    },
  ];
  const headings: Record<ModelOffer['kind'], string> = {
    'models-file': vscode.l10n.t('from .handrail/models.yml'),
    environment: vscode.l10n.t('found in the environment'),
    'local-server': vscode.l10n.t('found on this machine'),
    editor: vscode.l10n.t('language models of the editor'),
    assistant: vscode.l10n.t('assistants installed on this machine'),
  };
  for (const kind of ['models-file', 'editor', 'assistant', 'local-server', 'environment'] as const) {
    const some = offers.filter((offer) => offer.kind === kind);
    if (some.length > 0) items.push({ label: headings[kind], kind: vscode.QuickPickItemKind.Separator });
    for (const offer of some) {
      items.push({ label: `$(hubot) ${offer.label}${mark(offer.name)}`, description: offer.model, detail: offer.baseURL, pick: offer });
    }
  }
  return items;
}

/** After a review without a model: what was found on this machine is offered, each thing once. */
export async function offerOnce(service: ReviewService, answers: Answers): Promise<void> {
  if (!vscode.workspace.isTrusted || !vscode.workspace.getConfiguration('handrail').get('review.offerModels', true)) return;
  const { offers } = await service.choose({ lookForServers: true });
  for (const offer of offers) {
    if (!(await answers.firstOffer(`${offer.kind} ${offer.baseURL} ${offer.model}`))) continue;
    const use = vscode.l10n.t('Use for Reviews');
    const more = vscode.l10n.t('Choose Model…');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t('The built-in reviewer answered. A model was found too: {0}. Nothing is sent before you agree.', offer.label),
      use,
      more,
    );
    if (answer === use) await service.follow(offer);
    if (answer === more) await chooseModel(service, answers);
    return;
  }
}
