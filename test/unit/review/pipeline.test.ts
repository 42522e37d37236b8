import assert from 'node:assert/strict';
import type { Finding, RawFinding, ReviewEvent, ReviewResult } from '../../../src/core/ai/finding.ts';
import type { ModelChunk, ModelProvider, ModelRequest } from '../../../src/core/ai/provider.ts';
import { wholeFileHunk } from '../../../src/core/ai/review/hunks.ts';
import { previewPipeline, reviewPipeline, type ReviewInput, type ReviewPorts } from '../../../src/core/ai/review/pipeline.ts';
import { failureOf, HandrailError } from '../../../src/core/errors.ts';

const SOURCE = `export function pay(amount) {
  const key = 'sk-secret';
  if (amount = 0) return;
  charge(key, amount);
}
`;
const SECRET = 'sk-secret';

const raw = (extra: Partial<RawFinding>): RawFinding => ({
  file: 'src/pay.js',
  severity: 'high',
  category: 'bug',
  title: 'Assignment in a condition',
  message: 'The condition assigns zero, so nothing is ever charged.',
  quote: '  if (amount = 0) return;',
  line: 3,
  ...extra,
});

const input = (extra: Partial<ReviewInput> = {}): ReviewInput => ({
  scope: 'file',
  units: [{ path: 'src/pay.js', text: SOURCE }],
  skipped: [],
  known: [],
  rules: '',
  instructions: '',
  dismissals: [],
  facts: { now: Date.parse('2026-06-01'), isGone: () => false },
  notices: [],
  ...extra,
});

/** A model that says these chunks; a string is text. Remembers what it was asked. */
function model(...chunks: (string | ModelChunk | Error)[]): ModelProvider & { asked: ModelRequest[] } {
  const asked: ModelRequest[] = [];
  return {
    name: 'reviewer',
    model: 'test-model',
    origin: 'https://models.example.com',
    contextTokens: 32_000,
    asked,
    async *stream(request) {
      asked.push(request);
      await Promise.resolve();
      for (const chunk of chunks) {
        if (chunk instanceof Error) throw chunk;
        yield typeof chunk === 'string' ? { type: 'text', text: chunk } : chunk;
      }
      yield { type: 'end', reason: 'stop' };
    },
  };
}

const ports = (extra: Partial<ReviewPorts> = {}): ReviewPorts => ({
  builtin: { reads: () => true, review: () => Promise.resolve([]) },
  secrets: {
    scan: (_path, text) => {
      const start = text.indexOf(SECRET);
      return Promise.resolve(start < 0 ? [] : [{ start, end: start + SECRET.length, kind: 'api-key' }]);
    },
  },
  marker: () => 'FENCE',
  ...extra,
});

const never = new AbortController().signal;

async function run(
  what: ReviewInput,
  how: ReviewPorts,
  signal = never,
): Promise<{ events: ReviewEvent[]; findings: Finding[]; result?: ReviewResult; error?: HandrailError }> {
  const events: ReviewEvent[] = [];
  const findings: Finding[] = [];
  const review = reviewPipeline(what, how, signal);
  try {
    for (;;) {
      const step = await review.next();
      if (step.done) return { events, findings, result: step.value };
      events.push(step.value);
      if (step.value.type === 'finding') findings.push(step.value.finding);
    }
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    return { events, findings, error: failure };
  }
}

const answer = (...findings: RawFinding[]): string => JSON.stringify({ findings });

describe('review pipeline', function () {
  this.timeout(20_000);

  it('never sends a secret that stands beside the code: in conventions, rules, known problems or dismissals', async () => {
    for (const aside of [
      { instructions: `Use ${SECRET} for tests.` },
      { rules: `Look for ${SECRET}.` },
      {
        known: [
          { file: 'src/pay.js', line: 1, message: `Unused.` },
          { file: 'src/pay.js', line: 2, message: `The key\n${SECRET} is unused.` },
        ],
      },
      { dismissals: [{ fingerprint: 'f', reason: `${SECRET} is a test key`, file: 'src/pay.js', title: 'Key' }] },
    ]) {
      const provider = model(answer());
      await run(input(aside), ports({ provider }));
      const sent = JSON.stringify(provider.asked);
      assert.ok(!sent.includes(SECRET), Object.keys(aside)[0]);
      assert.match(sent.replace('const key', ''), /\[redacted:api-key\][^']/, Object.keys(aside)[0]);
    }
  });

  it('never sends a secret, lists what it replaced and shows no secret in a quote', async () => {
    const provider = model(
      answer(raw({ quote: "  const key = '[redacted:api-key]';", line: 2, title: 'Name of the key', message: 'Unclear.' })),
    );
    const { result, findings } = await run(input(), ports({ provider }));
    const sent = JSON.stringify(provider.asked);
    assert.ok(!sent.includes(SECRET));
    assert.match(sent, /\[redacted:api-key\]/);
    assert.deepEqual(result?.redactions, [{ file: 'src/pay.js', line: 2, kind: 'api-key' }]);
    assert.equal(findings[0]?.quote, "  const key = '[redacted:api-key]';");
    assert.equal(findings[0]?.startLine, 2);
  });

  it('keeps secrets of removed lines on the machine too', async () => {
    const hunks = [
      {
        startLine: 1,
        endLine: 1,
        lines: [
          { kind: 'removed' as const, text: `key = '${SECRET}'` },
          { kind: 'added' as const, line: 1, text: 'key = env' },
        ],
      },
    ];
    const provider = model('[]');
    await run(input({ scope: 'branch', units: [{ path: 'a.js', text: 'key = env\n', hunks }] }), ports({ provider }));
    assert.ok(!JSON.stringify(provider.asked).includes(SECRET));
    assert.match(provider.asked[0]?.user ?? '', / -key = '\[redacted:api-key\]'/);
  });

  it('hands out the engines findings first and tells the model about them', async () => {
    const builtin = { reads: () => true, review: () => Promise.resolve([raw({ rule: 'biome/noAssign', title: 'Engine says so' })]) };
    const other = raw({ quote: '  charge(key, amount);', line: 4, title: 'No error handling', message: 'A refused card throws.' });
    const repeated = raw({ title: 'Engine says so again', message: 'The condition assigns zero, nothing is charged.' });
    const provider = model(answer(repeated, other));
    const { findings } = await run(input(), ports({ builtin, provider }));
    assert.deepEqual(
      findings.map((one) => [one.source, one.title]),
      [
        ['builtin', 'Engine says so'],
        ['model', 'No error handling'],
      ],
    );
    assert.match(provider.asked[0]?.user ?? '', /- "src\/pay\.js":3 Engine says so/);
  });

  it('hands out a finding before the answer goes on', async () => {
    const order: string[] = [];
    const text = answer(raw({}), raw({ title: 'Later', quote: '  charge(key, amount);', message: 'Other words entirely here.' }));
    const cut = text.indexOf('},{') + 1;
    const provider: ModelProvider = {
      ...model(),
      async *stream() {
        yield { type: 'text', text: text.slice(0, cut) };
        await Promise.resolve();
        order.push('second half');
        yield { type: 'text', text: text.slice(cut) };
      },
    };
    for await (const event of reviewPipeline(input(), ports({ provider }), never))
      if (event.type === 'finding') order.push(event.finding.title);
    assert.deepEqual(order, ['Assignment in a condition', 'second half', 'Later']);
  });

  it('keeps what was found when the model fails, and says why it failed', async () => {
    const provider = model(answer(raw({})).slice(0, -2), new HandrailError('unreachable', 'The server went away.'));
    const { findings, error, result } = await run(input(), ports({ provider }));
    assert.equal(findings.length, 1);
    assert.equal(error?.reason, 'unreachable');
    assert.equal(result, undefined);
  });

  it('does not take garbage for a clean review', async () => {
    const { error } = await run(input(), ports({ provider: model('Looks good to me!') }));
    assert.equal(error?.reason, 'bad-response');
    const { error: none, result } = await run(input(), ports({ provider: model('{"findings":[]}') }));
    assert.equal(none, undefined);
    assert.deepEqual(result?.coverage, [{ file: 'src/pay.js', status: 'full' }]);
  });

  it('calls a review of a cut answer partial', async () => {
    const provider = model(answer(raw({})).slice(0, -2), { type: 'end', reason: 'length' });
    const { result } = await run(input(), ports({ provider: { ...provider, stream: provider.stream } }));
    assert.deepEqual(result?.coverage, [{ file: 'src/pay.js', status: 'partial', reason: 'the answer was cut off' }]);
    assert.equal(result?.findings.length, 1);
    assert.match(result?.notices.join() ?? '', /cut off/);
  });

  it('ends an endless answer', async () => {
    const provider: ModelProvider = {
      ...model(),
      async *stream() {
        for (let index = 0; ; index++) {
          yield { type: 'text', text: `${JSON.stringify(raw({ title: `n${index}`, message: `word${index}` }))}\n` };
          await Promise.resolve();
        }
      },
    };
    const { result } = await run(input(), ports({ provider }));
    assert.equal(result?.coverage[0]?.status, 'partial');
    assert.match(result?.notices.join() ?? '', /did not stop/);
  });

  it('stops when cancelled and keeps what came before', async () => {
    const controller = new AbortController();
    const builtin = {
      reads: () => true,
      review: (path: string) => {
        if (path === 'b.js') controller.abort();
        return Promise.resolve([raw({ file: path, rule: 'r', line: 1, quote: 'x' })]);
      },
    };
    const units = ['a.js', 'b.js', 'c.js'].map((path) => ({ path, text: 'x\n' }));
    const { findings, error } = await run(input({ units }), ports({ builtin, provider: model('[]') }), controller.signal);
    assert.deepEqual(
      findings.map((one) => one.file),
      ['a.js', 'b.js'],
    );
    assert.equal(error?.reason, 'cancelled');
  });

  it('leaves out what is dismissed, and says so', async () => {
    const first = await run(input(), ports({ provider: model(answer(raw({}))) }));
    const finding = first.findings[0];
    const dismissal = {
      fingerprint: 'f'.repeat(32),
      file: 'src/pay.js',
      rule: 'bug',
      symbol: 'pay',
      quote: finding?.quote ?? '',
      title: 't',
      reason: 'on purpose',
    };
    const reworded = raw({ title: 'Zero is assigned', message: 'Something else.' });
    const { findings, result } = await run(input({ dismissals: [dismissal] }), ports({ provider: model(answer(reworded)) }));
    assert.deepEqual(findings, []);
    assert.deepEqual(
      result?.dismissed.map(({ id, reason, finding: dismissed }) => [id, reason, dismissed?.title]),
      [[finding?.id, 'on purpose', 'Zero is assigned']],
    );
  });

  it('gives equal findings of two runs the same identifier, and equal findings of one run different ones', async () => {
    const moved = { path: 'src/pay.js', text: `// a comment\n\n${SOURCE}` };
    const [one, two] = await Promise.all([
      run(input(), ports({ provider: model(answer(raw({}))) })),
      run(input({ units: [moved] }), ports({ provider: model(answer(raw({ line: 5 }))) })),
    ]);
    assert.equal(one.findings[0]?.id, two.findings[0]?.id);
    const twice = await run(
      input(),
      ports({ provider: model(answer(raw({}), raw({ title: 'Unrelated', message: 'Wholly different trouble.' }))) }),
    );
    assert.equal(new Set(twice.findings.map((finding) => finding.id)).size, 2);
  });

  it('shows engine findings only on what changed, when changes are reviewed', async () => {
    const builtin = { reads: () => true, review: () => Promise.resolve([raw({ rule: 'r', line: 1 }), raw({ rule: 'r', line: 3 })]) };
    const hunks = [
      {
        startLine: 2,
        endLine: 3,
        lines: [
          { kind: 'context' as const, line: 2, text: '' },
          { kind: 'added' as const, line: 3, text: '' },
        ],
      },
    ];
    const { findings, result } = await run(
      input({ scope: 'branch', units: [{ path: 'src/pay.js', text: SOURCE, hunks }] }),
      ports({ builtin }),
    );
    assert.deepEqual(
      findings.map((one) => one.startLine),
      [3],
    );
    assert.match(result?.notices.join() ?? '', /1 finding on lines that did not change/);
  });

  it('tells what the model says that it cost', async () => {
    const usage = { type: 'usage', inputTokens: 10, outputTokens: 5, cachedTokens: 0 } as const;
    const told = model('{"findings":[]}', { ...usage, cost: { amount: 0.25, currency: 'USD' } });
    assert.deepEqual((await run(input(), ports({ provider: told }))).result?.usage.cost, { amount: 0.25, currency: 'USD' });
    assert.equal((await run(input(), ports({ provider: model('{"findings":[]}', usage) }))).result?.usage.cost, undefined);
  });

  it('costs only the file when an engine breaks', async () => {
    const builtin = {
      reads: () => true,
      review: (path: string) =>
        path === 'a.js'
          ? Promise.reject(new HandrailError('internal', 'An engine stopped.'))
          : Promise.resolve([raw({ rule: 'r', line: 1 })]),
    };
    const units = ['a.js', 'b.js'].map((path) => ({ path, text: 'x\n' }));
    const { findings, result } = await run(input({ units }), ports({ builtin }));
    assert.equal(findings.length, 1);
    assert.deepEqual(result?.coverage[0], { file: 'a.js', status: 'skipped', reason: 'the built-in engine failed' });
  });

  it('turns a replacement into an edit of whole lines, indented like the file', async () => {
    const cases: [Partial<RawFinding>, string | undefined][] = [
      [{ replacement: '  if (amount === 0) return;' }, '  if (amount === 0) return;'],
      [{ quote: 'if (amount = 0) return;', replacement: 'if (amount === 0) return;' }, '  if (amount === 0) return;'],
      [{ quote: 'amount = 0', replacement: 'amount === 0' }, '  if (amount === 0) return;'],
      [{ quote: '+3   if (amount = 0) return;', replacement: '+3   if (amount === 0) return;' }, '  if (amount === 0) return;'],
      [{ replacement: '' }, ''],
      [{ replacement: '  if (amount = 0) return;' }, undefined],
      [{ replacement: "  use('[redacted:api-key]');" }, undefined],
      [{ quote: '  if (amount=0)return;', replacement: '  if (amount === 0) return;' }, undefined],
    ];
    for (const [extra, wanted] of cases) {
      const { findings } = await run(input(), ports({ provider: model(answer(raw(extra))) }));
      assert.equal(findings[0]?.fix?.edits[0]?.newText, wanted, JSON.stringify(extra));
      if (wanted !== undefined)
        assert.deepEqual(findings[0]?.fix?.edits[0], { file: 'src/pay.js', startLine: 3, endLine: 3, newText: wanted });
    }
  });

  it('finds the file a model means', async () => {
    const units = ['src/pay.js', 'src/other.js'].map((path) => ({ path, text: path === 'src/pay.js' ? SOURCE : 'other();\n' }));
    for (const file of ['src/pay.js', './src/pay.js', 'b/src/pay.js', 'pay.js', '/repo/src/pay.js', '', '../../etc/passwd']) {
      const { findings } = await run(input({ units }), ports({ provider: model(answer(raw({ file }))) }));
      assert.deepEqual([findings[0]?.file, findings[0]?.startLine], ['src/pay.js', 3], file);
    }
  });

  it('splits what is too long for the model into requests, and names what is left out', async () => {
    const long = Array.from({ length: 4000 }, (_, index) => `const value${index} = compute(${index}, 'some text to fill the line');`).join(
      '\n',
    );
    const provider = { ...model('[]'), contextTokens: 16_000 };
    const { result } = await run(input({ units: [{ path: 'long.js', text: long }] }), ports({ provider }));
    assert.ok((result?.usage.requests ?? 0) > 5);
    const seen = provider.asked.map((request) => request.user).join('\n');
    for (const line of [0, 1777, 3999]) assert.ok(seen.includes(`const value${line} = `));
    const huge = Array.from({ length: 12 }, (_, index) => ({ path: `f${index}.js`, text: long }));
    const limited = await run(input({ units: huge }), ports({ provider: { ...model('[]'), contextTokens: 16_000 } }));
    const coverage = limited.result?.coverage ?? [];
    assert.equal(limited.result?.usage.requests, 24);
    assert.ok(coverage.some((entry) => entry.status === 'skipped') && coverage.some((entry) => entry.status !== 'skipped'));
    for (const entry of coverage) if (entry.status !== 'full') assert.match(entry.reason ?? '', /limited to 24 requests/);
  });

  it('previews exactly what it would send', async () => {
    const provider = model('[]');
    const preview = await previewPipeline(input(), ports({ provider }), never);
    assert.equal(provider.asked.length, 0);
    await run(input(), ports({ provider }));
    assert.equal(preview.requests[0]?.text, `${provider.asked[0]?.system}\n\n${provider.asked[0]?.user}`);
    assert.deepEqual(preview.redactions, [{ file: 'src/pay.js', line: 2, kind: 'api-key' }]);
    assert.deepEqual((await previewPipeline(input(), ports(), never)).requests, []);
  });

  it('says so when there is nothing to read', async () => {
    const provider = model('[]');
    const { result } = await run(input({ units: [] }), ports({ provider }));
    assert.deepEqual(result?.notices, ['Nothing changed, so there was nothing to read.']);
    assert.equal(provider.asked.length, 0);
  });

  it('keeps the digest of a prompt the same whatever the marker', async () => {
    const digests = await Promise.all(
      ['A1', 'B2'].map(async (marker) => (await run(input(), ports({ provider: model('[]'), marker: () => marker }))).result?.promptDigest),
    );
    assert.equal(digests[0], digests[1]);
    const other = await run(input({ rules: 'Look at money.' }), ports({ provider: model('[]') }));
    assert.notEqual(other.result?.promptDigest, digests[0]);
    assert.equal(other.result?.modelId, model('[]').model);
  });

  it('places a finding about a new file in it', async () => {
    const unit = { path: 'src/pay.js', text: SOURCE, hunks: wholeFileHunk(SOURCE) };
    const { findings } = await run(input({ scope: 'branch', units: [unit] }), ports({ provider: model(answer(raw({ line: 1 }))) }));
    assert.deepEqual([findings[0]?.anchor.status, findings[0]?.startLine, findings[0]?.onUnchangedCode], ['moved', 3, undefined]);
  });
});
