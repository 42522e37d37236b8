import assert from 'node:assert/strict';
import type { DryRun } from '../../../src/core/workflow/dryRun.ts';
import { beginsSomething } from '../../../src/vscode/workflow/authoring/beginsSomething.ts';
import { dryRunText } from '../../../src/vscode/workflow/authoring/dryRunText.ts';
import { english, step } from './samples.ts';

const links = { line: (line: number) => `/w.yml#L${line}`, step: (id: string) => `/w.yml#${id}` };
const RUN: DryRun = {
  path: '.handrail/workflows/w.yml',
  problems: [],
  branch: 'feat/x',
  base: 'main',
  changes: ['src/a.ts', 'src/b.ts'],
  follows: { title: 'Feature', path: '.handrail/workflows/w.yml' },
  workflow: {
    id: 'w',
    title: 'Feature',
    takesBranch: true,
    branches: ['feat/**'],
    vars: [
      { name: 'risky', expression: 'changes.exists(f, true)', value: true, matched: ['src/a.ts'] },
      { name: 'odd', expression: 'x', value: undefined, matched: [], error: 'Unknown name x.' },
      { name: 'list', expression: 'changes', value: ['src/a.ts', 2n], matched: [] },
    ],
    steps: [
      step({ id: 'intent', title: 'State the problem', state: 'done', assurance: 'bound', why: 'It matters.' }),
      step({
        id: 'tests',
        title: 'Run the tests',
        kind: 'command',
        when: { expression: 'vars.risky', applies: true, matched: ['src/a.ts'] },
        expect: [{ kind: 'exit', met: false, detail: 'The command has not run yet.' }],
      }),
      step({ id: 'late', title: 'Later', state: 'blocked', needs: ['tests'] }),
      step({ id: 'docs', title: 'Docs', state: 'skipped', because: 'not needed: no file under docs/ changed' }),
    ],
    next: ['tests'],
    done: 1,
    total: 3,
  },
};
const page = (changes: Partial<DryRun> = {}): string => dryRunText(english, { ...RUN, ...changes }, links);

describe('the page of a dry run', () => {
  it('says where it was done, what applies and why, what is found and what is skipped', () => {
    const text = page();
    assert.match(text, /^# Dry run: Feature\n\n`\.handrail\/workflows\/w\.yml` on `feat\/x`, which changes 2 files against `main`\./);
    assert.match(text, /This branch follows it\./);
    assert.match(text, /## Steps that apply: 3/);
    assert.match(text, /### ✓ \[State the problem\]\(<\/w\.yml#intent>\)/);
    assert.match(text, /### ➜ \[Run the tests\]/);
    assert.match(text, /### ○ \[Later\]\(<\/w\.yml#late>\)\n\nby hand · \*\*waits for Run the tests\*\*/);
    assert.match(text, /Its condition `vars\.risky` holds because of `src\/a\.ts`\./);
    assert.match(text, /- ○ The command has not run yet/);
    assert.match(text, /## Skipped: 1\n\n- ⤼ \[Docs\]\(<\/w\.yml#docs>\) · not needed\\: no file under docs\/ changed/);
    assert.match(text, /- `vars\.risky` = \*\*true\*\* · `changes\.exists\(f, true\)` · `src\/a\.ts`/);
    assert.match(text, /- `vars\.odd` · cannot be evaluated: Unknown name x/);
    assert.match(text, /- `vars\.list` = \*\*\\\["src\/a\\\.ts", 2\\\]\*\*/);
    assert.match(text, /Nothing was run, and nothing was recorded\.\n$/);
  });

  it('says which workflow the branch follows instead, and when this one is not meant for it', () => {
    const other = { title: 'Every change', path: '.handrail/workflows/team.yml' };
    assert.match(page({ follows: other }), /the branch follows “Every change” \(`\.handrail\/workflows\/team\.yml`\), which comes first/);
    const { workflow } = RUN;
    assert.ok(workflow);
    assert.match(page({ workflow: { ...workflow, takesBranch: false } }), /not meant for this branch: it takes `feat\/\*\*`/);
  });

  it('lists what is wrong with the lines, and no steps while the file means nothing', () => {
    const { workflow: _workflow, ...broken } = RUN;
    const text = dryRunText(
      english,
      {
        ...broken,
        problems: [
          { line: 7, column: 1, endLine: 7, endColumn: 2, severity: 'error', code: 'syntax', message: 'It is [broken].', hint: 'Mend it.' },
        ],
      },
      links,
    );
    assert.match(text, /## What is wrong\n\n- ✗ \[7\]\(<\/w\.yml#L7>\) · It is \\\[broken\\\]\\\. Mend it\\\./);
    assert.match(text, /once the file means exactly one thing/);
    assert.doesNotMatch(text, /Steps that apply/);
  });

  it('shows text of the repository letter by letter', () => {
    const { workflow } = RUN;
    assert.ok(workflow);
    const nasty = '[x](command:evil) ![i](http://e) <b>';
    const text = page({ workflow: { ...workflow, title: nasty, steps: [step({ id: 'a', title: nasty, why: nasty })] } });
    assert.doesNotMatch(text, /(?<!\\)\]\(command|(?<!\\)!\[|(?<!\\)<b>/);
  });
});

describe('a character that was typed', () => {
  for (const [before, trigger, expected] of [
    ['    k', 'k', true],
    ['    kind: m', 'm', true],
    ['    title: some wor', 'r', false],
    ['    title: some ', ' ', false],
    ['    kind: ', ' ', true],
    ['    needs: [a, ', ' ', true],
    ['    when: vars.risky && ', ' ', true],
    ['    when: vars.', '.', true],
    ['    ', ' ', true],
    ['anything at all', undefined, true],
  ] as const) {
    it(`${JSON.stringify(before)} ${expected ? 'begins something' : 'is in the middle'}`, () =>
      assert.equal(beginsSomething(before, trigger), expected));
  }
});
