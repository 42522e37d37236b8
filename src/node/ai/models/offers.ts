import { assistantOffer, type AssistantSettings } from '../../../core/ai/models/assistants.ts';
import { knownOffers, type Known } from '../../../core/ai/models/choice.ts';
import type { EditorModels } from '../../../core/ai/provider.ts';
import type { ModelOffer } from '../../../core/ai/service.ts';
import type { SearchOptions } from '../../programs.ts';
import { findAssistants } from '../assistants/findAssistants.ts';
import { findLocalServers, type LocalServerOptions } from './local/localServers.ts';

export interface OfferOptions extends SearchOptions, LocalServerOptions {
  editorModels?: EditorModels;
  assistants?(): AssistantSettings | Promise<AssistantSettings>;
}

/** Everything that could answer here. */
export async function lookAround(known: Known, options: OfferOptions): Promise<ModelOffer[]> {
  const settings = (await options.assistants?.()) ?? {};
  const [editorModels = [], servers] = await Promise.all([options.editorModels?.list(), findLocalServers(options)]);
  const assistants = findAssistants(options, settings).map(({ assistant }) => assistantOffer(assistant, settings));
  return [...knownOffers(known, editorModels), ...assistants, ...servers];
}
