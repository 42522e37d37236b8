import type { ModelTarget } from '../../../core/ai/models/choice.ts';
import type { EditorModels } from '../../../core/ai/provider.ts';
import { failureOf, type HandrailError } from '../../../core/errors.ts';
import { reachAssistant, type AssistantRouteOptions } from '../assistants/assistantRoute.ts';
import { reachEditorModel } from './editorRoute.ts';
import { reachHttpModel, type HttpRouteOptions } from './httpRoute.ts';
import type { ReachedModel } from './reachedModel.ts';

export interface ReachOptions extends HttpRouteOptions, AssistantRouteOptions {
  /** The editor's language models; absent on the command line. */
  editorModels?: EditorModels;
}

/** The model at the end of its route, or why it cannot be asked: that is for the one who asks, not for the one who looks. */
export async function reach(target: ModelTarget, options: ReachOptions): Promise<ReachedModel | HandrailError> {
  const { route } = target;
  try {
    if (route.kind === 'http') return await reachHttpModel(target, route.endpoint, options);
    if (route.kind === 'editor') return await reachEditorModel(target, route.wish, options.editorModels);
    return await reachAssistant(route.assistant, options);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return failure;
  }
}
