import assert from 'node:assert/strict';
import { releasedText } from '../../../src/cli/text/team.ts';
import { NONE_REJECTED } from '../../../src/core/team/release/admit.ts';

describe('what the operator of a release is told', () => {
  const told = (rejected: Partial<typeof NONE_REJECTED>): string =>
    releasedText({ released: [], restored: [], waiting: 0, tooFew: 0, rejected: { ...NONE_REJECTED, ...rejected } });

  it('is why contributions did not count, by reason', () => {
    assert.match(told({ invalid: 2, late: 3 }), /Not counted: 2 not what a contribution is; 3 of windows that are released already\./);
    assert.doesNotMatch(told({ invalid: 2, late: 3 }), /handrail telemetry/);
  });

  it('is what to do about those of other counters, before their window is gone', () => {
    const text = told({ registry: 4 });
    assert.match(text, /Not counted: 4 by other counters than yours/);
    assert.match(text, /\.handrail\/telemetry\.yml/);
    assert.match(text, /version of Handrail/);
    assert.match(text, /agrees again[^]*handrail telemetry contribute/);
  });
});
