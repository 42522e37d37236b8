import assert from 'node:assert/strict';
import fc from 'fast-check';
import { packRequests, partsOf, pieceLimit } from '../../../src/core/ai/review/budget.ts';
import { diffHunks, wholeFileHunk } from '../../../src/core/ai/review/hunks.ts';
import { rowsText } from '../../../src/core/ai/review/frame.ts';
import { splitLines } from '../../../src/core/ai/review/lines.ts';
import { halve, piecesOf, rootOf, type Piece } from '../../../src/core/ai/review/pieces.ts';

/** A function of so many lines. */
const func = (name: string, lines: number): string =>
  [
    `/** About ${name}. */`,
    `function ${name}() {`,
    ...Array.from({ length: lines - 2 }, (_, at) => `  ${name}Step(${at}, 'some text to fill it');`),
    '}',
  ].join('\n');
const LARGE = 1e6;
const lineOf = (piece: Piece | undefined, which: 'first' | 'last'): number | undefined => {
  const numbers = (piece?.rows ?? []).flatMap(({ line }) => line ?? []);
  return which === 'first' ? numbers[0] : numbers.at(-1);
};

describe('pieces', () => {
  const file = [func('alpha', 30), '', func('beta', 60), '', func('gamma', 70), ''].join('\n');
  const changed = (from: string | RegExp, to: string, text = file): { text: string; hunks: ReturnType<typeof diffHunks> } => {
    const now = text.replace(from, to);
    assert.notEqual(now, text);
    return { text: now, hunks: diffHunks(text, now, 8) };
  };

  it('hold the whole of a small file, with what changed marked', () => {
    const { text, hunks } = changed('alphaStep(7,', 'alphaStep(70,', func('alpha', 40));
    const pieces = piecesOf({ path: 'a', text, hunks }, LARGE);
    assert.equal(pieces.length, 1);
    assert.equal(pieces[0]?.rows.filter(({ mark }) => mark !== '-').length, splitLines(text).length);
    assert.deepEqual(
      pieces[0]?.rows.filter(({ mark }) => mark !== ' ').map(({ mark }) => mark),
      ['-', '+'],
    );
  });

  it('hold a change with the function around it and its comment', () => {
    const { text, hunks } = changed('betaStep(30,', 'betaStep(31,');
    const [piece, ...others] = piecesOf({ path: 'a', text, hunks }, LARGE);
    assert.deepEqual(others, []);
    assert.equal(piece?.rows[0]?.text, '/** About beta. */');
    assert.equal(piece?.rows.at(-1)?.text, '}');
    assert.equal(piece?.symbol, '');
    assert.deepEqual([lineOf(piece, 'first'), lineOf(piece, 'last')], [33, 93]);
  });

  it('hold two changes of one function once, and those of two functions apart', () => {
    const { text: once, hunks: one } = changed(/betaStep\((5|40),/gu, 'betaStep(100,');
    assert.equal(one.length, 2);
    assert.equal(piecesOf({ path: 'a', text: once, hunks: one }, LARGE).length, 1);
    const { text, hunks } = changed(/(alphaStep\(12|gammaStep\(30),/gu, 'other(1,');
    assert.deepEqual(
      piecesOf({ path: 'a', text, hunks }, LARGE).map((piece) => piece.rows[1]?.text),
      ['function alpha() {', 'function gamma() {'],
    );
  });

  it('hold the lines around a change where its function is too long to go along', () => {
    const text = func('huge', 400);
    const { text: now, hunks } = changed('hugeStep(200,', 'other(201,', text);
    const [piece] = piecesOf({ path: 'a', text: now, hunks }, LARGE);
    assert.equal(piece?.rows.length, 8 + 2 + 8);
    assert.equal(piece?.symbol, 'huge');
  });

  it('stay the same when the change only moved within its file', () => {
    const { text, hunks } = changed('gammaStep(30,', 'gammaStep(31,');
    const before = file.split('\n');
    const moved = diffHunks(`// new\n\n${before.join('\n')}`, `// new\n\n${text}`, 8);
    const strip = (pieces: Piece[]) =>
      pieces.map(({ rows, symbol, path }) => ({ path, symbol, rows: rows.map(({ mark, text: line }) => mark + line) }));
    assert.deepEqual(
      strip(piecesOf({ path: 'a', text: `// new\n\n${text}`, hunks: moved }, LARGE)),
      strip(piecesOf({ path: 'a', text, hunks }, LARGE)),
    );
  });

  it('survive every edit: each changed line is sent once, as the file has it', () => {
    const line = fc.constantFrom('a();', 'function b() {', '  c();', '}', '', '  if (d) {', '    e();', '  }', 'class F {');
    const text = fc.array(line, { maxLength: 60 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, fc.integer({ min: 100, max: 700 }), (old, now, limit) => {
        const hunks = diffHunks(old, now, 3);
        const lines = splitLines(now);
        const rows = piecesOf({ path: 'a', text: now, hunks }, limit).flatMap((piece) => piece.rows);
        for (const row of rows) if (row.line !== undefined) assert.equal(row.text, lines[row.line - 1]);
        const numbers = rows.flatMap((row) => row.line ?? []);
        assert.equal(new Set(numbers).size, numbers.length);
        const marked = (mark: string): string[] => rows.filter((row) => row.mark === mark).map((row) => `${row.line ?? ''}${row.text}`);
        const wanted = (kind: string): string[] =>
          hunks.flatMap((hunk) => hunk.lines.filter((one) => one.kind === kind).map((one) => `${one.line ?? ''}${one.text}`));
        assert.deepEqual(marked('+'), wanted('added'));
        assert.deepEqual(marked('-'), wanted('removed'));
      }),
      { numRuns: 300 },
    );
  });

  it('that are halved remember what they were', () => {
    const [piece] = piecesOf({ path: 'a', text: func('alpha', 40) }, LARGE);
    assert.ok(piece);
    const quarters = (halve([piece]) ?? []).flatMap((half) => halve(half) ?? []).flat();
    assert.equal(quarters.length, 4);
    for (const quarter of quarters) assert.equal(rootOf(quarter), piece);
    assert.equal(quarters.map(rowsText).join('\n'), rowsText(piece));
  });
});

describe('budget', () => {
  it('sends every line once, in pieces that fit', () => {
    const sizes = fc.record({ lines: fc.integer({ min: 0, max: 300 }), limit: fc.integer({ min: 100, max: 3000 }) });
    fc.assert(
      fc.property(sizes, ({ lines, limit }) => {
        const text = Array.from(
          { length: lines },
          (_, index) => `${' '.repeat(index % 4)}line number ${index}${index % 9 === 0 ? '\n' : ''}`,
        ).join('\n');
        const budget = { tokensPerRequest: limit, maxRequests: 1000 };
        const { requests, shortened } = packRequests(partsOf([{ path: 'a', text }], pieceLimit(limit)), budget);
        assert.deepEqual(shortened, []);
        const sent = requests.flat().flatMap((piece) => piece.rows.map((row) => row.line));
        const wanted = splitLines(text).length - (text.endsWith('\n') || text === '' ? 1 : 0);
        assert.deepEqual(
          sent.toSorted((a, b) => (a ?? 0) - (b ?? 0)),
          Array.from({ length: wanted }, (_, index) => index + 1),
        );
        for (const request of requests) assert.ok(request.reduce((sum, piece) => sum + piece.tokens, 0) <= limit);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the limited room to the largest changes', () => {
    const small = { path: 'small', text: 'a\n', hunks: wholeFileHunk('a\n') };
    const large = { path: 'large', text: 'a\n'.repeat(200), hunks: wholeFileHunk('a\n'.repeat(200)) };
    const { requests, shortened } = packRequests(partsOf([small, large], LARGE), { tokensPerRequest: 650, maxRequests: 1 });
    assert.equal(requests[0]?.[0]?.path, 'large');
    assert.equal(shortened[0]?.status, 'skipped');
  });

  it('puts what is risky before other code, and tests and documents after it', () => {
    const unit = (path: string) => ({ path, text: 'a\n'.repeat(20), hunks: wholeFileHunk('a\n'.repeat(20)) });
    const order = partsOf(['test/cart.ts', 'src/cart.ts', 'docs/auth.md', 'src/auth/login.ts', 'src/cart.test.ts'].map(unit), LARGE);
    assert.deepEqual(
      order.map(({ path }) => path),
      ['src/auth/login.ts', 'src/cart.ts', 'test/cart.ts', 'docs/auth.md', 'src/cart.test.ts'],
    );
  });

  it('counts what is known from before as read', () => {
    const [parts] = partsOf([{ path: 'a', text: func('alpha', 300) }], 1000);
    assert.ok(parts && parts.pieces.length > 3);
    const { shortened } = packRequests([{ ...parts, known: 2 }], { tokensPerRequest: 1000, maxRequests: 1 });
    assert.match(shortened[0]?.reason ?? '', new RegExp(`^only 3 of ${parts.pieces.length + 2} parts read`));
  });

  it('keeps the pieces of a file in one request where they fit', () => {
    const file = (path: string, pieces: number) => ({ path, text: func(path, pieces * 50) });
    const parts = partsOf([file('a', 3), file('b', 2), file('c', 3), file('d', 1)], 900);
    const total = parts.flatMap(({ pieces }) => pieces).reduce((sum, { tokens }) => sum + tokens, 0);
    const { requests } = packRequests(parts, { tokensPerRequest: Math.ceil(total / 2), maxRequests: 9 });
    assert.ok(requests.length > 1);
    for (const path of ['a', 'b', 'c', 'd'])
      assert.equal(requests.filter((request) => request.some((piece) => piece.path === path)).length, 1, path);
  });

  it('gives each of several requests at once something to do, unless that made them small', () => {
    const parts = (count: number) =>
      partsOf(
        Array.from({ length: count }, (_, at) => ({ path: `f${at}`, text: func(`f${at}`, 150) })),
        LARGE,
      );
    const sizes = (count: number, concurrency: number): number[] =>
      packRequests(parts(count), { tokensPerRequest: 100_000, maxRequests: 24, concurrency }).requests.map(({ length }) => length);
    assert.deepEqual(sizes(4, 4).length, 1);
    const spread = sizes(40, 4);
    assert.equal(spread.length, 4);
    assert.ok(Math.max(...spread) <= 1.2 * Math.ceil(40 / 4), spread.join(' '));
    assert.equal(sizes(40, 1).length, 1);
  });

  it('has coarse steps for the length of a piece', () => {
    assert.equal(pieceLimit(2600), pieceLimit(2500));
    for (let room = 500; room < 200_000; room += 371) {
      const limit = pieceLimit(room);
      assert.ok(limit <= Math.min(room, 6000), String(room));
      assert.ok(limit * Math.floor(room / limit) >= room / 1.6, `${room} holds ${Math.floor(room / limit)} of ${limit}`);
    }
  });
});
