import * as vscode from 'vscode';
import { editorOrigin } from '../../core/ai/models/editorModels.ts';
import type { EditorModel, EditorModels, ModelProvider } from '../../core/ai/provider.ts';
import type { Log } from '../../core/ports.ts';
import { TokenOf } from './cancelling.ts';
import { countTokens, editorAnswer } from './editorAnswer.ts';
import { editorFailure, modelGone } from './editorErrors.ts';

/** Tokens, for a model that does not say how much it takes: room for instructions and some code. */
const CAREFUL_CONTEXT = 16_000;
/** Milliseconds. Listing starts the extensions that bring models; one that hangs must not keep the others away for ever. */
const LIST_PATIENCE = 30_000;

/** The language models that other extensions bring into the editor (`vscode.lm`). */
export function createEditorModels(log: Log): EditorModels {
  return {
    async list() {
      try {
        return (await listed({})).map(described);
      } catch (error) {
        // Another extension's failure; the models of the others are not to be had then, but everything else is.
        log.warn(`language models of the editor: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      }
    },
    provider: providerOf,
  };
}

function providerOf(model: EditorModel, name: string, { timeout }: { timeout?: number } = {}): ModelProvider {
  const { id, vendor } = model;
  let known: vscode.LanguageModelChat | undefined;
  // The list changes while the editor runs, so the model is looked up when it is needed.
  const findChat = async (): Promise<vscode.LanguageModelChat> => {
    known ??= (await listed({ vendor, id }))[0];
    if (known === undefined) throw modelGone(model);
    return known;
  };
  return {
    name,
    model: id,
    origin: editorOrigin(vendor),
    contextTokens: model.maxInputTokens,
    async countTokens(text, signal) {
      const cancel = new TokenOf(signal);
      try {
        return await countTokens(await findChat(), text, cancel.token);
      } catch (error) {
        throw editorFailure(error, model);
      } finally {
        cancel.dispose();
      }
    },
    stream: (request, signal) => editorAnswer({ model, findChat, ...(timeout === undefined ? {} : { timeout }) }, request, signal),
  };
}

/** Empty also when the editor does not answer: it gives no reason for an empty list either. */
async function listed(selector: vscode.LanguageModelChatSelector): Promise<readonly vscode.LanguageModelChat[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<vscode.LanguageModelChat[]>((resolve) => {
    timer = setTimeout(() => resolve([]), LIST_PATIENCE);
  });
  try {
    return await Promise.race([vscode.lm.selectChatModels(selector), patience]);
  } finally {
    clearTimeout(timer);
  }
}

function described({ id, vendor, family, version, name, maxInputTokens }: vscode.LanguageModelChat): EditorModel {
  const says = Number.isFinite(maxInputTokens) && maxInputTokens > 0;
  return { id, vendor, family, version, name: name === '' ? id : name, maxInputTokens: says ? maxInputTokens : CAREFUL_CONTEXT };
}
