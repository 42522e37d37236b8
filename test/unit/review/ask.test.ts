import assert from 'node:assert/strict';
import type { ModelChunk } from '../../../src/core/ai/provider.ts';
import { ask, damageOf, type Answer, type AskStep } from '../../../src/core/ai/review/ask.ts';
import { HandrailError } from '../../../src/core/errors.ts';
import { answerOf, modelThat, never, rawFinding } from './support.ts';

const REQUEST = { system: 's', user: 'u', maxOutputTokens: 100 };

async function asked(...chunks: (string | ModelChunk | Error)[]): Promise<{ steps: AskStep[]; answer: Answer }> {
  const steps: AskStep[] = [];
  const asking = ask(
    modelThat(() => chunks),
    REQUEST,
    never,
  );
  for (;;) {
    const { done, value } = await asking.next();
    if (done === true) return { steps, answer: value };
    steps.push(value);
  }
}

const whole = answerOf(rawFinding({ title: 'one' }), rawFinding({ title: 'two' }));
const damage = async (...chunks: (string | ModelChunk)[]): Promise<string | undefined> =>
  damageOf((await asked(...chunks)).answer, ['a.ts'])?.reason;

describe('asking once', () => {
  it('hands out each finding with the piece that completes it, and passes on what else is told', async () => {
    const cut = whole.indexOf('},{') + 1;
    const usage: ModelChunk = { type: 'usage', inputTokens: 1, outputTokens: 2, cachedTokens: 0 };
    const { steps, answer } = await asked(whole.slice(0, cut), { type: 'notice', message: 'hm' }, whole.slice(cut), usage);
    assert.deepEqual(
      steps.flatMap((step) => (step.type === 'written' ? [] : step.type === 'finding' ? step.raw.title : step.type)),
      ['one', 'notice', 'two', 'usage'],
    );
    assert.equal(damageOf(answer, ['a.ts']), undefined);
  });

  it('tells how much was written, not more often than that is news', async () => {
    const { steps } = await asked(...Array.from({ length: 400 }, () => ' .'));
    const written = steps.filter((step) => step.type === 'written').map(({ tokens }) => tokens);
    assert.deepEqual(written, [50, 100, 150, 200]);
  });

  it('fails as the model does', async () => {
    await assert.rejects(asked(whole, new HandrailError('unreachable', 'Gone.')), { reason: 'unreachable' });
  });

  it('says what was damaged, the first cause first', async () => {
    assert.equal(await damage(whole), undefined);
    assert.equal(await damage('{"findings":[]}'), undefined);
    assert.equal(await damage(whole, { type: 'end', reason: 'length' }, whole), undefined, 'what comes after the end decides');
    assert.match((await damage(whole.slice(0, -30))) ?? '', /cut off/);
    assert.match((await damage('I see nothing wrong.')) ?? '', /could not be read/);
    const filtered = await asked(whole);
    assert.match(damageOf({ ...filtered.answer, ending: 'filtered' }, ['a.ts'])?.reason ?? '', /content filter/);
    assert.match(damageOf({ ...filtered.answer, ending: 'length' }, ['a.ts'])?.reason ?? '', /cut off/);
    assert.match(damageOf({ ...filtered.answer, end: { ...filtered.answer.end, lost: 1 } }, ['a.ts'])?.reason ?? '', /part of the answer/);
  });
});
