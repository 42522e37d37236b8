import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeLauncher } from '../../src/node/terminalLauncher.ts';

const run = promisify(execFile);

describe('the handrail command of the integrated terminal', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), `it's a "folder" $HOME `));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const onShells = process.platform === 'win32' ? () => undefined : it;
  onShells('runs the given command line with the given Node, arguments untouched', async () => {
    const cli = join(folder, 'cli.cjs');
    await writeFile(cli, 'console.log(JSON.stringify([process.execPath, process.env.ELECTRON_RUN_AS_NODE, ...process.argv.slice(2)]))');
    const bin = join(folder, 'bin');
    await writeLauncher(bin, process.execPath, cli);
    const { stdout } = await run('handrail', ['run', 'a b', '$(id)'], { env: { PATH: `${bin}:${process.env['PATH']}` } });
    assert.deepEqual(JSON.parse(stdout), [process.execPath, '1', 'run', 'a b', '$(id)']);
  });

  it('leaves an up-to-date launcher alone and replaces an old one', async () => {
    await writeLauncher(folder, '/node', '/cli-1');
    const first = await stat(join(folder, 'handrail'));
    await writeLauncher(folder, '/node', '/cli-1');
    assert.equal((await stat(join(folder, 'handrail'))).mtimeMs, first.mtimeMs);
    await writeLauncher(folder, '/node', '/cli-2');
    assert.match(await readFile(join(folder, 'handrail'), 'utf8'), /cli-2/);
    assert.deepEqual(await readdir(folder), ['handrail']);
  });

  it('writes a batch file on Windows, where a percent sign must not begin a variable', async () => {
    await writeLauncher(folder, 'C:\\100%\\code.exe', 'C:\\cli.js', 'win32');
    assert.match(await readFile(join(folder, 'handrail.cmd'), 'utf8'), /"C:\\100%%\\code\.exe" "C:\\cli\.js" %\*/);
  });
});
