import type { SecretMatch } from '../provider.ts';

/** Each costs one pass over every text. */
const MOST_KNOWN = 200;
/** Shorter values are too likely to be a part of something else. */
const MIN_LENGTH = 8;

/** Values that were found to be secrets, to be known again where nothing tells that they are. */
export class KnownSecrets {
  /** By value. */
  readonly #kinds = new Map<string, string>();

  add(value: string, kind: string): void {
    for (const line of value.split(/\r\n|\n|\r/u)) {
      if (this.#kinds.size < MOST_KNOWN && isTelling(line)) this.#kinds.set(line.trim(), kind);
    }
  }

  /** Every place of one in the text. */
  within(text: string): SecretMatch[] {
    const matches: SecretMatch[] = [];
    for (const [value, kind] of this.#kinds) {
      for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length)) {
        matches.push({ start: at, end: at + value.length, kind });
      }
    }
    return matches;
  }
}

/**
 * Whether a value says by itself that it is no word and no code. Otherwise `password = "eval(input1)"` would take every such call out
 * of what a reviewer is shown.
 */
function isTelling(value: string): boolean {
  const text = value.trim();
  return text.length >= MIN_LENGTH && /\d/u.test(text) && /\p{L}/u.test(text) && !/[()[\]{};<>=\s]/u.test(text.replace(/=+$/u, ''));
}
