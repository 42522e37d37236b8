import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Anchorer, reanchor, verifyQuote } from '../../../src/core/ai/review/anchor.ts';
import { diffHunks, type Hunk } from '../../../src/core/ai/review/hunks.ts';
import { squeeze } from '../../../src/core/ai/review/lines.ts';

const text = `import { a } from './a';

export function first(x: number) {
  if (x > 1) {
    return null;
  }
  return x;
}

export function second(y: number) {
  if (y > 1) {
    return null;
  }
  log('done', y);
}
`;
const lines = text.split('\n');

function place(quote: string, claim?: number, hunks?: Hunk[]): (string | number | undefined)[] {
  const { anchor, startLine, endLine } = new Anchorer(lines, hunks).place(quote, claim);
  return startLine === undefined ? [anchor.status] : [anchor.status, startLine, endLine];
}

/** A quote that is not all there. */
const partial = (quote: string): ReturnType<Anchorer['place']> => new Anchorer(lines).place(quote);

/** A change that added `second`. */
const secondAdded = diffHunks(lines.slice(0, 8).join('\n') + '\n', text, 3);

describe('anchor', () => {
  it('finds lines that were cut short by an ellipsis, and does not take them for the whole', () => {
    for (const quote of ['import { a } fr…', 'export function second(y: …\n  if (y > 1) {', "import { a } from './..."]) {
      const { startLine, match } = partial(quote);
      assert.equal(startLine, quote.startsWith('import') ? 1 : 10, quote);
      assert.equal(match?.reading.cutShort, true);
    }
    assert.equal(partial('  ret…').startLine, undefined);
    assert.equal(partial('[redacted:password]…').startLine, undefined, 'two wildcards would stand on every line');
  });

  it('finds a quote with lines left out, in order and near to each other', () => {
    const { startLine, endLine, anchor, match } = partial("export function second(y: number) {\n  // …\n  log('done', y);");
    assert.deepEqual([startLine, endLine, anchor.status, match?.level], [10, 14, 'fuzzy', 'gaps']);
    assert.equal(partial("  log('done', y);\nexport function second(y: number) {").startLine, undefined);
    assert.equal(partial("import { a } from './a';\n  log('done', y);").startLine, undefined);
  });

  it('finds a quote where it is claimed, or elsewhere', () => {
    assert.deepEqual(place('  return x;', 7), ['exact', 7, 7]);
    assert.deepEqual(place('  return x;'), ['exact', 7, 7]);
    assert.deepEqual(place('  return x;', 4), ['moved', 7, 7]);
    assert.deepEqual(place('  }\n  return x;\n}', 6), ['exact', 6, 8]);
  });

  it('reads quotes with lost indentation, copied markers, copied numbers, fences and CRLF', () => {
    const loose = {
      'lost indentation': 'if (y > 1) {\nreturn null;\n}',
      'copied markers': '+  if (y > 1) {\n+    return null;\n+  }',
      'copied numbers': ' 11   if (y > 1) {\n 12     return null;\n 13   }',
      'copied markers and numbers': '+11   if (y > 1) {\n+12     return null;\n+13   }',
      'copied numbers and markers': '11+  if (y > 1) {\n12+    return null;\n13+  }',
      'numbers with a bar': '11|  if (y > 1) {\n12|    return null;\n13|  }',
      'a fence': '```ts\n  if (y > 1) {\n    return null;\n  }\n```',
      CRLF: '  if (y > 1) {\r\n    return null;\r\n  }\r\n',
      'blank lines around': '\n\n  if (y > 1) {\n    return null;\n  }\n\n',
    };
    for (const [name, quote] of Object.entries(loose)) assert.deepEqual(place(quote, 11), ['exact', 11, 13], name);
  });

  it('takes a fence for text where the file is Markdown', () => {
    const readme = ['# A', '', '```sh', 'npm start', '```', '', '```sh', 'npm test', '```'];
    const { startLine, endLine } = new Anchorer(readme).place('```sh\nnpm test\n```', 2);
    assert.deepEqual([startLine, endLine], [7, 9]);
  });

  it('says when the text is only nearly the same', () => {
    assert.deepEqual(place("log( 'done',y );", 14), ['fuzzy', 14, 14]);
    assert.deepEqual(place('export function second(y: numbr) {', 10), ['fuzzy', 10, 10]);
  });

  it('finds a part of a line', () => {
    assert.deepEqual(place('function second(y: number)'), ['exact', 10, 10]);
  });

  it('lets the claimed line decide between equal texts only when it does so clearly', () => {
    assert.deepEqual(place('    return null;', 12), ['exact', 12, 12]);
    assert.deepEqual(place('    return null;', 4), ['moved', 5, 5]);
    assert.deepEqual(place('    return null;', 8), ['unanchored']);
    assert.deepEqual(place('    return null;'), ['unanchored']);
  });

  it('prefers what was added, without any claim', () => {
    assert.deepEqual(place('    return null;', undefined, secondAdded), ['exact', 12, 12]);
    assert.deepEqual(place('    return null;', 4, secondAdded), ['moved', 12, 12]);
  });

  it('marks findings on code that did not change', () => {
    const anchorer = new Anchorer(lines, secondAdded);
    assert.equal(anchorer.place('    return null;').onUnchangedCode, undefined);
    assert.equal(anchorer.place('export function first(x: number) {').onUnchangedCode, true);
  });

  it('counts the neighbours of removed lines as changed', () => {
    const hunks = diffHunks(text.replace("  log('done', y);\n", "  check(y);\n  log('done', y);\n"), text, 3);
    const anchorer = new Anchorer(lines, hunks);
    assert.equal(anchorer.place("  log('done', y);").onUnchangedCode, undefined);
    assert.equal(anchorer.place('  if (y > 1) {').onUnchangedCode, true);
  });

  it('does not place what is not there, says nothing or could be anywhere', () => {
    for (const quote of ['', '\n \n', 'launchRockets();', '```\n```'])
      assert.deepEqual(place(quote, 5), ['unanchored'], JSON.stringify(quote));
    assert.deepEqual(place('}', 11), ['unanchored']);
  });

  it('takes a bar after a number for code where the code has one', () => {
    const union = ['type T =', "  | 'a'", "  | 'b';"];
    assert.equal(new Anchorer(union).place("2   | 'a'\n3   | 'b';").startLine, 2);
  });

  it('never calls a place exact that does not hold the quote', () => {
    const line = fc.constantFrom(
      'a();',
      '  a();',
      'b = 1;',
      '}',
      '',
      '\treturn x;',
      'if (x) {',
      '12 apples',
      '+ more',
      'const long = compute(value, other);',
    );
    const file = fc.array(line, { minLength: 1, maxLength: 30 });
    const noise = fc.constantFrom<(quote: string) => string>(
      (quote) => quote,
      (quote) => quote.replace(/^/gmu, '+'),
      (quote) => quote.replace(/^ +/gmu, ''),
      (quote) => quote.replaceAll('\n', '\r\n'),
      (quote) => quote.replace('a', 'e'),
    );
    fc.assert(
      fc.property(
        file,
        file,
        fc.nat(29),
        fc.integer({ min: 1, max: 3 }),
        fc.option(fc.integer({ min: 1, max: 40 })),
        noise,
        (old, now, at, length, claim, change) => {
          const hunks = diffHunks(old.join('\n'), now.join('\n'), 2);
          const quote = change(now.slice(at % now.length, (at % now.length) + length).join('\n'));
          const { anchor, startLine, endLine } = new Anchorer(now, hunks).place(quote, claim ?? undefined);
          assert.equal(anchor.status === 'unanchored', startLine === undefined);
          if (startLine === undefined || endLine === undefined) return;
          assert.ok(startLine >= 1 && endLine <= now.length && startLine <= endLine);
          if (anchor.status === 'fuzzy') return;
          const wanted = squeeze(quote.replace(/^\s*\+/gmu, '').replace(/^\d+ /gmu, ''));
          assert.ok(
            squeeze(
              now
                .slice(startLine - 1, endLine)
                .join('')
                .replace(/\+|\d+ /gu, ''),
            ).includes(wanted.replace(/\+/gu, '')),
            `${quote} at ${startLine}`,
          );
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('places every unique line of a text, wherever the model claims it to be', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^ {0,4}[a-z]{3,12}\(\);$/), { minLength: 1, maxLength: 40, selector: squeeze }),
        fc.nat(),
        fc.nat(60),
        (file, at, claim) => {
          const index = at % file.length;
          assert.equal(new Anchorer(file).place(file[index] ?? '', claim + 1).startLine, index + 1);
        },
      ),
    );
  });
});

describe('finding after edits', () => {
  const finding = { quote: '    return null;', startLine: 12, endLine: 12, symbol: 'second' };

  it('follows its text within its function', () => {
    const { startLine, anchor } = reanchor(finding, `// one\n// two\n${text}`);
    assert.deepEqual([startLine, anchor.status], [14, 'moved']);
  });

  it('is stale when its text is gone, though the same text stands in another function', () => {
    assert.equal(reanchor(finding, text.replace('(y > 1) {\n    return null;', '(y > 1) {\n    return 0;')).startLine, undefined);
  });

  it('stays when its function is renamed', () => {
    const unique = { quote: "  log('done', y);", startLine: 14, symbol: 'second' };
    assert.equal(reanchor(unique, text.replace('second', 'other')).startLine, 14);
    assert.equal(reanchor(unique, '\n'.repeat(100) + text.replace('second', 'other')).startLine, undefined);
  });

  it('stays the same one of several equal texts, as long as they are all there', () => {
    const twice = '  a();\n  b();\n'.repeat(2);
    const anchorer = new Anchorer(twice.split('\n'));
    const copies = anchorer.copiesAt('  b();', 4);
    assert.deepEqual(copies, { index: 1, of: 2 });
    assert.equal(anchorer.copiesAt('  b();', 3), undefined);
    const second = {
      quote: '  b();',
      startLine: 4,
      symbol: '',
      anchor: { status: 'exact' as const, confidence: 1, copies: copies ?? assert.fail() },
    };
    assert.equal(reanchor(second, `x\ny\n${twice}`).startLine, 6);
    assert.equal(reanchor(second, twice.replaceAll('  ', '\t')).startLine, 4);
    for (const text of [twice.replace('  b();\n', ''), twice.replace(/ {2}b\(\);\n$/, ''), `  b();\n${twice}`])
      assert.equal(reanchor(second, text).startLine, undefined, text);
    const copied = { ...finding, anchor: { status: 'exact' as const, confidence: 1, copies: { index: 1, of: 2 } } };
    assert.equal(reanchor(copied, text).startLine, 12);
    const moved = text.replace('(y > 1) {\n    return null;', '(y > 1) {') + 'export function third() {\n    return null;\n}\n';
    assert.equal(reanchor(copied, moved).startLine, undefined, 'the second one is in another function now');
  });

  it('checks the quote before a fix, letting redacted parts be anything', () => {
    assert.equal(verifyQuote(finding, text), true);
    assert.equal(verifyQuote(finding, text.replaceAll('\n', '\r\n')), true);
    assert.equal(verifyQuote(finding, `\n${text}`), false);
    assert.equal(verifyQuote({ ...finding, startLine: 99, endLine: 99 }, text), false);
    const secret = { quote: 'key = "[redacted:api-key]" # [redacted:x]!', startLine: 1, endLine: 1 };
    assert.equal(verifyQuote(secret, 'key = "abc" # d!'), true);
    assert.equal(verifyQuote(secret, 'kex = "abc" # d!'), false);
  });
});
