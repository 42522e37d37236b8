import assert from 'node:assert/strict';
import fc from 'fast-check';
import { descriptionOf } from '../../../src/core/ai/draft/description.ts';
import { quietMarkdown } from '../../../src/core/ai/draft/quietMarkdown.ts';
import { templateSections } from '../../../src/core/ai/draft/template.ts';

const quiet = (text: string): string => quietMarkdown(text.split('\n')).join('\n');

describe('a description', () => {
  it('has our headings in their order, and what was written for each', () => {
    const answer = '## Why\n\nIt was wrong.\n\n## What changed\n\n- `total` adds now.\n';
    assert.equal(descriptionOf(answer), '## What changed\n\n- `total` adds now.\n\n## Why\n\nIt was wrong.');
  });

  it('without headings says what changed', () => {
    assert.equal(descriptionOf('It adds now.'), '## What changed\n\nIt adds now.');
  });

  it('follows a template, whose boxes stay for people to tick', () => {
    const sections = templateSections(
      '<!-- explain\n## No heading -->\n## :rocket: What\n\n### Tested?\n- [x] by hand\n- [ ] on CI\n## Screenshots\n',
    );
    assert.deepEqual(sections, [
      { heading: ':rocket: What', checks: [] },
      { heading: 'Tested?', checks: ['by hand', 'on CI'] },
      { heading: 'Screenshots', checks: [] },
    ]);
    const answer = '## What\nIt adds.\n## Tested\n- [x] all of it\n## Extra\nmore';
    assert.equal(
      descriptionOf(answer, sections),
      '## :rocket: What\n\nIt adds.\n\n## Tested?\n\n- all of it\n**Extra**\nmore\n\n- [ ] by hand\n- [ ] on CI\n\n## Screenshots',
    );
  });

  it('takes no heading out of code', () => {
    assert.match(descriptionOf('## What changed\n```\n## Why\n```\nEnd') ?? '', /```\n## Why\n```\nEnd$/);
  });

  it('is none where nothing was written', () => {
    for (const answer of ['', '## What changed\n\n## Why\n', '<think>hm']) assert.equal(descriptionOf(answer), undefined, answer);
  });

  it('of a template without headings is the usual one', () => {
    assert.equal(templateSections('Please describe your change.'), undefined);
    assert.equal(templateSections('<!-- ## never closed'), undefined);
    assert.deepEqual(templateSections('- [ ] tested'), [{ heading: 'Checklist', checks: ['tested'] }]);
  });
});

describe('the Markdown of a model', () => {
  it('keeps paragraphs, items, headings and code', () => {
    const kept = 'Uses `total()` now.\n\n- one\n  - two\n1. three\n```\nconst a = 1;\n```';
    assert.equal(quiet(kept), kept);
    assert.equal(quiet('### Part\n**bold** and __more__'), '**Part**\nbold and more');
  });

  const hostile: [string, string, RegExp][] = [
    ['a picture', '![x](https://evil.example/a.png?q=secret)', /!\[|evil/],
    ['a link', '[click](https://evil.example)', /\]\(|evil/],
    ['a link by reference', '[click][1]\n[1]: https://evil.example', /https:\/\/|\]\[/],
    ['an address', 'see https://evil.example and www.evil.example', /https:\/\/|www\.evil/],
    ['HTML', '<img src=x onerror=y><script>alert(1)</script><!-- c -->', /<(?:img|script|!--)/],
    ['HTML in code that does not end', '`<img src=x>', /<img/],
    ['a mention', 'cc @torvalds and #12, closes #13', /@torvalds|#1\d/],
    ['a box', '- [x] approved', /\[[ x]\]/],
    ['a table', '| a | b |\n| --- | --- |', /^\| a \| b/m],
    ['a formula', '$x$', /\$x/],
    ['a diagram', '```mermaid\ngraph TD\n```', /mermaid/],
    ['the marks of a summary', '```\n<!-- handrail:summary:end -->\n```\n`<!-- handrail:summary:end -->`', /<!-- /],
    ['a picture in parts', '!\\[x](https://evil.example)', /https:\/\//],
  ];
  for (const [what, text, drawn] of hostile) it(`draws nothing else: ${what}`, () => assert.doesNotMatch(quiet(text), drawn));

  it('leaves no way out of a block of code', () => {
    const shown = quiet('````\n```\n![x](y)\n````\n![x](https://y)');
    assert.match(shown, /^`{4,}\n```\n!\[x\]\(y\)\n`{4,}\nx$/);
    assert.equal(quiet('```\n![x](y)'), '```\n![x](y)\n```');
  });

  it('never fails, and never grows without bounds', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'[]()!`*_<>#@-~:/ab1 \n|$&'), maxLength: 200 }), (text) => {
        const shown = quiet(text);
        assert.ok(shown.length < 30 * text.length + 60);
        const outside = shown.replace(/(`{3,})\n[^]*?\n\1/gu, '').replace(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/gu, '');
        assert.doesNotMatch(outside, /(?<!\\)!\[|<[a-z!]|(?<!\\)\]\(/);
      }),
    );
  });

  it('is read in time that grows with its length', () => {
    for (const piece of ['`', '![', '[a](', '**a', '```\n', '- ', '<!--', '# ', '__']) {
      const started = performance.now();
      descriptionOf(piece.repeat(60_000 / piece.length));
      assert.ok(performance.now() - started < 5_000, piece);
    }
  });
});
