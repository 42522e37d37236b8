import type { ModelTarget } from '../../../core/ai/models/choice.ts';
import {
  editorDestination,
  editorModelMissing,
  editorOrigin,
  findEditorModel,
  type EditorModelWish,
} from '../../../core/ai/models/editorModels.ts';
import type { EditorModels } from '../../../core/ai/provider.ts';
import { providerWith } from './providerWith.ts';
import type { ReachedModel } from './reachedModel.ts';

/** One of the editor's language models. Fails with `config` without an editor, with `model-not-found` when the editor does not offer it. */
export async function reachEditorModel(
  { name, entry }: ModelTarget,
  wish: EditorModelWish,
  editorModels: EditorModels | undefined,
): Promise<ReachedModel> {
  const models = await editorModels?.list();
  const found = models && findEditorModel(models, wish);
  if (editorModels === undefined || found === undefined) throw editorModelMissing(wish, name, models);
  const limit = entry.limits?.contextTokens ?? found.maxInputTokens;
  const contextTokens = Math.min(limit, found.maxInputTokens);
  return {
    model: found.id,
    origin: editorOrigin(found.vendor),
    destination: editorDestination(found),
    // The extension that brings the model signs the person in itself.
    needsKey: false,
    contextTokens,
    open: async () => {
      const timeout = entry.limits?.timeout;
      const provider = editorModels.provider(found, name, timeout === undefined ? {} : { timeout });
      const concurrency = entry.limits?.concurrency;
      return providerWith(provider, {
        contextTokens: Math.min(limit, provider.contextTokens),
        ...(concurrency === undefined ? {} : { concurrency }),
      });
    },
  };
}
