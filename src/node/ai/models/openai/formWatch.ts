import { keepsForm, type AnswerForm } from '../../../../core/ai/models/capabilities.ts';
import type { ModelChunk } from '../../../../core/ai/provider.ts';

/** Characters that tell how an answer begins. */
const BEGINNING = 200;

/** Notices whether an answer keeps to the form that it was asked for in, at no more cost than reading it. */
export class FormWatch {
  readonly form: AnswerForm;
  readonly #schema: Record<string, unknown>;
  /** It was seen before that answers keep to it, so only how this one begins is looked at. */
  readonly #isKnown: boolean;
  #text = '';
  #isCalled = false;

  constructor(form: AnswerForm, schema: Record<string, unknown>, known: AnswerForm | undefined) {
    this.form = form;
    this.#schema = schema;
    this.#isKnown = form === known;
  }

  /** The model calls the function whose arguments are the answer. */
  called(): void {
    this.#isCalled = true;
  }

  push(text: string): void {
    if (!this.#isKnown || this.#text.length < BEGINNING) this.#text += text;
  }

  /** Whether the answer, which ended so, kept to the form; undefined where that cannot be told. */
  verdict(end: Extract<ModelChunk, { type: 'end' }>['reason']): boolean | undefined {
    if (end === 'filtered') return undefined;
    // A prompt enforces nothing, so whatever comes of it keeps to it.
    if (this.form === 'prompt') return true;
    if (this.form === 'tool' && !this.#isCalled) return end === 'stop' ? false : undefined;
    return keepsForm(this.#text, this.#schema, end === 'stop' && !this.#isKnown);
  }
}
