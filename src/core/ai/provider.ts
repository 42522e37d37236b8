import type { CancelSignal } from '../ports.ts';
import type { RawFinding } from './finding.ts';

/** Ports of the AI side. Implementations: `src/node/ai/`. */

export interface ModelRequest {
  system: string;
  user: string;
  /** JSON Schema of the answer, used when the endpoint supports it. */
  schema?: { name: string; schema: Record<string, unknown> };
  maxOutputTokens: number;
}

export type ModelChunk =
  | { type: 'text'; text: string }
  | {
      type: 'usage';
      inputTokens: number;
      outputTokens: number;
      cachedTokens: number;
      /** Where the model's side says it, as an assistant does; an entry's own price comes first. */
      cost?: { amount: number; currency: string };
    }
  /** Why the answer ended; `length` means cut off at the token limit. */
  | { type: 'end'; reason: 'stop' | 'length' | 'filtered' | 'cut-off' }
  /** Something worth telling the person, e.g. a parameter the server refused and that was left out. */
  | { type: 'notice'; message: string }
  /** Another entry answers this request, e.g. a fallback. Comes before its text. */
  | { type: 'answering'; name: string; model: string; origin: string };

/** A model behind some endpoint. Fails with a HandrailError of a model-side reason; cancelling ends the stream with `cancelled`. */
export interface ModelProvider {
  /** Name of the entry in models.yml or of the environment's choice. */
  readonly name: string;
  /** Model identifier sent to the endpoint. */
  readonly model: string;
  /** Where the text goes, as it was confirmed: an origin such as `https://api.openai.com`, `editor:copilot`, `assistant:claude-code`. */
  readonly origin: string;
  readonly contextTokens: number;
  /** Requests that it takes at the same time; one after the other when absent. */
  readonly concurrency?: number;
  /** Tokens of a text as the model itself counts them; absent where only an estimate is to be had. */
  countTokens?(text: string, signal: CancelSignal): Promise<number>;
  stream(request: ModelRequest, signal: CancelSignal): AsyncIterable<ModelChunk>;
}

/** A language model that the editor offers, as `vscode.lm` describes it. */
export interface EditorModel {
  id: string;
  /** Extension family behind it, e.g. `copilot`. */
  vendor: string;
  family: string;
  version: string;
  /** For people, e.g. `GPT-5`. */
  name: string;
  maxInputTokens: number;
}

/** The editor's language models. Implemented in `src/vscode/models/`; the command line has none. */
export interface EditorModels {
  /** Empty when the editor has none, which it does not explain. */
  list(): Promise<EditorModel[]>;
  /**
   * A provider named `name` over one of {@link list}. Its first request may make the editor ask the person, so a user action must be
   * behind it. `timeout`: milliseconds without a sign of life after which the model is given up.
   */
  provider(model: EditorModel, name: string, limits?: { timeout?: number }): ModelProvider;
}

/** A reviewer that needs no model. Findings come in file order. */
export interface BuiltinReviewer {
  /** Whether some engine reads files of this path beyond the secret scan. */
  reads(path: string): boolean;
  review(path: string, text: string, signal: CancelSignal): Promise<RawFinding[]>;
}

/** Half-open range in UTF-16 units of the scanned text. */
export interface SecretMatch {
  start: number;
  end: number;
  /** Kebab-case, e.g. `aws-access-key`. */
  kind: string;
}

export interface SecretScanner {
  scan(path: string, text: string): Promise<SecretMatch[]>;
}
