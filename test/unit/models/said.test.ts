import assert from 'node:assert/strict';
import { saidSentence } from '../../../src/core/ai/models/said.ts';

describe('what a model or its server said', () => {
  it('is one line that ends like a sentence', () => {
    assert.equal(saidSentence('quota\n\tused \u0007up'), 'quota used up.');
    assert.equal(saidSentence('Really?'), 'Really?');
    assert.equal(saidSentence(' \u0000\n'), '');
  });

  it('shows nothing that looks like a key', () => {
    for (const key of ['sk-proj-abcdef123456', 'key_0123456789', 'AIzaSyA1234567890abcdef', 'ya29.a0AfH6SMBx12345']) {
      assert.ok(!saidSentence(`invalid ${key} given`).includes(key.slice(4)), key);
    }
    assert.equal(saidSentence('Authorization: Bearer abc.def'), 'Authorization: Bearer …');
  });

  it('is short', () => {
    assert.equal(saidSentence('x'.repeat(5000)).length, 201);
  });
});
