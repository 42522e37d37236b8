import assert from 'node:assert/strict';
import fc from 'fast-check';
import { asMarkdown, codeBlock, oneLine } from '../../../src/vscode/review/plainText.ts';

describe('asMarkdown', () => {
  it('takes the force out of links, images, commands, HTML and bare addresses', () => {
    const out = asMarkdown('![x](https://evil.example/p.png) [run](command:rm) <img src=x> https://evil.example www.evil.example');
    assert.doesNotMatch(out, /(^|[^\\])[![\]()<>]/);
    assert.doesNotMatch(out, /https?:\/\//);
    assert.doesNotMatch(out, /www\./);
  });

  it('leaves no punctuation of prose unescaped, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string().map((text) => text.replaceAll('`', '')),
        (text) => {
          const unescaped = asMarkdown(text).replace(/\\[!-/:-@[-`{-~]/g, '');
          assert.doesNotMatch(unescaped, /[!-/:-@[-`{-~]/);
        },
      ),
    );
  });

  it('keeps code spans and fenced code', () => {
    assert.equal(asMarkdown('call `save()` now'), 'call `save()` now');
    assert.equal(asMarkdown('so:\n```ts\na[0] = 1;\n```'), 'so\\:\n```ts\na[0] = 1;\n```');
  });

  it('does not let a fence name anything but a language', () => {
    assert.match(asMarkdown('```command:evil x\ncode\n```'), /^```\ncode\n```$/);
  });

  it('does not read a heading or a list into a sentence', () => {
    assert.equal(asMarkdown('# title\n- item\n1. one'), '\\# title  \n\\- item  \n1\\. one');
  });
});

describe('codeBlock', () => {
  it('cannot be left by its content', () => {
    assert.equal(codeBlock('a\n````\nb'), '`````\na\n````\nb\n`````');
  });
});

describe('oneLine', () => {
  it('drops control characters and bidirectional overrides, and cuts', () => {
    assert.equal(oneLine('a\u202eb\u0007\nc'), 'ab c');
    assert.equal(oneLine('abcdef', 4), 'abc…');
  });
});
