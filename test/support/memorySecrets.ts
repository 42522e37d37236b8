import type * as vscode from 'vscode';

/** The editor's secret storage, of nobody and for one test. */
export function memorySecrets(): vscode.SecretStorage {
  const secrets = new Map<string, string>();
  return {
    get: async (key) => secrets.get(key),
    keys: async () => [...secrets.keys()],
    store: async (key, value) => void secrets.set(key, value),
    delete: async (key) => void secrets.delete(key),
    onDidChange: () => ({ dispose: () => undefined }),
  };
}
