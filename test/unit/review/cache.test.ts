import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RawFinding, ReviewResult } from '../../../src/core/ai/finding.ts';
import {
  pieceKey,
  pieceOf,
  recalled,
  remembered,
  stillHolds,
  type RememberedAnswer,
  type ReviewCache,
} from '../../../src/core/ai/review/cache.ts';
import { diffHunks } from '../../../src/core/ai/review/hunks.ts';
import { parseInstructions } from '../../../src/core/ai/review/instructions.ts';
import { piecesOf, type Piece } from '../../../src/core/ai/review/pieces.ts';
import { previewPipeline, reviewPipeline, type ReviewInput, type ReviewPorts } from '../../../src/core/ai/review/pipeline.ts';
import { answerOf, modelThat, never, rawFinding, reviewInput, reviewPorts, type ScriptedModel } from './support.ts';

const CONTEXT = { prompt: 'p', origin: 'o', model: 'm', variant: 'v', scope: 'branch', instructions: 'i', rules: 'r', scorer: '' };

/** What the file-backed one does, in memory. */
function memory(): ReviewCache & { kept: Map<string, RememberedAnswer> } {
  const kept = new Map<string, RememberedAnswer>();
  return {
    kept,
    read: (keys) => Promise.resolve(new Map(keys.flatMap((key) => (kept.has(key) ? [[key, structuredClone(kept.get(key))]] : [])) as [])),
    write: (answers) => {
      for (const [key, answer] of answers) kept.set(key, structuredClone(answer));
      return Promise.resolve();
    },
  };
}

const func = (name: string, lines = 70): string =>
  [`function ${name}() {`, ...Array.from({ length: lines }, (_, at) => `  ${name}Step(${at}, 'some text to fill it');`), '}'].join('\n');
const OLD = ['alpha', 'beta', 'gamma'].map((name) => func(name)).join('\n\n');
/** Three functions, a line of each changed. */
const NOW = OLD.replaceAll('Step(30,', 'Step(31 - 1,');
const unit = (text: string, path = 'src/a.ts') => ({ path, text, hunks: diffHunks(OLD, text, 8) });

/** Complains about every changed line that it is shown. */
const complaining = (extra: Partial<ScriptedModel> = {}): ScriptedModel =>
  modelThat(({ user }) => {
    const rows = [...user.matchAll(/^ *(\d+)\+(.*(?:alpha|beta|gamma)Step.*)$/gmu)];
    const said = rows.map(([, line, quote = '']): RawFinding => {
      const name = /(\w+)Step/u.exec(quote)?.[1] ?? '';
      return rawFinding({ file: 'src/a.ts', line: Number(line), quote, title: `Odd ${name}`, message: `The step of ${name} is odd.` });
    });
    return [answerOf(...said)];
  }, extra);

async function run(input: Partial<ReviewInput>, ports: Partial<ReviewPorts>): Promise<ReviewResult> {
  const review = reviewPipeline(reviewInput({ scope: 'branch', ...input }), reviewPorts(ports), never);
  for (;;) {
    const step = await review.next();
    if (step.done) return step.value;
  }
}

describe('the key of a piece', () => {
  const piecesIn = (text: string): Piece[] => piecesOf(unit(text), 1e6);
  const keyOf = (piece: Piece | undefined, context: Partial<typeof CONTEXT> = {}): string => {
    assert.ok(piece);
    return pieceKey(piece, { ...CONTEXT, ...context });
  };

  it('is the same wherever in its file the piece stands, and whatever kind of change it belongs to', () => {
    const moved = piecesOf({ ...unit(`// above\n\n${NOW}`), hunks: diffHunks(`// above\n\n${OLD}`, `// above\n\n${NOW}`, 8) }, 1e6);
    assert.deepEqual(
      moved.map((piece) => keyOf(piece)),
      piecesIn(NOW).map((piece) => keyOf(piece, { scope: 'staged' })),
    );
  });

  it('is another for anything that decides the answer', () => {
    const [piece] = piecesIn(NOW);
    assert.ok(piece);
    const keys = [
      keyOf(piece),
      ...Object.keys(CONTEXT).map((name) => keyOf(piece, { [name]: name === 'scope' ? 'file' : 'other' })),
      keyOf({ ...piece, path: 'src/b.ts' }),
      keyOf({ ...piece, symbol: 'other' }),
      keyOf({ ...piece, rows: piece.rows.slice(1) }),
      keyOf({ ...piece, rows: piece.rows.map((row) => ({ ...row, mark: ' ' })) }),
    ];
    assert.equal(new Set(keys).size, keys.length);
  });

  it('does not hang on where one part of it ends and the next begins', () => {
    const text = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(text, text, text, text, (a, b, c, d) => {
        const piece: Piece = { path: 'p', symbol: '', tokens: 1, rows: [{ mark: ' ', line: 1, text: 'x' }] };
        const same = a === c && b === d;
        assert.equal(keyOf(piece, { rules: a, instructions: b }) === keyOf(piece, { rules: c, instructions: d }), same);
      }),
    );
  });
});

describe('what is remembered of a finding', () => {
  const piece = (start: number): Piece => ({
    path: 'src/a.ts',
    symbol: '',
    tokens: 1,
    rows: Array.from({ length: 5 }, (_, at) => ({ mark: ' ' as const, line: start + at, text: `${at}` })),
  });

  it('moves with its piece', () => {
    const keep = (raw: RawFinding, start: number, file = 'src/a.ts') => remembered({ raw, file }, piece(start));
    const raw = rawFinding({ file: './a.ts', line: 12, endLine: 13, quote: 'q', replacement: '' });
    assert.deepEqual(recalled(keep(raw, 10), piece(10)), { ...raw, file: 'src/a.ts' });
    assert.deepEqual(recalled(keep(raw, 10), piece(40)), { ...raw, file: 'src/a.ts', line: 42, endLine: 43 });
    assert.equal(recalled(keep(rawFinding({ line: 2 }), 10), piece(3)).line, 1, 'no line is before the first');
    assert.equal(recalled(keep(rawFinding(), 10), piece(3)).line, undefined);
    const other = recalled(keep(rawFinding({ line: 2 }), 10, 'src/b.ts'), piece(10));
    assert.deepEqual([other.file, other.line], ['src/b.ts', undefined], 'about a file that is not of this piece');
  });

  it('belongs to the piece around its line, else to the nearest', () => {
    const [one, two] = [piece(10), piece(30)];
    for (const [line, wanted] of [
      [12, one],
      [34, two],
      [19, one],
      [24, two],
      [900, two],
      [undefined, one],
    ] as const)
      assert.equal(pieceOf(line, [one, two]), wanted, String(line));
    assert.equal(pieceOf(3, []), undefined);
  });
});

describe('a review after a review', () => {
  it('asks nothing where nothing changed, finds the same, and says so in receipt and digests', async () => {
    const cache = { answers: memory() };
    const provider = complaining();
    const first = await run({ units: [unit(NOW)] }, { provider, cache });
    const again = await run({ units: [unit(NOW)] }, { provider, cache });
    assert.equal(provider.asked.length, 1);
    assert.equal(first.findings.length, 3);
    assert.deepEqual(again.findings, first.findings);
    assert.deepEqual([first.usage.cacheHits, again.usage.cacheHits, again.usage.requests, again.usage.inputTokens], [0, 3, 0, 0]);
    assert.deepEqual(again.coverage, [{ file: 'src/a.ts', status: 'full' }]);
    assert.deepEqual([again.promptDigest, again.cacheKey], [first.promptDigest, first.cacheKey]);
    assert.match(again.cacheKey ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.match(again.notices.join(), /Nothing changed since the model read it/);
    assert.equal(again.answeredBy, undefined);
  });

  it('asks nothing where things only moved, and finds them where they are now', async () => {
    const cache = { answers: memory() };
    const provider = complaining();
    const first = await run({ units: [unit(NOW)] }, { provider, cache });
    const above = '// one\n// two\n\n';
    const moved = { path: 'src/a.ts', text: above + NOW, hunks: diffHunks(above + OLD, above + NOW, 8) };
    const again = await run({ units: [moved] }, { provider, cache });
    assert.equal(provider.asked.length, 1);
    assert.deepEqual(
      again.findings.map(({ id, startLine, anchor }) => [id, startLine, anchor.status]),
      first.findings.map(({ id, startLine, anchor }) => [id, (startLine ?? 0) + 3, anchor.status]),
    );
  });

  it('asks about the changed part alone', async () => {
    const cache = { answers: memory() };
    const provider = complaining();
    const first = await run({ units: [unit(NOW)] }, { provider, cache });
    const edited = NOW.replace('betaStep(40,', 'betaStep(41,');
    const again = await run({ units: [unit(edited)] }, { provider, cache });
    assert.equal(provider.asked.length, 2);
    const user = provider.asked[1]?.user ?? '';
    assert.ok(user.includes('betaStep(41,') && !user.includes('alphaStep') && !user.includes('gammaStep'));
    assert.equal(again.usage.cacheHits, 2);
    assert.equal(again.findings.length, 4);
    assert.notEqual(again.cacheKey, first.cacheKey);
    assert.match(again.notices.join(), /2 of 3 parts did not change/);
  });

  it('asks everything when told to, and remembers what comes', async () => {
    const cache = { answers: memory() };
    const provider = complaining();
    await run({ units: [unit(NOW)] }, { provider, cache });
    await run({ units: [unit(NOW)] }, { provider, cache: { ...cache, fresh: true } });
    assert.equal(provider.asked.length, 2);
    const quiet = modelThat(() => [answerOf()]);
    await run({ units: [unit(NOW)] }, { provider: quiet, cache: { ...cache, fresh: true } });
    assert.deepEqual((await run({ units: [unit(NOW)] }, { provider: quiet, cache })).findings, []);
  });

  it('asks another model, with other parameters, conventions or rules, anew', async () => {
    const cache = { answers: memory() };
    const instructions = (applyTo: string) =>
      parseInstructions([{ path: '.github/instructions/x.instructions.md', text: `---\napplyTo: "${applyTo}"\n---\nMind the gap.` }]);
    const asked = async (input: Partial<ReviewInput>, extra: Partial<ScriptedModel> = {}, variant = ''): Promise<number> => {
      const provider = complaining(extra);
      await run({ units: [unit(NOW)], ...input }, { provider, cache: { ...cache, variant } });
      return provider.asked.length;
    };
    assert.equal(await asked({}), 1);
    assert.equal(await asked({}, { name: 'under another name' }), 0);
    assert.equal(await asked({}, { model: 'other' }), 1);
    assert.equal(await asked({}, { origin: 'https://elsewhere.example' }), 1);
    assert.equal(await asked({}, {}, '{"temperature":0}'), 1);
    assert.equal(await asked({ rules: 'Look at money.' }), 1);
    assert.equal(await asked({ instructionFiles: instructions('**/*.py') }), 0, 'conventions for other files');
    assert.equal(await asked({ instructionFiles: instructions('**/*.ts') }), 1);
  });

  it('is not disturbed by what is dismissed or known meanwhile, and brings back what is not any more', async () => {
    const cache = { answers: memory() };
    const provider = complaining();
    const first = await run({ units: [unit(NOW)] }, { provider, cache });
    const [one] = first.findings;
    assert.ok(one);
    const dismissal = {
      fingerprint: 'f'.repeat(32),
      file: one.file,
      rule: one.category,
      symbol: one.symbol ?? '',
      quote: one.quote,
      reason: 'fine',
    };
    const known = [{ file: 'src/a.ts', line: first.findings[1]?.startLine ?? 0, message: 'The step of beta is odd.' }];
    const filtered = await run({ units: [unit(NOW)], dismissals: [dismissal], known }, { provider, cache });
    assert.deepEqual([filtered.findings.length, filtered.dismissed[0]?.id], [1, one.id]);
    assert.equal((await run({ units: [unit(NOW)] }, { provider, cache })).findings.length, 3);
    assert.equal(provider.asked.length, 1);
  });

  it('asks again when the model kept quiet about what is dismissed no longer', async () => {
    const cache = { answers: memory() };
    const provider = complaining();
    const dismissal = { fingerprint: 'f'.repeat(32), file: 'src/a.ts', title: 'Odd alpha', reason: 'fine' };
    await run({ units: [unit(NOW)], dismissals: [dismissal] }, { provider, cache });
    await run({ units: [unit(NOW)], dismissals: [dismissal, { ...dismissal, fingerprint: 'e'.repeat(32) }] }, { provider, cache });
    assert.equal(provider.asked.length, 1, 'one more dismissal takes nothing back');
    await run({ units: [unit(NOW)], dismissals: [{ ...dismissal, expires: '1969-12-01' }] }, { provider, cache });
    assert.equal(provider.asked.length, 2);
  });

  it('does not hold once what it quoted of another file has changed there', () => {
    const quote = '  store.save(card);';
    const answer = { prompts: [], told: [], findings: [{ ...rawFinding({ quote }), file: 'src/other.ts' }] };
    const holds = (text: string | undefined): boolean => stillHolds(answer, new Set(), (path) => (path === 'src/other.ts' ? text : ''));
    assert.equal(holds(`function pay() {\n${quote}\n}\n`), true);
    assert.equal(holds(`// moved\n\nfunction pay() {\n${quote}\n}\n`), true);
    // The quote is a part of this line, which is another one all the same: it is mended.
    assert.equal(holds('function pay() {\n  await store.save(card);\n}\n'), false);
    assert.equal(holds(undefined), true, 'a file that is not under review is not shown either');
  });

  it('remembers whole answers of the chosen model only', async () => {
    const whole = answerOf(rawFinding({ file: 'src/a.ts', quote: NOW.split('\n')[31] ?? '', title: 'One', message: 'One.' }));
    const other = { type: 'answering' as const, name: 'local', model: 'qwen', origin: 'http://127.0.0.1' };
    const cases: Record<string, Parameters<typeof modelThat>[0]> = {
      'cut off': () => [whole.slice(0, -2)],
      'ended by the limit': () => [whole, { type: 'end', reason: 'length' }],
      'withheld in part': () => [whole, { type: 'end', reason: 'filtered' }],
      'damaged in one finding': () => [`{"title":"x","quote":"cut here\n${JSON.stringify(rawFinding({ quote: 'x' }))}`],
      'mended at its end': () => [`[{'title': 'One', 'message': 'One.', 'quote': 'x'}]`],
      'a fallback': () => [other, whole],
    };
    for (const [name, says] of Object.entries(cases)) {
      const answers = memory();
      const provider = modelThat(says);
      // A closing chunk of the script itself must be the last word.
      const stream: ScriptedModel['stream'] = async function* (request, signal) {
        let ended = false;
        for await (const chunk of provider.stream(request, signal)) {
          if (!ended) yield chunk;
          ended ||= chunk.type === 'end';
        }
      };
      await run({ units: [unit(NOW)] }, { provider: { ...provider, stream }, cache: { answers } });
      assert.equal(answers.kept.size, 0, name);
    }
    const answers = memory();
    await run({ units: [unit(NOW)] }, { provider: modelThat(() => [whole]), cache: { answers } });
    assert.equal(answers.kept.size, 3);
  });

  it('remembers a part that had to be halved for the model', async () => {
    const cache = { answers: memory() };
    const long = Array.from({ length: 200 }, (_, at) => `const alphaStep${at} = ${at};`).join('\n');
    // Some lines cost far more than the sample lets expect.
    const provider = modelThat(() => [answerOf()], {
      contextTokens: 16_000,
      countTokens: (text) => Promise.resolve(Math.ceil(text.length / 4) + 90 * (text.match(/alphaStep1\d\d/gu)?.length ?? 0)),
    });
    const units = [{ path: 'src/a.ts', text: long }];
    await run({ scope: 'file', units }, { provider, cache });
    assert.ok(provider.asked.length > 1);
    const asked = provider.asked.length;
    const again = await run({ scope: 'file', units }, { provider, cache });
    assert.equal(provider.asked.length, asked);
    assert.equal(again.usage.requests, 0);
  });

  it('holds no secret', async () => {
    const answers = memory();
    const secrets: ReviewPorts['secrets'] = {
      scan: (_path, text) =>
        Promise.resolve([...text.matchAll(/S3CRET/gu)].map(({ index }) => ({ start: index, end: index + 6, kind: 'key' }))),
    };
    const text = NOW.replace('betaStep(31 - 1,', "betaStep('S3CRET',");
    const { findings } = await run({ units: [unit(text)] }, { provider: complaining(), secrets, cache: { answers } });
    assert.ok(findings.some(({ quote }) => quote.includes('[redacted:key]')));
    const kept = JSON.stringify([...answers.kept]);
    assert.ok(kept.includes('[redacted:key]') && !kept.includes('S3CRET'));
  });

  it('finds after any edits what a review from scratch finds', async () => {
    const word = (seed: number): string => `w${(seed * 2654435761).toString(36).slice(-7)}`;
    // Every line is a line of its own, and those with an even number are complained about, each in its own words.
    const line = (number: number): string =>
      number % 9 === 0
        ? `function f${number}() {`
        : number % 9 === 8
          ? '}'
          : `  call${number}(${number}, 'some text to fill the line, for the file to be more than one piece');`;
    const provider = (): ScriptedModel =>
      modelThat(({ user }) => {
        const rows = [...user.matchAll(/^ *(\d+)[ +](.*call(\d+)\(.*)$/gmu)].filter(([, , , number]) => Number(number) % 2 === 0);
        return [
          answerOf(
            ...rows.map(([, at, quote = '', number]) =>
              rawFinding({ file: 'src/a.ts', line: Number(at), quote, title: word(Number(number)), message: word(Number(number) + 0.5) }),
            ),
          ),
        ];
      });
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 5, maxLength: 120 });
    const edits = fc.array(
      fc.record({ at: fc.nat(120), remove: fc.nat(12), insert: fc.array(fc.integer({ min: 500, max: 900 }), { maxLength: 6 }) }),
      {
        maxLength: 4,
      },
    );
    await fc.assert(
      fc.asyncProperty(numbers, fc.array(edits, { minLength: 1, maxLength: 4 }), fc.boolean(), async (base, rounds, isChange) => {
        const cache = { answers: memory() };
        let now = base;
        for (const round of rounds) {
          for (const { at, remove, insert } of round) now = [...new Set(now.toSpliced(at, remove, ...insert))];
          const [old, text] = [base, now].map((all) => all.map(line).join('\n'));
          const one = { path: 'src/a.ts', text: text ?? '', ...(isChange ? { hunks: diffHunks(old ?? '', text ?? '', 8) } : {}) };
          const input = { scope: isChange ? ('branch' as const) : ('file' as const), units: [one] };
          const facts = ({ findings }: ReviewResult) => findings.map(({ id, startLine, title }) => [id, startLine, title]);
          const incremental = await run(input, { provider: provider(), cache });
          assert.deepEqual(facts(incremental), facts(await run(input, { provider: provider() })));
          assert.equal((await run(input, { provider: provider(), cache })).usage.requests, 0);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('shows in the preview only what would be sent', async () => {
    const cache = { answers: memory() };
    const provider = complaining();
    await run({ units: [unit(NOW)] }, { provider, cache });
    const edited = unit(NOW.replace('betaStep(40,', 'betaStep(41,'));
    const preview = async (extra: Partial<NonNullable<ReviewPorts['cache']>> = {}) =>
      previewPipeline(reviewInput({ scope: 'branch', units: [edited] }), reviewPorts({ provider, cache: { ...cache, ...extra } }), never);
    const { remembered: known, requests } = await preview();
    assert.deepEqual(known, { parts: 2, files: ['src/a.ts'] });
    assert.equal(requests.length, 1);
    assert.ok(!requests[0]?.text.includes('gammaStep'));
    assert.deepEqual((await preview({ fresh: true })).remembered, { parts: 0, files: [] });
    assert.equal(provider.asked.length, 1);
  });
});
