import assert from 'node:assert/strict';
import type { SecretScanner } from '../../../src/core/ai/provider.ts';
import { diffHunks } from '../../../src/core/ai/review/hunks.ts';
import { prepareUnits } from '../../../src/core/ai/review/prepare.ts';
import { never } from './support.ts';

const secrets: SecretScanner = {
  scan: (_path, text) =>
    Promise.resolve([...text.matchAll(/S3CRET\d/gu)].map(({ index }) => ({ start: index, end: index + 7, kind: 'key' }))),
};

describe('redacting what is under review', () => {
  it('leaves nothing of a secret in what may be sent, and everything in what stays', async () => {
    const old = 'a = S3CRET1\nb\n';
    const now = 'a = S3CRET2\nb\nc\n';
    const { units, redactions } = await prepareUnits([{ path: 'a', text: now, hunks: diffHunks(old, now, 3) }], secrets, never);
    const [prepared] = units;
    assert.ok(!JSON.stringify(prepared?.unit).includes('S3CRET'));
    assert.deepEqual(
      prepared?.unit.hunks?.[0]?.lines.map(({ kind, text }) => `${kind} ${text}`),
      ['removed a = [redacted:key]', 'added a = [redacted:key]', 'context b', 'added c'],
    );
    assert.equal(prepared?.original, now);
    assert.deepEqual([...(prepared?.touched ?? [])], [1, 3]);
    assert.deepEqual(redactions, [{ file: 'a', line: 1, kind: 'key' }]);
  });

  it('ends between files when cancelled', async () => {
    const controller = new AbortController();
    const scanned: string[] = [];
    const scanner: SecretScanner = {
      scan: (path) => {
        scanned.push(path);
        controller.abort();
        return Promise.resolve([]);
      },
    };
    const units = ['a', 'b'].map((path) => ({ path, text: 'x' }));
    await assert.rejects(prepareUnits(units, scanner, controller.signal), { reason: 'cancelled' });
    assert.deepEqual(scanned, ['a']);
  });
});
