import { tmpdir } from 'node:os';
import {
  assistantDestination,
  assistantModel,
  assistantOrigin,
  type Assistant,
  type AssistantSettings,
} from '../../../core/ai/models/assistants.ts';
import type { ModelProvider } from '../../../core/ai/provider.ts';
import { isOfRepository, withoutRepository } from '../../programs.ts';
import type { Environment } from '../models/keys/environmentKeys.ts';
import type { ReachedModel } from '../models/reachedModel.ts';
import { ASSISTANT_CONTEXT } from './context.ts';
import { executableOf } from './findAssistants.ts';

export interface AssistantRouteOptions {
  root: string;
  home: string;
  env: Environment;
  assistants?(): AssistantSettings | Promise<AssistantSettings>;
}

/** An assistant on this machine. Fails with `not-found` when it is not installed, with `config` when the person's settings are wrong. */
export async function reachAssistant(assistant: Assistant, options: AssistantRouteOptions): Promise<ReachedModel> {
  const settings = (await options.assistants?.()) ?? {};
  const executable = executableOf(assistant, options, settings);
  const model = assistantModel(assistant, settings);
  return {
    model,
    origin: assistantOrigin(assistant),
    destination: assistantDestination(assistant),
    // It signs the person in itself.
    needsKey: false,
    contextTokens: ASSISTANT_CONTEXT,
    open: () => openAssistant(assistant, executable, model, settings, options),
  };
}

async function openAssistant(
  assistant: Assistant,
  executable: string,
  model: string,
  settings: AssistantSettings,
  { root, home, env }: AssistantRouteOptions,
): Promise<ModelProvider> {
  const { createCommandProvider } = await import('./commandProvider.ts');
  const own = settings[assistant.id];
  return createCommandProvider({
    assistant,
    executable,
    name: assistant.id,
    model,
    ...(own?.model === undefined ? {} : { wanted: own.model }),
    ...(own?.timeout === undefined ? {} : { limits: { start: own.timeout, idle: own.timeout } }),
    env: withoutRepository({ root, env }),
    // Assistants read the instructions of the folders above theirs: that must not be the repository.
    temporary: isOfRepository(tmpdir(), root) ? home : tmpdir(),
  });
}
