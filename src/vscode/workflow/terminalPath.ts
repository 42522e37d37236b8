import * as vscode from 'vscode';
import { delimiter } from 'node:path';
import type { Services } from '../services.ts';

/**
 * Puts `handrail` on the integrated terminal's PATH. The launcher runs the extension's own command line with the editor's own
 * Node; it is written after activation, once for each version of either.
 */
export function registerTerminalPath(services: Services): vscode.Disposable {
  const folder = vscode.Uri.joinPath(services.context.globalStorageUri, 'bin').fsPath;
  const environment = services.context.environmentVariableCollection;
  environment.description = vscode.l10n.t(
    'Puts the `handrail` command on the PATH, and tells it when your telemetry level forbids recording.',
  );
  environment.prepend('PATH', folder + delimiter);
  const written = setTimeout(() => void write(services, folder), 0);
  return { dispose: () => clearTimeout(written) };
}

async function write(services: Services, folder: string): Promise<void> {
  try {
    const { writeLauncher } = await import('../../node/terminalLauncher.ts');
    await writeLauncher(folder, process.execPath, services.context.asAbsolutePath('dist/cli.js'));
  } catch (error) {
    services.log.warn(`terminal: the handrail command could not be put on the PATH: ${String(error)}`);
  }
}
