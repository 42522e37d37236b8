import assert from 'node:assert/strict';
import { failureOf } from '../../../src/core/errors.ts';
import { waiverDays, waiverEnd, waiverReason } from '../../../src/core/workflow/waiver.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const failure = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return failureOf(error);
  }
  return undefined;
};

describe('how long a step may be skipped', () => {
  it('is what the workflow says, as the usual time and as the most', () => {
    assert.deepEqual(waiverDays({ expires: '7d' }), { usual: 7, longest: 7 });
    assert.equal(waiverEnd(undefined, { expires: '7d' }, NOW), '2026-03-08');
    assert.equal(waiverEnd('7d', { expires: '7d' }, NOW), '2026-03-08');
    assert.match(failure(() => waiverEnd('8d', { expires: '7d' }, NOW))?.message ?? '', /7 days at most, until 2026-03-08/);
  });

  it('is two weeks where nobody says, and never more than 90 days', () => {
    assert.equal(waiverEnd(undefined, undefined, NOW), '2026-03-15');
    assert.equal(waiverEnd('90d', {}, NOW), '2026-05-30');
    assert.equal(waiverEnd('2026-05-30', {}, NOW), '2026-05-30');
    assert.equal(failure(() => waiverEnd('91d', undefined, NOW))?.reason, 'usage');
    assert.equal(failure(() => waiverEnd('2026-05-31', undefined, NOW))?.reason, 'usage');
  });

  it('refuses days that are past or are none', () => {
    for (const wish of ['2026-02-28', 'soon', '2026-02-30', '-1d', '']) {
      assert.equal(failure(() => waiverEnd(wish, undefined, NOW))?.reason, 'usage', wish);
    }
    assert.equal(waiverEnd('2026-03-01', undefined, NOW), '2026-03-01', 'the day itself is not over yet');
  });
});

describe('the reason for skipping a step', () => {
  it('is one line that says something', () => {
    assert.equal(waiverReason('  only  the\n readme '), 'only the readme');
    for (const text of ['', ' \n\t', 'x'.repeat(501)]) assert.equal(failure(() => waiverReason(text))?.reason, 'usage');
    assert.equal(waiverReason('x'.repeat(500)).length, 500);
  });
});
