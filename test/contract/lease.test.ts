import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf } from '../../src/core/errors.ts';
import { sha256Hex } from '../../src/core/workflow/digests.ts';
import { alone } from '../../src/node/agents/alone.ts';
import { markOf } from '../../src/node/workflow/processLife.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';

describe('a lease', function () {
  this.timeout(30_000);
  let repo: TestRepo;
  beforeEach(() => (repo = createTestRepo()));
  afterEach(() => repo.remove());
  const folder = (): string => join(repo.root, '.git/handrail/performing');

  it('lets one of many do the work, and the next one after it', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<string> => {
      most = Math.max(most, ++inside);
      await new Promise(setImmediate);
      inside--;
      return 'done';
    };
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => alone(repo.root, 'step', work)));
    const refused = all.filter((one) => one.status === 'rejected').map((one) => failureOf(one.reason)?.reason);
    assert.equal(most, 1);
    assert.ok(refused.length > 0 && refused.length < 20);
    assert.deepEqual([...new Set(refused)], ['conflict']);
    assert.equal(await alone(repo.root, 'step', work), 'done');
    await assert.rejects(
      alone(repo.root, 'step', async () => {
        throw new Error('failed');
      }),
      /failed/,
    );
    assert.equal(await alone(repo.root, 'step', async () => await alone(repo.root, 'another', work)), 'done');
    assert.deepEqual(readdirSync(folder()), []);
  });

  it('of a process that is gone holds nobody up, nor does a damaged one', async () => {
    const { pid } = spawnSync('true');
    const dead = JSON.stringify({ ...(await markOf(process.pid)), pid });
    mkdirSync(folder(), { recursive: true });
    for (const text of [dead, 'damaged', '']) {
      writeFileSync(join(folder(), `${sha256Hex('step').slice(0, 32)}.json`), text);
      let inside = 0;
      let most = 0;
      const work = async (): Promise<void> => {
        most = Math.max(most, ++inside);
        await new Promise(setImmediate);
        inside--;
      };
      const all = await Promise.allSettled(Array.from({ length: 10 }, () => alone(repo.root, 'step', work)));
      assert.ok(all.some((one) => one.status === 'fulfilled'));
      assert.equal(most, 1);
      assert.deepEqual(readdirSync(folder()), []);
    }
  });
});
