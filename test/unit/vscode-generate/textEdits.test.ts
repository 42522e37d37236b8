import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PlacedEdit, ProposedChange } from '../../../src/core/ai/generate/generation.ts';
import { applyEdits } from '../../../src/core/ai/generate/lineEdits.ts';
import { editorText, textEditsOf } from '../../../src/vscode/generate/textEdits.ts';
import type { Place, TextEdit } from '../../../src/vscode/generate/textEdits.ts';

const placed = (startLine: number, endLine: number, newText: string): PlacedEdit => ({
  startLine,
  endLine,
  newText,
  anchor: { status: 'exact', confidence: 1 },
});
const changeOf = (before: string, edits: PlacedEdit[]): ProposedChange => ({
  file: 'a.ts',
  kind: 'edit',
  before,
  after: applyEdits(before, edits),
  edits,
});

/** As the editor makes the edits: all of them in the text as it was. */
function edited(text: string, edits: readonly TextEdit[]): string {
  const lines = text.split('\n');
  const offset = ({ line, character }: Place): number => lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
  let result = text;
  for (const { start, end, newText } of edits.toReversed()) result = result.slice(0, offset(start)) + newText + result.slice(offset(end));
  return result;
}

describe('textEditsOf', () => {
  it('replaces, inserts and deletes whole lines, and leaves the others alone', () => {
    const change = changeOf('one\ntwo\nthree\nfour\n', [placed(1, 1, 'ONE'), placed(3, 2, 'between'), placed(4, 4, '')]);
    const edits = textEditsOf(change);
    assert.deepEqual(edits, [
      { start: { line: 0, character: 0 }, end: { line: 0, character: 3 }, newText: 'ONE' },
      { start: { line: 2, character: 0 }, end: { line: 2, character: 0 }, newText: 'between\n' },
      { start: { line: 3, character: 0 }, end: { line: 4, character: 0 }, newText: '' },
    ]);
    assert.equal(edited('one\ntwo\nthree\nfour\n', edits), 'ONE\ntwo\nbetween\nthree\n');
  });

  it('works on the text as the editor holds it: without byte order mark, with one kind of line end', () => {
    const change: ProposedChange = {
      file: 'a.ts',
      kind: 'edit',
      before: '\ufeffone\r\ntwo\r\n',
      after: '\ufeffone\r\nTWO\r\n',
      edits: [placed(2, 2, 'TWO')],
    };
    assert.deepEqual(textEditsOf(change), [{ start: { line: 1, character: 0 }, end: { line: 1, character: 3 }, newText: 'TWO' }]);
  });

  it('makes what was shown, whatever the blocks say', () => {
    const change: ProposedChange = {
      file: 'a.ts',
      kind: 'edit',
      before: 'a\nb\nc\n',
      after: 'a\nB\nB2\nc\n',
      edits: [placed(1, 1, 'other')],
    };
    const edits = textEditsOf(change);
    assert.equal(edits.length, 1);
    assert.equal(edited('a\nb\nc\n', edits), 'a\nB\nB2\nc\n');
  });

  it('makes of any text and any blocks exactly what was shown', () => {
    const line = fc.constantFrom('', 'a', 'bb', '  c', '}');
    const text = fc
      .tuple(fc.array(line, { minLength: 1, maxLength: 8 }), fc.constantFrom('\n', '\r\n'))
      .map(([lines, end]) => lines.join(end));
    const property = fc.property(
      text,
      fc.array(fc.tuple(fc.nat(9), fc.nat(2), fc.array(line, { maxLength: 3 })), { maxLength: 3 }),
      (before, wishes) => {
        const count = before.split(/\r\n|\n/).length;
        const edits: PlacedEdit[] = [];
        let next = 1;
        for (const [skip, length, lines] of wishes) {
          const startLine = next + (skip % 3);
          const endLine = Math.min(startLine + length - 1, count);
          if (startLine > count || endLine < startLine - 1 || (endLine < startLine && lines.join('\n') === '')) continue;
          edits.push(placed(startLine, endLine, lines.join('\n')));
          next = Math.max(startLine, endLine) + 1;
        }
        const change = changeOf(before, edits);
        assert.equal(edited(editorText(before), textEditsOf(change)), editorText(change.after));
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });

  it('makes any other text too', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edits = textEditsOf({ file: 'a.ts', kind: 'edit', before, after, edits: [] });
        assert.equal(edited(before, edits), after);
      }),
      { numRuns: 2_000 },
    );
  });
});
