import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DraftResult, DraftService } from '../../../src/core/ai/draft/draft.ts';
import { HandrailError } from '../../../src/core/errors.ts';
import { isDue, isForgotten, parseNote } from '../../../src/core/telemetry/acceptedNote.ts';
import { MODEL_FAMILIES } from '../../../src/core/telemetry/catalogue.ts';
import { toEvent } from '../../../src/core/telemetry/event.ts';
import { modelFamily } from '../../../src/core/telemetry/modelFamily.ts';
import type { Observation } from '../../../src/core/telemetry/observation.ts';
import { recordedDrafts } from '../../../src/core/telemetry/recorded.ts';
import { addedLines, survivingShare, tellingLines } from '../../../src/core/telemetry/survival.ts';
import { countsOf } from '../../../src/vscode/telemetry/counts.ts';

const NOW = Date.parse('2026-11-20T23:59:00Z');

describe('what is left of accepted lines', () => {
  it('is counted of added lines that tell something, however they are indented or ended', () => {
    const before = 'function a() {\n  return 1;\n}\n';
    const after = 'function a() {\r\n  return 1;\r\n}\r\n\r\nfunction b() {\r\n\treturn 2;\r\n}\r\n';
    assert.deepEqual(addedLines({ before, after }), ['function b() {', 'return 2;']);
    assert.deepEqual(tellingLines('  {\n);\n\n//\nab\nabcd\n'), ['abcd']);
    assert.deepEqual(addedLines({ before: after, after: before }), [], 'a deletion leaves nothing to find');
  });

  it('is a share of them, each counted as often as it stands there', () => {
    const files = [
      { path: 'a', lines: ['1', '1', '2'] },
      { path: 'b', lines: ['3'] },
    ];
    const present = new Map([['a', ['1', '9', '2', '2']]]);
    assert.equal(
      survivingShare(files, (path) => present.get(path)),
      0.5,
    );
    assert.equal(
      survivingShare([], () => []),
      undefined,
    );
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 2 }), { minLength: 1 }), fc.array(fc.string({ maxLength: 2 })), (lines, now) => {
        const share = survivingShare([{ path: 'a', lines }], () => now) ?? -1;
        assert.ok(share >= 0 && share <= 1);
        assert.equal(
          survivingShare([{ path: 'a', lines }], () => [...now, ...lines]),
          1,
        );
      }),
    );
  });

  it('is recorded as a range, and as nothing else', () => {
    const bucket = (survival: number): string | undefined =>
      toEvent({ operation: 'generate', outcome: 'measured', survival }, '2026-11-20')?.survivalBucket;
    assert.deepEqual([0, 0.01, 0.33, 0.34, 0.5, 0.67, 0.99, 1].map(bucket), [
      'none',
      'some',
      'some',
      'half',
      'half',
      'most',
      'most',
      'all',
    ]);
    assert.equal(bucket(Number.NaN), undefined);
    assert.equal(bucket(-1), undefined);
  });

  it('is measured from the seventh day on, and forgotten after four weeks', () => {
    assert.deepEqual(
      ['2026-11-14', '2026-11-13', '2026-10-23', '2026-10-22'].map((day) => [isDue(day, NOW), isForgotten(day, NOW)]),
      [
        [false, false],
        [true, false],
        [true, false],
        [true, true],
      ],
    );
  });

  it('is read from a note of ours only', () => {
    const note = { version: 1, day: '2026-11-20', salt: 'x', root: 'r', files: [{ path: 'p', lines: ['l'] }] };
    assert.deepEqual(parseNote(JSON.stringify(note)), note);
    for (const text of [
      '',
      '[]',
      'null',
      JSON.stringify({ ...note, version: 2 }),
      JSON.stringify({ ...note, files: [{ path: 1, lines: [] }] }),
    ]) {
      assert.equal(parseNote(text), undefined, text);
    }
    const odd = parseNote(JSON.stringify({ ...note, provider: 'my-server', family: 3, more: 'x' }));
    assert.deepEqual(odd, note, 'nothing that the catalogue does not know gets in');
  });

  it('keeps the family of a model that is kept by its family', () => {
    for (const family of MODEL_FAMILIES) assert.equal(modelFamily(family), family);
  });

  it('is no new generation in the counts of this week', () => {
    const event = (observation: Observation) => toEvent(observation, '2026-11-20');
    const events = [
      event({ operation: 'generate', outcome: 'accepted' }),
      event({ operation: 'generate', outcome: 'measured', survival: 1 }),
    ].flatMap((one) => one ?? []);
    assert.deepEqual(countsOf(events, 0, () => true).week.generations, [{ value: 'accepted', count: 1 }]);
  });
});

describe('recorded drafts', () => {
  const signal = new AbortController().signal;
  const RESULT: DraftResult = {
    kind: 'commit-message',
    text: 'Add it',
    source: 'staged',
    model: 'writer',
    modelId: 'qwen3',
    promptDigest: 'sha256:0',
    usage: { requests: 1, inputTokens: 10, outputTokens: 5, cachedTokens: 0, cacheHits: 0 },
    coverage: [],
    redactions: [],
    notices: [],
  };
  const record = async (answer: () => DraftResult): Promise<Observation[]> => {
    const seen: Observation[] = [];
    let time = 0;
    const service: DraftService = {
      preview: () => Promise.reject(new Error('not asked')),
      draft: (_request, { onEvent }) => {
        onEvent({ type: 'chosen', model: 'writer', because: '', origin: 'editor:copilot' });
        time += 900;
        return new Promise((resolve) => resolve(answer()));
      },
    };
    const noted = recordedDrafts(service, { usage: { record: (one) => void seen.push(one) }, clock: { now: () => time } });
    await noted.draft({ kind: 'commit-message' }, { signal, onEvent() {} }).catch(() => undefined);
    return seen;
  };

  it('are noted once, when they end', async () => {
    const base = { operation: 'generate', duration: 900, provider: 'vscode' };
    assert.deepEqual(await record(() => RESULT), [{ ...base, outcome: 'completed', model: 'qwen3', inputTokens: 10, outputTokens: 5 }]);
    const failing = (reason: 'cancelled' | 'timeout') => (): DraftResult => {
      throw new HandrailError(reason, 'x');
    };
    assert.deepEqual(await record(failing('timeout')), [{ ...base, outcome: 'error', errorReason: 'timeout' }]);
    assert.deepEqual(await record(failing('cancelled')), [{ ...base, outcome: 'cancelled', errorReason: 'cancelled' }]);
  });
});
