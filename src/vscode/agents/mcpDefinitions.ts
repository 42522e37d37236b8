import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { VARIABLE } from '../telemetry/terminalVeto.ts';

/**
 * One server for each trusted folder that has a `.handrail`: the extension's own command line, run by the editor's own Node. Starting one
 * runs nothing of the repository.
 */
export function mcpDefinitions({ context, folders }: Pick<Services, 'context' | 'folders'>): vscode.McpStdioServerDefinition[] {
  if (!vscode.workspace.isTrusted) return [];
  return folders.all
    .filter(({ uri }) => existsSync(join(uri.fsPath, '.handrail')))
    .map((folder) => {
      const definition = new vscode.McpStdioServerDefinition(
        folders.several ? `Handrail (${folder.name})` : 'Handrail',
        process.execPath,
        [context.asAbsolutePath('dist/cli.js'), 'mcp'],
        // The executable may be the editor's, which acts as Node then.
        { ELECTRON_RUN_AS_NODE: '1', ...(vscode.env.isTelemetryEnabled ? {} : { [VARIABLE]: 'off' }) },
        String(context.extension.packageJSON.version),
      );
      definition.cwd = folder.uri;
      return definition;
    });
}
