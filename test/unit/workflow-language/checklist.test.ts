import assert from 'node:assert/strict';
import fc from 'fast-check';
import { failureOf } from '../../../src/core/errors.ts';
import { checklistWorkflow, readChecklist } from '../../../src/core/workflow/checklist.ts';
import type { ChecklistItem } from '../../../src/core/workflow/checklist.ts';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';

const brief = (items: readonly ChecklistItem[]): string[] =>
  items.map(({ text, done, line, depth }) => `${line}:${'>'.repeat(depth)}${done ? 'x' : ' '} ${text}`);

describe('readChecklist', () => {
  it('keeps every box with its marker, nesting, state and line', () => {
    const markdown = [
      '# Pull request',
      '- [x] dash',
      '  * [ ] star below',
      '    1. [X] number below',
      '+ [ ] plus',
      '',
      '1) [x] parenthesis',
      '- [~] half done',
      '- [-] dropped',
      '- [ ]',
    ].join('\n');
    assert.deepEqual(brief(readChecklist(markdown)), [
      '2:x dash',
      '3:>  star below',
      '4:>>x number below',
      '5:  plus',
      '7:x parenthesis',
      '8:  half done',
      '9:  dropped',
      '10:  ',
    ]);
  });

  it('leaves out code, comments and brackets that are no boxes', () => {
    const markdown = [
      '```',
      '- [ ] fenced',
      '```',
      '',
      '    - [ ] indented code',
      '',
      '<!-- - [ ] comment -->',
      '',
      '- [a](https://example.com)',
      '- [1] a note',
      '- [x](https://example.com) a link',
      '- text [ ] later',
      '- `[ ]` code',
      'text',
      '[ ] no list',
    ].join('\n');
    assert.deepEqual(readChecklist(markdown), []);
  });

  it('reads lists in quotes, CRLF, a byte order mark, and text over several lines', () => {
    assert.deepEqual(brief(readChecklist('\uFEFF> - [x] in a\r\n>   quote\r\n')), ['1:x in a quote']);
    assert.deepEqual(brief(readChecklist('- [ ] one\r\n  two\r\n')), ['1:  one two']);
  });

  it('knows the heading and the plain items above a box', () => {
    const [first, second] = readChecklist('## Checks ##\n- Tests\n  - [ ] unit\n\nOther\n=====\n- [ ] docs\n');
    assert.deepEqual([first?.section, first?.depth, first?.level], [['Checks', 'Tests'], 1, 0]);
    assert.deepEqual(second?.section, ['Other']);
  });

  it('keeps a box although a definition gives its brackets a meaning', () => {
    assert.deepEqual(brief(readChecklist('- [x] done\n\n[x]: https://example.com\n')), ['1:x done']);
  });

  it('refuses what is nested without end, not a line of dashes', () => {
    assert.throws(() => readChecklist(`${'> '.repeat(5000)}- [ ] a`), { reason: 'too-large' });
    assert.equal(readChecklist(`- [ ] a\n\n${'- '.repeat(60)}\n`).length, 1);
  });

  it('refuses a text that is far too large', () => {
    assert.throws(
      () => readChecklist('x'.repeat(200_001)),
      (error) => failureOf(error)?.reason === 'too-large',
    );
  });
});

describe('checklistWorkflow', () => {
  const header = { id: 'list', title: 'List' };

  it('makes a valid workflow, one step a box, with nesting in the title and the place in "why"', () => {
    const items = readChecklist('## Before\n- [x] Tests: "added"\n  - [ ] unit\n- [ ] Tests: "added"\n- [ ]\n');
    const { yaml, done } = checklistWorkflow(header, [{ path: 'PR.md', items }]);
    const { workflow, problems } = parseWorkflow(yaml, 'w.yml');
    assert.deepEqual(problems, []);
    assert.deepEqual(
      workflow?.steps.map(({ id, title, why, needs }) => [id, title, why, needs]),
      [
        ['tests-added', 'Tests: "added"', 'Ticked in PR.md, under "Before", when it was imported.', []],
        ['unit', '↳ unit', 'From PR.md, under "Before".', []],
        ['tests-added-2', 'Tests: "added"', 'From PR.md, under "Before".', []],
        ['box', 'Box without text on line 5', 'From PR.md, under "Before".', []],
      ],
    );
    assert.deepEqual(done, ['tests-added']);
  });

  it('says when there is no box', () => {
    assert.throws(
      () => checklistWorkflow(header, [{ path: 'a.md', items: [] }]),
      (error) => failureOf(error)?.reason === 'config',
    );
  });

  it('keeps every box of any list, in order, with its state', function () {
    this.timeout(60_000);
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((raw) => `t${raw.replace(/[\s\p{C}\p{Z}]+/gu, ' ')}e`);
    const box = fc.record({ text, done: fc.boolean(), marker: fc.constantFrom('-', '*', '+'), deeper: fc.boolean() });
    fc.assert(
      fc.property(fc.array(box, { minLength: 1, maxLength: 12 }), (boxes) => {
        let depth = 0;
        const lines = boxes.map(({ text: title, done, marker, deeper }, index) => {
          depth = index === 0 ? 0 : deeper ? depth + 1 : 0;
          // One marker a level: another one at the same level begins a new list, which is no nesting to keep.
          return { line: `${'  '.repeat(depth)}${depth === 0 ? marker : '-'} [${done ? 'x' : ' '}] ${title}`, depth };
        });
        const items = readChecklist(lines.map(({ line }) => line).join('\n'));
        assert.deepEqual(
          items.map(({ text: title, done, depth: level }) => [title, done, level]),
          boxes.map(({ text: title, done }, index) => [title.trim(), done, lines[index]?.depth]),
        );
        const { yaml, done } = checklistWorkflow(header, [{ path: 'a.md', items }]);
        const { workflow, problems } = parseWorkflow(yaml, 'w.yml');
        assert.deepEqual(problems, []);
        assert.deepEqual(
          workflow?.steps.map((step) => [step.title.replace(/^(?:↳ )*/, ''), done.includes(step.id)]),
          items.map((item) => [item.text, item.done]),
        );
      }),
      { numRuns: 200 },
    );
  });
});
