import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding, RawFinding, ReviewResult } from '../../src/core/ai/finding.ts';
import type { RememberedAnswer } from '../../src/core/ai/review/cache.ts';
import type { ReviewRequest, ReviewService } from '../../src/core/ai/service.ts';
import { environmentKeys } from '../../src/node/ai/models/keys/environmentKeys.ts';
import { createReviewCache } from '../../src/node/ai/reviewCache.ts';
import { createReviewService } from '../../src/node/ai/reviewService.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';

/** What is remembered of reviews: the files, and what the review service makes of them. */

const DAY = 24 * 3600 * 1000;
const answer = (title = 'T', extra: Partial<RememberedAnswer> = {}): RememberedAnswer => ({
  prompts: ['p'],
  told: [],
  findings: [{ severity: 'low', category: 'bug', title, message: 'M', quote: 'q', offset: 3 }],
  ...extra,
});
const key = (index: number): string => index.toString(16).padStart(64, '0');

describe('the files of the review cache', function () {
  this.timeout(60_000);
  let folder: string;
  let now: number;
  const cache = (limits?: Parameters<typeof createReviewCache>[2]) =>
    createReviewCache(join(folder, 'answers'), { now: () => now }, ...(limits === undefined ? [] : [limits]));
  const names = (): string[] => readdirSync(join(folder, 'answers')).toSorted();

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'handrail cache-'));
    now = Date.now();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('give back what was written, to another process as well', async () => {
    await cache().write(new Map([1, 2].map((index) => [key(index), answer(`T${index}`)])));
    const found = await cache().read([key(1), key(2), key(3)]);
    assert.deepEqual(
      [...found],
      [1, 2].map((index) => [key(index), answer(`T${index}`)]),
    );
  });

  it('are not there where there is no folder, and fail nobody who cannot write', async () => {
    assert.equal((await cache().read([key(1)])).size, 0);
    writeFileSync(join(folder, 'answers'), 'a file');
    await cache().write(new Map([[key(1), answer()]]));
    assert.equal((await cache().read([key(1)])).size, 0);
  });

  it('count as not there when they are damaged or another piece’s', async () => {
    await cache().write(new Map([1, 2, 3, 4, 5].map((index) => [key(index), answer()])));
    const path = (index: number): string => join(folder, 'answers', `${key(index)}.json`);
    const whole = readFileSync(path(1), 'utf8');
    writeFileSync(path(1), whole.slice(0, -20));
    writeFileSync(path(2), '');
    writeFileSync(path(3), whole.replace('"offset":3', '"offset":"3"'));
    writeFileSync(path(4), whole);
    const found = await cache().read([1, 2, 3, 4, 5].map(key));
    assert.deepEqual([...found.keys()], [key(5)]);
  });

  it('are forgotten after a month, used or not: the model may be another by now', async () => {
    const written = now;
    now -= 31 * DAY;
    await cache().write(new Map([[key(1), answer()]]));
    now += 2 * DAY;
    await cache().write(new Map([[key(2), answer()]]));
    now = written;
    assert.deepEqual([...(await cache().read([key(1), key(2)])).keys()], [key(2)]);
  });

  it('that were not used for longest go first, and to be read is to be used', async () => {
    await cache().write(new Map([1, 2, 3, 4].map((index) => [key(index), answer()])));
    for (const [index, days] of [
      [1, 20],
      [2, 10],
      [3, 15],
      [4, 40],
    ] as const)
      utimesSync(join(folder, 'answers', `${key(index)}.json`), (now - days * DAY) / 1000, (now - days * DAY) / 1000);
    await cache().read([key(1)]);
    await cache({ entries: 3, bytes: 1e6, bytesPerEntry: 1e6 }).write(new Map([[key(5), answer()]]));
    assert.deepEqual(
      names(),
      [1, 2, 5].map((index) => `${key(index)}.json`),
    );
  });

  it('are bounded in size, one and all', async () => {
    const long = answer('x'.repeat(3000));
    await cache({ entries: 100, bytes: 1e6, bytesPerEntry: 2000 }).write(new Map([[key(1), long]]));
    assert.equal((await cache().read([key(1)])).size, 0);
    for (let index = 0; index < 5; index++) {
      await cache({ entries: 100, bytes: 10_000, bytesPerEntry: 1e6 }).write(new Map([[key(index), long]]));
      const used = now / 1000 - 100 + index;
      utimesSync(join(folder, 'answers', `${key(index)}.json`), used, used);
    }
    assert.deepEqual(
      names(),
      [2, 3, 4].map((index) => `${key(index)}.json`),
    );
  });

  it('of a writer that was killed go after a while', async () => {
    mkdirSync(join(folder, 'answers'));
    const left = join(folder, 'answers', '.tmp-left');
    writeFileSync(left, 'x');
    utimesSync(left, (now - 2 * 3600 * 1000) / 1000, (now - 2 * 3600 * 1000) / 1000);
    await cache().write(new Map([[key(1), answer()]]));
    assert.deepEqual(names(), [`${key(1)}.json`]);
  });

  it('are whole whatever several processes write at once', async () => {
    const module = new URL('../../src/node/ai/reviewCache.ts', import.meta.url).href;
    const script = `
      import { createReviewCache } from ${JSON.stringify(module)};
      const cache = createReviewCache(${JSON.stringify(join(folder, 'answers'))}, { now: () => Date.now() });
      for (let round = 0; round < 10; round++)
        for (let index = 0; index < 20; index++)
          await cache.write(new Map([[index.toString(16).padStart(64, '0'), ${JSON.stringify(answer('t'.repeat(5000)))}]]));
    `;
    const writers = [1, 2, 3].map(() =>
      spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'inherit'] }),
    );
    let running = writers.length;
    const ends = writers.map(async (writer) => {
      const [code] = (await once(writer, 'exit')) as [number];
      running--;
      assert.equal(code, 0);
    });
    const keys = Array.from({ length: 20 }, (_, index) => key(index));
    const seen = new Set<string>();
    while (running > 0) {
      const found = await cache().read(keys);
      for (const [name, one] of found) {
        seen.add(name);
        assert.equal(one.findings[0]?.title.length, 5000);
      }
      // Once written, an entry is never missing, not even for the moment of its replacement.
      for (const name of seen) assert.ok(found.has(name), name);
    }
    await Promise.all(ends);
    assert.equal((await cache().read(keys)).size, 20);
    assert.equal(names().length, 20);
  });
});

const func = (name: string): string =>
  [
    `export function ${name}(list) {`,
    ...Array.from({ length: 80 }, (_, at) => `  list.push(${name}${at}, 'some text to fill it');`),
    '}',
  ].join('\n');
const HEAD = Array.from({ length: 30 }, (_, at) => `const start${at} = ${at};`).join('\n');
const OLD = `${[HEAD, ...['alpha', 'beta', 'gamma'].map(func)].join('\n\n')}\n`;
const NOW = OLD.replaceAll('40,', '400,');
const KEY = 'sk-test-key-of-this-machine';

const said = (name: string): RawFinding => ({
  file: 'src/lists.js',
  severity: 'high',
  category: 'bug',
  title: `Wrong number in ${name}`,
  message: `There is no ${name} of that number.`,
  quote: `  list.push(${name}400, 'some text to fill it');`,
});

describe('reviews that remember', function () {
  this.timeout(60_000);
  let repo: TestRepo;
  let home: string;
  let server: ModelServer;
  const yml = (params = '{ temperature: 0 }'): string =>
    `version: 1\nmodels:\n  scripted: { provider: openai, baseURL: "${server.baseURL}", model: test-model, params: ${params}, limits: { contextTokens: 32000 } }\nroles: { review: scripted }\n`;

  /** Another process, a window or a command line, on the same folder. */
  function open(kind: 'editor' | 'command line', root = repo.root): ReviewService {
    const env = kind === 'editor' ? {} : { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: server.baseURL };
    return createReviewService({
      root,
      home,
      env,
      keys: kind === 'editor' ? { get: () => Promise.resolve(KEY) } : environmentKeys(env),
      trusted: () => true,
      environmentIsChoice: kind === 'command line',
    });
  }

  async function review(of: ReviewService, request: Partial<ReviewRequest> = {}): Promise<ReviewResult> {
    return await of.review({ scope: 'branch', paths: [], ...request }, { signal: new AbortController().signal, onEvent: () => {} });
  }
  const facts = (findings: readonly Finding[]) => findings.map(({ id, startLine, title }) => [id, startLine, title]);

  beforeEach(async () => {
    server = await startModelServer({
      key: KEY,
      replies: [{ text: JSON.stringify({ findings: ['alpha', 'beta', 'gamma'].map(said) }), usage: { input: 900, output: 120 } }],
    });
    repo = createTestRepo({ files: { 'src/lists.js': OLD, 'AGENTS.md': 'Mind the numbers.\n' }, branch: 'feat/lists' });
    repo.write({ '.handrail/models.yml': yml() });
    repo.write({ '.handrailignore': '.handrail/**\n.handrailignore\n' });
    repo.write({ 'src/lists.js': NOW });
    home = mkdtempSync(join(tmpdir(), 'handrail home-'));
    await open('command line').confirm(server.origin);
  });
  afterEach(async () => {
    await server.close();
    repo.remove();
    rmSync(home, { recursive: true, force: true });
  });

  it('ask nothing again, on the command line after the editor and in the editor after the command line', async () => {
    for (const [first, second] of [
      ['editor', 'command line'],
      ['command line', 'editor'],
    ] as const) {
      rmSync(join(repo.root, '.git/handrail'), { recursive: true, force: true });
      const before = server.requests.length;
      const known = [{ file: 'src/lists.js', line: 1, message: 'Unused export.' }];
      const one = await review(open(first), first === 'editor' ? { known, buffers: { 'src/lists.js': NOW } } : {});
      const two = await review(open(second), second === 'editor' ? { known, buffers: { 'src/lists.js': NOW } } : {});
      assert.equal(server.requests.length, before + 1);
      assert.equal(one.findings.length, 3);
      assert.deepEqual(facts(two.findings), facts(one.findings));
      assert.deepEqual([two.usage.requests, two.usage.cacheHits], [0, 3]);
      assert.deepEqual(two.coverage, one.coverage);
      assert.deepEqual([two.promptDigest, two.cacheKey], [one.promptDigest, one.cacheKey]);
    }
  });

  it('ask nothing when the same is staged, committed, or only moved', async () => {
    const first = await review(open('command line'));
    repo.git('add', '--all');
    assert.equal((await review(open('command line'), { scope: 'staged' })).usage.requests, 0);
    repo.commit();
    assert.equal((await review(open('command line'))).usage.requests, 0);
    repo.write({ 'src/lists.js': `// A list of lists.\n\n${NOW}` });
    const moved = await review(open('command line'));
    assert.deepEqual([moved.usage.requests, moved.usage.cacheHits], [1, 3], 'the new lines are asked about, and nothing else');
    assert.ok(!JSON.stringify(server.requests.at(-1)?.body).includes('beta400'));
    assert.equal(server.requests.length, 2);
    assert.deepEqual(
      moved.findings.map(({ id, startLine }) => [id, startLine]),
      first.findings.map(({ id, startLine }) => [id, (startLine ?? 0) + 2]),
    );
  });

  it('ask about what changed alone, and about everything when told to or when parameters change', async () => {
    await review(open('command line'));
    repo.write({ 'src/lists.js': NOW.replace('beta50,', 'beta500,') });
    const changed = await review(open('editor'));
    assert.deepEqual([changed.usage.requests, changed.usage.cacheHits], [1, 2]);
    const body = JSON.stringify(server.requests.at(-1)?.body);
    assert.ok(body.includes('beta500') && !body.includes('alpha400'));
    assert.equal((await review(open('editor'), { fresh: true })).usage.cacheHits, 0);
    assert.equal((await review(open('editor'))).usage.requests, 0);
    repo.write({ '.handrail/models.yml': yml('{ temperature: 0.5 }') });
    assert.equal((await review(open('editor'))).usage.cacheHits, 0);
  });

  it('keep a dismissal out without asking again', async () => {
    const { findings } = await review(open('editor'));
    await open('editor').dismiss(findings[1]?.id ?? '', { reason: 'intended' });
    const again = await review(open('command line'));
    assert.deepEqual([again.usage.requests, again.findings.length, again.dismissed[0]?.id], [0, 2, findings[1]?.id]);
  });

  it('preview what is left to ask', async () => {
    await review(open('command line'));
    repo.write({ 'src/lists.js': NOW.replace('beta50,', 'beta500,') });
    const preview = await open('command line').preview({ scope: 'branch', paths: [] }, { signal: new AbortController().signal });
    assert.deepEqual(preview.remembered, { parts: 2, files: ['src/lists.js'] });
    assert.equal(preview.requests.length, 1);
    assert.equal(server.requests.length, 1);
  });

  it('remember each worktree by itself, without a trace in the repository, and outside of git with the person', async () => {
    await review(open('command line'));
    const tree = join(home, 'second tree');
    repo.git('worktree', 'add', '--quiet', '-b', 'feat/other', tree);
    mkdirSync(join(tree, '.handrail'), { recursive: true });
    writeFileSync(join(tree, '.handrail/models.yml'), yml());
    writeFileSync(join(tree, 'src/lists.js'), NOW);
    await open('command line', tree).confirm(server.origin);
    assert.equal((await review(open('command line', tree), { scope: 'working', paths: ['src/lists.js'] })).usage.cacheHits, 0);
    assert.match(repo.git('status', '--porcelain', '--untracked-files=all'), /^(?:[ ?]. \S+\n?){3}$/u);
    repo.git('worktree', 'remove', '--force', tree);
    const plain = mkdtempSync(join(tmpdir(), 'handrail plain-'));
    try {
      mkdirSync(join(plain, '.handrail'));
      writeFileSync(join(plain, '.handrail/models.yml'), yml());
      writeFileSync(join(plain, 'lists.js'), NOW);
      await open('command line', plain).confirm(server.origin);
      const asked = server.requests.length;
      for (let round = 0; round < 2; round++) await review(open('command line', plain), { scope: 'file', paths: ['lists.js'] });
      assert.equal(server.requests.length, asked + 1);
      assert.deepEqual(readdirSync(plain).toSorted(), ['.handrail', 'lists.js']);
    } finally {
      rmSync(plain, { recursive: true, force: true });
    }
  });
});
