import type { SecretMatch, SecretScanner } from '../../../core/ai/provider.ts';
import type { Disposable } from '../../../core/lifecycle.ts';
import { createEngineHost, type EngineHost, type EngineHostOptions } from './engineHost.ts';

export interface SecretScannerOptions extends EngineHostOptions {
  /** Shares one worker with the built-in reviewer; it has its own otherwise. */
  host?: EngineHost;
}

/** Known secret patterns, found in a worker thread so that no text can hang the editor. Fails with `internal` rather than pass a text unread. */
export function createSecretScanner(options: SecretScannerOptions = {}): SecretScanner & Disposable {
  const host = options.host ?? createEngineHost(options);
  return {
    scan: (path, text) => host.run<SecretMatch[]>('secrets', path, text),
    dispose: () => host.dispose(),
  };
}
