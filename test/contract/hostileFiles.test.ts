import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { parseModels } from '../../src/core/ai/models/config.ts';
import { parseDismissals } from '../../src/core/ai/review/dismissalsFile.ts';
import { readPromptFile } from '../../src/core/ai/generate/promptFile.ts';
import { compileExpressions } from '../../src/core/workflow/expressions.ts';
import { compileGlob, globProblem } from '../../src/core/workflow/globs.ts';
import { parseWorkflow } from '../../src/core/workflow/parse.ts';
import type { Problem } from '../../src/core/workflow/problem.ts';
import { parseLock } from '../../src/core/workflow/shared/lock.ts';
import { HOSTILE, ORDINARY, SIZE } from '../support/hostileFiles.ts';

/** How much longer a hostile file may take than an ordinary one of its size. Without the limits some take hundreds of times as long. */
const RATIO = 20;

function milliseconds(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

describe('files made to cost as much as they can', function () {
  this.timeout(120_000);
  let ordinary: number;
  before(() => {
    for (let i = 0; i < 3; i += 1) ordinary = milliseconds(() => parseWorkflow(ORDINARY, 'w.yml'));
  });

  const within = (name: string, taken: number): void =>
    assert.ok(taken < RATIO * ordinary, `${name} took ${taken.toFixed(0)} ms, an ordinary file of its size ${ordinary.toFixed(0)} ms`);
  const placed = ({ line, column, message }: Problem): string => `${line}:${column} ${message}`;

  it('are as large as files may be', () => {
    assert.ok(ORDINARY.length > 0.99 * SIZE);
    assert.deepEqual(parseWorkflow(ORDINARY, 'w.yml').problems, []);
  });

  for (const [name, text, expected] of HOSTILE) {
    it(`${name}: an exact answer in bounded time`, () => {
      let problems: Problem[] = [];
      within(
        name,
        milliseconds(() => ({ problems } = parseWorkflow(text, 'w.yml'))),
      );
      if (expected === undefined) assert.deepEqual(problems, []);
      else assert.ok(problems[0] !== undefined && placed(problems[0]).includes(expected), problems[0] && placed(problems[0]));
      assert.ok(problems.length <= 200, `${problems.length} problems`);
    });
  }

  for (const [kind, parse] of [
    ['models.yml', parseModels],
    ['dismissals.yml', parseDismissals],
    ['lock.yml', parseLock],
  ] as const) {
    it(`are refused as ${kind}, too, in bounded time`, () => {
      // What costs there is YAML and its grammar, which is the same; what is special to workflows was seen above.
      for (const [name, text] of HOSTILE.filter(([, text]) => !text.includes('steps:') || text.includes('needs: [b'))) {
        let problems: Problem[] = [];
        within(
          `${kind}: ${name}`,
          milliseconds(() => ({ problems } = parse(text))),
        );
        assert.ok(
          problems.some(({ severity }) => severity === 'error'),
          name,
        );
        assert.ok(problems.length <= 200, `${name}: ${problems.length} problems`);
      }
    });
  }

  it('are read in little memory', () => {
    const support = JSON.stringify(new URL('../support/hostileFiles.ts', import.meta.url).href);
    const parse = JSON.stringify(new URL('../../src/core/workflow/parse.ts', import.meta.url).href);
    const script = `const [{ HOSTILE }, { parseWorkflow }] = await Promise.all([import(${support}), import(${parse})]);
for (const [, text] of HOSTILE) parseWorkflow(text, 'w.yml');`;
    // Twice of what the parser and an ordinary file of that size need; a tree of expanded aliases would need a thousand times as much.
    const { status, stderr } = spawnSync(process.execPath, ['--max-old-space-size=128', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr.slice(0, 2000));
  });

  it('are passed over as the head of a prompt file, with the line where they go wrong', () => {
    for (const [name, text] of HOSTILE) {
      let notices: string[] = [];
      within(
        name,
        milliseconds(() => ({ notices } = readPromptFile('p.prompt.md', `---\n${text.slice(0, 9_900)}\n---\nDo it.\n`))),
      );
      assert.ok(
        notices.every((notice) => /^The head of p\.prompt\.md(?::\d+)? is no valid YAML/.test(notice)),
        notices.join(),
      );
    }
    assert.deepEqual(readPromptFile('p.prompt.md', '---\ndescription: a\nb: [\n---\nDo it.\n').notices, [
      'The head of p.prompt.md:3 is no valid YAML and was passed over.',
    ]);
  });
});

describe('globs and conditions made to cost as much as they can', function () {
  this.timeout(60_000);
  const usual = Array.from({ length: 2_000 }, (_, i) => `src/modules/area${i % 50}/component${i}.ts`);
  /** Milliseconds for a character of the paths. */
  const perCharacter = (pattern: string, paths: readonly string[]): number => {
    const matches = compileGlob(pattern);
    const round = (): void => {
      for (const path of paths) matches(path);
    };
    round();
    return Math.min(...Array.from({ length: 3 }, () => milliseconds(round))) / paths.join('').length;
  };

  it('take no more for a character of a path than some dozens of ordinary globs', () => {
    const ordinary = perCharacter('src/*/component*.{ts,tsx}', usual);
    const long = Array.from({ length: 300 }, (_, i) => 'a'.repeat(250) + String(i).padStart(5, 'a'));
    const deep = Array.from({ length: 100 }, () => Array(500).fill('a').join('/'));
    for (const [pattern, paths] of [
      [`*${'a'.repeat(200)}b`, long],
      [`${'*a'.repeat(499)}b`, long],
      [`*${'[a-z]'.repeat(100)}[0-9]b`, long],
      [`*${'[a-z]'.repeat(15)}[!a-z]*`, long],
      [`*${'?'.repeat(120)}b`, long],
      [`{${Array(199).fill('*aab').join(',')}}`, long],
      [`**/${'a/'.repeat(300)}b`, deep],
      [`${'**/a/'.repeat(190)}b`, deep],
      [`**/${'?/'.repeat(7)}b/**`, deep],
    ] as const) {
      assert.equal(globProblem(pattern), undefined, pattern.slice(0, 40));
      const taken = perCharacter(pattern, paths);
      assert.ok(taken < 200 * ordinary, `${pattern.slice(0, 40)}: ${(taken / ordinary).toFixed(0)} times`);
    }
  });

  it('are refused where every place of a path would have to be tried against much', () => {
    for (const [pattern, why] of [
      [`*${'[a-z]'.repeat(17)}*`, /16 of \? and \[\] between two \*/],
      [`*${'?'.repeat(17)}b*`, /between two \*/],
      [`**/${'?/'.repeat(9)}**`, /8 folders between two \*\*/],
      ['{a,b}'.repeat(8), /200 alternatives/],
      [`{${Array(100).fill('x').join(',')}}${'y'.repeat(700)}`, /too long ones/],
    ] as const) {
      assert.match(globProblem(pattern) ?? '', why);
      assert.equal(compileGlob(pattern)('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'), false);
    }
  });

  it('get less to do each, the more of them there are, so that all together end in time', () => {
    const changes = Array.from({ length: 3_000 }, (_, i) => `src/f${i}.ts`);
    const facts = { branch: 'b', base: 'main', changes, added: [], deleted: [], lines: { added: 0, deleted: 0 }, labels: [], ci: false };
    const condition = 'changes.exists(a, a == "x")';
    const when = (among: number) => compileExpressions({}).evaluator(facts, undefined, among).when(condition);
    assert.deepEqual(
      [when(1), when(200)],
      [
        { applies: false, matched: [] },
        { applies: false, matched: [] },
      ],
    );
    const many = when(4_000);
    assert.deepEqual([many.applies, many.error], [true, 'The condition would loop over too many changed files.']);
  });
});
