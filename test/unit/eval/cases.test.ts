import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { caseDigest, caseSetDigest, LANGUAGE_NAMES, placesOf, type EvalCase } from '../../../src/core/ai/eval/case.ts';
import { parseCase } from '../../../src/core/ai/eval/caseFile.ts';
import { diffHunks, touchedLines, wholeFileHunk } from '../../../src/core/ai/review/hunks.ts';

const folder = join(import.meta.dirname, '../../../examples/eval');
const files = globSync('**/*.yml', { cwd: folder }).map((file) => file.replaceAll('\\', '/'));

const lines = (text: string): number => text.split('\n').length - 1;

describe('the shipped cases', () => {
  const read = files.toSorted().map((file) => ({ file, ...parseCase(file, readFileSync(join(folder, file), 'utf8')) }));
  const cases = read.flatMap((one): EvalCase[] => (one.case === undefined ? [] : [one.case]));

  for (const { file, problems } of read) it(`${file} is a case`, () => assert.deepEqual(problems, []));

  it('are enough in every language', () => {
    const bugs = cases.filter(({ bug }) => bug !== undefined);
    assert.ok(bugs.length >= 80, `${bugs.length} bugs`);
    assert.ok(cases.length - bugs.length >= 40, `${cases.length - bugs.length} clean changes`);
    for (const language of LANGUAGE_NAMES) {
      const own = cases.filter((one) => one.language === language);
      const withBug = own.filter(({ bug }) => bug !== undefined).length;
      assert.ok(withBug >= 10, `${language}: ${withBug} bugs`);
      assert.ok(own.length - withBug >= 5, `${language}: ${own.length - withBug} clean changes`);
    }
  });

  it('have names, paths and contents of their own', () => {
    for (const key of ['id', 'title'] as const) assert.equal(new Set(cases.map((one) => one[key])).size, cases.length, key);
    assert.equal(new Set(cases.map(({ language, path }) => `${language} ${path}`)).size, cases.length);
    assert.equal(new Set(cases.map(({ after }) => after)).size, cases.length);
  });

  it('are of the size of a real small change', () => {
    const sizes = cases.map(({ id, after }) => ({ id, lines: lines(after) }));
    assert.deepEqual(
      sizes.filter((size) => size.lines < 20 || size.lines > 80),
      [],
    );
  });

  it('show the lines of the bug to the reviewer, and the change is what brought it', () => {
    for (const { id, before, after, bug } of cases) {
      if (bug === undefined) continue;
      const hunks = before === '' ? wholeFileHunk(after) : diffHunks(before, after, 8);
      const touched = touchedLines(hunks);
      const places = [bug.quote, ...bug.also].flatMap((quote) => placesOf(quote, after));
      for (const { start, end } of places) {
        assert.ok(
          hunks.some((hunk) => hunk.startLine <= start && hunk.endLine >= end),
          `${id}: lines ${start} to ${end} are not in the diff`,
        );
      }
      const isTouched = places.some(({ start, end }) => [...touched].some((line) => line >= start && line <= end));
      assert.ok(isTouched, `${id}: no line of the bug was changed`);
    }
  });

  it('do not say which of them have a bug', () => {
    for (const { id, title, path, bug } of cases) {
      assert.ok(!/\b(?:clean|bug|fix|wrong)\b/iu.test(`${title} ${path}`), id);
      if (bug !== undefined) continue;
      assert.match(id, /-clean-/);
    }
  });
});

const CASE = {
  title: 'Count from one',
  path: 'src/count.ts',
  before: 'export const first = 0;\nexport const step = 1;\n',
  after: 'export const first = 1;\nexport const step = 1;\n',
};
const BUG = { category: 'bug', severity: 'low', quote: '  export const first = 1;\n', about: ['zero'] };

/** JSON is YAML. */
const problemsOf = (value: unknown, file = 'typescript/ts-count.yml'): string[] =>
  parseCase(file, JSON.stringify(value)).problems.map(({ message }) => message);

describe('the grammar of a case', () => {
  it('reads a bug and a clean change; language and name come from the file', () => {
    const clean = parseCase('typescript/ts-count.yml', JSON.stringify(CASE)).case;
    assert.deepEqual(clean, { ...CASE, id: 'ts-count', language: 'typescript' });
    const bug = parseCase('typescript/ts-count.yml', JSON.stringify({ ...CASE, bug: BUG })).case;
    assert.deepEqual(bug?.bug, { ...BUG, also: [] });
  });

  it('takes a new file', () => {
    assert.deepEqual(problemsOf({ ...CASE, before: '' }), []);
  });

  const wrong: [what: string, value: unknown, file: string, message: RegExp][] = [
    ['a change of nothing', { ...CASE, before: CASE.after }, 'typescript/a.yml', /must differ/],
    ['line ends as the only change', { ...CASE, before: CASE.after.replaceAll('\n', '\r\n') }, 'typescript/a.yml', /must differ/],
    ['a quote that is not there', { ...CASE, bug: { ...BUG, quote: 'export const first = 2;' } }, 'typescript/a.yml', /not 0 times/],
    ['a quote of half a line', { ...CASE, bug: { ...BUG, quote: 'export const first' } }, 'typescript/a.yml', /not 0 times/],
    ['a second quote that is not there', { ...CASE, bug: { ...BUG, also: ['x'] } }, 'typescript/a.yml', /not 0 times/],
    [
      'a quote that stands twice',
      { ...CASE, after: `${CASE.after}export const first = 1;\n`, bug: BUG },
      'typescript/a.yml',
      /exactly once in "after", not 2 times/,
    ],
    ['no word to tell the bug by', { ...CASE, bug: { ...BUG, about: [] } }, 'typescript/a.yml', /at least one word/],
    ['an unknown severity', { ...CASE, bug: { ...BUG, severity: 'bad' } }, 'typescript/a.yml', /must be one of critical, high/],
    ['an unknown category', { ...CASE, bug: { ...BUG, category: 'style' } }, 'typescript/a.yml', /must be one of bug, security/],
    ['an unknown key', { ...CASE, bugs: BUG }, 'typescript/a.yml', /Unknown key "bugs"/],
    ['a path that leads out', { ...CASE, path: '/etc/count.ts' }, 'typescript/a.yml', /relative path/],
    ['another language in the path', { ...CASE, path: 'src/count.go' }, 'typescript/a.yml', /must end in ts or tsx/],
    ['an unknown language', CASE, 'cobol/a.yml', /<language>\/<id>\.yml/],
    ['a name with capitals', CASE, 'typescript/Count.yml', /<language>\/<id>\.yml/],
    [
      'a text that gives it away',
      { ...CASE, after: '// BUG: off by one\nexport const first = 1;\n' },
      'typescript/a.yml',
      /gives the answer away: BUG/,
    ],
  ];
  for (const [what, value, file, message] of wrong) {
    it(`refuses ${what}`, () => {
      const problems = problemsOf(value, file);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', message);
    });
  }

  it('says where a problem is', () => {
    const source = `title: Count\npath: src/count.ts\nbefore: a\nafter: b\nbug:\n  category: bug\n  severity: low\n  quote: c\n  about: [zero]\n`;
    const { problems } = parseCase('typescript/ts-count.yml', source);
    assert.partialDeepStrictEqual(problems, [{ line: 8, column: 10 }]);
  });

  it('gives back what is no YAML as a problem', () => {
    assert.equal(parseCase('typescript/a.yml', 'title: [').problems[0]?.code, 'syntax');
  });
});

describe('the places of a quote', () => {
  it('are whole lines, whatever their indentation, each time they stand there', () => {
    assert.deepEqual(placesOf('b\nc\n', 'a\n  b\n  c  \nb\nc'), [
      { start: 2, end: 3 },
      { start: 4, end: 5 },
    ]);
    assert.deepEqual(placesOf('b', 'ab\nbb'), []);
  });

  it('are none for a quote of blank lines', () => assert.deepEqual(placesOf('\n \n', 'a\n\n\n'), []));
});

describe('the digest of cases', () => {
  const one: EvalCase = { ...CASE, id: 'a', language: 'typescript' };

  it('changes with what a result depends on, and not with the title', () => {
    assert.equal(caseDigest({ ...one, title: 'Another' }), caseDigest(one));
    assert.notEqual(caseDigest({ ...one, path: 'src/other.ts' }), caseDigest(one));
    assert.notEqual(caseDigest({ ...one, after: `${one.after}\n` }), caseDigest(one));
  });

  it('of a set does not depend on the order', () => {
    assert.equal(caseSetDigest(['b', 'a']), caseSetDigest(['a', 'b']));
    assert.notEqual(caseSetDigest(['a']), caseSetDigest(['a', 'b']));
  });
});
