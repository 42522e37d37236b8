import assert from 'node:assert/strict';
import { cellCode, codeText, oneLine, plainText } from '../../../src/core/workflow/markdownText.ts';
import { REFERENCES, render } from './hostMarkdown.ts';
import { NASTY } from './nasty.ts';

/** Text as a reader should see it: what the escaping may not change. */
const readable = (text: string, most: number): string => oneLine(text, most);

const TAGS = new Set(['table', 'thead', 'tbody', 'tr', 'th', 'td', 'code', 'ul', 'li', 'p']);

describe('untrusted text in Markdown', () => {
  for (const [i, text] of NASTY.entries()) {
    it(`shows sample ${i} letter by letter: ${JSON.stringify(text.slice(0, 50))}`, () => {
      const cell = `| A | B |\n| --- | --- |\n| ${plainText(text)} | ${cellCode(text)} |\n| last | row |`;
      for (const markdown of [cell, `- ${plainText(text)}`, `Said: ${plainText(text)} and ${codeText(text)}.`]) {
        const rendered = render(markdown);
        assert.deepEqual(
          [...rendered.tags].filter((tag) => !TAGS.has(tag)),
          [],
          markdown,
        );
        for (const reference of REFERENCES) assert.doesNotMatch(rendered.prose, reference, markdown);
        assert.ok(!markdown.includes('handrail:summary') || !/<!--/.test(markdown), markdown);
      }
      const { rows } = render(cell);
      assert.deepEqual(rows[1], [readable(text, 200), readable(text, 300)]);
      assert.deepEqual(rows[2], ['last', 'row'], 'no row or cell is made up');
    });
  }

  it('stays on one line, within its length, without half a character', () => {
    assert.equal(oneLine('a\n\n b\tc ', 20), 'a b c');
    assert.equal(oneLine('🎉'.repeat(10), 6), '🎉🎉…');
    assert.equal(oneLine('\u202eabc', 20), '\ufffdabc');
    for (const text of NASTY) assert.ok(oneLine(text, 50).length <= 50);
  });

  it('leaves ordinary words as they are', () => {
    assert.equal(plainText('Run the tests (npm test): 3 of 4, "quick" & easy'), 'Run the tests (npm test): 3 of 4, "quick" &amp; easy');
    assert.equal(codeText('src/a.ts:12'), '`src/a.ts:12`');
    assert.equal(codeText('a`b'), '`` a`b ``');
  });
});
