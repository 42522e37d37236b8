import assert from 'node:assert/strict';
import { asWritten } from '../../../src/core/ai/shownText.ts';
import { injectionGroups, type InjectionCase } from '../../support/injectionCorpus.ts';
import { assertFenced, partsOf } from '../../support/promptParts.ts';
import { MARKER, review, reviewInput, reviewOf } from './reviews.ts';

async function sentFor(one: InjectionCase): Promise<{ system: string; user: string }> {
  const { input, engine } = reviewOf(one);
  const { sent } = await review(input, '{"findings":[]}', engine);
  assert.equal(sent.length, 1);
  return sent[0] ?? { system: '', user: '' };
}

const GROUPS = injectionGroups(MARKER);

describe('what a model is sent about hostile text', function () {
  this.timeout(60_000);

  it('has at least 80 cases with names of their own', () => {
    const ids = GROUPS.flatMap(({ cases }) => cases.map(({ id }) => id));
    assert.ok(ids.length >= 80, String(ids.length));
    assert.equal(new Set(ids).size, ids.length);
  });

  for (const { title, cases } of GROUPS) {
    describe(title, () => {
      for (const one of cases) {
        it(`${one.id}: stays inside the fence`, async () => {
          const { system, user } = await sentFor(one);
          const plain = await review(reviewInput({ units: [{ path: 'a.ts', text: 'a();\n' }] }), '[]');
          assert.equal(system, plain.sent[0]?.system, 'the system prompt changed');
          const { inside } = assertFenced(user);
          const told = asWritten(inside.map((lines) => lines.join('\n')).join('\n'));
          if (one.keeps !== undefined) {
            assert.ok(told.includes(one.keeps.trim()), `hidden: ${told}`);
            return;
          }
          const isList = one.where === 'dismissal' || one.where === 'known';
          if (one.where === 'path')
            assert.ok(told.includes(JSON.stringify(one.path).slice(1, -1)) || told.includes(one.path), 'the path is lost');
          // An engine's title goes along in one line, a list's text in one line of limited length, a function's name up to a length.
          else if (isList || one.where === 'engine') assert.ok(told.includes(asLine(one.text).slice(0, 60)), `lost: ${told}`);
          else if (one.where === 'symbol')
            assert.ok(told.includes(`in ${one.text.slice(0, one.id === 'symbol-selectors' ? 5 : 147)}`), `lost: ${told}`);
          else for (const line of one.text.split(/\r\n|\n|\r/)) assert.ok(told.includes(line), `lost: ${line}`);
        });
      }
    });
  }

  it('shows file names on the first line of their piece, and nothing else there', async () => {
    for (const one of GROUPS.flatMap(({ cases }) => cases)) {
      const { inside } = partsOf((await sentFor(one)).user);
      const pieces = inside.filter(([first]) => first?.startsWith('"'));
      assert.ok(pieces.length > 0, one.id);
      for (const [heading = '', ...rows] of pieces) {
        assert.match(heading, /^"(?:[^"\\]|\\.)*"(?: in [^"]+)?$/);
        for (const row of rows) assert.match(row, /^ *\d*[ +-]/, one.id);
      }
    }
  });

  it('keeps what is listed on its line, whatever the file is called and whatever is said of it', async () => {
    for (const one of GROUPS.flatMap(({ cases }) => cases).filter(({ where }) =>
      ['path', 'known', 'dismissal', 'engine'].includes(where),
    )) {
      const lists = partsOf((await sentFor(one)).user).inside.filter(([first]) => first?.startsWith('- '));
      assert.equal(lists.length, one.where === 'path' ? 2 : 1, one.id);
      for (const list of lists) {
        assert.equal(list.length, 1, one.id);
        assert.match(list[0] ?? '', /^- "(?:[^"\\]|\\.)*"(?::\d+)? \S/, one.id);
      }
    }
  });

  it('is anchored where it is quoted, however it was written out', async () => {
    for (const one of GROUPS.flatMap(({ cases }) => cases).filter(({ where }) => where === 'code' || where === 'added')) {
      const { input } = reviewOf(one);
      const rows = partsOf((await sentFor(one)).user)
        .inside.flat()
        .filter((row) => /^ *\d+[ +]/.test(row));
      for (const row of rows) {
        const [, number = '', quote = ''] = /^ *(\d+)[ +](.*)$/.exec(row) ?? [];
        if (quote.trim().length < 8 || rows.filter((other) => other.trim().endsWith(quote.trim())).length > 1) continue;
        const raw = {
          file: one.path,
          line: 1,
          quote,
          severity: 'low',
          category: 'security',
          title: 'An order',
          message: `Line ${number}.`,
        };
        const { findings } = await review(input, JSON.stringify({ findings: [raw] }));
        assert.deepEqual([findings[0]?.startLine, findings[0]?.endLine], [Number(number), Number(number)], `${one.id}: ${quote}`);
        assert.ok((findings[0]?.anchor.confidence ?? 0) >= 0.97, one.id);
      }
    }
  });

  it('is found again by the name it was told', async () => {
    for (const one of GROUPS.flatMap(({ cases }) => cases).filter(({ where }) => where === 'path')) {
      const { input } = reviewOf(one);
      const headings = partsOf((await sentFor(one)).user).inside.map(([first = '']) => first);
      const heading = headings.find((line) => line.startsWith('"') && line !== '"src/honest.ts"') ?? '';
      const file = JSON.parse(heading) as string;
      const raw = { file, quote: '  second(a);', severity: 'low', category: 'bug', title: 't', message: 'm' };
      const { findings } = await review(input, JSON.stringify({ findings: [raw] }));
      assert.equal(findings[0]?.file, one.path);
      assert.equal(findings[0]?.startLine, 3);
    }
  });
});

function asLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
