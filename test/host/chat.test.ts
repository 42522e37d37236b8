import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as vscode from 'vscode';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { AGENT_TOOLS } from '../../src/core/agents/tools.ts';
import { answer } from '../../src/vscode/chat/participant.ts';
import { prepareTool, type ChatParts } from '../../src/vscode/chat/tools.ts';
import { Folders } from '../../src/vscode/folders.ts';
import type { Services } from '../../src/vscode/services.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const never = new vscode.CancellationTokenSource().token;

function textOf(result: vscode.LanguageModelToolResult): string {
  return result.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
}

/** What the chat needs of the extension, over the same sources. */
function servicesOf(folders: Folders): Services {
  const workflow = (folder: vscode.WorkspaceFolder): unknown => createWorkflowService({ root: folder.uri.fsPath, log: quiet });
  return {
    folders,
    log: quiet,
    workflow: async (folder: vscode.WorkspaceFolder) => workflow(folder),
    requireFolder: () => folders.current,
  } as unknown as Services;
}

describe('Handrail in chat', () => {
  before(async () => {
    const extension = vscode.extensions.getExtension('handrail.handrail') ?? assert.fail('the extension is installed');
    await extension.activate();
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    execFileSync('git', ['switch', '-q', '-C', 'feat/chat'], { cwd: folder.uri.fsPath });
  });

  it('offers its tools to chat models, which tell how the branch stands with the repository’s words fenced', async () => {
    const names = vscode.lm.tools.map(({ name }) => name).filter((name) => name.startsWith('handrail_'));
    assert.equal(names.length, 6);
    const result = await vscode.lm.invokeTool('handrail_status', { input: {}, toolInvocationToken: undefined }, never);
    assert.match(textOf(result), /steps are done[\s\S]*DATA-/u);
  });

  it('asks before a tool performs or records a step, in words of its own, and not before one that looks', async () => {
    const folders = new Folders();
    const services = servicesOf(folders);
    const question = async (name: string, input: object): Promise<string | undefined> => {
      const { confirmationMessages } = await prepareTool(services, name, { input });
      assert.ok(confirmationMessages === undefined || confirmationMessages.title !== '');
      const { message } = confirmationMessages ?? {};
      return message instanceof vscode.MarkdownString ? message.value : message;
    };
    try {
      for (const { name, readOnly } of AGENT_TOOLS) {
        const asked = await question(name, { step: 'verify' });
        assert.equal(asked === undefined, readOnly, name);
      }
      assert.match((await question('handrail_run_step', { step: 'verify' })) ?? '', /perform the step[\s\S]*It runs:[\s\S]*npm test/u);
      assert.match((await question('handrail_run_step', { step: 'tests', apply: true })) ?? '', /written to your files at once/u);
      assert.match((await question('handrail_check', { step: '`x` [y](command:z)' })) ?? '', /record that it did the step/u);
      assert.doesNotMatch((await question('handrail_check', { step: '[y](command:z)' })) ?? '', /(?<!`)\[y\]\(command:z\)(?!`)/u);
    } finally {
      folders.dispose();
    }
  });

  it('answers a participant’s questions with what is next, an explanation, and a refusal in plain words', async () => {
    const folders = new Folders();
    const services = servicesOf(folders);
    const ask = async (command: string | undefined, prompt: string): Promise<{ text: string; buttons: string[] }> => {
      const said = { text: '', buttons: [] as string[] };
      const stream = {
        markdown: (text: string) => (said.text += text),
        button: (button: vscode.Command) => said.buttons.push(button.command),
        progress() {},
      };
      const request = { command, prompt, references: [] };
      await answer(
        { services, reviews: {} } as ChatParts,
        request as unknown as vscode.ChatRequest,
        stream as unknown as vscode.ChatResponseStream,
        never,
      );
      return said;
    };
    try {
      const next = await ask('next', '');
      assert.match(next.text, /steps done/u);
      assert.ok(next.buttons.includes('handrail.explainStep'));
      assert.match((await ask('explain', '')).text, /Where it stands/u);
      assert.match((await ask(undefined, 'what is missing?')).text, /Still open[\s\S]*\/generate/u);
      assert.match((await ask('review', 'everything')).text, /file, branch, working or staged/u);
      assert.match((await ask('generate', ' ')).text, /Say what is to be made/u);
    } finally {
      folders.dispose();
    }
  });
});
