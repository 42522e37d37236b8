import assert from 'node:assert/strict';
import { environmentKeys, environmentModel } from '../../../src/node/ai/models/keys/environmentKeys.ts';

describe('keys of the environment', () => {
  it("go to the vendor when the process names no server, and to the process's own server when it does", async () => {
    const vendor = environmentKeys({ OPENAI_API_KEY: 'k' });
    assert.equal(await vendor.get('https://api.openai.com'), 'k');
    assert.equal(await vendor.get('https://evil.example'), undefined);
    const own = environmentKeys({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'https://models.example.org:8443/v1' });
    assert.equal(await own.get('https://models.example.org:8443'), 'k');
    for (const origin of ['https://api.openai.com', 'https://models.example.org', 'http://models.example.org:8443']) {
      assert.equal(await own.get(origin), undefined, origin);
    }
    assert.deepEqual(await own.origins?.(), ['https://models.example.org:8443']);
  });

  it('are absent when empty', async () => {
    const none = environmentKeys({ OPENAI_API_KEY: '  ' });
    assert.equal(await none.get('https://api.openai.com'), undefined);
    assert.deepEqual(await none.origins?.(), []);
    assert.equal(environmentModel({ HANDRAIL_MODEL: ' ' }).model, undefined);
  });

  it('complain about an unusable server instead of choosing another', async () => {
    await assert.rejects(
      environmentKeys({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://api.example.com' }).get('https://api.openai.com'),
      { reason: 'config' },
    );
  });
});
