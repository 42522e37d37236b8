import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EditBlock } from '../../../src/core/ai/generate/blocks.ts';
import type { GenerateTarget } from '../../../src/core/ai/generate/generation.ts';
import { applyEdits } from '../../../src/core/ai/generate/lineEdits.ts';
import { EditPlacer, type EditPlacement } from '../../../src/core/ai/generate/placeEdits.ts';
import { splitLines } from '../../../src/core/ai/review/lines.ts';
import { applyRedactions } from '../../../src/core/ai/review/redact.ts';

const CODE = `export function total(items: Item[]): number {
  let sum = 0;
  for (const item of items) {
    sum += item.price;
  }
  return sum;
}

export function count(items: Item[]): number {
  return items.length;
}
`;

function edit(search: string[], replacement: string[], ...others: { search: string[]; replacement: string[] }[]): EditBlock {
  return { path: 'a.ts', readings: [{ search, replacement }, ...others] };
}

interface Around {
  at?: GenerateTarget;
  secrets?: string[];
}

function place(text: string, block: EditBlock, { at, secrets = [] }: Around = {}): EditPlacement {
  const matches = secrets.flatMap((secret) => {
    const start = text.indexOf(secret);
    return start < 0 ? [] : [{ start, end: start + secret.length, kind: 'token' }];
  });
  const redacted = applyRedactions('a.ts', text, matches);
  return new EditPlacer({ path: 'a.ts', original: text, redacted }, at, new Set(['[redacted:token]'])).place(block);
}

/** The text after the block; fails where it was not placed. */
function applied(text: string, block: EditBlock, around: Around = {}): string {
  const placement = place(text, block, around);
  assert.ok('edit' in placement, JSON.stringify(placement));
  return applyEdits(text, [placement.edit]);
}

function because(text: string, block: EditBlock, around: Around = {}): string {
  const placement = place(text, block, around);
  assert.ok('because' in placement, JSON.stringify(placement));
  return placement.because;
}

const cursor = (line: number): GenerateTarget => ({ file: 'a.ts', startLine: line, endLine: line, selected: false });
const selection = (startLine: number, endLine: number): GenerateTarget => ({ file: 'a.ts', startLine, endLine, selected: true });

describe('placing edits', () => {
  it('replaces the lines that are quoted, and only what differs', () => {
    const placement = place(
      CODE,
      edit(
        ['  let sum = 0;', '  for (const item of items) {', '    sum += item.price;'],
        ['  let sum = 0;', '  for (const item of items) {', '    sum += item.price * item.count;'],
      ),
    );
    assert.deepEqual(placement, {
      edit: { startLine: 4, endLine: 4, newText: '    sum += item.price * item.count;', anchor: { status: 'exact', confidence: 0.99 } },
    });
  });

  it('inserts by a repeated neighbour, before and after', () => {
    assert.match(
      applied(CODE, edit(['  return sum;'], ['  log(sum);', '  return sum;'])),
      /\n {2}\}\n {2}log\(sum\);\n {2}return sum;\n\}/,
    );
    const after = place(CODE, edit(['  let sum = 0;'], ['  let sum = 0;', '  let count = 0;']));
    assert.ok('edit' in after);
    assert.deepEqual([after.edit.startLine, after.edit.endLine, after.edit.newText], [3, 2, '  let count = 0;']);
  });

  it('deletes lines, and puts a blank line where one is wanted', () => {
    assert.doesNotMatch(applied(CODE, edit(['  let sum = 0;'], [])), /let sum/);
    assert.match(applied(CODE, edit(['  let sum = 0;'], [''])), /\{\n\n {2}for/);
    assert.equal(applied('a\nb', edit(['b'], [''])), 'a\n');
    assert.equal(applied('b', edit(['b'], [''])), '');
  });

  it('gives back the indentation that the model lost', () => {
    assert.match(
      applied(CODE, edit(['sum += item.price;'], ['sum += item.price * item.count;'])),
      /\n {4}sum \+= item\.price \* item\.count;\n/,
    );
    assert.match(
      applied(
        CODE,
        edit(['for (const item of items) {', '  sum += item.price;', '}'], ['for (const { price } of items) {', '  sum += price;', '}']),
      ),
      /\n {2}for \(const \{ price \} of items\) \{\n {4}sum \+= price;\n {2}\}\n/,
    );
  });

  it('writes tabs where the file has them', () => {
    const tabs = 'def f():\n\tif x:\n\t\treturn 1\n\treturn 2\n';
    assert.equal(
      applied(tabs, edit(['    if x:', '        return 1'], ['    if x:', '        log(x)', '        if y:', '            return 1'])),
      'def f():\n\tif x:\n\t\tlog(x)\n\t\tif y:\n\t\t\treturn 1\n\treturn 2\n',
    );
  });

  it('takes line numbers and fences off that the model copied', () => {
    assert.match(applied(CODE, edit(['6   return sum;'], ['6   return sum / 2;'])), /\n {2}return sum \/ 2;\n/);
    assert.match(applied(CODE, edit(['```ts', '  return sum;', '```'], ['```ts', '  return sum / 2;', '```'])), /\n {2}return sum \/ 2;\n/);
  });

  it('does not guess: similar text, a part of a line, or one wrong line is no place', () => {
    assert.match(because(CODE, edit(['  return summ;'], ['  return 0;'])), /not in the file/);
    assert.match(because(CODE, edit(['item.price'], ['item.cost'])), /not in the file/);
    assert.match(because(CODE, edit(['  let sum = 0;', '  for (const item of things) {'], ['x'])), /not in the file/);
    assert.match(because(CODE, edit(['  let  sum = 0;'], ['x'])), /not in the file/);
    // A blank line that was left out of the quote would be overwritten unseen.
    assert.match(because(CODE, edit(['}', 'export function count(items: Item[]): number {'], ['x'])), /not in the file/);
  });

  it('needs every line of a long quote', () => {
    const long = Array.from({ length: 400 }, (_, index) => `line ${index};`);
    const text = `${long.join('\n')}\n`;
    assert.equal(applied(text, edit(long, [...long.slice(0, -1), 'last'])), `${[...long.slice(0, -1), 'last'].join('\n')}\n`);
    assert.match(because(text, edit([...long.slice(0, 399), 'line 400;'], ['x'])), /not in the file/);
  });

  describe('where the same text stands several times', () => {
    const twice = `  return null;\n${'x\n'.repeat(40)}  return null;\n${'y\n'.repeat(40)}`;
    const block = edit(['  return null;'], ['  return 1;']);

    it('places nothing without more to go by', () => {
      assert.match(because(twice, block), /several times/);
    });
    it('lets the cursor decide where it is clearly nearer', () => {
      assert.equal(splitLines(applied(twice, block, { at: cursor(43) }))[41], '  return 1;');
      assert.match(because(twice, block, { at: cursor(22) }), /several times/);
    });
    it('looks inside the selection first', () => {
      assert.equal(splitLines(applied(twice, block, { at: selection(40, 50) }))[41], '  return 1;');
      assert.match(because(twice, block, { at: selection(10, 20) }), /several times/);
      assert.match(because(twice, block, { at: selection(1, 60) }), /several times/);
    });
    it('takes no notice of a cursor in another file', () => {
      assert.match(because(twice, block, { at: { ...cursor(43), file: 'b.ts' } }), /several times/);
    });
  });

  it('tells by the file which line of equals signs is the one between the parts', () => {
    const text = 'Title\n=======\n\nOld words.\n';
    const lines = ['Title', '=======', '', 'Old words.', '=======', 'Title', '=======', '', 'New words.'];
    const readings = [1, 4, 6].map((at) => ({ search: lines.slice(0, at), replacement: lines.slice(at + 1) }));
    // `Title` alone stands in the file as well, so that two ways fit.
    assert.match(because(text, { path: 'a.md', readings }), /several ways/);
    assert.equal(applied(`x\n${text}`, { path: 'a.md', readings: readings.slice(1) }), 'x\nTitle\n=======\n\nNew words.\n');
  });

  describe('of blank lines around a quote', () => {
    it('removes them where they are in the file', () => {
      assert.equal(applied('a\n\n\nb\n', edit(['a', '', ''], ['a', ''])), 'a\n\nb\n');
      assert.equal(applied('a\n\nb\n', edit(['', 'b'], ['b'])), 'a\nb\n');
    });
    it('passes over those that are not', () => {
      assert.equal(applied('a\nb\n', edit(['', 'a', ''], ['', 'x', ''])), 'x\nb\n');
      assert.equal(applied('a\n', edit(['a', '', ''], ['a', 'b', ''])), 'a\nb\n');
    });
  });

  describe('of quotes that differ from the file', () => {
    const FILE = 'class A {\n  one(): void {\n    a();\n\n    b();\n    c();\n  }\n}\n';

    it('leaves the lines between two changes as they are in the file', () => {
      const quote = ['    a();  ', '  ', '    b();  ', '    c();'];
      assert.equal(
        applied(FILE, edit(quote, ['    x();', '  ', '    b();  ', '    z();'])),
        FILE.replace('a()', 'x()').replace('c()', 'z()'),
      );
    });
    it('takes the columns off by which all of it stands too far in, and adds those that are missing', () => {
      const wanted = FILE.replace('    b();', '    if (x) {\n      b();\n    }');
      for (const indent of ['', '      ']) {
        const rows = [`${indent}if (x) {`, `${indent}  b();`, `${indent}}`];
        assert.equal(applied(FILE, edit([`${indent}b();`, `${indent}c();`], [...rows, `${indent}c();`])), wanted, JSON.stringify(indent));
      }
    });
    it('writes new lines with blanks where all the file has blanks and the model wrote tabs', () => {
      assert.equal(
        applied(FILE, edit(['class A {'], ['class A {', '\t/**', '\t * Words.', '\t */'])),
        FILE.replace('{\n', '{\n  /**\n   * Words.\n   */\n'),
      );
    });
    it('takes marks off only the replacement that has them', () => {
      const wanted = FILE.replace('    c();', '    d();');
      assert.equal(applied(FILE, edit(['+    b();', '+    c();'], ['    b();', '    d();'])), wanted);
      assert.equal(applied(FILE, edit(['+    b();', '+    c();'], ['+    b();', '+    d();'])), wanted);
    });
    it('has no place where it would write a line twice that the model forgot to quote', () => {
      assert.match(because(FILE, edit(['    c();'], ['    b();', '    d();'])), /repeat a line beside/);
      assert.match(because('x\n\n// Words.\ny\n', edit(['', 'y'], ['', '// Other words.', 'y'])), /may have left lines out/);
    });
  });

  it('takes no long time for lines as long as an answer', function () {
    this.timeout(10_000);
    for (const line of ['word '.repeat(400_000), ' '.repeat(1_000_000), '-'.repeat(1_000_000)]) {
      assert.match(because('a\n', edit([line, 'b'], ['c'])), /not in the file/);
    }
  });

  describe('that quote nothing', () => {
    it('fill an empty file', () => {
      assert.equal(applied('', edit([], ['a', 'b'])), 'a\nb');
      assert.equal(applied('\n\n', edit([], ['a', 'b'])), 'a\nb\n');
    });
    it('stand at the cursor', () => {
      assert.equal(applied('a\n\nb\n', edit([], ['x', 'y']), { at: cursor(2) }), 'a\nx\ny\nb\n');
      assert.equal(applied('a\nb\n', edit([], ['x']), { at: cursor(1) }), 'a\nx\nb\n');
      assert.equal(applied('a\nb\n', edit([], ['x']), { at: cursor(3) }), 'a\nb\nx\n');
      assert.equal(applied('a\nb', edit([], ['x']), { at: cursor(2) }), 'a\nb\nx');
    });
    it('have no place without a cursor', () => {
      assert.match(because('a\n', edit([''], ['x'])), /no place for it/);
      assert.match(because('a\n', edit([], ['x']), { at: selection(1, 1) }), /no place for it/);
    });
  });

  it('says nothing of a block that changes nothing', () => {
    assert.deepEqual(place(CODE, edit(['  return sum;'], ['  return sum;'])), { nothing: true });
  });

  describe('of lines with a secret', () => {
    const text = "const a = 'tok-1';\nconst b = 'plain';\nconst c = 'tok-2';\n";
    const secrets = ['tok-1', 'tok-2'];

    it('brings it back where its line comes back', () => {
      assert.equal(
        applied(
          text,
          edit(["const a = '[redacted:token]';", "const b = 'plain';"], ["const b = 'plain';", "const a = '[redacted:token]';"]),
          { secrets },
        ),
        "const b = 'plain';\nconst a = 'tok-1';\nconst c = 'tok-2';\n",
      );
      assert.equal(
        applied(text, edit(["const a = '[redacted:token]';"], ["export const a = '[redacted:token]';"]), { secrets }),
        text.replace('const a', 'export const a'),
      );
    });
    it('tells two secrets apart by their lines', () => {
      const all = ["const a = '[redacted:token]';", "const b = 'plain';", "const c = '[redacted:token]';"];
      assert.equal(applied(text, edit(all, all.toReversed()), { secrets }), "const c = 'tok-2';\nconst b = 'plain';\nconst a = 'tok-1';\n");
    });
    it('is not placed where it could be either of two', () => {
      const block = edit(
        ["const a = '[redacted:token]';", "const b = 'plain';", "const c = '[redacted:token]';"],
        ["const x = '[redacted:token]';", "const b = 'plain';", "const y = '[redacted:token]';"],
      );
      assert.match(because(text, block, { secrets }), /secret/);
    });
    it('is not placed where the secret would be lost, moved in from elsewhere, or doubled', () => {
      assert.match(because(text, edit(["const a = '[redacted:token]';"], ['const a = process.env.A;']), { secrets }), /secret/);
      assert.match(because(text, edit(["const a = '[redacted:token]';"], []), { secrets }), /secret/);
      assert.match(because(text, edit(["const b = 'plain';"], ["const b = '[redacted:token]';"]), { secrets }), /secret/);
      const line = "const a = '[redacted:token]';";
      assert.match(because(text, edit([line], [line, line]), { secrets }), /secret/);
    });
    it('does not take a marker for any text', () => {
      assert.match(because(text, edit(["const b = '[redacted:token]';"], ["const b = 'x';"]), { secrets }), /not in the file/);
    });
    it('leaves words alone that only look like a marker', () => {
      assert.equal(
        applied('see [redacted:other]\n', edit(['see [redacted:other]'], ['look at [redacted:other]'])),
        'look at [redacted:other]\n',
      );
    });
  });

  it('never touches lines outside of the quote', () => {
    const line = fc.constantFrom('a', 'b', '  a', '', '}', 'return 1;', '\treturn 2;');
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 14 }),
        fc.nat(13),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.oneof(line, fc.constantFrom('new', '  new')), { maxLength: 5 }),
        fc.option(fc.integer({ min: 1, max: 14 }), { nil: undefined }),
        (lines, from, count, replacement, line) => {
          const start = Math.min(from, lines.length - 1);
          const search = lines.slice(start, start + count);
          const text = lines.join('\n');
          const placement = place(text, edit(search, replacement), line === undefined ? {} : { at: cursor(line) });
          if (!('edit' in placement)) return;
          const after = splitLines(applyEdits(text, [placement.edit]));
          const { startLine, endLine } = placement.edit;
          assert.deepEqual(after.slice(0, startLine - 1), lines.slice(0, startLine - 1));
          const tail = lines.slice(Math.max(endLine, startLine - 1));
          assert.deepEqual(tail.length === 0 ? [] : after.slice(-tail.length), tail);
          // What it takes away was quoted, or is a blank line where the cursor is, or a neighbour that stays.
          const removed = lines.slice(startLine - 1, endLine);
          const quoted = new Set(search.map((one) => one.trim()));
          const fresh = new Set(placement.edit.newText.split('\n'));
          for (const one of removed)
            assert.ok(quoted.has(one.trim()) || one === '' || fresh.has(one), JSON.stringify({ lines, search, replacement, removed }));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
