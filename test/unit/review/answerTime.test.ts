import assert from 'node:assert/strict';
import { AnswerParser } from '../../../src/core/ai/review/answer.ts';
import { TextParts } from '../../../src/core/ai/review/textParts.ts';
import { hardAnswers } from '../../support/hardAnswers.ts';

/**
 * Reading costs the same for each character of an answer however long it is and whatever it holds. Counted, not timed, so that a busy
 * machine changes nothing: characters that are taken out of the text again or parsed. A clock with much room looks after the rest.
 */

const LENGTH = 200_000;
/** Each character may be read again so often: an object is parsed once, and the objects around it only in proportion. */
const MOST_WORK = 16;

function readAll(text: string, size: number): void {
  const parser = new AnswerParser();
  for (let at = 0; at < text.length && !parser.stopped; at += size) parser.push(text.slice(at, at + size));
  parser.finish();
}

/** Characters that are sliced out of the text or given to the JSON parser. */
function workOf(run: () => void): number {
  const slice = Object.getOwnPropertyDescriptor(TextParts.prototype, 'slice')?.value as TextParts['slice'];
  const parse = JSON.parse;
  let work = 0;
  TextParts.prototype.slice = function (start, end) {
    work += Math.max(0, end - start);
    return slice.call(this, start, end);
  };
  JSON.parse = (text: string, reviver) => {
    work += text.length;
    return parse(text, reviver) as unknown;
  };
  try {
    run();
  } finally {
    TextParts.prototype.slice = slice;
    JSON.parse = parse;
  }
  return work;
}

/** Microseconds of the processor that this process had: what others take from it does not count. */
function bestTime(run: () => void): number {
  const times = Array.from({ length: 3 }, () => {
    const started = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(started);
    return user + system;
  });
  return Math.min(...times);
}

describe('the work of reading an answer', function () {
  this.timeout(120_000);

  for (const [name, make] of Object.entries(hardAnswers)) {
    it(`grows with its length only: ${name}`, () => {
      const text = make(LENGTH);
      for (const size of [1, 17, text.length]) {
        const work = workOf(() => readAll(text, size));
        assert.ok(work <= MOST_WORK * text.length, `${(work / text.length).toFixed(1)} times, in pieces of ${size}`);
      }
      const short = make(LENGTH / 10);
      readAll(short, 20);
      const growth = bestTime(() => readAll(text, 20)) / bestTime(() => readAll(short, 20));
      assert.ok(growth < 50, `ten times the length takes ${growth.toFixed(0)} times as long`);
    });
  }
});
