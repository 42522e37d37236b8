/**
 * The input of a commit message while a model writes into it. What a person typed before is kept to be given back, and what they type
 * meanwhile is never overwritten.
 */
export class StreamedInput {
  readonly #box: { value: string };
  /** What stood there before. */
  readonly former: string;
  #shown: string;

  constructor(box: { value: string }) {
    this.#box = box;
    this.former = box.value;
    this.#shown = box.value;
  }

  /** Nobody has typed since the last look. */
  get #isOurs(): boolean {
    return this.#box.value === this.#shown;
  }

  /** Shows the message as far as it is written, unless somebody types. */
  show(text: string): void {
    if (text === '' || !this.#isOurs) return;
    this.#set(text);
  }

  /** Whether the whole message stands there now; false where the person's own text was kept. */
  finish(text: string): boolean {
    if (!this.#isOurs) return false;
    this.#set(text);
    return true;
  }

  /** After a failure: what stood there before, unless somebody went on writing. */
  giveBack(): void {
    if (this.#isOurs) this.#set(this.former);
  }

  /** On a person's word, whatever stands there. */
  restore(): void {
    this.#set(this.former);
  }

  #set(text: string): void {
    this.#shown = text;
    this.#box.value = text;
  }
}
