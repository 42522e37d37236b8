import type { z } from 'zod';
import { childOf } from '../../yaml/grammar.ts';
import type { YamlPath } from '../../yaml/locatedYaml.ts';
import type { TypedPlace } from '../../yaml/placeAt.ts';
import type { Family } from './family.ts';
import type { Language } from './language.ts';
import type { Surroundings } from './surroundings.ts';

/** What the place of an offer needs to be known for. */
export interface CompletionContext {
  language: Language;
  /** Of the file that is being written. */
  path: string;
  typed: TypedPlace;
  grammar: z.core.$ZodType;
  /** The file's data without what is being typed. */
  value: unknown;
  /** Built when a workflow's steps are asked for. */
  family(): Family;
  around: Surroundings;
}

/** Keys that a mapping has already. */
export function takenKeys(value: unknown, path: YamlPath): ReadonlySet<string> {
  const found = path.reduce<unknown>(childOf, value);
  return new Set(typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.keys(found) : []);
}
