import * as vscode from 'vscode';
import { AGENT_TOOLS } from '../../core/agents/tools.ts';
import type { AgentTool } from '../../core/agents/tool.ts';
import type { StepStatus } from '../../core/workflow/run.ts';
import type { ReviewServices } from '../review/reviewServices.ts';
import { oneLine } from '../review/plainText.ts';
import type { Services } from '../services.ts';
import { code, codeBlock, plain } from '../workflow/markdown.ts';

/** What the tools work with. */
export interface ChatParts {
  services: Services;
  reviews: ReviewServices;
}

/** The tools of agents for the editor's chat models: the same definitions as the MCP server's, in the folder in use. */
export async function invokeTool(
  { services, reviews }: ChatParts,
  name: string,
  { input }: { input: object },
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  const tool = toolNamed(name);
  const folder = services.folders.current;
  if (folder === undefined) return textResult('No folder is open. Ask the person to open one.');
  if (!vscode.workspace.isTrusted)
    return textResult('The workspace is not trusted, so nothing is run or read. Ask the person to trust it.');
  const { createAgentPorts } = await import('../../node/agents/agentPorts.ts');
  const ports = createAgentPorts(folder.uri.fsPath, {
    workflow: () => services.workflow(folder),
    review: () => reviews.of(folder),
    generate: () => reviews.generator(folder),
    // In the editor, commands follow the trust in the workspace, and the person is asked before each call.
    mayRun: () => Promise.resolve(vscode.workspace.isTrusted),
  });
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  const cancelling = token.onCancellationRequested(() => controller.abort());
  try {
    const answer = await tool.call(ports, input, {
      signal: controller.signal,
      progress: (message) => services.log.info(`${name}: ${message}`),
    });
    return textResult(answer.text);
  } finally {
    cancelling.dispose();
    if (!tool.readOnly) services.touchWorkflow(folder);
  }
}

/** What the person is asked before a tool runs or records something; what only looks is not asked about. */
export async function prepareTool(services: Services, name: string, { input }: { input: object }): Promise<vscode.PreparedToolInvocation> {
  const tool = toolNamed(name);
  if (tool.readOnly) return {};
  const id = 'step' in input && typeof input.step === 'string' ? input.step : '';
  const message = new vscode.MarkdownString(await questionOf(services, tool, id, input));
  return { confirmationMessages: { title: plain(titleOf(tool)), message } };
}

async function questionOf(services: Services, tool: AgentTool, id: string, input: object): Promise<string> {
  const named = code(oneLine(id, 80));
  if (tool.name === 'handrail_check') return vscode.l10n.t('A model wants to record that it did the step {0}.', named);
  const step = await stepOf(services, id, 'workflow' in input && typeof input.workflow === 'string' ? input.workflow : undefined);
  const parts = [vscode.l10n.t('A model wants to perform the step {0}.', named)];
  if (step !== undefined) parts.push(plain(oneLine(step.title)));
  if (step?.run !== undefined) parts.push(vscode.l10n.t('It runs:'), codeBlock(step.run, 'sh'));
  if ('apply' in input && input.apply === true) parts.push(vscode.l10n.t('What is generated is written to your files at once.'));
  return parts.join('\n\n');
}

async function stepOf(services: Services, id: string, workflow: string | undefined): Promise<StepStatus | undefined> {
  const folder = services.folders.current;
  if (folder === undefined || !vscode.workspace.isTrusted) return undefined;
  try {
    const run = await (await services.workflow(folder)).status(workflow === undefined ? {} : { workflow });
    return run.steps.find((step) => step.id === id);
  } catch {
    // The call itself says what is wrong.
    return undefined;
  }
}

function titleOf(tool: AgentTool): string {
  return tool.name === 'handrail_check' ? vscode.l10n.t('Say that a step is done?') : vscode.l10n.t('Perform a step?');
}

function toolNamed(name: string): AgentTool {
  const tool = AGENT_TOOLS.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`no tool is called ${name}`);
  return tool;
}

function textResult(text: string): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
}
