import assert from 'node:assert/strict';
import fc from 'fast-check';
import { code, codeBlock, plain } from '../../../src/vscode/workflow/markdown.ts';
import { explanationOf, tooltipOf } from '../../../src/vscode/workflow/stepText.ts';
import { english, step } from './samples.ts';

describe('the text about a step', () => {
  const rich = step({
    id: 'threats',
    title: 'Threat notes',
    why: 'Two incidents skipped this page.',
    because: 'its condition holds',
    when: { expression: 'vars.risky', applies: true, matched: ['1', '2', '3', '4', '5', '6', '7'] },
    expect: [{ kind: 'attest', met: false, detail: 'Nobody confirmed it.' }],
    missing: ['Nobody confirmed it.', 'Wait for the review.'],
    assurance: 'self-reported',
    evidence: { id: 'sha256:0123456789abcdef' },
    run: 'npm test\nnpm run lint',
  });

  it('says why, why here with at most five paths, what proves it and what is missing, each once', () => {
    const text = tooltipOf(english, rich, 'ready');
    assert.match(text, /Two incidents skipped this page/);
    assert.match(text, /`vars\.risky`/);
    assert.match(text, /`5` and 2 more/);
    assert.equal(text.match(/Nobody confirmed it/g)?.length, 1);
    assert.match(text, /Wait for the review/);
  });

  it('explains what runs and what the proof is worth', () => {
    const text = explanationOf(english, rich, 'done');
    assert.match(text, /```sh\nnpm test\nnpm run lint\n```/);
    assert.match(text, /Someone's word/);
    assert.match(text, /`0123456789ab`/);
  });

  it('shows repository text letter by letter', () => {
    assert.equal(plain('[x](command:evil) $(bug) <img src=a>'), '\\[x\\]\\(command\\:evil\\) \\$\\(bug\\) \\<img src\\=a\\>');
    assert.equal(code('a`b'), '`` a`b ``');
    assert.equal(codeBlock('```\nend', 'sh'), '````sh\n```\nend\n````');
  });

  it('never lets repository text begin a link, an image, an icon, HTML or a heading', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'[]()!<>$#`*_:\n\\ ab') }), (text) => {
        const unescaped = plain(text).replace(/\\[^a-z0-9\s]/g, '');
        assert.doesNotMatch(unescaped, /[[\]()<>$#`*_!:\\\n]/);
      }),
    );
  });
});
