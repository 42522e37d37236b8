import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { assistantOrigin, type Assistant } from '../../../core/ai/models/assistants.ts';
import type { ModelChunk, ModelProvider, ModelRequest } from '../../../core/ai/provider.ts';
import { HandrailError } from '../../../core/errors.ts';
import type { CancelSignal } from '../../../core/ports.ts';
import type { Environment } from '../models/keys/environmentKeys.ts';
import { assistantEnvironment } from './assistantEnvironment.ts';
import { asked, exited, failed, notStarted, notText, silent, tooMuch } from './assistantErrors.ts';
import { isRecord, type AssistantEvent } from './assistantEvent.ts';
import { AssistantProcess } from './assistantProcess.ts';
import { ASSISTANT_CONTEXT } from './context.ts';
import { invocationOf, RUN_FOLDER, type Invocation } from './invocation.ts';

export interface CommandProviderOptions {
  assistant: Assistant;
  executable: string;
  /** Name of the choice, for people. */
  name: string;
  /** What the choice is called; the assistant decides itself when no model was named. */
  model: string;
  /** Model handed to the assistant. */
  wanted?: string;
  env: Environment;
  /** Milliseconds: until the first sign of life, and between two of them; the usual ones when absent. */
  limits?: { start?: number; idle?: number };
  /** Folder for the private folders of the runs; the system's when absent. */
  temporary?: string;
}

/** Milliseconds. All of them say at once that they have begun; then a model may think for minutes without a word. */
const FIRST_WORD = 90_000;
const BETWEEN_WORDS = 300_000;
const LONGEST_ANSWER = 15 * 60_000;
/** Characters and bytes a token may have, the wrapping included; see the other providers. */
const CHARACTERS_PER_TOKEN = 8;
const BYTES_PER_TOKEN = 4096;
/** Bytes that a character of the prompt may become when an assistant repeats it as JSON. */
const BYTES_PER_ECHO = 6;

/** An assistant of this machine in print mode: one run a request, in an empty folder, without tools. */
export function createCommandProvider(options: CommandProviderOptions): ModelProvider {
  return {
    name: options.name,
    model: options.model,
    origin: assistantOrigin(options.assistant),
    contextTokens: ASSISTANT_CONTEXT,
    stream: (request, signal) => answer(options, request, signal),
  };
}

async function* answer(options: CommandProviderOptions, request: ModelRequest, signal: CancelSignal): AsyncGenerator<ModelChunk> {
  if (signal.aborted) throw cancelled();
  const folder = await mkdtemp(join(options.temporary ?? tmpdir(), 'handrail-assistant-'));
  try {
    const context = { env: options.env, folder, model: options.wanted };
    const invocation = await invocationOf(options.assistant.id, request, context);
    await prepare(folder, invocation.files);
    yield* run(options, request, invocation, join(folder, RUN_FOLDER), signal);
  } finally {
    // What it left behind, e.g. its own settings or a file it should not have written, goes with the folder.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

async function prepare(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(folder, RUN_FOLDER));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { mode: 0o600, flag: 'wx' });
  }
}

async function* run(
  options: CommandProviderOptions,
  request: ModelRequest,
  invocation: Invocation,
  cwd: string,
  signal: CancelSignal,
): AsyncGenerator<ModelChunk> {
  const child = new AssistantProcess({
    executable: options.executable,
    args: invocation.args,
    cwd,
    env: assistantEnvironment(options.env, cwd, invocation.env),
    stdin: invocation.stdin,
    limits: { start: options.limits?.start ?? FIRST_WORD, idle: options.limits?.idle ?? BETWEEN_WORDS, total: LONGEST_ANSWER },
    room: request.maxOutputTokens * BYTES_PER_TOKEN + invocation.stdin.length * BYTES_PER_ECHO + 1_048_576,
    signal,
  });
  const reading = new Reading(options.assistant, invocation, request.maxOutputTokens * CHARACTERS_PER_TOKEN);
  for await (const chunk of child.output()) {
    yield* reading.take(chunk);
    if (reading.ended) return;
  }
  if (signal.aborted) throw cancelled();
  yield* reading.finish(child);
}

/** The events of one run as they become chunks of an answer. */
class Reading {
  /** Nothing that may still come matters. */
  ended = false;
  readonly #assistant: Assistant;
  readonly #invocation: Invocation;
  readonly #decoder = new StringDecoder('utf8');
  #room: number;
  /** Pieces of the line that is not complete yet; joined only then, since each joining costs the whole. */
  #pending: string[] = [];
  /** Lines that are no events: a banner, or the answer of a version that does not know the format. */
  #plain = '';
  #events = 0;
  #wrote = false;

  constructor(assistant: Assistant, invocation: Invocation, room: number) {
    this.#assistant = assistant;
    this.#invocation = invocation;
    this.#room = room;
  }

  *take(chunk: Uint8Array): Generator<ModelChunk> {
    // Text has no zero bytes; what has them is some other program.
    if (chunk.includes(0)) throw notText(this.#assistant);
    const [first = '', ...rest] = this.#decoder.write(Buffer.from(chunk)).split('\n');
    this.#pending.push(first);
    for (const begun of rest) {
      yield* this.#read(this.#pending.join(''));
      this.#pending = [begun];
      if (this.ended) return;
    }
  }

  /** After the last byte: an end that the stream did not name, or the failure. */
  *finish({ end, stderr }: Pick<AssistantProcess, 'end' | 'stderr'>): Generator<ModelChunk> {
    yield* this.#read(this.#pending.join('') + this.#decoder.end());
    if (this.ended) return;
    const output = stderr.trim() === '' ? this.#plain : stderr;
    if (end?.kind === 'overflow') yield* this.#broken(tooMuch(this.#assistant));
    else if (end?.kind === 'silent') yield* this.#broken(silent(this.#assistant, `${this.#plain}\n${stderr}`));
    else if (end?.kind === 'not-started') throw notStarted(this.#assistant, end.message);
    else if (end?.kind === 'exit' && end.code === 0 && this.#events === 0) yield* this.#plainAnswer(stderr);
    else {
      const code = end?.kind === 'exit' ? end.code : null;
      yield* this.#broken(exited(this.#assistant, code, output, this.#invocation.signInExitCodes));
    }
  }

  *#read(line: string): Generator<ModelChunk> {
    const events = eventsIn(line, this.#invocation);
    if (events === undefined) {
      if (line.trim() !== '') this.#plain += `${line}\n`;
      return;
    }
    this.#events += 1;
    for (const event of events) yield* this.#translate(event);
  }

  *#translate(event: AssistantEvent): Generator<ModelChunk> {
    switch (event.type) {
      case 'text':
        yield* this.#text(event.text);
        break;
      case 'usage':
      case 'notice':
        yield event;
        break;
      case 'end':
        if (!this.#wrote && event.reason === 'stop') throw exited(this.#assistant, 0, '', []);
        this.ended = true;
        yield event;
        break;
      case 'failure':
        yield* this.#broken(failed(this.#assistant, event));
        break;
      case 'question':
        yield* this.#broken(asked(this.#assistant, event.message));
        break;
    }
  }

  *#text(text: string): Generator<ModelChunk> {
    if (this.ended) return;
    this.#wrote = true;
    this.#room -= text.length;
    yield { type: 'text', text };
    if (this.#room >= 0) return;
    this.ended = true;
    yield { type: 'notice', message: `${this.#assistant.name} wrote far more than was asked for; the answer was cut.` };
    yield { type: 'end', reason: 'length' };
  }

  /** Fails, or keeps what had arrived. */
  *#broken(failure: HandrailError): Generator<ModelChunk> {
    if (!this.#wrote) throw failure;
    this.ended = true;
    yield { type: 'notice', message: `${failure.message} What had arrived was kept.` };
    yield { type: 'end', reason: 'cut-off' };
  }

  /** Not one event: the words themselves are taken for the answer. */
  *#plainAnswer(stderr: string): Generator<ModelChunk> {
    if (this.#plain.trim() === '') throw exited(this.#assistant, 0, stderr, this.#invocation.signInExitCodes);
    if (this.#plain.includes('\uFFFD')) throw notText(this.#assistant);
    yield* this.#text(this.#plain);
    if (this.ended) return;
    this.ended = true;
    yield { type: 'end', reason: 'stop' };
  }
}

function eventsIn(line: string, { reader }: Invocation): AssistantEvent[] | undefined {
  if (!/^\s*\{/.test(line)) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? reader(value) : undefined;
  } catch {
    return undefined;
  }
}

function cancelled(): HandrailError {
  return new HandrailError('cancelled', 'The request was cancelled.');
}
