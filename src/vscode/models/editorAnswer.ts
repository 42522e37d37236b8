import * as vscode from 'vscode';
import type { EditorModel, ModelChunk, ModelRequest } from '../../core/ai/provider.ts';
import { estimateTokens } from '../../core/ai/review/tokens.ts';
import { HandrailError } from '../../core/errors.ts';
import type { CancelSignal } from '../../core/ports.ts';
import { cancelled, TokenOf, unlessCancelled } from './cancelling.ts';
import { editorFailure } from './editorErrors.ts';

/** Milliseconds without a sign of life after which a model is given up; as long as for a model behind an address. */
const IDLE = 120_000;
/** The longest an answer may take in all, in milliseconds. */
const LONGEST_ANSWER = 15 * 60_000;
/** Milliseconds. An estimate takes the place of a count that does not come. */
const COUNT_PATIENCE = 10_000;
/** Characters a token may have; English and code have about four, so twice that never cuts a good answer. */
const CHARACTERS_PER_TOKEN = 8;

/** A language model of the editor and how to reach it. */
export interface AskedModel {
  model: EditorModel;
  findChat(): Promise<vscode.LanguageModelChat>;
  /** Milliseconds without a sign of life; {@link IDLE} when absent. */
  timeout?: number;
}

/** One request to a language model of the editor, as the core wants its answer. */
export async function* editorAnswer(asked: AskedModel, request: ModelRequest, signal: CancelSignal): AsyncGenerator<ModelChunk> {
  if (signal.aborted) throw cancelled();
  const cancel = new TokenOf(signal);
  const answer = new Answer(asked, request, cancel);
  try {
    yield* answer.run();
  } catch (error) {
    if (signal.aborted) throw cancelled();
    const failure = answer.silent ? silence(asked.model) : editorFailure(error, asked.model);
    if (answer.text === '') throw failure;
    yield { type: 'notice', message: vscode.l10n.t('{0} What had arrived was kept.', failure.message) };
    yield { type: 'end', reason: 'cut-off' };
  } finally {
    // Also when the reader stops in the middle: the provider must not go on writing for nobody.
    cancel.cancel();
    cancel.dispose();
  }
}

class Answer {
  text = '';
  /** The model was given up because nothing came. */
  silent = false;
  readonly #asked: AskedModel;
  readonly #request: ModelRequest;
  readonly #cancel: TokenOf;

  constructor(asked: AskedModel, request: ModelRequest, cancel: TokenOf) {
    this.#asked = asked;
    this.#request = request;
    this.#cancel = cancel;
  }

  async *run(): AsyncGenerator<ModelChunk> {
    const { token } = this.#cancel;
    const chat = await unlessCancelled(this.#asked.findChat(), token);
    const prompt = promptOf(this.#request);
    // The person may be asked here, who needs as long as it takes: nothing is timed before the model has the request.
    const response = await unlessCancelled(
      chat.sendRequest([vscode.LanguageModelChatMessage.User(prompt)], { justification: justification() }, token),
      token,
    );
    const end = yield* this.#read(response);
    yield await usage(chat, prompt, this.text, token);
    yield { type: 'end', reason: end };
  }

  /** Passes the text on; everything else that a model sends, such as its thoughts, only shows that it is alive. */
  async *#read(response: vscode.LanguageModelChatResponse): AsyncGenerator<ModelChunk, 'stop' | 'length'> {
    const { model } = this.#asked;
    const { createWatchdog } = await import('../../node/ai/watchdog.ts');
    const watchdog = createWatchdog({
      idle: this.#asked.timeout ?? IDLE,
      total: LONGEST_ANSWER,
      onBark: () => {
        this.silent = true;
        this.#cancel.cancel();
      },
    });
    const parts = response.stream[Symbol.asyncIterator]();
    const room = this.#request.maxOutputTokens * CHARACTERS_PER_TOKEN;
    try {
      for (;;) {
        const step = await unlessCancelled(parts.next(), this.#cancel.token);
        if (step.done === true) break;
        watchdog.alive();
        if (!(step.value instanceof vscode.LanguageModelTextPart)) continue;
        const { value } = step.value;
        if (value === '') continue;
        this.text += value;
        yield { type: 'text', text: value };
        if (this.text.length <= room) continue;
        yield { type: 'notice', message: vscode.l10n.t('{0} wrote far more than was asked for; the answer was cut.', model.name) };
        return 'length';
      }
    } finally {
      watchdog.stop();
    }
    if (this.text !== '') return 'stop';
    throw new HandrailError('bad-response', vscode.l10n.t('{0} ({1}) sent an empty answer.', model.name, model.vendor), {
      hint: vscode.l10n.t('Try again, or choose another model.'),
    });
  }
}

/** The API knows no role for instructions, so they stand first. */
function promptOf({ system, user }: ModelRequest): string {
  return system === '' ? user : `${system}\n\n${user}`;
}

function justification(): string {
  return vscode.l10n.t('Handrail reviews your code or generates from it with this model, each time you ask it to.');
}

function silence({ name, vendor }: EditorModel): HandrailError {
  return new HandrailError('timeout', vscode.l10n.t('{0} ({1}) stopped answering.', name, vendor), {
    hint: vscode.l10n.t('Try again, or choose another model.'),
  });
}

async function usage(
  chat: vscode.LanguageModelChat,
  prompt: string,
  text: string,
  token: vscode.CancellationToken,
): Promise<Extract<ModelChunk, { type: 'usage' }>> {
  const [inputTokens, outputTokens] = await Promise.all([prompt, text].map((one) => countOrEstimate(chat, one, token)));
  return { type: 'usage', inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0, cachedTokens: 0 };
}

/** Once the answer is there, no failure of counting may cost it. */
async function countOrEstimate(chat: vscode.LanguageModelChat, text: string, token: vscode.CancellationToken): Promise<number> {
  try {
    return await countTokens(chat, text, token);
  } catch {
    return estimateTokens(text);
  }
}

/** Fails with `bad-response` for a count that does not come or cannot be. */
export async function countTokens(chat: vscode.LanguageModelChat, text: string, token: vscode.CancellationToken): Promise<number> {
  const uncounted = (): HandrailError =>
    new HandrailError('bad-response', vscode.l10n.t('{0} ({1}) does not count tokens.', chat.name, chat.vendor));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(uncounted()), COUNT_PATIENCE);
  });
  try {
    const count: unknown = await unlessCancelled(Promise.race([chat.countTokens(text, token), patience]), token);
    if (typeof count === 'number' && Number.isFinite(count) && count >= 0) return Math.ceil(count);
    throw uncounted();
  } finally {
    clearTimeout(timer);
  }
}
