import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyEdits, lineEndOf } from '../../../src/core/ai/generate/lineEdits.ts';
import { splitLines } from '../../../src/core/ai/review/lines.ts';

const at = (startLine: number, endLine: number, newText: string): { startLine: number; endLine: number; newText: string } => ({
  startLine,
  endLine,
  newText,
});

describe('edits of lines', () => {
  const cases: [string, string, { startLine: number; endLine: number; newText: string }[], string][] = [
    ['replace', 'a\nb\nc\n', [at(2, 2, 'x\ny')], 'a\nx\ny\nc\n'],
    ['insert before', 'a\nb\n', [at(1, 0, 'x')], 'x\na\nb\n'],
    ['insert after the last line', 'a\nb\n', [at(3, 2, 'x')], 'a\nb\nx\n'],
    ['insert after a last line without end', 'a\nb', [at(3, 2, 'x')], 'a\nb\nx'],
    ['delete', 'a\nb\nc\n', [at(2, 2, '')], 'a\nc\n'],
    ['delete a last line without end', 'a\nb', [at(2, 2, '')], 'a'],
    ['delete everything', 'a\nb', [at(1, 2, '')], ''],
    ['replace a last line without end', 'a\nb', [at(2, 2, 'x\ny')], 'a\nx\ny'],
    ['keep \\r\\n', 'a\r\nb\r\n', [at(2, 2, 'x\ny')], 'a\r\nx\r\ny\r\n'],
    ['keep mixed ends where nothing is edited', 'a\r\nb\nc\rd\r\n', [at(2, 2, 'x')], 'a\r\nx\nc\rd\r\n'],
    ['several, in any order', 'a\nb\nc\nd\n', [at(4, 4, 'D'), at(1, 1, 'A\nA'), at(3, 2, 'between')], 'A\nA\nb\nbetween\nc\nD\n'],
    ['insertions at one place keep their order', 'a\n', [at(2, 1, 'x'), at(2, 1, 'y')], 'a\nx\ny\n'],
    ['fill an empty text', '', [at(1, 1, 'x')], 'x'],
  ];
  for (const [name, before, edits, after] of cases) {
    it(name, () => {
      assert.equal(applyEdits(before, edits), after);
    });
  }

  it('tell the line end that most lines have', () => {
    assert.equal(lineEndOf('a\r\nb\r\nc\n'), '\r\n');
    assert.equal(lineEndOf('a'), '\n');
  });

  it('may bring more lines than a call takes arguments', () => {
    const newText = 'x\n'.repeat(300_000);
    assert.equal(applyEdits('a\nb\nc', [{ startLine: 2, endLine: 2, newText }]), `a\n${newText}\nc`);
  });

  it('touch no line outside of them, whatever the ends of lines', () => {
    const line = fc.stringMatching(/^[ab{} ]{0,4}$/);
    const text = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { minLength: 1, maxLength: 12 }).chain((lines) =>
      fc.boolean().map((cut) => {
        const whole = lines.map(([words, end]) => words + end).join('');
        return cut ? whole.slice(0, -(lines.at(-1)?.[1].length ?? 0)) : whole;
      }),
    );
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: -1, max: 4 }),
        fc.array(line, { minLength: 1, maxLength: 3 }),
        (before, from, more, fresh) => {
          const lines = splitLines(before);
          // A lone \r before a \n is one end, so a text may have fewer lines than were made.
          const startLine = Math.min(from, lines.length);
          const endLine = Math.min(startLine + more, lines.length);
          const after = applyEdits(before, [at(startLine, endLine, fresh.join('\n'))]);
          const expected = [...lines.slice(0, startLine - 1), ...(fresh.join('\n') === '' ? [] : fresh), ...lines.slice(endLine)];
          assert.deepEqual(splitLines(after), expected.length === 0 ? [''] : expected);
          // The ends of the lines before it are what they were.
          const ends = (value: string): string[] => value.match(/\r\n|\n|\r/g) ?? [];
          assert.deepEqual(ends(after).slice(0, Math.max(0, startLine - 2)), ends(before).slice(0, Math.max(0, startLine - 2)));
        },
      ),
    );
  });
});
