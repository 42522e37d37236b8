import type * as vscode from 'vscode';
import { registerAgents } from './vscode/agents/register.ts';
import { registerChat } from './vscode/chat/register.ts';
import { registerCommands } from './vscode/commands.ts';
import { registerDrafts } from './vscode/draft/register.ts';
import { registerGenerate } from './vscode/generate/register.ts';
import { createLog, defectText } from './vscode/log.ts';
import { registerModels } from './vscode/models/view/register.ts';
import { registerReport } from './vscode/report/register.ts';
import { registerReview } from './vscode/review/register.ts';
import { ReviewServices } from './vscode/review/reviewServices.ts';
import { Services } from './vscode/services.ts';
import { registerTelemetry } from './vscode/telemetry/register.ts';
import { registerUsage } from './vscode/usage/register.ts';
import { registerWalkthrough } from './vscode/walkthrough/register.ts';
import { registerWorkflow } from './vscode/workflow/register.ts';

/** Composition only: features register here, each on its own, and load their code on first use. */
export function activate(context: vscode.ExtensionContext): void {
  const log = createLog();
  const services = new Services(context, log);
  const reviews = new ReviewServices(services);
  context.subscriptions.push(log, services, reviews);
  context.subscriptions.push(registerCommands(log, { 'handrail.showLog': () => log.show() }));
  const register = (name: string, feature: (services: Services) => vscode.Disposable): void => {
    const started = performance.now();
    try {
      context.subscriptions.push(feature(services));
      log.info(`${name} registered in ${(performance.now() - started).toFixed(1)} ms`);
    } catch (error) {
      // One feature that cannot start must not take the others down.
      log.error(`${name}: ${defectText(error)}`);
    }
  };
  register('workflow', (shared) => registerWorkflow(shared, reviews));
  register('review', (shared) => registerReview(shared, reviews));
  register('generate', (shared) => registerGenerate(shared, reviews));
  register('drafts', (shared) => registerDrafts(shared, reviews));
  register('models', (shared) => registerModels(shared, reviews));
  register('agents', registerAgents);
  register('chat', (shared) => registerChat(shared, reviews));
  register('telemetry', registerTelemetry);
  register('usage', registerUsage);
  register('report', registerReport);
  register('walkthrough', registerWalkthrough);
}

export function deactivate(): void {
  // Everything is owned by the extension context.
}
