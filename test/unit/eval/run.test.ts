import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { EvalCase } from '../../../src/core/ai/eval/case.ts';
import type { CaseOutcome } from '../../../src/core/ai/eval/outcome.ts';
import { runCases, type EvalRun } from '../../../src/core/ai/eval/run.ts';
import { selectCases } from '../../../src/core/ai/eval/select.ts';
import type { Finding, ReviewResult } from '../../../src/core/ai/finding.ts';
import { failureOf, HandrailError, type FailureReason } from '../../../src/core/errors.ts';

const CASES = Array.from({ length: 12 }, (_, index): EvalCase => {
  const language = index % 2 === 0 ? 'go' : 'rust';
  return { id: `case-${index}`, language, title: `T${index}`, path: `a${index}.go`, before: '', after: 'a\n' };
});

const RESULT: ReviewResult = {
  model: 'reviewer',
  findings: [],
  dismissed: [],
  coverage: [],
  usage: { requests: 1, inputTokens: 1, outputTokens: 1, cachedTokens: 0, cacheHits: 0 },
  redactions: [],
  notices: [],
};

interface Ran {
  outcomes: CaseOutcome[];
  stopped?: { error: unknown };
  told: string[];
}

async function run(review: EvalRun['review'], extra: Partial<EvalRun> = {}): Promise<Ran> {
  const told: string[] = [];
  const done = await runCases(CASES, {
    parallel: 1,
    signal: new AbortController().signal,
    review,
    now: () => 0,
    onOutcome: ({ id, result }) => told.push(`${id} ${result}`),
    ...extra,
  });
  return { ...done, told };
}

const failing = (reason: FailureReason): HandrailError => new HandrailError(reason, `It is ${reason}.`);
const reasonOf = ({ stopped }: Ran): string | undefined => failureOf(stopped?.error)?.reason;
const ids = ({ outcomes }: Ran): string[] => outcomes.map(({ id }) => id);

describe('a run over the cases', () => {
  it('reviews each once, in order, and tells each outcome', async () => {
    const ran = await run(async () => RESULT);
    assert.deepEqual(
      ids(ran),
      CASES.map(({ id }) => id),
    );
    assert.equal(ran.stopped, undefined);
    assert.equal(ran.told[0], 'case-0 left-alone');
  });

  it('keeps to its number at the same time, and uses it', async () => {
    let [now, most] = [0, 0];
    const ran = await run(
      async () => {
        most = Math.max(most, ++now);
        await turn();
        now--;
        return RESULT;
      },
      { parallel: 4 },
    );
    assert.equal(most, 4);
    assert.deepEqual(new Set(ids(ran)).size, CASES.length);
  });

  it('takes the time of each', async () => {
    let clock = 0;
    const ran = await run(
      async () => {
        clock += 250;
        return RESULT;
      },
      { now: () => clock },
    );
    assert.ok(ran.outcomes.every(({ latency }) => latency === 250));
  });

  for (const reason of ['bad-response', 'timeout', 'bad-request', 'too-large'] as const) {
    it(`goes on after one case that failed with ${reason}`, async () => {
      const ran = await run(async ({ id }, onFinding) => {
        if (id !== 'case-3') return RESULT;
        onFinding({ title: 'T', message: 'M', anchor: { status: 'exact', confidence: 1 } } as Finding);
        throw failing(reason);
      });
      assert.equal(ran.outcomes.length, CASES.length);
      assert.partialDeepStrictEqual(ran.outcomes[3], { result: 'failed', failure: { reason } });
      assert.equal(ran.outcomes[3]?.findings.length, 1);
      assert.equal(ran.stopped, undefined);
    });
  }

  for (const reason of ['unauthorised', 'unreachable', 'rate-limited', 'over-budget', 'no-key', 'redirect', 'cancelled'] as const) {
    it(`ends at ${reason} with what it has`, async () => {
      const ran = await run(async ({ id }) => {
        if (id === 'case-3') throw failing(reason);
        return RESULT;
      });
      assert.deepEqual(ids(ran), ['case-0', 'case-1', 'case-2']);
      assert.equal(reasonOf(ran), reason);
    });
  }

  it('ends at a defect, too', async () => {
    const ran = await run(async ({ id }) => {
      if (id === 'case-1') throw new TypeError('oops');
      return RESULT;
    });
    assert.ok(ran.stopped?.error instanceof TypeError);
    assert.equal(ran.outcomes.length, 1);
  });

  it('gives up when five in a row failed, and not when one in between did not', async () => {
    const always = await run(async () => {
      throw failing('timeout');
    });
    assert.equal(always.outcomes.length, 5);
    assert.equal(reasonOf(always), 'timeout');
    const often = await run(async ({ id }) => {
      if (id === 'case-4' || id === 'case-8') return RESULT;
      throw failing('timeout');
    });
    assert.equal(often.outcomes.length, CASES.length);
    assert.equal(often.stopped, undefined);
  });

  it('lets the reviews under way end when another one stops it', async () => {
    const ran = await run(
      async ({ id }) => {
        if (id === 'case-0') throw failing('unauthorised');
        await turn();
        return RESULT;
      },
      { parallel: 3 },
    );
    assert.deepEqual(ids(ran), ['case-1', 'case-2']);
    assert.equal(reasonOf(ran), 'unauthorised');
  });

  it('begins no case after it was cancelled', async () => {
    const abort = new AbortController();
    const ran = await run(
      async ({ id }) => {
        if (id === 'case-1') abort.abort();
        return RESULT;
      },
      { signal: abort.signal },
    );
    assert.deepEqual(ids(ran), ['case-0', 'case-1']);
    assert.equal(reasonOf(ran), 'cancelled');
  });
});

describe('a choice of cases', () => {
  const chosen = (languages: string[], names: string[]): string[] => selectCases(CASES, { languages, ids: names }).map(({ id }) => id);
  const refused = (languages: string[], names: string[]): string => {
    try {
      chosen(languages, names);
    } catch (error) {
      const failure = failureOf(error);
      assert.equal(failure?.reason, 'not-found');
      return `${failure.message} ${failure.hint}`;
    }
    return assert.fail('nothing was refused');
  };

  it('is everything when nothing is said, else what fits', () => {
    assert.equal(chosen([], []).length, 12);
    assert.equal(chosen(['go'], []).length, 6);
    assert.deepEqual(chosen(['go', 'rust'], ['case-4', 'case-1']), ['case-1', 'case-4']);
  });

  it('names the case that was probably meant', () => assert.match(refused([], ['case-00']), /no case "case-00".*Did you mean case-0\?/));

  it('refuses what no case has, and what leaves none', () => {
    assert.match(refused([], ['something-else-altogether']), /handrail eval --list/);
    assert.match(refused(['rust'], ['case-4']), /No case is left/);
  });
});
