import * as vscode from 'vscode';
import type { ModelChoice, ModelOffer, ReviewService } from '../../core/ai/service.ts';
import type { Answers } from './answers.ts';
import { showInformation } from '../messages.ts';

type Item = vscode.QuickPickItem & { pick?: ModelOffer | 'builtin' | 'find-extensions' };

/**
 * *Choose Model…*: the built-in reviewer, the entries of models.yml, the editor's language models, and what was found on this
 * machine. True when chosen.
 */
export async function chooseModel(service: ReviewService, answers: Answers): Promise<boolean> {
  const choice = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Looking for models…') },
    () => service.choose({ lookForServers: true }),
  );
  const picked = await vscode.window.showQuickPick(itemsOf(choice), {
    title: vscode.l10n.t('Who reviews and generates in this workspace?'),
    placeHolder:
      choice.kind === 'builtin' ? vscode.l10n.t('The built-in reviewer answers here so far.') : (choice.problem?.message ?? choice.because),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked?.pick === undefined) return false;
  if (picked.pick === 'find-extensions') {
    await vscode.commands.executeCommand('workbench.extensions.search', 'tag:"language-models"');
    return false;
  }
  if (picked.pick === 'builtin') await useBuiltin(service, answers);
  else await useOffer(service, answers, picked.pick);
  return true;
}

async function useBuiltin(service: ReviewService, answers: Answers): Promise<void> {
  await service.follow(undefined);
  // models.yml may name a model all the same; then the person's no stands in its way.
  const after = await service.choose();
  if (after.kind === 'model' && after.origin !== undefined) await answers.setDeclined(after.origin, true);
  void showInformation(vscode.l10n.t('The built-in reviewer answers in this workspace. Nothing is sent, and nothing can be generated.'));
}

async function useOffer(service: ReviewService, answers: Answers, offer: ModelOffer): Promise<void> {
  await answers.setDeclined(offer.origin, false);
  await service.follow(offer);
  void showInformation(vscode.l10n.t('Chosen for this workspace: {0}. You are asked before anything is sent there.', offer.label));
}

const KINDS = ['models-file', 'editor', 'assistant', 'local-server', 'environment'] as const;

function itemsOf({ kind, offers }: ModelChoice): Item[] {
  const mark = (inUse: boolean): string => (inUse ? ` ${vscode.l10n.t('(in use)')}` : '');
  const items: Item[] = [
    {
      label: `$(shield) ${vscode.l10n.t('Built-in reviewer')}${mark(kind === 'builtin')}`,
      detail: vscode.l10n.t('Biome, Ruff and secretlint on this machine. Nothing is sent. It does not generate.'),
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
  for (const one of KINDS) {
    const some = offers.filter((offer) => offer.kind === one);
    if (some.length > 0 || one === 'editor') items.push({ label: headings[one], kind: vscode.QuickPickItemKind.Separator });
    if (some.length === 0 && one === 'editor') items.push(noEditorModel());
    for (const offer of some) {
      const label = `$(hubot) ${offer.label}${mark(offer.inUse === true)}`;
      items.push({ label, description: offer.model, detail: whereOf(offer), pick: offer });
    }
  }
  return items;
}

/** The editor gives no reason when it has none, so this says what to do. */
function noEditorModel(): Item {
  return {
    label: `$(info) ${vscode.l10n.t('No language model found')}`,
    detail: vscode.l10n.t('Sign in to GitHub Copilot or find an extension that has one.'),
    pick: 'find-extensions',
  };
}

function whereOf({ kind, baseURL }: ModelOffer): string {
  if (kind === 'editor') return vscode.l10n.t('No key is needed; the editor may ask whether Handrail may use it.');
  if (kind === 'assistant') return vscode.l10n.t('Runs with its own account. No key is needed.');
  return baseURL;
}

/** After a review without a model: what was found on this machine is offered, each thing once. */
export async function offerOnce(service: ReviewService, answers: Answers): Promise<void> {
  if (!vscode.workspace.isTrusted || !vscode.workspace.getConfiguration('handrail').get('review.offerModels', true)) return;
  const { offers } = await service.choose({ lookForServers: true });
  for (const offer of offers) {
    // The editor has many models of one vendor, which are one thing to offer.
    const alike = offer.kind === 'editor' ? offers.filter(({ kind, origin }) => kind === 'editor' && origin === offer.origin) : [offer];
    if (!(await answers.firstOffer(offer.kind === 'editor' ? offer.origin : `${offer.kind} ${offer.baseURL} ${offer.model}`))) continue;
    const use = vscode.l10n.t('Use It');
    const more = vscode.l10n.t('Choose Model…');
    const answer = await showInformation(
      alike.length > 1
        ? vscode.l10n.t(
            'The built-in reviewer answered. {0} language models of the editor were found too, such as {1}. Nothing is sent before you agree.',
            alike.length,
            offer.label,
          )
        : vscode.l10n.t('The built-in reviewer answered. A model was found too: {0}. Nothing is sent before you agree.', offer.label),
      ...(alike.length > 1 ? [more] : [use, more]),
    );
    if (answer === use) await useOffer(service, answers, offer);
    if (answer === more) await chooseModel(service, answers);
    return;
  }
}
