import assert from 'node:assert/strict';
import { parseEndpoint } from '../../../src/core/ai/models/endpoints.ts';

describe('endpoints', () => {
  it('takes base addresses apart', () => {
    assert.deepEqual(parseEndpoint(' https://API.openai.com/v1/ '), {
      baseURL: 'https://api.openai.com/v1',
      origin: 'https://api.openai.com',
      loopback: false,
    });
    assert.deepEqual(parseEndpoint('http://127.0.0.1:11434/v1'), {
      baseURL: 'http://127.0.0.1:11434/v1',
      origin: 'http://127.0.0.1:11434',
      loopback: true,
    });
    assert.equal(parseEndpoint('https://api.openai.com:443').origin, 'https://api.openai.com');
    assert.equal(parseEndpoint('http://[::1]:8080/v1').loopback, true);
    assert.equal(parseEndpoint('http://localhost:80/v1').origin, 'http://localhost');
    assert.equal(parseEndpoint('http://127.8.9.10:1/v1').loopback, true);
  });

  it('agrees with the platform about the origin', () => {
    for (const address of [
      'https://Example.org/v1',
      'https://a-b.example.org:8443/x/y/',
      'http://127.0.0.1:8000',
      'https://x.org:0443/v1',
    ]) {
      assert.equal(parseEndpoint(address).origin, new URL(address).origin);
    }
  });

  it('keeps plain http on this machine, whatever a name looks like', () => {
    for (const address of [
      'http://api.example.com/v1',
      'http://localhost.example.com/v1',
      'http://127.0.0.1.example.com',
      'http://0.0.0.0:8080',
      'http://10.0.0.1/v1',
      'http://127.0.0.999/v1',
      'http://[::2]/v1',
      'http://127.1/v1',
    ]) {
      assert.throws(() => parseEndpoint(address), { name: 'HandrailError', reason: 'config', message: /unencrypted/ }, address);
    }
  });

  it('refuses what is no base address, without repeating a password', () => {
    for (const address of [
      '',
      'api.openai.com/v1',
      'ftp://x/v1',
      'file:///etc/passwd',
      'https://',
      'https://x/v1?key=1',
      'https://x/v1#a',
      'https://x\\@y/v1',
      'https://x:99999/v1',
      'https://x y/v1',
      'javascript:alert(1)',
      'https://-x/v1',
      'https://ex\u0430mple.com/v1',
    ]) {
      assert.throws(() => parseEndpoint(address), { name: 'HandrailError', reason: 'config' }, address);
    }
    assert.throws(
      () => parseEndpoint('https://user:hunter2@api.openai.com/v1'),
      (error: Error) => !error.message.includes('hunter2'),
    );
  });
});
