import { isBlank } from './answerScanner.ts';

const TAG = /^<(think|thinking|thought|reasoning)>$/u;
const LONGEST_TAG = 12;

/**
 * Passes over what some models think aloud before they answer, between `<think>` and `</think>` at the very beginning: the findings
 * in it are drafts.
 */
export class Reasoning {
  #state: 'start' | 'tag' | 'inside' | 'over' = 'start';
  #tag = '';
  /** The closing tag, and how much of it was just read. */
  #closing = '';
  #matched = 0;

  /** The text so far ends inside the reasoning. */
  get open(): boolean {
    return this.#state === 'inside';
  }

  /** Whether this character is not part of the answer. */
  skips(char: string): boolean {
    if (this.#state === 'over') return false;
    if (this.#state === 'inside') {
      this.#matched = char === this.#closing[this.#matched] ? this.#matched + 1 : char === '<' ? 1 : 0;
      if (this.#matched === this.#closing.length) this.#state = 'over';
      return true;
    }
    if (this.#state === 'start' && isBlank(char)) return true;
    this.#tag += char;
    if (TAG.test(this.#tag)) {
      this.#closing = this.#tag.replace('<', '</');
      this.#state = 'inside';
      return true;
    }
    // The first character of an answer that begins in any other way.
    if (!/^<\w*$/u.test(this.#tag) || this.#tag.length > LONGEST_TAG) this.#state = 'over';
    else this.#state = 'tag';
    return this.#state !== 'over';
  }
}
