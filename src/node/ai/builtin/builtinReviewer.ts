import type { RawFinding } from '../../../core/ai/finding.ts';
import type { BuiltinReviewer } from '../../../core/ai/provider.ts';
import type { Disposable } from '../../../core/lifecycle.ts';
import { createEngineHost, type EngineHost, type EngineHostOptions } from './engineHost.ts';
import { engineFor } from './languages.ts';

export interface BuiltinReviewerOptions extends EngineHostOptions {
  /** Shares one worker with a secret scanner; it has its own otherwise. */
  host?: EngineHost;
}

/** Biome, Ruff and the secret scan in a worker thread. Fails with `cancelled`, or `internal` when an engine breaks on a file. */
export function createBuiltinReviewer(options: BuiltinReviewerOptions = {}): BuiltinReviewer & Disposable {
  const host = options.host ?? createEngineHost(options);
  return {
    reads: (path) => engineFor(path) !== undefined,
    review: (path, text, signal) => host.run<RawFinding[]>('review', path, text, signal),
    dispose: () => host.dispose(),
  };
}
