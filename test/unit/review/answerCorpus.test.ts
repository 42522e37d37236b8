import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { RawFinding } from '../../../src/core/ai/finding.ts';
import { AnswerParser } from '../../../src/core/ai/review/answer.ts';
import { recordedAnswers, type RecordedAnswer } from '../../support/answerCorpus.ts';

function findingsOf(pieces: Iterable<string>): RawFinding[] {
  const parser = new AnswerParser();
  const findings: RawFinding[] = [];
  for (const piece of pieces) findings.push(...parser.push(piece));
  return [...findings, ...parser.finish().findings];
}

/** Mended findings come at the end, so the order is no part of the promise. */
const sorted = (findings: readonly RawFinding[]): RawFinding[] =>
  findings.toSorted((a, b) => (a.title + a.quote < b.title + b.quote ? -1 : 1));

const complete = ({ findings, ends }: RecordedAnswer, length: number): RawFinding[] =>
  findings.filter((_, index) => (ends[index] ?? Infinity) <= length);

const answers = recordedAnswers();

describe('recorded answers', function () {
  this.timeout(120_000);

  it('are of many forms', () => assert.ok(answers.length >= 12));

  for (const answer of answers) {
    describe(answer.name, () => {
      it('are read whole', () => {
        assert.deepEqual(sorted(findingsOf([answer.text])), sorted(answer.findings));
      });

      it('give every finding that is complete, and no other, wherever they are cut', () => {
        const bytes = Buffer.from(answer.text);
        for (let cut = 0; cut <= bytes.length; cut++) {
          const text = bytes.subarray(0, cut).toString();
          // What is left of a character that was cut does not make the text longer.
          const length = text.endsWith('\ufffd') ? text.length - 1 : text.length;
          assert.deepEqual(sorted(findingsOf([text])), sorted(complete(answer, length)), `cut at byte ${cut}: …${text.slice(-60)}`);
        }
      });

      it('come in pieces of any size', () => {
        fc.assert(
          fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }), fc.nat(), (sizes, cut) => {
            const text = answer.text.slice(0, cut % (answer.text.length + 1));
            const pieces: string[] = [];
            for (let at = 0, next = 0; at < text.length; next++) {
              const size = sizes[next % sizes.length] ?? 1;
              pieces.push(text.slice(at, at + size));
              at += size;
            }
            assert.deepEqual(sorted(findingsOf(pieces)), sorted(complete(answer, text.length)));
          }),
          { numRuns: 200 },
        );
      });
    });
  }
});

/** Forms whose findings are read one by one; the others are read from the whole text, when it is JSON of no kind. */
const FROM_WHOLE = ['bare-keys-javascript', 'single-quotes-python', 'tool-call-string'];

const DAMAGE = ['"', '{', '}', '[', ']', '\\', ',', ':', '\n', "'", '"quote":', '{"', '"}', '"},', '```', '😀', '\ufffd', 'x'];

/** The path of a group may be lost together with a brace; the quote then tells the file. */
const same = (one: RawFinding, other: RawFinding): boolean => isDeepStrictEqual({ ...one, file: one.file || other.file }, other);

/** What the recorded answers say beside their findings. */
const AROUND = ['Reviewed in full', 'Review of 2 files', 'Three findings', 'Change it', 'Draft'];

/** A stretch of a finding, by share of its length, and what stands there instead. */
const damage = fc.record({
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  share: fc.oneof(fc.constant(0), fc.constant(0.01), fc.double({ min: 0, max: 1, noNaN: true })),
  instead: fc.oneof(
    fc.constant(''),
    fc.constantFrom(...DAMAGE),
    fc.array(fc.constantFrom(...DAMAGE), { maxLength: 4 }).map((parts) => parts.join('')),
  ),
});

describe('a damaged finding', function () {
  this.timeout(120_000);

  for (const answer of answers.filter(({ name }) => !FROM_WHOLE.includes(name))) {
    it(`leaves the others alone: ${answer.name}`, () => {
      fc.assert(
        fc.property(fc.nat(), damage, fc.integer({ min: 1, max: 50 }), (pick, { from, share, instead }, size) => {
          const hurt = pick % answer.findings.length;
          const end = answer.ends[hurt] ?? 0;
          const start = beginOf(answer, hurt);
          const first = start + Math.floor(from * (end - start));
          const last = Math.min(end, first + Math.ceil(share * (end - first)));
          const text = answer.text.slice(0, first) + instead + answer.text.slice(last);
          const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));
          const found = findingsOf(pieces);
          const others = answer.findings.filter((_, index) => index !== hurt);
          for (const other of others)
            assert.ok(
              found.some((one) => same(one, other)),
              `lost: ${other.title}\n${text}`,
            );
          // What else comes out is the damaged one, mended, or an object from within it; never what stands around the findings.
          const rest = found.filter((one) => !others.some((other) => same(one, other)));
          assert.ok(rest.length <= 3 && rest.every(({ title }) => !AROUND.includes(title)), `invented: ${JSON.stringify(rest)}\n${text}`);
        }),
        { numRuns: 2000 },
      );
    });
  }
});

/** Offset of the brace that begins a finding: the first one behind the finding before that holds its title. */
function beginOf({ text, findings, ends }: RecordedAnswer, index: number): number {
  const end = ends[index] ?? 0;
  for (let start = text.lastIndexOf('{', end); start >= (ends[index - 1] ?? 0); start = text.lastIndexOf('{', start - 1)) {
    const found = findingsOf([text.slice(start, end)]);
    if (found.some(({ title, quote }) => title === findings[index]?.title && quote === findings[index]?.quote)) return start;
  }
  throw new Error(`no beginning of finding ${index}`);
}
