import type { RawFinding } from '../../../core/ai/finding.ts';
import type { BuiltinReviewer, SecretMatch, SecretScanner } from '../../../core/ai/provider.ts';
import type { Disposable } from '../../../core/lifecycle.ts';
import { createEngineHost, type EngineHost, type EngineHostOptions } from './engineHost.ts';
import { engineFor } from './languages.ts';

export interface BuiltinOptions extends EngineHostOptions {
  /** Shares one worker between reviewer and scanner; each has its own otherwise. */
  host?: EngineHost;
}

/** Biome, Ruff and the secret scan in a worker thread. Fails with `cancelled`, or `internal` when an engine breaks on a file. */
export function createBuiltinReviewer(options: BuiltinOptions = {}): BuiltinReviewer & Disposable {
  const host = options.host ?? createEngineHost(options);
  return {
    reads: (path) => engineFor(path) !== undefined,
    review: (path, text, signal) => host.run<RawFinding[]>('review', path, text, signal),
    dispose: () => host.dispose(),
  };
}

/** Known secret patterns, found in a worker so that no text can hang the editor. Fails with `internal` rather than pass a text unread. */
export function createSecretScanner(options: BuiltinOptions = {}): SecretScanner & Disposable {
  const host = options.host ?? createEngineHost(options);
  return {
    scan: (path, text) => host.run<SecretMatch[]>('secrets', path, text),
    dispose: () => host.dispose(),
  };
}
