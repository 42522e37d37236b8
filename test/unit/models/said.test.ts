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

  it('shows nothing that looks like a key of somebody else either', () => {
    const secrets = [
      'ghp_0123456789abcdefghijABCDEFGHIJ012345',
      'github_pat_11AAAAAAA0abcdefghijkl',
      'xoxb-123456789012-abcdefghijkl',
      'AKIAIOSFODNN7EXAMPLE',
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk',
      'sk-ant-api03-AbCdEfGhIjKlMnOp',
    ];
    for (const secret of secrets) assert.equal(saidSentence(`refused ${secret} here`), 'refused … here.', secret);
    for (const text of ['ANTHROPIC_API_KEY=abc123def456', 'password: hunter2hunter2', '"access_token":"abcdef123456"'])
      assert.doesNotMatch(saidSentence(text), /abc|hunter/, text);
    assert.equal(saidSentence('Too many tokens: 5000 of 4096 used'), 'Too many tokens: 5000 of 4096 used.');
    assert.equal(saidSentence('https://me:hunter2@proxy.example failed'), 'https://…@proxy.example failed.');
  });

  it('is short', () => {
    assert.equal(saidSentence('x'.repeat(5000)).length, 201);
  });
});
