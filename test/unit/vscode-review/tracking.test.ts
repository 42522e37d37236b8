import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shiftSpan } from '../../../src/vscode/review/tracking.ts';
import type { TextChange } from '../../../src/vscode/review/tracking.ts';

const change = (line: number, character: number, endLine: number, endCharacter: number, text: string): TextChange => ({
  start: { line, character },
  end: { line: endLine, character: endCharacter },
  text,
});
const span = { startLine: 5, endLine: 7 };

describe('shiftSpan', () => {
  it('leaves a span alone when text below it changes', () => {
    assert.deepEqual(shiftSpan(span, change(7, 0, 7, 0, 'below\n')), span);
    assert.deepEqual(shiftSpan(span, change(6, 12, 6, 12, '\nnext line')), span);
  });

  it('moves a span when lines above it are added or deleted', () => {
    assert.deepEqual(shiftSpan(span, change(0, 0, 0, 0, 'a\nb\n')), { startLine: 7, endLine: 9 });
    assert.deepEqual(shiftSpan(span, change(1, 0, 3, 0, '')), { startLine: 3, endLine: 5 });
    assert.deepEqual(shiftSpan(span, change(2, 0, 4, 0, '')), { startLine: 3, endLine: 5 });
  });

  it('moves a span when a line is inserted right above it', () => {
    assert.deepEqual(shiftSpan(span, change(4, 0, 4, 0, 'new\n')), { startLine: 6, endLine: 8 });
  });

  it('grows and shrinks with edits inside', () => {
    assert.deepEqual(shiftSpan(span, change(5, 3, 5, 3, '\n\n')), { startLine: 5, endLine: 9 });
    assert.deepEqual(shiftSpan(span, change(4, 2, 6, 0, '')), { startLine: 5, endLine: 5 });
  });

  it('keeps what is left when an edit reaches across an edge', () => {
    assert.deepEqual(shiftSpan(span, change(2, 0, 5, 0, 'x\n')), { startLine: 3, endLine: 5 });
    assert.deepEqual(shiftSpan(span, change(5, 0, 9, 0, 'x\n')), { startLine: 5, endLine: 7 });
  });

  it('follows a line through any sequence of whole-line edits that leave it alone', () => {
    const edit = fc.record({ at: fc.nat(40), remove: fc.nat(5), add: fc.nat(5) });
    fc.assert(
      fc.property(fc.nat(30), fc.array(edit, { maxLength: 20 }), (marked, edits) => {
        let lines = Array.from({ length: 31 }, (_unused, index) => (index === marked ? 'MARK' : `line ${index}`));
        let tracked = { startLine: marked + 1, endLine: marked + 1 };
        for (const { at, remove, add } of edits) {
          const here = lines.indexOf('MARK');
          const start = Math.min(at, lines.length);
          const end = Math.min(start + remove, lines.length);
          if (start <= here && here < end) continue;
          // The last line has no line end to take with it; editors report such an edit differently.
          if (end === lines.length) continue;
          const text = 'new\n'.repeat(add);
          tracked = shiftSpan(tracked, change(start, 0, end, 0, text));
          lines = [...lines.slice(0, start), ...Array<string>(add).fill('new'), ...lines.slice(end)];
          assert.equal(tracked.startLine, lines.indexOf('MARK') + 1);
          assert.equal(tracked.endLine, tracked.startLine);
        }
      }),
    );
  });
});
