import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createCliRunner, type CliResult, type CliRunner } from '../support/cliRun.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../examples/team-data');

describe('handrail team report', function () {
  this.timeout(120_000);
  let cli: CliRunner;
  let place: string;
  const run = (...args: string[]): CliResult => cli.run(['team', ...args], { cwd: EXAMPLE, env: { HANDRAIL_NOW: '2026-11-24' } });
  const releases = (): string => join(place, 'releases');
  const out = (): string => join(place, 'report');

  before(() => {
    cli = createCliRunner();
    place = realpathSync(mkdtempSync(join(tmpdir(), 'handrail report-')));
    const done = run('release', '--in', join(EXAMPLE, 'contributions'), '--out', releases(), '--allow-plain');
    assert.equal(done.code, 0, done.stderr);
  });
  after(() => {
    cli.remove();
    rmSync(place, { recursive: true, force: true });
  });

  it('writes a page, Markdown, JSON and CSV of the releases, and the same again', () => {
    const done = run('report', '--in', releases(), '--out', out());
    assert.equal(done.code, 0, done.stderr);
    assert.deepEqual(readdirSync(out()).toSorted(), ['report.csv', 'report.html', 'report.json', 'report.md']);
    const texts = readdirSync(out()).map((name) => readFileSync(join(out(), name), 'utf8'));
    assert.equal(run('report', '--in', releases(), '--out', out()).code, 0);
    assert.deepEqual(
      readdirSync(out()).map((name) => readFileSync(join(out(), name), 'utf8')),
      texts,
    );
    const html = readFileSync(join(out(), 'report.html'), 'utf8');
    assert.match(html, /of 14 people/, 'the roster is that of the team’s file');
    assert.match(html, /Not enough data: it takes 50 contributors/);
    const csv = readFileSync(join(out(), 'report.csv'), 'utf8');
    for (const name of readdirSync(releases()).filter((file) => file.startsWith('r-'))) assert.ok(csv.includes(name.replace('.json', '')));
  });

  it('writes the one form that is wanted', () => {
    for (const format of ['html', 'md', 'json', 'csv']) {
      const folder = join(place, `only-${format}`);
      const done = run('report', '--in', releases(), '--out', folder, '--format', format);
      assert.equal(done.code, 0, done.stderr);
      assert.deepEqual(readdirSync(folder), [`report.${format}`]);
    }
  });

  it('writes over reports and over nothing else', () => {
    const folder = join(place, 'taken');
    mkdirSync(folder);
    writeFileSync(join(folder, 'report.md'), '# Somebody else wrote this\n');
    const done = run('report', '--in', releases(), '--out', folder);
    assert.equal(done.code, 2, done.stderr);
    assert.match(done.stderr, /report\.md is there already, and is no report of ours/);
    assert.deepEqual(readdirSync(folder), ['report.md']);
  });

  it('reports nothing that was changed, nothing of an empty folder, and no figures by wrong options', () => {
    const said = (code: number, hint: RegExp, ...args: string[]): void => {
      const done = run('report', ...args);
      assert.equal(done.code, code, done.stderr);
      assert.match(done.stderr, hint);
    };
    said(2, /--in .handrail\/releases --out report/, '--in', releases());
    said(2, /--minutes-saved 2-15/, '--in', releases(), '--out', out(), '--minutes-saved', 'many');
    said(2, /--roster 3 is too few: at least 10 people took part/, '--in', releases(), '--out', out(), '--roster', '3');
    said(2, /--in DIR/, '--in', join(place, 'report'), '--out', out());
    const [name = ''] = readdirSync(releases()).filter((file) => file.startsWith('r-'));
    const path = join(releases(), name);
    const text = readFileSync(path, 'utf8');
    try {
      writeFileSync(path, text.replace(/"value":(\d)/, '"value":9$1'));
      said(2, /was changed/, '--in', releases(), '--out', out());
    } finally {
      writeFileSync(path, text);
    }
  });
});
