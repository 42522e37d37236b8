import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AnswerParser } from '../../../src/core/ai/review/answer.ts';
import type { RawFinding } from '../../../src/core/ai/finding.ts';

const finding = (name: string, extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  file: 'src/a.ts',
  line: 3,
  severity: 'high',
  category: 'bug',
  title: name,
  message: `${name} is "wrong" {and} [so] on`,
  quote: 'const a = { b: "c" };',
  ...extra,
});

function read(text: string, size = text.length): { titles: string[]; findings: RawFinding[]; end: ReturnType<AnswerParser['finish']> } {
  const parser = new AnswerParser();
  const findings: RawFinding[] = [];
  for (let at = 0; at < text.length; at += Math.max(1, size)) findings.push(...parser.push(text.slice(at, at + Math.max(1, size))));
  const end = parser.finish();
  findings.push(...end.findings);
  return { titles: findings.map((one) => one.title), findings, end };
}

const two = [finding('one'), finding('two')];
const shapes: Record<string, string> = {
  'one object a line': two.map((one) => JSON.stringify(one)).join('\n'),
  'an array': JSON.stringify(two),
  'an object around an array': JSON.stringify({ findings: two }, null, 2),
  'a code fence with prose': `Here's what I found [2 issues] in {braces}:\n\`\`\`json\n${JSON.stringify({ findings: two })}\n\`\`\`\nI hope "this" helps {you}!`,
  'a wrapper in a wrapper': JSON.stringify({ name: 'report', arguments: { findings: two } }),
  'trailing commas': `{"findings":[${two.map((one) => JSON.stringify(one).replace(/\}$/, ',}')).join(',')},],}`.replace('},],}', '},],}'),
  'objects inside': JSON.stringify(two.map((one) => ({ ...one, extra: { a: [{ b: 1 }] } }))),
};

describe('answer parser', () => {
  for (const [name, text] of Object.entries(shapes)) {
    for (const size of [1, 7, text.length]) {
      it(`reads ${name} in pieces of ${size === text.length ? 'everything' : size}`, () => {
        const { titles, end } = read(text, size);
        assert.deepEqual(titles, ['one', 'two']);
        assert.equal(end.lost, 0);
        assert.equal(end.unreadable, false);
      });
    }
  }

  it('hands out a finding with the brace that completes it', () => {
    const text = JSON.stringify({ findings: two });
    const parser = new AnswerParser();
    const first = text.indexOf('}', text.indexOf('quote') + 30) + 1;
    assert.equal(parser.push(text.slice(0, first - 1)).length, 0);
    assert.equal(parser.push(text.slice(first - 1, first)).length, 1);
  });

  it('tells an empty list from no list', () => {
    for (const text of ['{"findings":[]}', '[]', '```json\n[ ]\n```', '{"findings": [\n]}'])
      assert.equal(read(text).end.unreadable, false, text);
    for (const text of ['', 'I cannot help with that.', '{"message":"no"}']) assert.equal(read(text).end.unreadable, true, text);
  });

  it('loses only the line that was cut inside a string', () => {
    const lines = [
      JSON.stringify(finding('one')),
      '{"file":"src/a.ts","severity":"high","message":"cut he',
      JSON.stringify(finding('three')),
    ];
    const { titles, end } = read(lines.join('\n'));
    assert.deepEqual(titles, ['one', 'three']);
    assert.equal(end.lost, 1);
  });

  it('goes on after a quotation mark that was not escaped', () => {
    const broken = JSON.stringify(finding('broken')).replace('\\"wrong\\"', 'say "wrong');
    const { titles } = read(
      JSON.stringify({ findings: 'X' }).replace(
        '"X"',
        `[\n${JSON.stringify(finding('one'))},\n${broken},\n${JSON.stringify(finding('three'))}\n]`,
      ),
    );
    assert.ok(titles.includes('one') && titles.includes('three'));
  });

  it('mends raw line breaks in strings', () => {
    const { titles, findings } = read(JSON.stringify(finding('one', { quote: 'a();@b();' })).replace('@', '\n'));
    assert.deepEqual(titles, ['one']);
    assert.equal(findings[0]?.quote, 'a();\nb();');
  });

  it('mends single quotation marks and bare keys when nothing else could be read', () => {
    const { titles } = read(`Findings:\n[{file: 'src/a.ts', line: 3, severity: 'high', title: 'one', message: 'm', quote: 'x'}]`);
    assert.deepEqual(titles, ['one']);
  });

  it('reads wrong types where the meaning is plain', () => {
    const odd = { path: 'a.py', line: 'L12', severity: 'Warning', category: 'Correctness', message: 'One.\nTwo.', quote: ['a', 'b'] };
    assert.deepEqual(read(JSON.stringify([odd])).findings, [
      { file: 'a.py', line: 12, severity: 'medium', category: 'bug', title: 'One.', message: 'One.\nTwo.', quote: 'a\nb' },
    ]);
  });

  it('says what it lost of objects that say nothing', () => {
    const { titles, end } = read(JSON.stringify([{ message: null, quote: 1, line: {} }, finding('two')]));
    assert.deepEqual(titles, ['two']);
    assert.equal(end.lost, 1);
  });

  it('stops reading an endless answer', () => {
    const parser = new AnswerParser();
    let pushed = 0;
    while (!parser.stopped && pushed < 10_000_000) pushed += parser.push(' '.repeat(100_000)).length + 100_000;
    assert.ok(pushed < 3_000_000);
    assert.equal(parser.finish().overLimit, true);
    const many = new AnswerParser();
    let found = 0;
    for (let index = 0; index < 2000 && !many.stopped; index++) found += many.push(`${JSON.stringify(finding(String(index)))}\n`).length;
    assert.equal(found, 500);
  });

  it('keeps every complete finding at every point of truncation and in pieces of any size', () => {
    const titles = fc.array(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), { minLength: 1, maxLength: 4 });
    const shape = fc.constantFrom('lines', 'array', 'object', 'pretty');
    const code = fc.string({ maxLength: 30, unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', '\n', ',', ':', 'a', ' ') });
    fc.assert(
      fc.property(titles, shape, code, fc.nat(), fc.integer({ min: 1, max: 40 }), (names, kind, quote, cut, size) => {
        const items = names.map((name, index) => finding(`${index}${name}`, { quote, message: `${index}${quote}` }));
        const texts = items.map((item) => JSON.stringify(item, null, kind === 'pretty' ? 2 : undefined));
        const opening = kind === 'lines' ? '' : kind === 'object' || kind === 'pretty' ? '{"findings":[' : '[';
        const text = opening + texts.join(kind === 'lines' ? '\n' : ',');
        const length = cut % (text.length + 1);
        let position = opening.length;
        let complete = 0;
        for (const one of texts) {
          position += one.length;
          if (position <= length) complete++;
          position++;
        }
        const { findings } = read(text.slice(0, length), size);
        assert.equal(findings.length, complete);
        assert.deepEqual(
          findings.map((one) => one.quote),
          items.slice(0, complete).map(() => quote),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws, whatever arrives', () => {
    const noise = fc.string({
      unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', '\n', ',', ':', 'quote', 'message', '"message":"m","quote":"q"', ' ', '1'),
    });
    fc.assert(
      fc.property(noise, fc.integer({ min: 1, max: 9 }), (text, size) => {
        read(text, size);
      }),
      { numRuns: 3000 },
    );
  });
});
