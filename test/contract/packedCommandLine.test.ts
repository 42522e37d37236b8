import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const projectRoot = join(import.meta.dirname, '../..');
const project = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { name: string; version: string };

/** What `npm run package` made; in the full run the package suite has come before. */
const tarball = join(projectRoot, 'dist', `${project.name}-${project.version}.tgz`);

describe('the packed command line', () => {
  let folder: string;
  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [join(folder, 'package/dist/cli.js'), '--cwd', folder, ...args], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HANDRAIL_HOME: join(folder, 'home') },
    });

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'handrail packed '));
    execFileSync('tar', ['-xzf', tarball, '-C', folder]);
    execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: folder });
  });
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  it('needs no other package, the Node it was developed with least of all', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8')) as Record<string, unknown>;
    for (const key of ['dependencies', 'optionalDependencies', 'devDependencies', 'scripts']) assert.equal(manifest[key], undefined, key);
    assert.deepEqual(manifest['bin'], { handrail: 'dist/cli.js' });
    const { stdout, status } = run('--version');
    assert.equal(status, 0);
    assert.ok(stdout.includes(project.version), stdout);
  });

  it('reviews with its own engines', () => {
    writeFileSync(join(folder, 'a.py'), 'def add(item, items=[]):\n    items.append(item)\n    return items\n');
    writeFileSync(join(folder, 'a.ts'), 'export const same = (a: number): boolean => a === a;\n');
    const { stdout, stderr, status } = run('review', '--format', 'json', 'a.py', 'a.ts');
    assert.equal(status, 0, stderr);
    const { findings } = JSON.parse(stdout) as { findings: { file: string; rule: string }[] };
    assert.deepEqual(findings.map(({ file, rule }) => `${file} ${rule.split('/')[0]}`).sort(), ['a.py ruff', 'a.ts biome']);
  });

  it('brings the cases of its evaluation along', () => {
    const { stdout, stderr, status } = run('eval', '--format', 'json', '--case', 'js-sensor-nan', '--case', 'go-clean-loop-variable');
    assert.equal(status, 0, stderr);
    const { cases } = JSON.parse(stdout) as { cases: { id: string; result: string }[] };
    assert.deepEqual(
      cases.map(({ id, result }) => `${id} ${result}`),
      ['go-clean-loop-variable left-alone', 'js-sensor-nan found'],
    );
  });
});
