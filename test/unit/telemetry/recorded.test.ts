import assert from 'node:assert/strict';
import type { ReviewResult } from '../../../src/core/ai/finding.ts';
import type { GenerateResult } from '../../../src/core/ai/generate/generation.ts';
import type { GenerateService, ReviewService } from '../../../src/core/ai/service.ts';
import { HandrailError } from '../../../src/core/errors.ts';
import type { Observation } from '../../../src/core/telemetry/observation.ts';
import { recordedGeneration, recordedReviews, recordedWorkflow } from '../../../src/core/telemetry/recorded.ts';
import type { RunStatus, StepStatus } from '../../../src/core/workflow/run.ts';
import type { WorkflowService } from '../../../src/core/workflow/service.ts';

const signal = new AbortController().signal;
const review = (fields: Partial<ReviewResult> = {}): ReviewResult => ({
  model: 'reviewer',
  modelId: 'gpt-5',
  findings: [],
  dismissed: [],
  coverage: [],
  usage: { requests: 1, inputTokens: 10, outputTokens: 5, cachedTokens: 0, cacheHits: 0, cost: { amount: 1, currency: 'USD' } },
  redactions: [],
  notices: [],
  ...fields,
});
const step = (fields: Partial<StepStatus> = {}): StepStatus => ({
  id: 'tests',
  title: 'Tests',
  kind: 'command',
  state: 'done',
  because: '',
  assurance: 'bound',
  expect: [],
  needs: [],
  missing: [],
  ...fields,
});

function recording() {
  const seen: Observation[] = [];
  let time = 0;
  return {
    seen,
    pass: (ms: number) => (time += ms),
    usage: { record: (observation: Observation) => void seen.push(observation) },
    clock: { now: () => time },
  };
}

describe('recorded reviews', () => {
  const request = { scope: 'file' as const, paths: ['a.ts'] };

  it('note how a review ended, by whom and how long it took, and pass everything on', async () => {
    const notes = recording();
    const result = review({ findings: [{ severity: 'high' }, { severity: 'high' }, { severity: 'info' }] as ReviewResult['findings'] });
    const events: string[] = [];
    const service = recordedReviews(
      {
        review: async (_request, { onEvent }) => {
          onEvent({ type: 'chosen', model: 'reviewer', because: '', origin: 'editor:copilot' });
          notes.pass(1500);
          return result;
        },
      } as Partial<ReviewService> as ReviewService,
      notes,
    );
    assert.equal(await service.review(request, { signal, onEvent: ({ type }) => events.push(type) }), result);
    assert.deepEqual(events, ['chosen']);
    assert.deepEqual(notes.seen, [
      {
        operation: 'review',
        outcome: 'completed',
        duration: 1500,
        provider: 'vscode',
        model: 'gpt-5',
        inputTokens: 10,
        outputTokens: 5,
        cost: { amount: 1, currency: 'USD' },
        findings: { critical: 0, high: 2, medium: 0, low: 0, info: 1 },
      },
    ]);
  });

  for (const [origin, provider] of Object.entries({
    'https://api.openai.com': 'openai',
    'assistant:claude-code': 'command',
    'editor:copilot': 'vscode',
  })) {
    it(`know ${provider} by the origin ${origin}`, async () => {
      const notes = recording();
      const service = recordedReviews(
        {
          review: async (_request, { onEvent }) => {
            onEvent({ type: 'chosen', model: 'reviewer', because: '', origin });
            return review();
          },
        } as Partial<ReviewService> as ReviewService,
        notes,
      );
      await service.review(request, { signal, onEvent() {} });
      assert.equal(notes.seen[0]?.provider, provider);
    });
  }

  it('note no model and no tokens of the built-in reviewer', async () => {
    const notes = recording();
    const { modelId: _none, ...builtin } = review({ model: 'builtin' });
    const service = recordedReviews({ review: async () => builtin } as Partial<ReviewService> as ReviewService, notes);
    await service.review(request, { signal, onEvent() {} });
    assert.deepEqual(notes.seen, [
      {
        operation: 'review',
        outcome: 'completed',
        duration: 0,
        provider: 'builtin',
        findings: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
      },
    ]);
  });

  for (const [error, outcome, errorReason] of [
    [new HandrailError('timeout', 'No answer.'), 'error', 'timeout'],
    [new HandrailError('cancelled', 'Stopped.'), 'cancelled', 'cancelled'],
    [new TypeError('defect'), 'error', 'internal'],
  ] as const) {
    it(`note ${errorReason} and fail as before`, async () => {
      const notes = recording();
      const service = recordedReviews({ review: () => Promise.reject(error) } as Partial<ReviewService> as ReviewService, notes);
      await assert.rejects(service.review(request, { signal, onEvent() {} }), error);
      assert.deepEqual(notes.seen, [{ operation: 'review', duration: 0, outcome, errorReason }]);
    });
  }
});

describe('recorded generation', () => {
  const change = { file: 'a.ts', kind: 'create' as const, before: '', after: 'a', edits: [] };
  const result = { model: 'writer', modelId: 'qwen3', usage: review().usage, changes: [change] } as unknown as GenerateResult;

  function generation(notes: ReturnType<typeof recording>, answer: GenerateResult = result) {
    const ends: (() => void)[] = [];
    const service = recordedGeneration(
      {
        generate: async (_request, { onEvent }) => {
          onEvent({ type: 'chosen', model: 'writer', because: '', origin: 'http://127.0.0.1:11434' });
          notes.pass(1500);
          return answer;
        },
        apply: async () => undefined,
      } as Partial<GenerateService> as GenerateService,
      { ...notes, atEnd: (work) => void ends.push(work) },
    );
    return {
      apply: service.apply.bind(service),
      decline: () => service.declined?.(),
      generate: () => service.generate({ instruction: 'x' }, { signal, onEvent() {} }),
      end: () => ends.forEach((end) => end()),
    };
  }
  const noted = {
    operation: 'generate',
    provider: 'openai',
    model: 'qwen3',
    duration: 1500,
    inputTokens: 10,
    outputTokens: 5,
    cost: { amount: 1, currency: 'USD' },
  };

  it('is noted once, when what it proposed was applied', async () => {
    const notes = recording();
    const { generate, apply, end } = generation(notes);
    assert.equal(await generate(), result);
    await apply([]);
    assert.deepEqual(notes.seen, []);
    await apply([change]);
    end();
    assert.deepEqual(notes.seen, [{ ...noted, outcome: 'accepted' }]);
  });

  it('is noted as rejected when the person who was asked said no', async () => {
    const notes = recording();
    const { generate, decline, end } = generation(notes);
    await generate();
    decline();
    end();
    assert.deepEqual(notes.seen, [{ ...noted, outcome: 'rejected' }]);
  });

  it('is noted at the end of the process, or before the next one, when nobody applied it', async () => {
    const notes = recording();
    const { generate, end } = generation(notes);
    await generate();
    await generate();
    assert.deepEqual(notes.seen, [{ ...noted, outcome: 'completed' }]);
    end();
    end();
    assert.deepEqual(notes.seen, [
      { ...noted, outcome: 'completed' },
      { ...noted, outcome: 'completed' },
    ]);
  });

  it('is noted at once when it proposes nothing', async () => {
    const notes = recording();
    await generation(notes, { ...result, changes: [] }).generate();
    assert.deepEqual(notes.seen, [{ ...noted, outcome: 'completed' }]);
  });
});

describe('a recorded workflow', () => {
  const runOptions = { actor: 'human' as const, trusted: true, signal, onOutput() {} };

  it('notes a step that was settled, with how long it had been ready', async () => {
    const notes = recording();
    const settled = step({ id: 'note', kind: 'manual' });
    let state: StepStatus['state'] = 'blocked';
    const service = recordedWorkflow(
      {
        status: async () => ({ workflow: { id: 'w' }, branch: 'b', steps: [step({ id: 'note', kind: 'manual', state })] }) as RunStatus,
        check: async () => settled,
      } as Partial<WorkflowService> as WorkflowService,
      notes,
    );
    await service.status();
    notes.pass(5000);
    state = 'ready';
    await service.status();
    notes.pass(5000);
    await service.status();
    notes.pass(5000);
    await service.check('note', { actor: 'human' });
    await service.check('note', { actor: 'human' });
    assert.deepEqual(notes.seen, [
      { operation: 'manual', outcome: 'completed', stepKind: 'manual', stepId: 'note', stepState: 'done', dwell: 10_000 },
      { operation: 'manual', outcome: 'completed', stepKind: 'manual', stepId: 'note', stepState: 'done' },
    ]);
  });

  it('does not guess how long a step had been ready that was so at the first look, as in a process that ends soon', async () => {
    const notes = recording();
    let branch = 'a';
    const service = recordedWorkflow(
      {
        status: async () => ({ workflow: { id: 'w' }, branch, steps: [step({ state: 'ready' })] }) as RunStatus,
        check: async () => step(),
      } as Partial<WorkflowService> as WorkflowService,
      notes,
    );
    await service.status();
    notes.pass(1000);
    await service.status();
    await service.check('tests', { actor: 'human' });
    branch = 'b';
    await service.status();
    notes.pass(10);
    await service.check('tests', { actor: 'human' });
    assert.deepEqual(
      notes.seen.map(({ dwell }) => dwell),
      [undefined, undefined],
    );
  });

  it('notes a step that was skipped with a reason, without the reason and without a dwell, and not one that was refused', async () => {
    const notes = recording();
    let state: StepStatus['state'] = 'blocked';
    let refuses = false;
    const service = recordedWorkflow(
      {
        status: async () => ({ workflow: { id: 'w' }, branch: 'b', steps: [step({ state })] }) as RunStatus,
        waive: async () => {
          if (refuses) throw new HandrailError('usage', 'Only a person skips a step.');
          return step({ state: 'waived' });
        },
      } as Partial<WorkflowService> as WorkflowService,
      notes,
    );
    await service.status();
    state = 'ready';
    await service.status();
    notes.pass(5000);
    await service.waive('tests', { actor: 'human', reason: 'a secret reason' });
    refuses = true;
    await assert.rejects(service.waive('tests', { actor: 'agent', reason: 'a secret reason' }));
    assert.deepEqual(notes.seen, [
      { operation: 'command', outcome: 'completed', stepKind: 'command', stepId: 'tests', stepState: 'waived' },
    ]);
  });

  it('notes a command by the state it left, and not one that was refused', async () => {
    const notes = recording();
    let answer: () => Promise<{ status: StepStatus; exitCode: number }> = async () => ({ status: step({ state: 'failed' }), exitCode: 1 });
    const service = recordedWorkflow({ run: () => answer() } as Partial<WorkflowService> as WorkflowService, notes);
    await service.run('tests', runOptions);
    answer = () => Promise.reject(new HandrailError('untrusted', 'Not trusted.'));
    await assert.rejects(service.run('tests', runOptions));
    answer = () => Promise.reject(new HandrailError('cancelled', 'Stopped.'));
    await assert.rejects(service.run('tests', runOptions));
    assert.deepEqual(notes.seen, [
      { operation: 'command', outcome: 'completed', duration: 0, stepKind: 'command', stepId: 'tests', stepState: 'failed' },
      { operation: 'command', stepKind: 'command', stepId: 'tests', duration: 0, outcome: 'cancelled', errorReason: 'cancelled' },
    ]);
  });
});
