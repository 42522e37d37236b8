import assert from 'node:assert/strict';
import type { SecretStorage } from 'vscode';
import { environmentKeys } from '../../../src/node/ai/models/keys/environmentKeys.ts';
import { SecretKeys } from '../../../src/vscode/models/secretKeys.ts';

function storage(): SecretStorage {
  const kept = new Map<string, string>();
  return {
    keys: async () => [...kept.keys()],
    get: async (key) => kept.get(key),
    store: async (key, value) => void kept.set(key, value),
    delete: async (key) => void kept.delete(key),
    onDidChange: () => ({ dispose() {} }),
  };
}

describe('SecretKeys', () => {
  const vendor = 'https://api.openai.com';
  const other = 'https://models.example';

  it('gives a key to the origin it was set for and to no other', async () => {
    const keys = new SecretKeys(storage(), async () => environmentKeys({}));
    await keys.set(vendor, 'k1');
    assert.equal(await keys.get(vendor), 'k1');
    assert.equal(await keys.get(other), undefined);
    assert.equal(await keys.get(`${vendor}.evil.example`), undefined);
  });

  it('prefers the key set in the editor over the environment’s', async () => {
    const keys = new SecretKeys(storage(), async () => environmentKeys({ OPENAI_API_KEY: 'from-env' }));
    assert.equal(await keys.get(vendor), 'from-env');
    assert.equal(await keys.get(other), undefined);
    await keys.set(vendor, 'set-here');
    assert.equal(await keys.get(vendor), 'set-here');
    await keys.remove(vendor);
    assert.equal(await keys.get(vendor), 'from-env');
  });

  it('lists the origins that have a key, stored ones and the environment’s', async () => {
    const secrets = storage();
    await secrets.store('something.else', 'x');
    const keys = new SecretKeys(secrets, async () => environmentKeys({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }));
    await keys.set(other, 'k2');
    assert.deepEqual(await keys.stored(), [other]);
    assert.deepEqual(await keys.origins(), [other, 'http://127.0.0.1:1']);
  });
});
