import * as vscode from 'vscode';
import { registerCommands } from '../commands.ts';
import type { Services } from '../services.ts';

const NAME = 'handrail.start';

/** *Open Walkthrough*. The editor shows it once by itself after an installation; nothing here shows it unasked. */
export function registerWalkthrough(services: Services): vscode.Disposable {
  const { id } = services.context.extension;
  return registerCommands(services.log, {
    'handrail.openWalkthrough': async () => {
      await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${id}#${NAME}`, false);
      await tickWhatIsThere(services);
    },
  });
}

/** The editor ticks a step when its context changes while the walkthrough is known, not when it held before; so it changes now. */
async function tickWhatIsThere(services: Services): Promise<void> {
  const folder = services.folders.current;
  if (folder === undefined || !vscode.workspace.isTrusted) return;
  const { workflow } = await (await services.workflow(folder)).status();
  await vscode.commands.executeCommand('setContext', 'handrail.workflowThere', false);
  await vscode.commands.executeCommand('setContext', 'handrail.workflowThere', workflow !== null);
}
