import * as vscode from 'vscode';
import type { Services } from '../services.ts';

/** Offers the command line's MCP server to the editor's agents. Names the same provider as package.json. */
export function registerAgents(services: Services): vscode.Disposable {
  return vscode.lm.registerMcpServerDefinitionProvider('handrail', {
    onDidChangeMcpServerDefinitions: vscode.workspace.onDidGrantWorkspaceTrust,
    provideMcpServerDefinitions: async () => (await import('./mcpDefinitions.ts')).mcpDefinitions(services),
  });
}
