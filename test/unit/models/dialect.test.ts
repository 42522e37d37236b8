import assert from 'node:assert/strict';
import { dialectOf } from '../../../src/core/ai/models/dialect.ts';

describe('how hosts differ', () => {
  const header = (origin: string, key = 'k') => dialectOf(origin).keyHeader(key);

  it('sends keys of Azure in their own header, whatever the kind of resource', () => {
    for (const host of ['contoso.openai.azure.com', 'my-res-1.services.ai.azure.com', 'x.cognitiveservices.azure.com'])
      assert.deepEqual(header(`https://${host}`), { name: 'api-key', value: 'k' }, host);
    assert.equal(header('https://contoso.openai.azure.com', 'eyJa.eyJb.c-_d').name, 'authorization');
  });

  it('is not taken in by hosts that only look like them', () => {
    for (const origin of [
      'https://openai.azure.com.evil.example',
      'https://evil.example',
      'http://contoso.openai.azure.com',
      'https://contoso.openai.azure.com:8443',
      'https://a.b.openai.azure.com',
    ])
      assert.deepEqual(header(origin), { name: 'authorization', value: 'Bearer k' }, origin);
    assert.equal(dialectOf('https://openrouter.ai.evil.example').costCurrency, undefined);
    assert.equal(dialectOf('https://openrouter.ai').costCurrency, 'USD');
  });

  it('names the limit of an answer as each knows it', () => {
    assert.equal(dialectOf('https://api.openai.com').tokenLimit, 'max_completion_tokens');
    assert.equal(dialectOf('http://127.0.0.1:11434').tokenLimit, 'max_tokens');
  });
});
