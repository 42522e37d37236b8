import type { TextSpan } from '../problem.ts';

/** Something that can be written, before it is known how it has to be put in. Exactly one of `value`, `insert` and `lines` says what. */
export interface Offer {
  label: string;
  is: 'key' | 'value' | 'step' | 'snippet' | 'file' | 'folder' | 'variable' | 'function';
  detail?: string;
  /** A scalar, written as its place demands. */
  value?: string | number | boolean;
  /** A snippet in one line that is YAML, or goes into a scalar, as it is. */
  insert?: string;
  /** The lines of a block mapping, as snippets. */
  lines?: readonly string[];
  /** `insert` is what stands inside of a mapping's braces. */
  inMapping?: boolean;
  /** What is compared with the typed text; the value or the label when absent. */
  filter?: string;
  /** A part of what is typed, instead of all of it. */
  replace?: TextSpan;
  /** Small ones come first. */
  rank?: number;
  again?: boolean;
}
