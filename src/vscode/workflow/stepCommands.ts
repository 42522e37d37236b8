import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { StepStatus } from '../../core/workflow/run.ts';
import { execute, registerCommands } from '../commands.ts';
import type { StepTarget } from '../commands.ts';
import type { Services } from '../services.ts';
import { cancelCommandStep, runCommandStep } from './commandTask.ts';
import { countProblems } from './editorProblems.ts';
import { Explanations } from './explanations.ts';
import { isCancellable, isRunnable, isTickable, waitsFor } from './stepItem.ts';
import { isWaivable } from './waiverChoices.ts';
import { kindWords, stateWords } from './words.ts';
import type { WorkflowModel } from './workflowModel.ts';
import type { WorkflowView } from './workflowView.ts';
import { showInformation } from '../messages.ts';

/** Commands about one step: from its line in the view, or from the palette with a list to pick from. */
export function registerStepCommands(services: Services, model: WorkflowModel, view: WorkflowView): vscode.Disposable {
  const store = new DisposableStore();
  const explanations = store.add(new Explanations(model));
  const pick = (target: StepTarget | undefined, title: string, fits: (step: StepStatus) => boolean): Promise<StepStatus> =>
    stepOf(model, target, title, fits);
  const running = new Set<string>();
  const runUntil = async (until: StepStatus | undefined): Promise<void> => {
    const folder = requireFolder(model);
    const reveal = (id: string): Promise<void> => view.reveal(id);
    await (await import('../automation/runWorkflow.ts')).runWorkflow({ services, folder, until, running, reveal });
  };
  store.add(
    registerCommands(services.log, {
      'handrail.runWorkflow': () => runUntil(undefined),
      'handrail.runWorkflowUntil': async (target) =>
        runUntil(await pick(target, vscode.l10n.t('Run until which step?'), ({ state }) => !['done', 'skipped', 'waived'].includes(state))),
      'handrail.goToNextStep': () => goToNextStep(model, view),
      'handrail.runStep': async (target) => runStep(services, model, await pick(target, vscode.l10n.t('Run which step?'), isRunnable)),
      'handrail.cancelStep': async (target) =>
        cancelCommandStep(requireFolder(model), await pick(target, vscode.l10n.t('Cancel which step?'), isCancellable)),
      'handrail.checkStep': async (target) =>
        checkStep(
          services,
          model,
          await pick(target, vscode.l10n.t('Which step is done?'), (step) => isTickable(step) && step.state !== 'done'),
        ),
      'handrail.uncheckStep': async (target) =>
        uncheckStep(
          services,
          model,
          await pick(target, vscode.l10n.t('Which step is not done?'), (step) => isTickable(step) && step.state === 'done'),
        ),
      'handrail.waiveStep': async (target) =>
        (await import('./waiveStep.ts')).waiveStep(
          services,
          model,
          requireFolder(model),
          await pick(target, vscode.l10n.t('Skip which step?'), isWaivable),
        ),
      'handrail.unwaiveStep': async (target) =>
        uncheckStep(
          services,
          model,
          await pick(target, vscode.l10n.t('Which step is not to be skipped any more?'), (step) => step.state === 'waived'),
        ),
      'handrail.explainStep': async (target) => explanations.show(await pick(target, vscode.l10n.t('Explain which step?'), () => true)),
      'handrail.openPrompt': async (target) =>
        openFile(model, (await pick(target, vscode.l10n.t('Open the prompt of which step?'), (step) => step.prompt !== undefined)).prompt),
      'handrail.openLearn': async (target) =>
        openLearn(model, (await pick(target, vscode.l10n.t('Learn about which step?'), (step) => step.learn !== undefined)).learn),
    }),
  );
  return store;
}

async function stepOf(
  model: WorkflowModel,
  target: StepTarget | undefined,
  title: string,
  fits: (step: StepStatus) => boolean,
): Promise<StepStatus> {
  await model.ready();
  const { run } = model;
  if (run === undefined) {
    throw new HandrailError('not-found', vscode.l10n.t('No workflow is running here.'), {
      hint: vscode.l10n.t('The Workflow view says why and offers what to do.'),
    });
  }
  if (target !== undefined) {
    const step = model.step(target.stepId);
    if (step !== undefined) return step;
    throw new HandrailError('not-found', vscode.l10n.t('The workflow has no step “{0}” any more.', target.stepId));
  }
  const items = run.steps.filter(fits).map((step) => ({
    label: step.title,
    description: `${kindWords(vscode.l10n, step.kind)} · ${stateWords(vscode.l10n, step, waitsFor(step, run))}`,
    step,
  }));
  if (items.length === 0) throw new HandrailError('not-found', vscode.l10n.t('No step of this workflow is ready for that now.'));
  const chosen = await vscode.window.showQuickPick(items, { title, matchOnDescription: true });
  if (chosen === undefined) throw new vscode.CancellationError();
  return chosen.step;
}

async function goToNextStep(model: WorkflowModel, view: WorkflowView): Promise<void> {
  await vscode.commands.executeCommand('handrail.workflow.focus');
  await model.ready();
  const next = model.run?.next[0];
  if (next !== undefined) await view.reveal(next);
}

async function runStep(services: Services, model: WorkflowModel, step: StepStatus): Promise<void> {
  const folder = requireFolder(model);
  if (step.state === 'blocked' && model.run !== undefined) {
    throw new HandrailError('conflict', vscode.l10n.t('“{0}” waits for {1}.', step.title, waitsFor(step, model.run).join(', ')), {
      hint: vscode.l10n.t('Finish what it waits for first.'),
    });
  }
  if (step.kind === 'review') return execute('handrail.runReviewStep', { stepId: step.id, scope: step.scope ?? 'branch' });
  if (step.kind === 'generate') return execute('handrail.runGenerateStep', { stepId: step.id });
  if (step.kind !== 'command') {
    throw new HandrailError('usage', vscode.l10n.t('“{0}” is not run: it is settled {1}.', step.title, kindWords(vscode.l10n, step.kind)));
  }
  await runCommandStep(services, folder, step, model.run?.workflow?.digest);
}

async function checkStep(services: Services, model: WorkflowModel, step: StepStatus): Promise<void> {
  const folder = requireFolder(model);
  if (!(await confirmed(step))) return;
  const service = await services.workflow(folder);
  const wantsProblems = step.expect.some(({ kind }) => kind === 'diagnostics');
  const after = await service.check(step.id, { actor: 'human', ...(wantsProblems ? { diagnostics: countProblems(folder) } : {}) });
  await model.refresh();
  if (after.state !== 'done') {
    void showInformation(vscode.l10n.t('“{0}” is not done yet. {1}', step.title, after.missing.join(' ') || after.because));
  }
}

/** A step that records a person's word shows the very statement before it is given. */
async function confirmed(step: StepStatus): Promise<boolean> {
  const statements = step.expect.filter((expectation) => expectation.kind === 'attest').map((expectation) => attested(expectation.detail));
  if (step.kind === 'approval') statements.push(vscode.l10n.t('I approve this change.'));
  if (statements.length === 0) return true;
  const confirm = vscode.l10n.t('Confirm');
  const detail = `${statements.join('\n')}\n\n${vscode.l10n.t("This is recorded as someone's word: yours.")}`;
  return (await vscode.window.showInformationMessage(step.title, { modal: true, detail }, confirm)) === confirm;
}

/** The statement at the end of an expectation's sentence: “Nobody has confirmed yet: STATEMENT”. */
function attested(detail: string): string {
  const colon = detail.indexOf(': ');
  return colon < 0 ? detail : detail.slice(colon + 2);
}

async function uncheckStep(services: Services, model: WorkflowModel, step: StepStatus): Promise<void> {
  const service = await services.workflow(requireFolder(model));
  const after = await service.uncheck(step.id, { actor: 'human' });
  await model.refresh();
  if (after.state === 'done') {
    void showInformation(vscode.l10n.t('“{0}” stays done: {1}', step.title, after.because));
  }
}

async function openFile(model: WorkflowModel, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  await vscode.window.showTextDocument(vscode.Uri.joinPath(requireFolder(model).uri, path));
}

/** A document of the repository opens as a page; a web address goes through the editor's own question before it opens. */
async function openLearn(model: WorkflowModel, learn: string | undefined): Promise<void> {
  if (learn === undefined) return;
  if (learn.startsWith('https://')) {
    await vscode.env.openExternal(vscode.Uri.parse(learn, true));
    return;
  }
  const uri = vscode.Uri.joinPath(requireFolder(model).uri, learn);
  if (learn.endsWith('.md')) await vscode.commands.executeCommand('markdown.showPreview', uri);
  else await vscode.window.showTextDocument(uri);
}

function requireFolder(model: WorkflowModel): vscode.WorkspaceFolder {
  if (model.folder === undefined) throw new HandrailError('not-found', vscode.l10n.t('No folder is open.'));
  return model.folder;
}
