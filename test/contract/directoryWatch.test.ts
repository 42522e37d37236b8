import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryWatch } from '../../src/node/directoryWatch.ts';
import { watchedDirectories } from '../../src/node/workflow/watchedDirectories.ts';

describe('watching directories that come and go', () => {
  let root: string;
  let watch: DirectoryWatch;
  let changes = 0;
  let waiting: (() => void) | undefined;
  const key = 'feat-x-000000';

  /** Resolves when a change is told of; mocha's time limit says when none was. */
  const told = async (): Promise<void> => {
    if (changes === 0) await new Promise<void>((resolve) => (waiting = resolve));
    changes = 0;
  };
  const set = (): void => {
    watch.set([...watchedDirectories(root, join(root, '.git'), null), { path: join(root, '.git/handrail/runs', key) }]);
    changes = 0;
  };
  const write = (folder: string, name: string): void => {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, `${name}.tmp`), '{}');
    renameSync(join(root, folder, `${name}.tmp`), join(root, folder, name));
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'handrail-watch-'));
    mkdirSync(join(root, '.git'));
    changes = 0;
    watch = new DirectoryWatch(() => {
      changes += 1;
      waiting?.();
    });
    set();
  });
  afterEach(() => {
    watch.dispose();
    rmSync(root, { recursive: true, force: true });
  });

  it('tells of the first record, whose directories are all new, and of those after it', async () => {
    write(`.git/handrail/runs/${key}`, 'a.json');
    await told();
    set();
    write(`.git/handrail/runs/${key}`, 'b.json');
    await told();
  });

  it('counts a directory that is new as a change, since something may have been written before it was watched', () => {
    write(`.git/handrail/runs/${key}`, 'a.json');
    changes = 0;
    watch.set([{ path: join(root, '.git/handrail/runs', key) }]);
    assert.equal(changes, 1);
    watch.set([{ path: join(root, '.git/handrail/runs', key) }]);
    assert.equal(changes, 1);
  });

  it('finds a directory that was removed and made again', async () => {
    write('.handrail/workflows', 'feature.yml');
    await told();
    set();
    rmSync(join(root, '.handrail'), { recursive: true });
    write('.handrail/workflows', 'feature.yml');
    await told();
    set();
    write('.handrail/workflows', 'other.yml');
    await told();
  });

  it('says nothing after it was disposed', () => {
    watch.dispose();
    watch.set([{ path: root }]);
    assert.equal(changes, 0);
  });
});
