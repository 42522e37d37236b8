import assert from 'node:assert/strict';
import { frameGeneration } from '../../../src/core/ai/generate/frame.ts';
import { siblingsOf } from '../../../src/core/ai/generate/neighbours.ts';
import { outlineOf, sharedNames } from '../../../src/core/ai/generate/outline.ts';
import { packFiles } from '../../../src/core/ai/generate/pack.ts';

const MONEY = `import { x } from './x.ts';

/** Cents. */
export type Cents = number;

export class Money {
  add(other: Money): Money {
    const sum = this.cents + other.cents;
    return new Money(sum);
  }
}

export function parseAmount(text: string): Cents {
  if (text === '') throw new Error('empty');
  return Number(text) * 100;
}
`;

const count = (text: string): Promise<number> => Promise.resolve(Math.ceil(text.length / 4));

describe('an outline', () => {
  it('is what a file declares, classes with their methods, and nothing of what they do', () => {
    assert.deepEqual(outlineOf(MONEY), {
      text: [
        'export type Cents = number;',
        'export class Money {',
        '  add(other: Money): Money {',
        'export function parseAmount(text: string): Cents {',
      ].join('\n'),
      declarations: 4,
      of: 17,
    });
    assert.equal(outlineOf('just words\nand more of them\n'), undefined);
  });

  it('goes along where the whole file has no room, is told as such, and what has no outline is left out', async () => {
    const long = MONEY.replace('return Number', `${'// a remark that takes room\n'.repeat(200)}  return Number`);
    const candidates = [
      { path: 'src/cart.ts', text: 'export const cart = 1;\n', needed: true },
      { path: 'src/money.ts', text: long, needed: false },
      { path: 'notes.txt', text: 'words without an end. '.repeat(200), needed: false },
    ];
    const { files, coverage } = await packFiles(candidates, 400, count);
    assert.deepEqual(coverage, [
      { file: 'src/cart.ts', status: 'full' },
      { file: 'src/money.ts', status: 'partial', reason: 'an outline, the 4 lines that declare something: the model takes no more' },
      { file: 'notes.txt', status: 'skipped', reason: 'no room: the model takes no more' },
    ]);
    const { user } = frameGeneration({ instruction: 'x', instructions: '', files, names: [], hasRedactions: false }, () => 'MARK');
    assert.match(user, /MARK "src\/money\.ts", only what its \d+ lines declare; not to be edited\nexport type Cents/);
    assert.doesNotMatch(user, /a remark that takes room/);
  });

  it('tells how many of its names another text uses', () => {
    assert.equal(sharedNames(MONEY, 'const a: Cents = parseAmount(x); // moneys'), 2);
    assert.equal(sharedNames(MONEY, 'nothing of it'), 0);
  });
});

describe('files of one folder', () => {
  const known = ['pkg/a.go', 'pkg/b.go', 'pkg/sub/c.go', 'pkg/read.md', 'other/d.go', 'src/a.ts', 'src/b.ts'];
  it('are neighbours where the language lets them use each other as they are', () => {
    assert.deepEqual(siblingsOf('pkg/a.go', known), ['pkg/b.go']);
    assert.deepEqual(siblingsOf('src/a.ts', known), []);
    assert.deepEqual(siblingsOf('main.go', ['main.go', 'util.go', 'pkg/a.go']), ['util.go']);
  });
});

describe('the place of a generation', () => {
  it('says what stands around it', () => {
    const frame = { instruction: 'x', instructions: '', files: [], names: [], hasRedactions: false, atText: MONEY };
    const at = { file: 'src/money.ts', startLine: 8, endLine: 8, selected: false };
    assert.match(frameGeneration({ ...frame, at }, () => 'MARK').user, /in line 8 of "src\/money\.ts", inside Money\.add, where/);
    assert.match(
      frameGeneration({ ...frame, at: { ...at, selected: true } }, () => 'MARK').user,
      /lines 8 to 8 of "src\/money\.ts", inside Money\.add\)/,
    );
    assert.match(frameGeneration({ ...frame, at: { ...at, startLine: 2 } }, () => 'MARK').user, /in line 2 of "src\/money\.ts", where/);
  });
});
