import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ProposedChange } from '../../../src/core/ai/generate/generation.ts';
import { hunkAt, hunksOf, linesIn, partOf, textWith } from '../../../src/core/ai/generate/hunks.ts';

const change = (before: string, after: string): ProposedChange => ({ file: 'a.ts', kind: 'edit', before, after, edits: [] });
const only =
  (...indices: number[]) =>
  (index: number): boolean =>
    indices.includes(index);
const ALL = (): boolean => true;
const NONE = (): boolean => false;

const BEFORE = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n';
const AFTER = 'ONE\ntwo\nthree\nfour\n  // here\nfive\nsix\n';

describe('the parts of a change', () => {
  it('tell where they are, how many lines come and go, and what they say', () => {
    const hunks = hunksOf(change(BEFORE, AFTER));
    assert.deepEqual(
      hunks.map(({ oldStart, oldLines, newStart, newLines, gist }) => [oldStart, oldLines, newStart, newLines, gist]),
      [
        [1, 1, 1, 1, 'ONE'],
        [5, 0, 5, 1, '// here'],
        [7, 1, 8, 0, 'seven'],
      ],
    );
    assert.deepEqual(
      hunks.map(({ added, removed }) => [added, removed]),
      [
        [1, 1],
        [1, 0],
        [0, 1],
      ],
    );
  });

  it('are one where hardly a line is between them', () => {
    const hunks = hunksOf(change('a\nb\nc\nd\n', 'A\nb\nC\nd\n'));
    assert.deepEqual(
      hunks.map(({ oldStart, oldLines, added, removed }) => [oldStart, oldLines, added, removed]),
      [[1, 3, 2, 2]],
    );
  });

  it('are the whole of a new file', () => {
    const created: ProposedChange = { file: 'b.ts', kind: 'create', before: '', after: 'a\n\nb\n', edits: [] };
    const hunks = hunksOf(created);
    assert.equal(hunks.length, 1);
    assert.equal(hunks[0]?.added, 3);
    assert.equal(partOf(created, hunks, ALL), created);
    assert.equal(partOf(created, hunks, NONE), undefined);
  });

  const cases: [string, string, string, number[], string][] = [
    ['the first', BEFORE, AFTER, [0], 'ONE\ntwo\nthree\nfour\nfive\nsix\nseven\n'],
    ['the last two', BEFORE, AFTER, [1, 2], 'one\ntwo\nthree\nfour\n  // here\nfive\nsix\n'],
    ['\\r\\n stays', 'a\r\nb\r\nc\r\nd\r\n', 'A\r\nb\r\nc\r\nD\r\n', [1], 'a\r\nb\r\nc\r\nD\r\n'],
    ['a byte order mark stays', '\ufeffa\nb\nc\nd\n', '\ufeffA\nb\nc\nD\n', [1], '\ufeffa\nb\nc\nD\n'],
    ['no last line end stays', 'a\nb\nc\nd', 'A\nb\nc\nd\ne', [0], 'A\nb\nc\nd'],
    ['a last line end comes', 'a\nb\nc\nd', 'A\nb\nc\nd\n', [1], 'a\nb\nc\nd\n'],
    ['a text that was empty', '', 'a\n', [0], 'a\n'],
    ['a text that is emptied', 'a\n', '', [0], ''],
  ];
  for (const [name, before, after, taken, expected] of cases) {
    it(`are made one by one: ${name}`, () => {
      const hunks = hunksOf(change(before, after));
      assert.equal(textWith(change(before, after), hunks, only(...taken)), expected);
      assert.equal(partOf(change(before, after), hunks, only(...taken))?.after, expected);
    });
  }

  it('are found by a line of the text in which some are made', () => {
    const hunks = hunksOf(change(BEFORE, AFTER));
    assert.equal(hunkAt(hunks, ALL, 1), 0);
    assert.equal(hunkAt(hunks, ALL, 3), undefined);
    assert.equal(hunkAt(hunks, ALL, 5), 1);
    // Left out, the insertion is the gap between lines 4 and 5.
    assert.equal(hunkAt(hunks, only(0), 5), 1);
    assert.deepEqual(linesIn(hunks, only(0, 2), 2), { first: 7, last: 6 });
    assert.equal(hunkAt(hunks, only(0, 2), 6), 2);
  });

  it('are one where two long texts have nothing in common, and that soon', () => {
    const text = (word: string): string => Array.from({ length: 8000 }, (_, index) => `${word} ${index}\n`).join('');
    const rewritten = change(`first\n${text('a')}last\n`, `first\n${text('b')}last\n`);
    const hunks = hunksOf(rewritten);
    assert.deepEqual(
      hunks.map(({ oldStart, oldLines, newLines }) => [oldStart, oldLines, newLines]),
      [[2, 8000, 8000]],
    );
    assert.equal(textWith(rewritten, hunks, ALL), rewritten.after);
  });

  const line = fc.tuple(fc.constantFrom('', 'a', 'b', 'c', '  d', '}'), fc.constantFrom('\n', '\n', '\r\n', '\r'));
  const text = fc
    .tuple(fc.array(line, { maxLength: 14 }), fc.constantFrom('', 'x', 'a'), fc.constantFrom('', '\ufeff'))
    .map(([lines, last, mark]) => mark + lines.map((parts) => parts.join('')).join('') + last);

  it('make the whole change together, and nothing without any, byte for byte', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const hunks = hunksOf(change(before, after));
        assert.equal(textWith(change(before, after), hunks, ALL), after);
        assert.equal(textWith(change(before, after), hunks, NONE), before);
      }),
      { numRuns: 3_000 },
    );
  });

  it('are made one after the other with the same result as together, in any order', () => {
    const plain = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 14 }).map((lines) => lines.map((one) => `${one}\n`).join(''));
    fc.assert(
      fc.property(plain, plain, fc.nat(), (before, after, bits) => {
        const whole = change(before, after);
        const hunks = hunksOf(whole);
        const taken = new Set([...hunks.keys()].filter((index) => (bits >> index) & 1));
        const isTaken = (index: number): boolean => taken.has(index);
        const some = textWith(whole, hunks, isTaken);
        // Each part stands where it is said to: its own lines when it is taken, the old ones when it is not.
        const lines = some.split('\n').slice(0, -1);
        for (const [index, hunk] of hunks.entries()) {
          const { first, last } = linesIn(hunks, isTaken, index);
          const source = taken.has(index)
            ? after.split('\n').slice(hunk.newStart - 1, hunk.newStart - 1 + hunk.newLines)
            : before.split('\n').slice(hunk.oldStart - 1, hunk.oldStart - 1 + hunk.oldLines);
          assert.deepEqual(lines.slice(first - 1, last), source);
        }
        // Nothing outside of them is touched.
        const inside = new Set(hunks.flatMap(({ oldStart, oldLines }) => Array.from({ length: oldLines }, (_, at) => oldStart + at)));
        const kept = before.split('\n').filter((_, at) => !inside.has(at + 1));
        const places = hunks.flatMap((_, index) => {
          const { first, last } = linesIn(hunks, isTaken, index);
          return Array.from({ length: last - first + 1 }, (__, at) => first + at);
        });
        assert.deepEqual(
          some.split('\n').filter((_, at) => !places.includes(at + 1)),
          kept,
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
