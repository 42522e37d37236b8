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
  | { type: 'usage'; inputTokens: number; outputTokens: number; cachedTokens: number }
  /** Why the answer ended; `length` means cut off at the token limit. */
  | { type: 'end'; reason: 'stop' | 'length' | 'filtered' | 'cut-off' }
  /** Something worth telling the person, e.g. a parameter the server refused and that was left out. */
  | { type: 'notice'; message: string };

/** A model behind some endpoint. Fails with a HandrailError of a model-side reason; cancelling ends the stream with `cancelled`. */
export interface ModelProvider {
  /** Name of the entry in models.yml or of the environment's choice. */
  readonly name: string;
  /** Model identifier sent to the endpoint. */
  readonly model: string;
  /** Origin the text goes to, e.g. `https://api.openai.com`. */
  readonly origin: string;
  readonly contextTokens: number;
  stream(request: ModelRequest, signal: CancelSignal): AsyncIterable<ModelChunk>;
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
