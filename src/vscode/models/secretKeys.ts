import type * as vscode from 'vscode';
import type { KeyStore } from '../../core/ai/service.ts';

const PREFIX = 'handrail.key:';

/**
 * Keys in the editor's secret storage, each under the origin it was set for; what the environment holds comes second. A
 * repository that changes `baseURL` thus asks for a key of another origin and never receives this one.
 */
export class SecretKeys implements KeyStore {
  readonly #secrets: vscode.SecretStorage;
  readonly #environment: () => Promise<KeyStore>;

  constructor(secrets: vscode.SecretStorage, environment: () => Promise<KeyStore>) {
    this.#secrets = secrets;
    this.#environment = environment;
  }

  async get(origin: string): Promise<string | undefined> {
    return (await this.#secrets.get(PREFIX + origin)) ?? (await (await this.#environment()).get(origin));
  }

  async origins(): Promise<string[]> {
    const environment = await (await this.#environment()).origins?.();
    return [...new Set([...(await this.stored()), ...(environment ?? [])])];
  }

  /** Origins that a key was set for in the editor. */
  async stored(): Promise<string[]> {
    const keys = await this.#secrets.keys();
    return keys.filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
  }

  async set(origin: string, key: string): Promise<void> {
    await this.#secrets.store(PREFIX + origin, key);
  }

  async remove(origin: string): Promise<void> {
    await this.#secrets.delete(PREFIX + origin);
  }
}
