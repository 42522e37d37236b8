import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PrefixedLines } from '../../../src/cli/prefixedLines.ts';

async function passed(chunks: readonly Uint8Array[], slow = false): Promise<{ text: string; parts: string[] }> {
  const parts: string[] = [];
  const lines = new PrefixedLines('id | ', (chunk) => {
    parts.push(Buffer.from(chunk).toString());
    return slow ? new Promise((resolve) => setImmediate(resolve)) : undefined;
  });
  for (const chunk of chunks) lines.write(chunk);
  await new Promise<void>((resolve) => lines.end(resolve));
  return { text: parts.join(''), parts };
}

describe('lines with a prefix', () => {
  it('come whole, whatever the pieces they arrive in', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'é', '\n', ' ', '€'), { maxLength: 40 }),
      fc.nat(5),
      fc.boolean(),
      async (signs, size, slow) => {
        const bytes = Buffer.from(signs.join(''));
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size + 1) chunks.push(bytes.subarray(at, at + size + 1));
        const { text, parts } = await passed(chunks, slow);
        const lines = bytes.toString().split('\n');
        if (lines.at(-1) === '') lines.pop();
        assert.equal(text, lines.map((line) => `id | ${line}\n`).join(''));
        for (const part of parts) assert.ok(part.endsWith('\n'), 'no part of a line is passed on by itself');
      },
    );
    await fc.assert(property);
  });

  it('are passed on before their end when they grow too long', async () => {
    const { parts } = await passed([Buffer.from('x'.repeat(20_000)), Buffer.from('y\n')]);
    assert.deepEqual(
      parts.map(({ length }) => length),
      [20_006, 7],
    );
  });
});
