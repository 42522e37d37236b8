import assert from 'node:assert/strict';
import { reanchor, verifyQuote } from '../../../src/core/ai/review/anchor.ts';
import { follow, judgeFix, settle, track } from '../../../src/vscode/review/trackedFinding.ts';
import type { QuoteCheck } from '../../../src/vscode/review/trackedFinding.ts';
import { finding } from './support.ts';

const quotes: QuoteCheck = {
  verify: verifyQuote,
  locate(one, text) {
    const { startLine, endLine } = reanchor(one, text);
    return startLine === undefined ? undefined : { startLine, endLine: endLine ?? startLine };
  },
};
const text = 'function login() {\n  saveTheUser(name);\n  return true;\n}\n';
const fixed = finding({
  quote: '  saveTheUser(name);',
  fix: { edits: [{ file: 'src/login.ts', startLine: 2, endLine: 2, newText: '  await saveTheUser(name);\n' }] },
});
const insertAbove = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 }, text: '// one\n// two\n' };
const texts = (now: string): ReadonlyMap<string, string> => new Map([['src/login.ts', now]]);

describe('a tracked finding', () => {
  it('moves with its fix through edits above', () => {
    const moved = follow(track(fixed, text), [insertAbove]);
    assert.deepEqual(moved.span, { startLine: 4, endLine: 4 });
    assert.equal(moved.edits[0]?.startLine, 4);
    const verdict = judgeFix(moved, texts(`// one\n// two\n${text}`), quotes);
    assert.ok(verdict.ok);
  });

  it('becomes stale when its quote is gone and opens again when it is back', () => {
    const changed = text.replace('saveTheUser(name)', 'store(name)');
    const stale = settle(track(fixed, text), changed, quotes);
    assert.equal(stale.state, 'stale');
    assert.deepEqual(judgeFix(stale, texts(changed), quotes), { ok: false, why: 'quote-changed' });
    assert.equal(settle(stale, text, quotes).state, 'open');
  });

  it('goes where its quote went when the text was replaced behind its back', () => {
    const moved = settle(track(fixed, text), `// a\n// b\n// c\n${text}`, quotes);
    assert.equal(moved.state, 'open');
    assert.deepEqual(moved.span, { startLine: 5, endLine: 5 });
    assert.equal(moved.edits[0]?.startLine, 5);
  });

  it('refuses a fix whose further lines have changed, although the quote stands', () => {
    const wide = finding({
      quote: '  saveTheUser(name);',
      fix: { edits: [{ file: 'src/login.ts', startLine: 2, endLine: 3, newText: '  return saveTheUser(name);' }] },
    });
    assert.ok(judgeFix(track(wide, text), texts(text), quotes).ok);
    assert.deepEqual(judgeFix(track(wide, text), texts(text.replace('true', 'false')), quotes), { ok: false, why: 'lines-changed' });
  });

  it('refuses a fix beyond the quote when the reviewed text is not known any more', () => {
    const wide = finding({
      quote: '  saveTheUser(name);',
      fix: { edits: [{ file: 'src/login.ts', startLine: 2, endLine: 3, newText: 'x' }] },
    });
    assert.deepEqual(judgeFix(settle(track(wide), text, quotes), texts(text), quotes), { ok: false, why: 'lines-changed' });
  });

  it('knows the lines of a fix inside its quote from the text itself', () => {
    assert.ok(judgeFix(settle(track(fixed), text, quotes), texts(text), quotes).ok);
  });

  it('has no place and no fix when unanchored', () => {
    const { startLine: _start, endLine: _end, ...rest } = fixed;
    const entry = track({ ...rest, anchor: { status: 'unanchored', confidence: 0 } }, text);
    assert.equal(entry.span, undefined);
    assert.deepEqual(judgeFix(entry, texts(text), quotes), { ok: false, why: 'unplaced' });
    assert.equal(settle(entry, '', quotes), entry);
  });

  it('stays resolved while the fix is in, and opens again when the fix is undone', () => {
    const resolved = { ...track(fixed, text), state: 'resolved' as const };
    const after = text.replace('  saveTheUser', '  await saveTheUser');
    assert.equal(settle(resolved, after, quotes).state, 'resolved');
    assert.equal(settle(resolved, text, quotes).state, 'open');
  });

  it('stays resolved when the fix keeps the quoted text and adds to the lines after it', () => {
    const adding = finding({
      quote: '  saveTheUser(name);',
      fix: { edits: [{ file: 'src/login.ts', startLine: 3, endLine: 3, newText: '  flush();\n  return true;' }] },
    });
    const resolved = { ...track(adding, text), state: 'resolved' as const };
    assert.equal(settle(resolved, text.replace('  return', '  flush();\n  return'), quotes).state, 'resolved');
    assert.equal(settle(resolved, text, quotes).state, 'open');
  });
});
