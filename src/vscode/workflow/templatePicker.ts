import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { Step } from '../../core/workflow/definition.ts';
import type { WorkflowTemplate } from '../../core/workflow/templates.ts';
import { kindWords } from './words.ts';

type StepsOf = (template: WorkflowTemplate) => readonly Step[];

interface TemplateItem extends vscode.QuickPickItem {
  template: WorkflowTemplate;
}

/** Lists the templates; a button at each shows its steps before it is chosen. Undefined when nothing was. */
export async function pickTemplate(templates: readonly WorkflowTemplate[], stepsOf: StepsOf): Promise<WorkflowTemplate | undefined> {
  for (let last: WorkflowTemplate | undefined; ;) {
    const picked = await pickOrShow(templates, stepsOf, last);
    if (picked === undefined || !picked.show) return picked?.template;
    const answer = await showSteps(picked.template, stepsOf(picked.template));
    if (answer !== 'back') return answer === 'use' ? picked.template : undefined;
    last = picked.template;
  }
}

/** `active` is the one that the list begins at. */
async function pickOrShow(
  templates: readonly WorkflowTemplate[],
  stepsOf: StepsOf,
  active: WorkflowTemplate | undefined,
): Promise<{ template: WorkflowTemplate; show: boolean } | undefined> {
  const button: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('list-unordered'), tooltip: vscode.l10n.t('Show the Steps') };
  const items = templates.map((template): TemplateItem => {
    const description = vscode.l10n.t('{0} steps', stepsOf(template).length);
    return { label: template.title, description, detail: template.description, template, buttons: [button] };
  });
  const list = vscode.window.createQuickPick<TemplateItem>();
  list.title = vscode.l10n.t('Choose a workflow to start from');
  list.placeholder = vscode.l10n.t('It is written to .handrail/workflows, where you can change every step.');
  list.matchOnDetail = true;
  list.items = items;
  const last = items.find((item) => item.template === active);
  // Set to nothing, no row would be active, and Enter would close the list without an answer.
  if (last !== undefined) list.activeItems = [last];
  return await answerOf(list, (answer, store) => {
    store.add(
      list.onDidAccept(() => {
        const [item] = list.selectedItems;
        if (item !== undefined) answer({ template: item.template, show: false });
      }),
    );
    store.add(list.onDidTriggerItemButton(({ item }) => answer({ template: item.template, show: true })));
  });
}

async function showSteps(template: WorkflowTemplate, steps: readonly Step[]): Promise<'use' | 'back' | undefined> {
  const list = vscode.window.createQuickPick();
  list.title = template.title;
  list.placeholder = vscode.l10n.t('Enter writes the workflow with these steps.');
  list.buttons = [vscode.QuickInputButtons.Back];
  list.matchOnDetail = true;
  list.items = steps.map((step, index) => ({
    label: `${index + 1}. ${step.title}`,
    description: [kindWords(vscode.l10n, step.kind), step.when && vscode.l10n.t('where {0}', step.when)].filter(Boolean).join(' · '),
    ...(step.why !== undefined && { detail: step.why }),
  }));
  return await answerOf<'use' | 'back'>(list, (answer, store) => {
    store.add(list.onDidAccept(() => answer('use')));
    store.add(list.onDidTriggerButton(() => answer('back')));
  });
}

/** Shows a list until it is answered or closed. */
async function answerOf<T>(
  list: vscode.QuickPick<vscode.QuickPickItem>,
  listen: (answer: (value: T | undefined) => void, store: DisposableStore) => void,
): Promise<T | undefined> {
  const store = new DisposableStore();
  store.add(list);
  try {
    return await new Promise<T | undefined>((resolve) => {
      listen(resolve, store);
      store.add(list.onDidHide(() => resolve(undefined)));
      list.show();
    });
  } finally {
    store.dispose();
  }
}
