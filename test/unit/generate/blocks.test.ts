import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BlockParser, type BlocksEnd } from '../../../src/core/ai/generate/blocks.ts';

function read(text: string, pieceLength = text.length): BlocksEnd {
  const parser = new BlockParser();
  for (let at = 0; at < text.length; at += pieceLength) parser.push(text.slice(at, at + pieceLength));
  return parser.finish();
}

function block(path: string, search: string, replacement: string): string {
  const part = (text: string): string => (text === '' ? '' : `${text}\n`);
  return `${path}\n<<<<<<< SEARCH\n${part(search)}=======\n${part(replacement)}>>>>>>> REPLACE\n`;
}

/** Path and the two parts of each block; the first reading. */
function parts(end: BlocksEnd): [string, string, string][] {
  return end.blocks.map(({ path, readings: [reading] }) => [path, reading?.search.join('\n') ?? '', reading?.replacement.join('\n') ?? '']);
}

describe('the reader of edit blocks', () => {
  it('reads edits, insertions, deletions and new files, and what is said beside them', () => {
    const end = read(
      `I made it shorter.\n\n${block('src/a.ts', 'one\n  two', 'three')}\n${block('src/a.ts', 'gone', '')}${block('b.ts', '', 'new')}Done.`,
    );
    assert.deepEqual(parts(end), [
      ['src/a.ts', 'one\n  two', 'three'],
      ['src/a.ts', 'gone', ''],
      ['b.ts', '', 'new'],
    ]);
    assert.equal(end.prose, 'I made it shorter.\n\nDone.');
    assert.equal(end.cutOff, false);
  });

  const paths: [string, string][] = [
    ['plain', 'src/a.ts'],
    ['in code', '`src/a.ts`'],
    ['in bold', '**src/a.ts**'],
    ['a heading', '### src/a.ts'],
    ['a heading in code with a colon', '## `src/a.ts`:'],
    ['a list item', '1. src/a.ts'],
    ['labelled', 'File: src/a.ts'],
    ['labelled in bold', '**File: `src/a.ts`**'],
    ['quoted', '"src/a.ts"'],
    ['with a remark', 'src/a.ts (new file)'],
    ['with a line', 'src/a.ts:12-14'],
    ['a sentence around code', 'In `src/a.ts` the total was wrong:'],
    ['a fence after it', 'src/a.ts\n```ts'],
    ['a fence with it', '```ts src/a.ts'],
    ['a fence before it', '```\nsrc/a.ts'],
    ['blank lines after it', 'src/a.ts\n\n'],
  ];
  for (const [name, written] of paths) {
    it(`knows the path: ${name}`, () => {
      assert.deepEqual(parts(read(`${block(written, 'a', 'b')}\`\`\`\n`)), [['src/a.ts', 'a', 'b']]);
    });
  }

  it('leaves names that begin with underscores or hold blanks as they are', () => {
    for (const path of ['__init__.py', '_layout.tsx', '.gitignore', 'my docs/read me.md', 'app/(shop)/page.tsx', 'src/a-b.test.ts']) {
      assert.deepEqual(parts(read(block(path, 'a', 'b'))), [[path, 'a', 'b']]);
    }
  });

  it('takes the path from the marker, or from the block before', () => {
    const end = read(
      '<<<<<<< SEARCH src/a.ts\na\n=======\nb\n>>>>>>> REPLACE\n\nand then\n\n<<<<<<< SEARCH\nc\n=======\nd\n>>>>>>> REPLACE\n',
    );
    assert.deepEqual(parts(end), [
      ['src/a.ts', 'a', 'b'],
      ['src/a.ts', 'c', 'd'],
    ]);
    assert.equal(end.prose, 'and then');
  });

  it('takes \\r\\n for \\n', () => {
    assert.deepEqual(parts(read(block('a.ts', 'one\ntwo', 'three').replaceAll('\n', '\r\n'))), [['a.ts', 'one\ntwo', 'three']]);
  });

  it('takes what looks like a conflict in the text for text', () => {
    const conflict = '<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> main';
    const end = read(block('a.ts', conflict, 'ours'));
    assert.equal(end.blocks.length, 1);
    assert.deepEqual(
      end.blocks[0]?.readings.map(({ search }) => search.join('\n')),
      ['<<<<<<< HEAD\nours', conflict],
    );
  });

  it('takes only marked lines for markers in a block with a tag', () => {
    const inside = '<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE';
    const end = read(`docs/format.md\n<<<<<<< SEARCH #k7q2\n${inside}\n======= #k7q2\nshorter\n>>>>>>> REPLACE #k7q2\n`);
    assert.deepEqual(parts(end), [['docs/format.md', inside, 'shorter']]);
    assert.equal(end.blocks[0]?.damage, undefined);
    assert.equal(end.blocks[0]?.readings.length, 1);
  });

  it('does not trust a block whose text holds what looks like its end', () => {
    const end = read(block('docs/format.md', 'old', 'a\n>>>>>>> REPLACE\nb'));
    assert.equal(end.blocks.length, 1);
    assert.match(end.blocks[0]?.damage ?? '', /looks like its end/);
  });

  it('goes on with the next block where one was never ended', () => {
    const end = read(`a.ts\n<<<<<<< SEARCH\na\n=======\nb\n\nb.ts\n${block('b.ts', 'c', 'd').split('\n').slice(1).join('\n')}`);
    assert.equal(end.blocks.length, 2);
    assert.match(end.blocks[0]?.damage ?? '', /began the next block/);
    assert.equal(end.blocks[1]?.damage, undefined);
  });

  it('names a block without its middle', () => {
    assert.match(read('a.ts\n<<<<<<< SEARCH\na\n>>>>>>> REPLACE\n').blocks[0]?.damage ?? '', /lacks the line between/);
  });

  it('keeps every complete block wherever the answer is cut off', () => {
    const text = `Some words first.\n\n${block('src/a.ts', 'one\ntwo', 'three')}\n\`\`\`ts\n${block('src/b.ts', '', 'new\nfile')}\`\`\`\n${block('src/a.ts', 'x', '')}`;
    const whole = read(text);
    const ends = [...text.matchAll(/>>>>>>> REPLACE/g)].map((match) => match.index + match[0].length);
    for (let length = 0; length <= text.length; length++) {
      const end = read(text.slice(0, length));
      const complete = ends.filter((at) => at <= length).length;
      const good = end.blocks.filter(({ damage }) => damage === undefined);
      assert.deepEqual(good, whole.blocks.slice(0, complete), `cut at ${length}`);
      // Whatever is not complete is there too, and said to be damaged.
      assert.equal(end.blocks.length - good.length, end.cutOff ? 1 : 0, `cut at ${length}`);
    }
  });

  it('reads the same whatever the size of the pieces', () => {
    const text = `Words.\r\n\r\n${block('src/a.ts', 'one\n=======\ntwo', 'three')}\n${block('ü/b.ts', '', 'né\u{1f600}w')}`;
    const whole = read(text);
    for (let length = 1; length < 40; length++) assert.deepEqual(read(text, length), whole);
  });

  it('never throws, and keeps what was complete, whatever follows', () => {
    const marker = fc.constantFrom(
      '<<<<<<< SEARCH',
      '=======',
      '>>>>>>> REPLACE',
      '```',
      'src/a.ts',
      '<<<<<<< SEARCH #abcd',
      '======= #abcd',
      '',
      'text',
      '>>>>>>> REPLACE #abcd',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(marker, fc.string()), { maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (lines, size) => {
        const end = read(`${block('first.ts', 'a', 'b')}first line of the rest\n${lines.join('\n')}`, size);
        const [first] = end.blocks;
        assert.equal(first?.path, 'first.ts');
        assert.deepEqual(first.readings, [{ search: ['a'], replacement: ['b'] }]);
        for (const { readings } of end.blocks) assert.ok(readings.length > 0);
      }),
    );
  });

  it('keeps what is said short enough to be shown', () => {
    assert.ok(read(`${'x'.repeat(500_000)}\n${'y\n'.repeat(50_000)}`).prose.length <= 20_000);
  });

  it('survives a line of marks as long as an answer', () => {
    for (const line of [`\`\`\`${'*'.repeat(200_000)}`, '*'.repeat(200_000), '`'.repeat(200_000)]) {
      assert.equal(read(`${line}\n${block('a.ts', 'x', 'y')}`).blocks[0]?.path, 'a.ts', line.slice(0, 8));
    }
  });

  it('stops at an answer without end', () => {
    const parser = new BlockParser();
    const piece = 'x'.repeat(100_000);
    for (let count = 0; count < 30 && !parser.stopped; count++) parser.push(piece);
    assert.ok(parser.stopped);
    assert.equal(parser.finish().overLimit, true);
  });

  it('looks at each character a fixed number of times', () => {
    // Twice as long an answer in single characters must not cost four times as much; counted, not timed.
    const work = (lines: number): number => {
      let touched = 0;
      const parser = new BlockParser();
      const text = `a.ts\n<<<<<<< SEARCH\n${'=======\n'.repeat(lines)}>>>>>>> REPLACE\n`;
      for (const char of text) parser.push(char);
      for (const { readings } of parser.finish().blocks)
        for (const { search, replacement } of readings) touched += search.length + replacement.length;
      return touched;
    };
    assert.ok(work(2000) <= 3 * work(1000), `${work(1000)} then ${work(2000)}`);
  });
});
