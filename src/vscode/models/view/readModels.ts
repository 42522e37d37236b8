import * as vscode from 'vscode';
import { failureOf } from '../../../core/errors.ts';
import { defectText } from '../../log.ts';
import type { ReviewServices } from '../../review/reviewServices.ts';
import type { Services } from '../../services.ts';
import type { ModelsState } from './modelsState.ts';

/** What the view shows right now: the models of the folder in use. Never fails. */
export async function readModels(services: Services, reviews: ReviewServices, testing: ReadonlySet<string>): Promise<ModelsState> {
  const { current, several } = services.folders;
  if (current === undefined) return { kind: 'no-folder' };
  if (!vscode.workspace.isTrusted) return { kind: 'untrusted' };
  try {
    const status = await (await reviews.models(current)).status();
    return {
      kind: 'models',
      status,
      ...(several ? { folder: current.name } : {}),
      testing,
      declined: (origin) => reviews.answers.declined(origin),
    };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) {
      services.log.error(`models: ${defectText(error)}`);
      return { kind: 'failed', message: vscode.l10n.t('The models could not be read. The log says more.'), isFile: false };
    }
    const { message, hint, location } = failure;
    return { kind: 'failed', message, ...(hint === undefined ? {} : { hint }), isFile: location?.path === '.handrail/models.yml' };
  }
}
