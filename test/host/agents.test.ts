import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as vscode from 'vscode';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { registerAgents } from '../../src/vscode/agents/register.ts';
import { Folders } from '../../src/vscode/folders.ts';
import type { Services } from '../../src/vscode/services.ts';

describe('the MCP server that the editor offers', () => {
  it('is the command line of the extension, run by the editor’s Node in the workspace folder, and answers', async () => {
    const extension = vscode.extensions.getExtension('handrail.handrail') ?? assert.fail('the extension is installed');
    await extension.activate();
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    execFileSync('git', ['switch', '-q', '-c', 'feat/mcp'], { cwd: folder.uri.fsPath });
    const services = {
      context: { extension, asAbsolutePath: (path: string) => vscode.Uri.joinPath(extension.extensionUri, path).fsPath },
      folders: new Folders(),
    } as unknown as Services;

    // The editor refuses a provider that package.json does not announce.
    const register = vscode.lm.registerMcpServerDefinitionProvider.bind(vscode.lm);
    let provider: vscode.McpServerDefinitionProvider | undefined;
    Object.assign(vscode.lm, {
      registerMcpServerDefinitionProvider: (id: string, one: vscode.McpServerDefinitionProvider) => {
        provider = one;
        return register(id, one);
      },
    });
    const registered = registerAgents(services);
    try {
      const cancelled = new vscode.CancellationTokenSource();
      const definitions = (await provider?.provideMcpServerDefinitions(cancelled.token)) ?? [];
      assert.equal(definitions.length, 1);
      const [definition] = definitions;
      assert.ok(definition instanceof vscode.McpStdioServerDefinition);
      assert.equal(definition.label, 'Handrail');
      assert.equal(definition.command, process.execPath);
      assert.equal(definition.cwd?.fsPath, folder.uri.fsPath);
      assert.equal(definition.version, extension.packageJSON.version);
      assert.equal(definition.env['HANDRAIL_EDITOR_TELEMETRY'], vscode.env.isTelemetryEnabled ? undefined : 'off');

      const client = new Client({ name: 'host-test', version: '1' });
      const env = { ...process.env, ...definition.env } as Record<string, string>;
      await client.connect(
        new StdioClientTransport({ command: definition.command, args: definition.args, cwd: definition.cwd.fsPath, env }),
      );
      try {
        const { content, isError } = await client.callTool({ name: 'handrail_status', arguments: {} });
        assert.notEqual(isError, true);
        assert.match((content[0] as { text: string }).text, /steps are done/);
      } finally {
        await client.close();
      }
    } finally {
      registered.dispose();
      services.folders.dispose();
    }
  });
});
