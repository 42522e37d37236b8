import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyTextEdit } from '../../../src/node/ai/builtin/biomeTextEdit.ts';
import { createLineFinder, splitLines, toRawFinding, type Diagnostic } from '../../../src/node/ai/builtin/diagnostic.ts';
import { mask } from '../../../src/node/ai/builtin/secretFindings.ts';

const DIAGNOSTIC: Diagnostic = { rule: 'x/y', startLine: 1, endLine: 1, severity: 'low', category: 'bug', title: 'T.', message: 'M.' };
const text = fc.array(fc.constantFrom('a', 'bb', '', '  c', 'é😀'), { minLength: 1, maxLength: 8 }).map((lines) => lines.join('\n'));

/** As the editor would apply the finding's fix. */
function applied(before: string, finding: ReturnType<typeof toRawFinding>): string {
  const lines = before.split('\n');
  const { line = 0, endLine = 0, replacement = assert.fail('it has no fix') } = finding;
  lines.splice(line - 1, endLine - line + 1, ...(replacement === '' ? [] : replacement.split('\n')));
  return lines.join('\n');
}

describe('diagnostics of engines', function () {
  this.timeout(20_000);
  it('turn any fix into an edit of whole lines that gives the same text', () => {
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 9 }), (before, fixed, line) => {
        const finding = toRawFinding('a', splitLines(before), { ...DIAGNOSTIC, startLine: line, endLine: line + 1, fixed });
        fc.pre(finding.replacement !== undefined);
        const after = applied(before, finding);
        // An empty text for the new lines deletes them; a line that became empty goes with them.
        const squeezed = (value: string) => value.split('\n').filter((one) => one !== '');
        assert.deepEqual(squeezed(after), squeezed(fixed));
      }),
      { numRuns: 500 },
    );
  });

  it('quote the one to three lines they name', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: -1, max: 12 }), fc.integer({ min: -1, max: 12 }), (source, startLine, endLine) => {
        const { line = 0, endLine: end = 0, quote } = toRawFinding('a', splitLines(source), { ...DIAGNOSTIC, startLine, endLine });
        assert.ok(line >= 1 && end >= line && end <= line + 2 && end <= source.split('\n').length);
        assert.equal(
          quote,
          source
            .split('\n')
            .slice(line - 1, end)
            .join('\n'),
        );
      }),
    );
  });

  it('count lines by bytes as engines do', () => {
    const lineOf = createLineFinder('é😀\nab\n\nc');
    assert.deepEqual([0, 5, 6, 7, 8, 9, 10, 11, 99].map(lineOf), [1, 1, 1, 2, 2, 2, 3, 4, 4]);
  });

  it('apply the engine’s compressed edits, and refuse one that does not fit', () => {
    const dictionary = 'é = 1;';
    const range = (from: number, to: number): [number, number] => [from, to];
    const ops = [
      { equalLines: { line_count: 0 } },
      { diffOp: { delete: { range: range(0, 2) } } },
      { diffOp: { insert: { range: range(3, 4) } } },
      { diffOp: { equal: { range: range(2, 7) } } },
    ];
    assert.equal(applyTextEdit('x\né = 1;', { dictionary, ops }), 'x\n= = 1;');
    assert.equal(applyTextEdit('x\né = 1;\n', { dictionary, ops }), undefined);
    assert.equal(applyTextEdit('x\ne = 1;', { dictionary, ops }), undefined);
  });

  it('mask secrets without moving a line', () => {
    assert.equal(
      mask('a=KEY1\r\nb=L1\nL2;\n', [
        { start: 2, end: 6, kind: 'k' },
        { start: 10, end: 15, kind: 'm' },
      ]),
      'a=[redacted:k]\r\nb=[redacted:m]\n[redacted:m];\n',
    );
  });
});
