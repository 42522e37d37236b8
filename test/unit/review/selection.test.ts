import assert from 'node:assert/strict';
import type { Finding, RawFinding, ReviewResult } from '../../../src/core/ai/finding.ts';
import { pieceKey } from '../../../src/core/ai/review/cache.ts';
import { diffHunks } from '../../../src/core/ai/review/hunks.ts';
import { piecesOf } from '../../../src/core/ai/review/pieces.ts';
import { reviewPipeline, type ReviewPorts } from '../../../src/core/ai/review/pipeline.ts';
import { replacedBy } from '../../../src/core/ai/review/replaced.ts';
import { answerOf, modelThat, never, rawFinding, reviewInput, reviewPorts } from './support.ts';

const func = (name: string, lines: number): string =>
  [`function ${name}() {`, ...Array.from({ length: lines }, (_, at) => `  ${name}Step(${at}, 'some text to fill it');`), '}'].join('\n');
const TEXT = [func('alpha', 60), func('beta', 60), func('gamma', 60)].join('\n\n');
const lineOf = (part: string): number => TEXT.split('\n').findIndex((line) => line.includes(part)) + 1;
const SELECTION = { start: lineOf('betaStep(10,'), end: lineOf('betaStep(19,') };
const unit = { path: 'a.ts', text: TEXT, selection: SELECTION };

async function run(ports: Partial<ReviewPorts>): Promise<ReviewResult> {
  const review = reviewPipeline(reviewInput({ scope: 'selection', units: [unit] }), reviewPorts(ports), never);
  for (;;) {
    const step = await review.next();
    if (step.done) return step.value;
  }
}

describe('a selection', () => {
  it('is sent with the function around it, or the lines around it, or the whole of a small file', () => {
    const [piece, ...others] = piecesOf(unit, 1e6);
    assert.deepEqual(others, []);
    assert.equal(piece?.rows[0]?.text, 'function beta() {');
    assert.equal(piece?.rows.at(-1)?.text, '}');
    assert.deepEqual(piece?.focus, SELECTION);
    const huge = { path: 'a.ts', text: func('huge', 900), selection: { start: 400, end: 404 } };
    assert.deepEqual(
      piecesOf(huge, 1e6).map(({ rows }) => [rows[0]?.line, rows.at(-1)?.line]),
      [[380, 424]],
    );
    const small = { path: 'a.ts', text: func('small', 20), selection: { start: 4, end: 4 } };
    assert.deepEqual(
      piecesOf(small, 1e6).map(({ rows, focus }) => [rows.length, focus]),
      [[22, { start: 4, end: 4 }]],
    );
  });

  it('that is long is cut, and what holds none of it is not sent', () => {
    const text = func('huge', 900);
    const pieces = piecesOf({ path: 'a.ts', text, selection: { start: 100, end: 700 } }, 2000);
    assert.ok(pieces.length > 3);
    assert.deepEqual([pieces[0]?.focus?.start, pieces.at(-1)?.focus?.end], [100, 700]);
    for (const { focus, rows } of pieces) assert.ok(focus && rows.some(({ line }) => line === focus.start));
  });

  it('is remembered by what is selected, not by where it stands', () => {
    const context = { prompt: '', origin: '', model: '', variant: '', scope: 'selection', instructions: '', rules: '', scorer: '' };
    const key = (text: string, start: number, end: number): string => {
      const [piece] = piecesOf({ path: 'a.ts', text, selection: { start, end } }, 1e6);
      assert.ok(piece);
      return pieceKey(piece, context);
    };
    const { start, end } = SELECTION;
    assert.equal(key(`// above\n\n${TEXT}`, start + 2, end + 2), key(TEXT, start, end));
    assert.notEqual(key(TEXT, start + 1, end), key(TEXT, start, end));
  });

  it('is what the model is asked about, by its lines', async () => {
    const provider = modelThat(() => [answerOf()]);
    await run({ provider });
    assert.match(
      provider.asked[0]?.user ?? '',
      new RegExp(`Review lines ${SELECTION.start} to ${SELECTION.end} and report on nothing else`),
    );
  });

  it('has the findings about it; what a model says about other lines is marked, what engines say is counted', async () => {
    const about = (step: string): RawFinding =>
      rawFinding({ quote: TEXT.split('\n')[lineOf(step) - 1] ?? '', title: `About ${step}`, message: `Odd: ${step}` });
    const builtin = {
      reads: () => true,
      review: () => Promise.resolve([SELECTION.start, SELECTION.end + 1].map((line) => rawFinding({ rule: `r${line}`, line, quote: '' }))),
    };
    const provider = modelThat(() => [answerOf(about('betaStep(15,'), about('alphaStep(15,'))]);
    const { findings, notices } = await run({ provider, builtin });
    assert.deepEqual(
      findings.map(({ source, startLine, outsideSelection, onUnchangedCode }) => [source, startLine, outsideSelection, onUnchangedCode]),
      [
        ['model', lineOf('alphaStep(15,'), true, undefined],
        ['builtin', SELECTION.start, undefined, undefined],
        ['model', lineOf('betaStep(15,'), undefined, undefined],
      ],
    );
    assert.match(notices.join(), /left out 1 finding outside the selection/);
  });

  it('decides where equal lines stand', async () => {
    const text = ['a();', 'same();', 'b();', 'c();', 'd();', 'e();', 'f();', 'same();', 'g();'].join('\n');
    const provider = modelThat(() => [answerOf(rawFinding({ quote: 'same();', line: 1 }))]);
    const review = reviewPipeline(
      reviewInput({ scope: 'selection', units: [{ path: 'a.ts', text, selection: { start: 7, end: 9 } }] }),
      reviewPorts({ provider }),
      never,
    );
    for (;;) {
      const step = await review.next();
      if (!step.done) continue;
      assert.equal(step.value.findings[0]?.startLine, 8);
      break;
    }
  });
});

describe('a finished review takes the place of earlier findings', () => {
  const finding = (step: string, file = 'a.ts'): Finding => {
    const line = lineOf(step);
    return {
      id: step,
      file,
      startLine: line,
      endLine: line,
      severity: 'low',
      category: 'bug',
      title: 't',
      message: 'm',
      quote: TEXT.split('\n')[line - 1] ?? step,
      symbol: /(\w+)Step/u.exec(step)?.[1] ?? '',
      source: 'model',
      anchor: { status: 'exact', confidence: 1 },
    };
  };
  const [inside, outside, other] = [finding('betaStep(15,'), finding('alphaStep(15,'), finding('alphaStep(15,', 'b.ts')];
  const replaced = (...[input, isLimited]: Parameters<typeof replacedBy>): boolean[] =>
    [inside, outside, other].map(replacedBy(input, isLimited));
  const of = (scope: Parameters<typeof replacedBy>[0]['scope'], units = [{ path: 'a.ts', text: TEXT }]) => ({ scope, units, skipped: [] });

  it('of the branch: all; of a file: those of the file; of a selection: those in it', () => {
    assert.deepEqual(replaced(of('branch'), false), [true, true, true]);
    assert.deepEqual(replaced(of('branch'), true), [true, true, false]);
    assert.deepEqual(replaced(of('file'), true), [true, true, false]);
    assert.deepEqual(replaced(of('selection', [unit]), true), [true, false, false]);
    assert.deepEqual(replaced({ ...of('file', []), skipped: [{ file: 'b.ts', status: 'skipped' }] }, true), [false, false, true]);
  });

  it('of some changes: those on their lines, wherever they are by now, and those whose lines are gone', () => {
    const text = `// above\n\n${TEXT.replace('betaStep(12,', 'betaStep(120,')}`;
    const units = [{ path: 'a.ts', text, hunks: diffHunks(`// above\n\n${TEXT}`, text, 8) }];
    assert.deepEqual(replaced(of('staged', units), false), [true, false, false]);
    const without = TEXT.replace(/^.*alphaStep\(15,.*$/mu, '');
    assert.deepEqual(replaced(of('working', [{ path: 'a.ts', text: without, hunks: diffHunks(TEXT, without, 8) } as never]), false), [
      false,
      true,
      false,
    ]);
  });
});
