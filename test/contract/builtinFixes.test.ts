import assert from 'node:assert/strict';
import type { RawFinding } from '../../src/core/ai/finding.ts';
import { createBuiltinReviewer } from '../../src/node/ai/builtin/builtinReviewer.ts';
import { createEngineHost, type EngineHost } from '../../src/node/ai/builtin/engineHost.ts';

/**
 * Fixes of the engines, taken as a person takes them: the finding is gone afterwards, nothing new is wrong, and every other byte is as it
 * was, in files of all kinds.
 */

/** Lines with a mistake each, and what becomes of them. Text of all lengths stands before the place. */
const FILES: Record<string, { head: string[]; mistakes: Record<string, [before: string, after: string]>; tail: string[] }> = {
  'a.ts': {
    head: ['export function f(x: unknown, y: number, o: object, m?: string[]) {'],
    mistakes: {
      noDebugger: ['  debugger;', ''],
      noDoubleEquals: ["  if ('é😀' == x) return 1;", "  if ('é😀' === x) return 1;"],
      noUnsafeNegation: ["  if ('世界' && !x in o) return 2;", "  if ('世界' && !(x in o)) return 2;"],
      useIsNan: ["  if ('é' && y === NaN) return 3;", "  if ('é' && Number.isNaN(y)) return 3;"],
      noCompareNegZero: ["  if ('😀' && y === -0) return 5;", "  if ('😀' && y === 0) return 5;"],
      noMisleadingCharacterClass: ["  if (/[👍]/.test('a')) return 6;", "  if (/[👍]/u.test('a')) return 6;"],
      noNonoctalDecimalEscape: ["  if (x === '\\8') return 7;", "  if (x === '8') return 7;"],
      noPrototypeBuiltins: ["  if (o.hasOwnProperty('a')) return 8;", "  if (Object.hasOwn(o, 'a')) return 8;"],
      noTsIgnore: ['  // @ts-ignore', '  // @ts-expect-error'],
      noExtraNonNullAssertion: ["  if ('é' && m!!.length) return 9;", "  if ('é' && m!.length) return 9;"],
      noUnusedLabels: ['  outer: for (const a of [1]) if (a) return 10;', '  for (const a of [1]) if (a) return 10;'],
    },
    tail: ['  return 0;', '}'],
  },
  'b.tsx': {
    head: ['export const A = () => ('],
    mistakes: {
      noBlankTarget: ['  <a title="é😀" href="x" target="_blank">x</a>', '  <a title="é😀" href="x" target="_blank" rel="noopener">x</a>'],
    },
    tail: [');'],
  },
  'c.py': {
    head: ['import sys', 'def f(x, y):'],
    mistakes: {
      E711: ['    if "é😀" and x == None:', '    if "é😀" and x is None:'],
      F901: ['        raise NotImplemented', '        raise NotImplementedError'],
      F632: ['    if x is "世界":', '    if x == "世界":'],
      W605: ['        return "é\\d"', '        return r"é\\d"'],
    },
    tail: ['    return sys.argv, y'],
  },
  'd.py': { head: ['import sys'], mistakes: { F401: ['import json', ''] }, tail: ['', 'print(sys.argv)'] },
};

const KINDS: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  CRLF: (text) => text.replaceAll('\n', '\r\n'),
  tabs: (text) => text.replaceAll(/^( {2})+/gm, (blanks) => '\t'.repeat(blanks.length / 2)),
  'no last line break': (text) => text.replace(/\n$/, ''),
  'a mark of byte order': (text) => `\ufeff${text}`,
  'CRLF, a mark of byte order and no last line break': (text) => `\ufeff${text.replace(/\n$/, '').replaceAll('\n', '\r\n')}`,
};

describe('fixes of the built-in reviewer', function () {
  this.timeout(60_000);
  let host: EngineHost;
  before(() => {
    host = createEngineHost();
  });
  after(() => host.dispose());

  const review = (path: string, text: string): Promise<RawFinding[]> =>
    createBuiltinReviewer({ host }).review(path, text, new AbortController().signal);

  /** Replaces the whole lines that a finding names; an empty text takes them away. Every other byte stays. */
  function taken(text: string, { line = 0, endLine = 0, replacement = '' }: RawFinding): string {
    const lines = text.split(/(?<=\n)/);
    const before = lines.slice(0, line - 1).join('');
    const old = lines.slice(line - 1, endLine);
    const end = /\r?\n$/.exec(old.at(-1) ?? '')?.[0] ?? '';
    const middle = replacement === '' ? '' : replacement.replaceAll('\n', text.includes('\r\n') ? '\r\n' : '\n') + end;
    return before + middle + lines.slice(endLine).join('');
  }

  for (const [path, { head, mistakes, tail }] of Object.entries(FILES)) {
    for (const [kind, change] of Object.entries(KINDS)) {
      it(`${path}: ${kind}`, async () => {
        const lines = (of: (pair: [string, string]) => string): string[] => Object.values(mistakes).map((pair) => of(pair));
        const text = change([...head, ...lines(([before]) => before), ...tail, ''].join('\n'));
        const found = await review(path, text);
        for (const [rule, [before, after]] of Object.entries(mistakes)) {
          const finding =
            found.find((one) => one.rule?.endsWith(`/${rule}`)) ?? assert.fail(`${rule}: ${found.map((one) => one.rule).join()}`);
          assert.notEqual(finding.replacement, undefined, `${rule} has no fix`);
          const fixed = taken(text, finding);
          const expected = [...head, ...lines((pair) => (pair[0] === before ? after : pair[0])).filter((line) => line !== ''), ...tail, ''];
          assert.equal(fixed, change(expected.join('\n')), rule);
          const left = await review(path, fixed);
          const count = (all: readonly RawFinding[], name: string | undefined): number => all.filter((one) => one.rule === name).length;
          assert.equal(count(left, finding.rule), count(found, finding.rule) - 1, `${rule} is still there`);
          for (const other of left) assert.ok(count(left, other.rule) <= count(found, other.rule), `${rule} brought ${other.rule}`);
        }
      });
    }
  }

  it('are not offered on lines with a secret, and where Ruff itself is not sure', async () => {
    const [first] = (await review('a.ts', "export const f = (x: string) => x == 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';\n")).filter(
      (one) => one.rule?.startsWith('biome'),
    );
    assert.equal(first?.replacement, undefined);
    const unused = await review('a.py', 'def f(g):\n    unused = g()\n');
    assert.deepEqual(
      unused.map(({ rule, replacement }) => [rule, replacement]),
      [['ruff/F841', undefined]],
    );
  });
});
