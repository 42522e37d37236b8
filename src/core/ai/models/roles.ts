import { distance } from 'fastest-levenshtein';
import { HandrailError } from '../../errors.ts';
import type { ModelEntry, ModelsConfig } from './models.ts';

const MODELS_FILE = '.handrail/models.yml';

export interface NamedModel {
  name: string;
  entry: ModelEntry;
  /** One plain sentence. */
  because: string;
}

/** The entry of this name. Fails with `usage` and the nearest name when there is none. */
export function modelNamed(config: ModelsConfig, name: string): NamedModel {
  const entry = Object.hasOwn(config.models, name) ? config.models[name] : undefined;
  if (entry === undefined) throw unknownName('model', name, Object.keys(config.models));
  return { name, entry, because: `"${name}" was asked for by name.` };
}

/**
 * The entry for a role, or undefined when the file names none for the ordinary role `review`. Fails with `usage` for a role
 * that someone asked for and the file does not have, and with `config` for a role that points nowhere.
 */
export function modelForRole(config: ModelsConfig, role: string | undefined): NamedModel | undefined {
  const asked = role ?? 'review';
  const name = Object.hasOwn(config.roles, asked) ? config.roles[asked] : undefined;
  if (name === undefined) {
    if (asked === 'review') return undefined;
    throw unknownName('role', asked, Object.keys(config.roles));
  }
  const entry = Object.hasOwn(config.models, name) ? config.models[name] : undefined;
  if (entry === undefined) {
    throw new HandrailError('config', `The role "${asked}" names the model "${name}", which is not there.`, {
      hint: `Add "${name}" under models, or name one of: ${Object.keys(config.models).join(', ')}.`,
      location: { path: MODELS_FILE },
    });
  }
  return { name, entry, because: `${MODELS_FILE} names "${name}" for the role "${asked}".` };
}

function unknownName(what: 'model' | 'role', name: string, known: string[]): HandrailError {
  const nearest = known.toSorted((a, b) => distance(a, name) - distance(b, name))[0];
  const hint =
    nearest === undefined
      ? `Add it to ${MODELS_FILE}.`
      : distance(nearest, name) <= Math.max(2, name.length / 3)
        ? `Did you mean "${nearest}"?`
        : `Known: ${known.join(', ')}.`;
  return new HandrailError('usage', `${MODELS_FILE} has no ${what} "${name}".`, { hint });
}
