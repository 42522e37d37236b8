import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding, RawFinding, ReviewEvent, ReviewResult } from '../../src/core/ai/finding.ts';
import type { ReviewRequest, ReviewService } from '../../src/core/ai/service.ts';
import { failureOf } from '../../src/core/errors.ts';
import { environmentKeys } from '../../src/node/ai/models/keys/environmentKeys.ts';
import { createReviewService } from '../../src/node/ai/reviewService.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';

/** The service with real git, real files, real HTTP and the real engines. */

const CART = `export function total(items) {
  let sum = 0;
  for (const item of items) {
    sum += item.price;
  }
  return sum;
}
`;
const BROKEN = CART.replace('    sum += item.price;', '    if (sum == sum) sum += item.price;\n    debugger;');
const KEY = 'sk-test-key-of-this-machine';

let repo: TestRepo;
let home: string;
let server: ModelServer;
const cleanups: (() => void)[] = [];

function service(env: Record<string, string> = {}, root = repo.root): ReviewService {
  return createReviewService({ root, home, env, keys: environmentKeys(env), trusted: () => true, environmentIsChoice: true });
}

/** The environment of somebody who chose the scripted server. */
const withModel = (): Record<string, string> => ({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: server.baseURL, HANDRAIL_MODEL: 'test-model' });

async function review(
  of: ReviewService,
  request: Partial<ReviewRequest> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{ result: ReviewResult; events: ReviewEvent[] }> {
  const events: ReviewEvent[] = [];
  const result = await of.review({ scope: 'file', paths: ['src/cart.js'], ...request }, { signal, onEvent: (event) => events.push(event) });
  return { result, events };
}

async function failing(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return failureOf(error)?.reason ?? String(error);
  }
  return 'nothing failed';
}

const rules = (findings: readonly Finding[]): (string | undefined)[] => findings.map((finding) => finding.rule);

const said = (extra: Partial<RawFinding> = {}): RawFinding => ({
  file: 'src/cart.js',
  line: 2,
  severity: 'high',
  category: 'bug',
  title: 'Money in floating point',
  message: 'Prices add up with rounding errors.',
  quote: '  let sum = 0;',
  replacement: '  let sum = 0n;',
  ...extra,
});

describe('review service', function () {
  this.timeout(60_000);

  beforeEach(async () => {
    repo = createTestRepo({
      files: { 'src/cart.js': CART, '.gitignore': 'ignored.js\n', '.handrailignore': 'docs/**\n' },
      branch: 'feat/cart',
    });
    home = mkdtempSync(join(tmpdir(), 'handrail home-'));
    server = await startModelServer({
      key: KEY,
      replies: [{ text: JSON.stringify({ findings: [said()] }), usage: { input: 900, output: 120 } }],
    });
  });

  afterEach(async () => {
    await server.close();
    repo.remove();
    rmSync(home, { recursive: true, force: true });
    for (const cleanup of cleanups.splice(0)) cleanup();
  });

  it("leaves git's own data and what is ignored alone, also behind a link", async () => {
    repo.write({ '.gitignore': 'local.txt\n', 'local.txt': 'mine\n' });
    symlinkSync('.git/config', join(repo.root, 'config.txt'));
    symlinkSync('local.txt', join(repo.root, 'other.txt'));
    symlinkSync('src/cart.js', join(repo.root, 'good.js'));
    const { result } = await review(service(), { paths: ['.git/config', 'config.txt', 'other.txt', 'good.js'] });
    assert.deepEqual(result.coverage, [
      { file: '.git/config', status: 'skipped', reason: "git's own data" },
      { file: 'config.txt', status: 'skipped', reason: "git's own data" },
      { file: 'good.js', status: 'full' },
      { file: 'other.txt', status: 'skipped', reason: 'ignored by git' },
    ]);
  });

  it('answers without any model, and says so', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    const { result, events } = await review(service());
    for (const rule of ['biome/noSelfCompare', 'biome/noDebugger']) assert.ok(rules(result.findings).includes(rule), rule);
    assert.equal(result.model, 'builtin');
    const chosen = events[0];
    assert.ok(chosen?.type === 'chosen' && /no model/i.test(chosen.because));
    assert.equal(server.requests.length, 0);
  });

  it('asks the chosen model after the engines, counts its tokens and keeps the findings', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    const of = service(withModel());
    const { result } = await review(of);
    assert.deepEqual([result.usage.requests, result.usage.inputTokens, result.usage.outputTokens], [1, 900, 120]);
    assert.equal(result.findings.at(-1)?.source, 'model');
    assert.deepEqual(result.findings.at(-1)?.fix?.edits, [{ file: 'src/cart.js', startLine: 2, endLine: 2, newText: '  let sum = 0n;' }]);
    assert.deepEqual(await of.findings(), result.findings);
    assert.deepEqual(await service().findings(), result.findings);
  });

  it('sends nothing before the repository’s endpoint was confirmed', async () => {
    repo.write({
      '.handrail/models.yml': `version: 1\nmodels:\n  local: { provider: openai, baseURL: "${server.baseURL}", model: test-model }\nroles: { review: local }\n`,
    });
    const of = service({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: server.baseURL });
    assert.equal(await failing(review(of)), 'untrusted');
    assert.equal(server.requests.length, 0);
    await of.confirm((await of.choose()).origin ?? '');
    assert.equal((await review(of)).result.model, 'local');
    assert.equal(server.requests.length, 1);
  });

  it('keeps what the engines found when the model fails', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    const of = service({ ...withModel(), OPENAI_API_KEY: 'wrong' });
    const events: ReviewEvent[] = [];
    const request = of.review(
      { scope: 'file', paths: ['src/cart.js'] },
      { signal: new AbortController().signal, onEvent: (event) => events.push(event) },
    );
    assert.equal(await failing(request), 'unauthorised');
    assert.ok(events.some((event) => event.type === 'finding'));
    assert.ok((await of.findings()).length > 0);
  });

  it('ends a cancelled review soon, keeping what was found', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    server.setScript({ key: KEY, replies: [{ text: JSON.stringify(said()), hang: 'body' }] });
    const controller = new AbortController();
    const of = service(withModel());
    const seen = of.review(
      { scope: 'file', paths: ['src/cart.js'] },
      { signal: controller.signal, onEvent: (event) => event.type === 'finding' && event.finding.source === 'model' && controller.abort() },
    );
    assert.equal(await failing(seen), 'cancelled');
    assert.ok((await of.findings()).some((finding) => finding.source === 'model'));
  });

  it('reviews what changed since the base, uncommitted and untracked files included', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    repo.commit();
    repo.write({
      'src/new file é.js': 'debugger;\n',
      'ignored.js': 'debugger;\n',
      'docs/a.js': 'debugger;\n',
      'package-lock.json': '{}\n',
      'logo.png': 'a\0b',
    });
    const { result } = await review(service(), { scope: 'branch', paths: [] });
    assert.deepEqual(
      result.coverage.map((entry) => [entry.file, entry.status, entry.reason]),
      [
        ['docs/a.js', 'skipped', 'ignored by .handrailignore'],
        ['logo.png', 'skipped', 'binary'],
        ['package-lock.json', 'skipped', 'generated: a lock file'],
        ['src/cart.js', 'full', undefined],
        ['src/new file é.js', 'full', undefined],
      ],
    );
    assert.deepEqual([...new Set(result.findings.map((finding) => finding.file))], ['src/cart.js', 'src/new file é.js']);
  });

  it('reviews the working tree apart from what is committed', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    repo.commit();
    repo.write({ 'src/other.js': 'debugger;\n' });
    const { result } = await review(service(), { scope: 'working', paths: [] });
    assert.deepEqual(
      result.coverage.map((entry) => entry.file),
      ['src/other.js'],
    );
  });

  it('reads unsaved text instead of the file', async () => {
    const { result } = await review(service(), { buffers: { 'src/cart.js': BROKEN } });
    assert.ok(rules(result.findings).includes('biome/noDebugger'));
  });

  it('remembers a dismissal for this person in all worktrees, without a trace in the repository', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    const { result } = await review(service());
    const finding = result.findings.find((one) => one.rule === 'biome/noDebugger');
    await service().dismiss(finding?.id ?? '', { reason: 'for now', expires: '14d' });
    assert.ok(!rules(await service().findings()).includes('biome/noDebugger'));
    repo.write({ 'src/cart.js': `// moved down\n\n${BROKEN}` });
    const again = await review(service());
    assert.deepEqual(again.result.dismissed, [{ id: finding?.id, reason: 'for now' }]);
    const tree = join(home, 'second tree');
    repo.git('worktree', 'add', '--quiet', '-b', 'feat/other', tree);
    writeFileSync(join(tree, 'src/cart.js'), BROKEN);
    assert.equal((await review(service({}, tree))).result.dismissed.length, 1);
    assert.match(repo.git('status', '--porcelain'), /^ M src\/cart\.js$/);
    repo.git('worktree', 'remove', '--force', tree);
  });

  it('adds a dismissal of the team to its file and leaves the rest as people wrote it', async () => {
    repo.write({
      'src/cart.js': BROKEN,
      '.handrail/dismissals.yml': `# Ours\nversion: 1\ndismissals:\n  - fingerprint: 0123456789abcdef # why not\n    reason: an older one\n`,
    });
    const { result } = await review(service());
    await service().dismiss(result.findings[0]?.id.slice(0, 8) ?? '', { reason: 'accepted', team: true });
    const text = readFileSync(join(repo.root, '.handrail/dismissals.yml'), 'utf8');
    assert.match(
      text,
      /^# Ours\nversion: 1\ndismissals:\n {2}- fingerprint: 0123456789abcdef # why not\n {4}reason: an older one\n {2}- fingerprint: [0-9a-f]{32}\n/,
    );
    assert.equal((await review(service())).result.dismissed[0]?.reason, 'accepted');
  });

  it('says what is wrong with a dismissal', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    const { result } = await review(service());
    const id = result.findings[0]?.id ?? '';
    assert.equal(await failing(service().dismiss('ffffffff', { reason: 'x' })), 'not-found');
    assert.equal(await failing(service().dismiss(id, { reason: ' ' })), 'usage');
    assert.equal(await failing(service().dismiss(id, { reason: 'x', expires: 'soon' })), 'usage');
    assert.equal(await failing(service().dismiss(id, { reason: 'x', expires: '2020-01-01' })), 'usage');
    repo.write({ '.handrail/dismissals.yml': 'version: 1\ndismissals: 3\n' });
    assert.equal(await failing(service().dismiss(id, { reason: 'x', team: true })), 'config');
    const { result: second } = await review(service());
    assert.match(second.notices.join(), /team's dismissals are not applied: \.handrail\/dismissals\.yml:2/);
  });

  it('shows what it would send without sending it or needing a key', async () => {
    repo.write({ 'src/cart.js': BROKEN, 'AGENTS.md': 'Prices are integers of cents.\n' });
    repo.write({ '.handrail/models.yml': 'version: 1\nmodels:\n  far: { provider: openai, model: big }\nroles: { review: far }\n' });
    const preview = await service().preview({ scope: 'file', paths: ['src/cart.js'] }, { signal: new AbortController().signal });
    assert.equal(preview.choice.needsKey, true);
    assert.equal(preview.requests.length, 1);
    assert.match(preview.requests[0]?.text ?? '', /Prices are integers of cents/);
    assert.match(preview.requests[0]?.text ?? '', /5 {5}debugger;/);
    assert.ok((preview.requests[0]?.inputTokens ?? 0) > 300);
    assert.equal(await failing(review(service())), 'untrusted');
  });

  it('works without git, on files only, and leaves nothing in the folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'handrail plain-'));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'a.js'), 'debugger;\n');
    const of = service({}, folder);
    const { result } = await review(of, { paths: ['a.js'] });
    await of.dismiss(result.findings[0]?.id ?? '', { reason: 'fine' });
    assert.deepEqual(await of.findings(), []);
    assert.deepEqual(readdirSync(folder), ['a.js']);
    assert.equal(await failing(review(of, { scope: 'branch', paths: [] })), 'no-git');
    assert.ok(existsSync(join(home, 'state', 'reviews')));
  });

  it('refuses paths that are not there or lead out, and skips what git ignores', async () => {
    repo.write({ 'ignored.js': 'debugger;\n' });
    assert.equal(await failing(review(service(), { paths: ['nowhere.js'] })), 'not-found');
    assert.equal(await failing(review(service(), { paths: ['../secret.js'] })), 'config');
    assert.equal(await failing(review(service(), { paths: [] })), 'usage');
    const { result } = await review(service(), { paths: ['ignored.js'] });
    assert.deepEqual(result.coverage, [{ file: 'ignored.js', status: 'skipped', reason: 'ignored by git' }]);
  });
});
