import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Finding, RawFinding, ReviewEvent, ReviewResult } from '../../src/core/ai/finding.ts';
import type { ModelChoice, ReviewRequest, ReviewService } from '../../src/core/ai/service.ts';
import { failureOf } from '../../src/core/errors.ts';
import { environmentKeys } from '../../src/node/ai/models/keys/environmentKeys.ts';
import { createOpenAiProvider } from '../../src/node/ai/models/openai/openaiProvider.ts';
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
    // By line, whoever said it.
    assert.equal(result.findings[0]?.source, 'model');
    assert.deepEqual(result.findings[0]?.fix?.edits, [{ file: 'src/cart.js', startLine: 2, endLine: 2, newText: '  let sum = 0n;' }]);
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

  it('takes a dismissal of what a review has found while it still runs', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    server.setScript({ key: KEY, replies: [{ text: JSON.stringify(said()), hang: 'body' }] });
    const controller = new AbortController();
    const of = service(withModel());
    const dismissals: Promise<Finding>[] = [];
    const onEvent = (event: ReviewEvent): void => {
      if (event.type !== 'finding' || event.finding.source !== 'model') return;
      const dismissed = of.dismiss(event.finding.id, { reason: 'It is meant to be so.' });
      dismissals.push(dismissed);
      const end = (): void => controller.abort();
      dismissed.then(end, end);
    };
    assert.equal(await failing(of.review({ scope: 'file', paths: ['src/cart.js'] }, { signal: controller.signal, onEvent })), 'cancelled');
    assert.equal((await Promise.all(dismissals)).length, 1);
    assert.ok(!(await of.findings()).some((finding) => finding.source === 'model'));
  });

  it('closes every connection within half a second when several are open and the review is cancelled', async () => {
    const long = Array.from(
      { length: 400 },
      (_, index) => `export const value${index} = compute(${index}, 'some text to fill the line');`,
    ).join('\n');
    const files = ['a', 'b', 'c', 'd'].map((name) => `src/${name}.js`);
    repo.write(Object.fromEntries(files.map((file) => [file, long])));
    server.setScript({ key: KEY, replies: [{ text: '', hang: 'connect' }] });
    const provider = {
      ...createOpenAiProvider({
        name: 'm',
        model: 'test-model',
        baseURL: server.baseURL,
        key: KEY,
        api: 'chat',
        limits: { contextTokens: 24_000 },
      }),
      concurrency: 4,
    };
    const choice: ModelChoice = {
      kind: 'model',
      name: 'm',
      origin: server.origin,
      because: '',
      confirmed: true,
      needsKey: false,
      offers: [],
    };
    const of = createReviewService({
      root: repo.root,
      home,
      env: {},
      keys: environmentKeys({}),
      trusted: () => true,
      environmentIsChoice: true,
      chooser: {
        choose: () => Promise.resolve(choice),
        provide: () => Promise.resolve({ choice, provider }),
        alone: () => assert.fail('a review asks through its provider'),
        confirm: () => Promise.resolve(),
        follow: () => Promise.resolve(),
      },
    });
    const controller = new AbortController();
    const running = failing(review(of, { paths: files }, controller.signal));
    await server.seen(() => true, 4);
    const cancelled = performance.now();
    controller.abort();
    assert.equal(await running, 'cancelled');
    await server.seen((request) => request.aborted, 4);
    const took = performance.now() - cancelled;
    assert.ok(took < 500, `${took} ms`);
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

  it('reviews what is staged as it is staged, not as the file is by now', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    repo.git('add', '--all');
    repo.write({ 'src/cart.js': `// only in the file\n\n${CART}` });
    const { result } = await review(service(withModel()), { scope: 'staged', paths: [] });
    const found = result.findings.find(({ rule }) => rule === 'biome/noDebugger');
    assert.deepEqual([found?.startLine, found?.quote], [5, '    debugger;'], 'lines of the index');
    const sent = JSON.stringify(server.requests[0]?.body);
    assert.ok(sent.includes('debugger;') && !sent.includes('only in the file'));
  });

  it('takes what the editor reports for what is staged only where both are the same', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    repo.git('add', '--all');
    const line = BROKEN.split('\n').indexOf('    debugger;') + 1;
    const known = [{ file: 'src/cart.js', line, message: 'Unexpected debugger statement.' }];
    const rulesOf = async (): Promise<unknown[]> => rules((await review(service(), { scope: 'staged', paths: [], known })).result.findings);
    assert.ok(!(await rulesOf()).includes('biome/noDebugger'));
    repo.write({ 'src/cart.js': `\n${BROKEN}` });
    assert.ok((await rulesOf()).includes('biome/noDebugger'));
  });

  it('reviews a selection, and keeps what was found elsewhere before', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    const of = service();
    const before = (await review(of)).result.findings;
    assert.deepEqual([...new Set(before.map(({ startLine }) => startLine))], [4, 5]);
    repo.write({ 'src/cart.js': BROKEN.replace('    debugger;', '    // gone') });
    const { result } = await review(of, { scope: 'selection', lines: { start: 5, end: 5 } });
    assert.deepEqual(result.findings, []);
    assert.match(result.notices.join(), /left out \d+ findings? outside the selection/);
    assert.deepEqual([...new Set((await of.findings()).map(({ startLine }) => startLine))], [4]);
    assert.equal(await failing(review(of, { scope: 'selection' })), 'usage');
    assert.equal(await failing(review(of, { scope: 'selection', lines: { start: 3, end: 2 } })), 'usage');
    assert.equal(await failing(review(of, { scope: 'selection', paths: ['nowhere.js'], lines: { start: 1, end: 2 } })), 'not-found');
    const beyond = await review(of, { scope: 'selection', lines: { start: 900, end: 999 } });
    assert.match(beyond.result.coverage[0]?.reason ?? '', /^only lines 9 to 9, as selected$/);
  });

  it('keeps findings of the branch when only what is staged is reviewed', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    repo.commit();
    const of = service();
    assert.ok((await review(of, { scope: 'branch', paths: [] })).result.findings.length > 1);
    const before = await of.findings();
    repo.write({ 'src/other.js': 'debugger;\n' });
    repo.git('add', '--all');
    await review(of, { scope: 'staged', paths: [] });
    const after = await of.findings();
    assert.deepEqual(
      after.filter(({ file }) => file === 'src/cart.js'),
      before,
    );
    assert.ok(after.some(({ file }) => file === 'src/other.js'));
  });

  it('remembers a dismissal for this person in all worktrees, without a trace in the repository', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    const { result } = await review(service());
    const finding = result.findings.find((one) => one.rule === 'biome/noDebugger');
    await service().dismiss(finding?.id ?? '', { reason: 'for now', expires: '14d' });
    assert.ok(!rules(await service().findings()).includes('biome/noDebugger'));
    repo.write({ 'src/cart.js': `// moved down\n\n${BROKEN}` });
    const again = await review(service());
    assert.deepEqual(
      again.result.dismissed.map(({ id, reason, finding: one }) => [id, reason, one?.rule]),
      [[finding?.id, 'for now', 'biome/noDebugger']],
    );
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

  it('does not ask git in a folder that is not trusted', async () => {
    repo.write({ 'src/cart.js': BROKEN });
    const before = process.env['PATH'];
    cleanups.push(() => (process.env['PATH'] = before));
    const trace = join(home, 'git was asked');
    mkdirSync(join(home, 'bin'));
    writeFileSync(join(home, 'bin', 'git'), `#!/bin/sh\necho "$1" >> "${trace}"\nPATH="${before}" exec git "$@"\n`, { mode: 0o755 });
    process.env['PATH'] = [join(home, 'bin'), before].join(delimiter);
    const keys = environmentKeys({});
    const of = createReviewService({ root: repo.root, home, env: {}, keys, trusted: () => false, environmentIsChoice: true });
    const { result } = await review(of);
    await of.dismiss(result.findings[0]?.id ?? '', { reason: 'fine' });
    assert.equal((await of.findings()).length, result.findings.length - 1);
    assert.ok(!existsSync(trace));
    assert.ok(!existsSync(join(repo.root, '.git/handrail')));
    // The same of a folder that is trusted does ask.
    await review(service());
    assert.ok(existsSync(trace));
  });

  it('refuses paths that are not there or lead out, and skips what git ignores', async () => {
    repo.write({ 'ignored.js': 'debugger;\n' });
    assert.equal(await failing(review(service(), { paths: ['nowhere.js'] })), 'not-found');
    assert.equal(await failing(review(service(), { paths: ['../secret.js'] })), 'config');
    assert.equal(await failing(review(service(), { paths: [] })), 'usage');
    const { result } = await review(service(), { paths: ['ignored.js'] });
    assert.deepEqual(result.coverage, [{ file: 'ignored.js', status: 'skipped', reason: 'ignored by git' }]);
  });

  describe('with a model that judges', () => {
    const models = (extra = ''): string =>
      [
        'version: 1',
        'models:',
        `  reviewer: { provider: openai, baseURL: "${server.baseURL}", model: test-model, price: { input: 1, output: 10, currency: USD, per: 1000 } }`,
        `  judge: { provider: openai, baseURL: "${server.baseURL}", model: judge-model, price: { input: 2, output: 20, currency: USD, per: 1000 } }`,
        `roles: { review: reviewer, score: judge${extra} }`,
        '',
      ].join('\n');
    const env = (): Record<string, string> => ({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: server.baseURL });
    const answers = (scores: string) => ({
      key: KEY,
      answers: [{ when: 'judge-model', reply: { text: scores, usage: { input: 50, output: 5 } } }],
      replies: [
        {
          text: JSON.stringify({
            findings: [said(), said({ line: 6, quote: '  return sum;', title: 'No currency', message: 'Which one is it?' })],
          }),
          usage: { input: 100, output: 10 },
        },
      ],
    });

    it('shows what it lets through, and counts what both took', async () => {
      repo.write({ '.handrail/models.yml': models() });
      server.setScript(answers('{"scores":[{"id":1,"score":8},{"id":2,"score":1}]}'));
      const of = service(env());
      await of.confirm(server.origin);
      const { result } = await review(of);
      assert.deepEqual(
        result.findings.map(({ title }) => title),
        ['Money in floating point'],
      );
      assert.match(result.notices.join(), /second pass by judge-model left out 1 weak finding/);
      assert.equal(result.scoredBy?.name, 'judge');
      const { requests, inputTokens, outputTokens, cost } = result.usage;
      assert.deepEqual([requests, inputTokens, outputTokens], [2, 150, 15]);
      assert.equal(cost?.amount.toFixed(3), (0.1 + 0.1 + 0.1 + 0.1).toFixed(3));
      assert.equal((await review(of)).result.usage.requests, 0);
    });

    it('goes on without it where it cannot be asked, and says why', async () => {
      const other = await startModelServer();
      try {
        repo.write({ '.handrail/models.yml': models().replace(server.baseURL + '", model: judge', other.baseURL + '", model: judge') });
        server.setScript(answers(''));
        const of = service(env());
        await of.confirm(server.origin);
        const { result } = await review(of);
        assert.equal(result.findings.length, 2);
        assert.match(result.notices.join(), /second pass was left out.*handrail models confirm judge/);
        assert.equal(other.requests.length, 0);
      } finally {
        await other.close();
      }
    });

    it('is told in the preview, with the most that all of it could cost', async () => {
      repo.write({ '.handrail/models.yml': models() });
      const of = service(env());
      const preview = async () => await of.preview({ scope: 'file', paths: ['src/cart.js'] }, { signal: new AbortController().signal });
      const before = await preview();
      assert.equal(before.scoring, undefined, 'not confirmed, so it would not be asked');
      const { inputTokens = 0, outputTokens = 0 } = before.estimate ?? {};
      assert.equal(before.estimate?.cost?.amount, (inputTokens + 10 * outputTokens) / 1000);
      await of.confirm(server.origin);
      const after = await preview();
      assert.deepEqual([after.scoring?.model, after.scoring?.requests, after.estimate?.requests], ['judge-model', 1, 2]);
      assert.ok((after.estimate?.cost?.amount ?? 0) > (before.estimate?.cost?.amount ?? 0));
      assert.equal(server.requests.length, 0);
    });
  });
});
