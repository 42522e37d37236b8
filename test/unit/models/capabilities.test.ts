import assert from 'node:assert/strict';
import { afterAnswer, formOf, isExpired, keepsForm, lifetimeOf, type EndpointTraits } from '../../../src/core/ai/models/capabilities.ts';

const NOTHING: EndpointTraits = { refused: [] };
const SCHEMA = { type: 'object', required: ['findings'] };

describe('the form of an answer', () => {
  it('is the best one that was neither refused nor ignored', () => {
    assert.equal(formOf(NOTHING), 'schema');
    assert.equal(formOf({ refused: ['response_format'] }), 'tool');
    assert.equal(formOf({ refused: [], ignored: ['schema'] }), 'tool');
    assert.equal(formOf({ refused: ['response_format', 'tools'] }), 'prompt');
    assert.equal(formOf({ refused: ['tools'], ignored: ['schema'] }), 'prompt');
    assert.equal(formOf({ refused: ['tools'] }), 'schema');
  });

  it('is remembered when an answer kept to it, and passed over when one did not', () => {
    const kept = afterAnswer(NOTHING, 'schema', true);
    assert.deepEqual(kept, { refused: [], form: 'schema' });
    assert.equal(afterAnswer(kept, 'schema', true), kept, 'nothing new is no change');
    const ignored = afterAnswer(kept, 'schema', false);
    assert.deepEqual(ignored, { refused: [], ignored: ['schema'] });
    assert.equal(formOf(ignored), 'tool');
    assert.equal(formOf(afterAnswer(ignored, 'tool', false)), 'prompt');
    assert.equal(afterAnswer(ignored, 'prompt', false), ignored, 'a prompt enforces nothing');
  });

  it('is told from the text: one object with the required keys, from the first character on', () => {
    assert.equal(keepsForm('\n {"findings":[]}\n', SCHEMA, true), true);
    for (const text of ['```json\n{"findings":[]}\n```', 'Here it is: {"findings":[]}', '<think>', '[', '"findings"'])
      assert.equal(keepsForm(text, SCHEMA, false), false, text);
    for (const text of ['{"findings":[', '{"other":1}', '{"file":"a"}\n{"file":"b"}', '', '{"findings":[],}'])
      assert.equal(keepsForm(text, SCHEMA, true), false, text);
    for (const text of ['', '  ', '{', '{"findings":[{"fi']) assert.equal(keepsForm(text, SCHEMA, false), undefined, text);
    assert.equal(keepsForm('{"anything":1}', {}, true), true);
  });
});

describe('what is known of an endpoint', () => {
  it('expires, on this machine sooner than elsewhere', () => {
    const day = 24 * 3600_000;
    const local = lifetimeOf({ loopback: true });
    const remote = lifetimeOf({ loopback: false });
    assert.ok(local < remote);
    assert.equal(isExpired({ refused: [], since: 0 }, 8 * day, local), true);
    assert.equal(isExpired({ refused: [], since: 0 }, 8 * day, remote), false);
    assert.equal(isExpired({ refused: [], since: 9 * day }, 8 * day, remote), true, 'learned in the future, by a clock that was wrong');
    assert.equal(isExpired(NOTHING, 8 * day, remote), false);
  });
});
