import { HandrailError } from '../../errors.ts';
import type { EditorModel } from '../provider.ts';
import type { ModelOffer } from '../service.ts';

/** The language models that the editor offers, as entries of models.yml and people name them. */

/** What to look for: anything, when neither is said. */
export interface EditorModelWish {
  /** Identifier, family or name. */
  model?: string;
  /** Only of the vendor behind this origin. */
  origin?: string;
}

/** Vendors are identifiers that extensions declare; whatever they declare cannot be taken for another origin. */
export function editorOrigin(vendor: string): string {
  return `editor:${encodeURIComponent(vendor)}`;
}

export function editorDestination({ name, vendor }: EditorModel): string {
  return `${name} (${vendor}), a language model of the editor`;
}

export function editorOffer(model: EditorModel): ModelOffer {
  const origin = editorOrigin(model.vendor);
  return { kind: 'editor', label: editorDestination(model), name: model.id, model: model.id, baseURL: origin, origin };
}

/** The model that is meant: by identifier, else by family, else by name; the first one that the editor lists when none is named. */
export function findEditorModel(models: readonly EditorModel[], { model, origin }: EditorModelWish): EditorModel | undefined {
  const among = origin === undefined ? models : models.filter((one) => editorOrigin(one.vendor) === origin);
  if (model === undefined) return among[0];
  const wanted = model.toLowerCase();
  for (const key of ['id', 'family', 'name'] as const) {
    const found = among.find((one) => one[key] === model) ?? among.find((one) => one[key].toLowerCase() === wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Why the editor cannot give the model, with what to do about it. `models` undefined: there is no editor, as on the command line.
 * The editor itself gives no reason for an empty list.
 */
export function editorModelMissing(wish: EditorModelWish, name: string, models: readonly EditorModel[] | undefined): HandrailError {
  if (models === undefined) {
    return new HandrailError('config', `"${name}" is a language model of the editor, which the command line cannot ask.`, {
      hint: 'Name another model with --model, or --model builtin, or review in the editor.',
    });
  }
  if (models.length === 0) {
    return new HandrailError('model-not-found', 'The editor offers no language model.', {
      hint: 'Install an extension that brings language models, such as GitHub Copilot, and sign in to it, or choose another model.',
    });
  }
  const known = models.map((model) => model.id).slice(0, 10);
  return new HandrailError('model-not-found', `The editor does not offer the language model "${wish.model ?? name}".`, {
    hint: `It offers ${known.join(', ')}. Choose one of them, or sign in to the extension that brings the model.`,
  });
}
