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
    },
  });
}
