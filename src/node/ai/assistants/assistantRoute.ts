import {
  assistantDestination,
  assistantModel,
  assistantOrigin,
  type Assistant,
  type AssistantSettings,
} from '../../../core/ai/models/assistants.ts';
import { HandrailError } from '../../../core/errors.ts';
import type { Environment } from '../keys.ts';
import type { ReachedModel } from '../reachedModel.ts';
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
  executableOf(assistant, options, settings);
  return {
    model: assistantModel(assistant, settings),
    origin: assistantOrigin(assistant),
    destination: assistantDestination(assistant),
    // It signs the person in itself.
    needsKey: false,
    open: () => Promise.reject(new HandrailError('config', `${assistant.name} cannot be asked by this version.`)),
  };
}
