import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import type { AgentsPlan, AgentsRequest } from '../../node/workflow/agentFiles.ts';
import type { Services } from '../services.ts';
import { AgentsPreview } from './agentsPreview.ts';
import { showInformation } from '../messages.ts';

/** *Tell Agents About the Workflow…*: a paragraph in AGENTS.md and stop hooks, shown as differences before anything is written. */
export async function tellAgents(services: Services): Promise<void> {
  const preview = new AgentsPreview();
  try {
    await askAndWrite(services, preview);
  } finally {
    preview.dispose();
  }
}

async function askAndWrite(services: Services, preview: AgentsPreview): Promise<void> {
  const folder = services.requireFolder();
  const request = await askWhat(folder);
  if (request === undefined) return;
  const { planAgentFiles, writeAgentFiles } = await import('../../node/workflow/agentFiles.ts');
  const plan = planAgentFiles(folder.uri.fsPath, request);
  if (plan.changes.length === 0) {
    void showInformation([vscode.l10n.t('Agents are told already.'), ...plan.notes].join(' '));
    return;
  }
  refuseUnsaved(folder, plan);
  const close = await preview.show(folder, plan.changes, vscode.l10n.t('What agents would be told'));
  const agreed = await confirmed(plan);
  await close();
  if (!agreed) return;
  await writeAgentFiles(folder.uri.fsPath, plan);
  services.touchWorkflow(folder);
  const written = plan.changes.map(({ path }) => path).join(', ');
  void showInformation([vscode.l10n.t('Written: {0}.', written), ...plan.notes].join(' '));
}

interface Choice extends vscode.QuickPickItem {
  /** Absent for the paragraph. */
  assistant?: string;
}

/** Which parts; undefined when the person left. The paragraph and what is there already are not asked for twice. */
async function askWhat(folder: vscode.WorkspaceFolder): Promise<AgentsRequest | undefined> {
  const [{ untold }, { ASSISTANTS }] = await Promise.all([
    import('../../node/workflow/agentFiles.ts'),
    import('../../core/workflow/stopHook.ts'),
  ]);
  const { paragraph, assistants } = untold(folder.uri.fsPath);
  const inUse = new Set(assistants.map(({ name }) => name));
  const sorted = ASSISTANTS.toSorted((a, b) => Number(inUse.has(b.name)) - Number(inUse.has(a.name)));
  const choices: Choice[] = [
    {
      label: vscode.l10n.t('A paragraph in AGENTS.md'),
      detail: vscode.l10n.t('What to run, and which steps are for people. What is there stays.'),
      picked: paragraph,
    },
    ...sorted.map(({ name, title, settings }) => ({
      label: vscode.l10n.t('A stop hook for {0}', title),
      description: inUse.has(name) ? vscode.l10n.t('{0} · in use here', settings) : settings,
      detail: vscode.l10n.t('Keeps it going while steps are left that it may do.'),
      assistant: name,
    })),
  ];
  const chosen = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Tell agents about the workflow'),
    placeHolder: vscode.l10n.t('You see every change before it is written.'),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (chosen === undefined || chosen.length === 0) return undefined;
  return {
    paragraph: chosen.some(({ assistant }) => assistant === undefined),
    stopHook: chosen.flatMap(({ assistant }) => assistant ?? []),
  };
}

/** What is typed and not saved yet would be lost, or would overwrite what is written. */
function refuseUnsaved(folder: vscode.WorkspaceFolder, { changes }: AgentsPlan): void {
  for (const { path } of changes) {
    const uri = vscode.Uri.joinPath(folder.uri, path).toString();
    if (!vscode.workspace.textDocuments.some((document) => document.isDirty && document.uri.toString() === uri)) continue;
    throw new HandrailError('conflict', vscode.l10n.t('{0} has changes that are not saved.', path), {
      hint: vscode.l10n.t('Save the file and try again.'),
      location: { path },
    });
  }
}

async function confirmed({ changes }: AgentsPlan): Promise<boolean> {
  const write = vscode.l10n.t('Write');
  const question =
    changes.length === 1
      ? vscode.l10n.t('Write {0} as shown?', changes[0]?.path ?? '')
      : vscode.l10n.t('Write these {0} files as shown?', changes.length);
  return (await showInformation(question, write, vscode.l10n.t('Discard'))) === write;
}
