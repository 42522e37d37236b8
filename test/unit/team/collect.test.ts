import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect } from '../../../src/node/team/release/collect.ts';
import { unprivileged } from '../../support/unprivileged.ts';

describe('collecting from a folder', () => {
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail collect-')));
    mkdirSync(join(folder, 'share'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('tells what may not be read from what is no contribution', async function () {
    for (const name of ['a.json', 'b.json', 'c.json']) writeFileSync(join(folder, 'share', name), '{}');
    writeFileSync(join(folder, 'share', 'large.json'), 'x'.repeat(200_000));
    chmodSync(join(folder, 'share', 'b.json'), 0);
    const could = await unprivileged(folder, async () => {
      const done = await collect('folder:share', join(folder, 'out'), { root: folder, env: {}, signal: new AbortController().signal });
      assert.deepEqual(done, { added: 2, known: 0, skipped: 1, unreadable: 1 });
    });
    if (!could) this.skip();
    assert.deepEqual(readdirSync(join(folder, 'out')), ['a.json', 'c.json']);
  });
});
