import assert from 'node:assert/strict';
import { typedPlaceAt } from '../../../src/core/yaml/placeAt.ts';
import { cursor } from './support.ts';

/** `is path where` of each place, and what is typed there. */
function places(marked: string): string {
  const { text, offset } = cursor(marked);
  const typed = typedPlaceAt(text, offset);
  if (!typed) return 'none';
  return [...typed.places.map(({ is, path, where }) => `${is} ${path.join('/')} ${where}`), `«${typed.before}»`].join(' ');
}

const LIST = 'steps:\n  - id: a\n';

describe('the place of what is being typed', () => {
  for (const [name, marked, expected] of [
    ['an empty file', '|', 'value  line «»'],
    ['the first word', 'ver|', 'value  line «ver»'],
    ['a key of the file', 'version: 1\nst|\n', 'key  line «st»'],
    ['a key in the middle of a step', 'steps:\n  - id: a\n    ki|\n    title: x\n', 'key steps/0 line «ki»'],
    ['a value', `${LIST}    kind: ma|n\n`, 'value steps/0/kind inline «ma»'],
    ['behind a dash', `${LIST}  - |`, 'value steps/1 dash «»'],
    ['behind a dash without indentation', 'steps:\n- id: a\n- i|\n', 'value steps/1 dash «i»'],
    ['behind several dashes', 'a:\n  - - |\n', 'value a/0/0 dash «»'],
    ['a new item', `${LIST}  |`, 'item steps/1 line «»'],
    ['a new item or key', 'steps:\n- id: a\n|', 'item steps/1 line key  line «»'],
    ['a value on its own line', `${LIST}    needs:\n      |`, 'value steps/0/needs line «»'],
    ['open brackets', `${LIST}    needs: [x, |\n    title: y\n  - id: b\n`, 'value steps/0/needs/1 brackets «»'],
    ['open braces in brackets', `${LIST}    expect: [{ |\n    title: y\n`, 'key steps/0/expect/0 brackets «»'],
    ['brackets over several lines', 'on: { branches: [\n  "a",\n  |\n  ] }\n', 'value on/branches/1 brackets «»'],
    ['an open quote', `${LIST}    inputs:\n      - "src/|\n    title: "x"\n`, 'value steps/0/inputs/0 dash «src/»'],
    ['a quote over two lines', `${LIST}    title: "one\n      tw|o"\n`, 'value steps/0/title inline «one\n      tw»'],
    ['single quotes with a quote inside', `${LIST}    title: 'it''s |x'\n`, "value steps/0/title inline «it''s »"],
    ['folded text', 'vars:\n  a: >-\n    lines.|\nsteps:\n', 'value vars/a line «lines.»'],
    ['text behind which a space was typed', 'vars:\n  a: branch == |\n', 'value vars/a inline «branch == »'],
    ['a value behind an anchor', `${LIST}    needs: &n [|]\n`, 'value steps/0/needs/0 brackets «»'],
    ['an alias', `${LIST}    needs: *n|\n`, 'value steps/0/needs inline «*n»'],
    ['carriage returns', 'steps:\r\n  - id: a\r\n    ki|\r\n    title: x\r\n', 'key steps/0 line «ki»'],
    ['other alphabets', 'title: "漢字 🎉"\nsteps:\n  - id: a\n    ti|\n', 'key steps/0 line «ti»'],
    ['a file that is broken elsewhere', `${LIST}    title: "open\n    needs: [|]\n`, 'value steps/0/needs/0 brackets «»'],
    ['a key that has its colon', `${LIST}    ki|nd: manual\n`, 'key steps/0 line «ki»'],
    ['a comment', 'id: a # co|mment\n', 'none'],
    ['a sharp sign inside of text', 'title: a#|b\n', 'value title inline «a#»'],
    ['directly behind a colon', 'on:|\n', '«»'],
    ['the indentation of a line', `${LIST} |   kind: x\n`, '«»'],
  ] as const) {
    it(`is known for ${name}`, () => assert.equal(places(marked), expected));
  }
});
