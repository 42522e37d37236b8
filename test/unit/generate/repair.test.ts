import assert from 'node:assert/strict';
import type { GenerateEvent, GenerateResult } from '../../../src/core/ai/generate/generation.ts';
import { runGeneration, type GenerateInput } from '../../../src/core/ai/generate/pipeline.ts';
import type { ModelChunk, ModelRequest } from '../../../src/core/ai/provider.ts';
import { failureOf, HandrailError } from '../../../src/core/errors.ts';

const CODE = 'export function a() {\n  return 1;\n}\n\nexport function b() {\n  return 2;\n}\n\nexport const key = "sk-hidden";\n';

type Answer = string | readonly ModelChunk[] | Error;

interface Ran {
  result: GenerateResult;
  seen: ModelRequest[];
  events: GenerateEvent[];
}

async function generate(
  answers: readonly Answer[],
  more: Partial<GenerateInput> = {},
  contextTokens = 32_000,
  stop?: () => AbortSignal,
): Promise<Ran> {
  const seen: ModelRequest[] = [];
  const events: GenerateEvent[] = [];
  const result = await runGeneration(
    {
      instruction: 'Do it.',
      files: [{ path: 'src/a.ts', text: CODE, needed: true }],
      skipped: [],
      named: [],
      instructions: '',
      names: [],
      notices: [],
      ...more,
    },
    {
      secrets: {
        scan: (_path, text) =>
          Promise.resolve(
            [...text.matchAll(/sk-\w+/g)].map((match) => ({ start: match.index, end: match.index + match[0].length, kind: 'key' })),
          ),
      },
      marker: () => 'DATA-fence',
      provider: {
        name: 'writer',
        model: 'big-1',
        origin: 'https://models.example',
        contextTokens,
        async *stream(request) {
          const answer = answers[seen.length] ?? '';
          seen.push(request);
          await Promise.resolve();
          if (answer instanceof Error) throw answer;
          if (typeof answer !== 'string') yield* answer;
          else {
            yield { type: 'text', text: answer };
            yield { type: 'usage', inputTokens: 10, outputTokens: 5, cachedTokens: 0 };
            yield { type: 'end', reason: 'stop' };
          }
        },
      },
      targets: {
        exists: (path) => Promise.resolve(path === 'src/a.ts'),
        refused: (path) => Promise.resolve(path.startsWith('out/') ? 'It is ignored by git.' : undefined),
      },
    },
    { signal: stop?.() ?? new AbortController().signal, onEvent: (event) => events.push(event) },
  );
  return { result, seen, events };
}

function block(path: string, search: string, replacement: string): string {
  return `${path}\n<<<<<<< SEARCH\n${search}\n=======\n${replacement}\n>>>>>>> REPLACE\n`;
}

const after = ({ result }: Ran): string => result.changes[0]?.after ?? '';
const GOOD = block('src/a.ts', '  return 1;', '  return 10;');
const BAD = block('src/a.ts', 'export function b(x) {\n  return 2;', 'export function b() {\n  return 20;');

describe('Edits without a place', () => {
  it('takes a new file that the second answer repeats for the one that is there, and another text for it for a mistake', async () => {
    const made = 'src/new.ts\n<<<<<<< SEARCH\n=======\nexport const x = 1;\n>>>>>>> REPLACE\n';
    const lost = block('src/a.ts', 'nowhere to be found', 'x');
    const { result } = await generate([made + lost, made]);
    assert.deepEqual(
      result.unplaced.map(({ file }) => file),
      ['src/a.ts'],
    );
    assert.equal(result.changes[0]?.after, 'export const x = 1;\n');
    const other = await generate([made + made.replace('= 1', '= 2')]);
    assert.match(other.result.unplaced[0]?.because ?? '', /twice/);
  });

  it('are asked for once more, and placed beside those that had one', async () => {
    const ran = await generate([
      GOOD + BAD,
      block('src/a.ts', 'export function b() {\n  return 2;', 'export function b() {\n  return 20;'),
    ]);
    assert.equal(after(ran), CODE.replace('return 1;', 'return 10;').replace('return 2;', 'return 20;'));
    assert.deepEqual(ran.result.unplaced, []);
    assert.deepEqual(ran.result.repair, { asked: 1, placed: 1 });
    assert.deepEqual([ran.result.usage.requests, ran.result.usage.inputTokens, ran.result.usage.outputTokens], [2, 20, 10]);
    assert.ok(ran.result.notices.some((notice) => notice.includes('asked once more')));
    assert.ok(ran.events.some((event) => event.type === 'progress' && event.repairing === 1));
  });

  it('are named in the second request with the quote, the reason and the lines that are there, and without secrets', async () => {
    const { seen } = await generate([block('src/a.ts', '  return 7;\n}\n\nexport const key = "[redacted:key]";', '  return 8;')]);
    const second = seen[1]?.user ?? '';
    assert.match(second, /The lines that it replaces are not in the file\./u);
    assert.match(second, / {2}return 7;/u);
    assert.match(second, /lines 1 to 10 of 10\nexport function a/u);
    assert.match(second, /Do it\./u);
    assert.doesNotMatch(second, /sk-hidden/u);
  });

  it('are shown with the reason of the second answer, and not asked for a third time', async () => {
    const ran = await generate([GOOD + BAD, block('src/a.ts', '}', 'export function b() {\n  return 20;')]);
    assert.equal(ran.seen.length, 2);
    assert.equal(after(ran), CODE.replace('return 1;', 'return 10;'));
    assert.deepEqual(ran.result.unplaced, [
      {
        file: 'src/a.ts',
        search: '}',
        replacement: 'export function b() {\n  return 20;',
        because: 'The lines that it replaces are in the file several times.',
      },
    ]);
    assert.deepEqual(ran.result.repair, { asked: 1, placed: 0 });
  });

  it('stay listed when the second answer speaks of something else or nothing', async () => {
    for (const answer of ['I cannot.', '', block('src/a.ts', 'export function a() {', 'export function aa() {')]) {
      const { result } = await generate([BAD, answer]);
      assert.deepEqual(
        result.unplaced.map(({ search }) => search),
        ['export function b(x) {\n  return 2;'],
      );
    }
  });

  it('do not move what was placed before, nor overlap it', async () => {
    const ran = await generate([
      GOOD + BAD,
      block('src/a.ts', 'export function a() {\n  return 1;', 'export function b() {\n  return 20;'),
    ]);
    assert.equal(after(ran), CODE.replace('return 1;', 'return 10;'));
    assert.deepEqual(
      ran.result.unplaced.map(({ because }) => because),
      ['It overlaps an edit that stands before it.'],
    );
  });

  it('are not asked for when they were refused, or when all were placed', async () => {
    for (const answer of [
      GOOD,
      block('out/x.ts', 'a', 'b'),
      block('../x', 'a', 'b'),
      block('C:\\x.ts', 'a', 'b'),
      block('/etc/hosts', 'a', 'b'),
    ]) {
      const { seen, result } = await generate([answer, GOOD]);
      assert.equal(seen.length, 1, answer);
      assert.equal(result.repair, undefined);
    }
  });

  it('bring no way round a refusal in the second answer', async () => {
    const ran = await generate([GOOD + BAD, block('../x.ts', 'a', 'b') + block('out/x.ts', 'a', 'b')]);
    assert.deepEqual(
      ran.result.changes.map(({ file }) => file),
      ['src/a.ts'],
    );
    assert.equal(ran.result.unplaced.length, 3);
  });

  it('cost nothing of what was placed when the second request fails', async () => {
    const failures = [
      new HandrailError('over-budget', 'The budget of a day is spent.'),
      new HandrailError('unreachable', 'The server cannot be reached.'),
    ];
    for (const failure of failures) {
      const ran = await generate([GOOD + BAD, failure]);
      assert.equal(after(ran), CODE.replace('return 1;', 'return 10;'));
      assert.equal(ran.result.unplaced.length, 1);
      assert.ok(ran.result.notices.some((notice) => notice.includes(failure.message)));
      assert.equal(ran.result.usage.requests, 1);
    }
  });

  it('keep the complete edits of a second answer that was cut off', async () => {
    const mended = block('src/a.ts', '  return 2;', '  return 20;');
    const ran = await generate([
      GOOD + BAD,
      [
        { type: 'text', text: `${mended}src/a.ts\n<<<<<<< SEARCH\nexp` },
        { type: 'end', reason: 'length' },
      ],
    ]);
    assert.match(after(ran), /return 20;/u);
    assert.ok(ran.result.notices.some((notice) => notice.startsWith('The second answer was cut off')));
  });

  it('end with the generation when it is cancelled', async () => {
    const controller = new AbortController();
    const chunks: ModelChunk[] = [];
    const cancelling = Object.assign(chunks, {
      *[Symbol.iterator](): Generator<ModelChunk> {
        controller.abort();
        yield { type: 'text', text: GOOD };
      },
    });
    await assert.rejects(
      generate([GOOD + BAD, cancelling], {}, 32_000, () => controller.signal),
      (error) => failureOf(error)?.reason === 'cancelled',
    );
  });

  it('are not asked for where the request would not fit, and that is said', async () => {
    const search = `${'word '.repeat(8000)}\n  return 2;`;
    const ran = await generate([GOOD + block('src/a.ts', search, 'x')], {}, 12_000);
    assert.equal(ran.seen.length, 1);
    assert.ok(ran.result.notices.some((notice) => notice.includes('no room to ask')));
    assert.equal(ran.result.unplaced.length, 1);
  });
});
