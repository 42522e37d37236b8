import assert from 'node:assert/strict';
import type { Finding, ReviewResult } from '../../../src/core/ai/finding.ts';
import type { ModelChoice, ModelOffer } from '../../../src/core/ai/service.ts';
import { HandrailError } from '../../../src/core/errors.ts';
import type { RunStatus, StepStatus } from '../../../src/core/workflow/run.ts';
import { explainText } from '../../../src/cli/text/explain.ts';
import { failureDocument, failureLine } from '../../../src/cli/text/failure.ts';
import { modelsText } from '../../../src/cli/text/models.ts';
import { printable, printableData } from '../../../src/cli/text/printable.ts';
import { findingText, reviewSummary } from '../../../src/cli/text/review.ts';
import { nextAction, statusText } from '../../../src/cli/text/status.ts';

const plain = (_style: unknown, text: string): string => text;

function step(part: Partial<StepStatus> & Pick<StepStatus, 'id'>): StepStatus {
  return { title: part.id, kind: 'manual', state: 'ready', because: '', assurance: 'none', expect: [], needs: [], missing: [], ...part };
}

function run(part: Partial<RunStatus>): RunStatus {
  return {
    workflow: { id: 'feature', title: 'Feature or fix', digest: 'sha256:0', path: '.handrail/workflows/feature.yml' },
    branch: 'feat/x',
    base: 'main',
    steps: [],
    next: [],
    done: 0,
    total: 0,
    alternatives: [],
    problems: [],
    ...part,
  };
}

describe('text of a run', () => {
  it('shows each step with its state, and the command that comes next', () => {
    const steps = [
      step({ id: 'intent', title: 'State the problem', state: 'done', assurance: 'self-reported' }),
      step({ id: 'verify', title: 'Run the tests', kind: 'command', state: 'stale', staleBecause: ['src/a.ts', 'src/b.ts'] }),
      step({ id: 'money', title: 'Check the money', state: 'skipped', because: 'not needed: no file under src/payments' }),
    ];
    const text = statusText(run({ steps, next: ['verify'], done: 1, total: 2 }), plain, true);
    assert.match(text, /Feature or fix · feat\/x · 1 of 2 done/);
    assert.match(text, /✓ intent .*State the problem\n.*someone's word/);
    assert.match(text, /↻ verify .*Run the tests\n.*stale: src\/a\.ts, src\/b\.ts changed since/);
    assert.match(text, /– money .*\n.*not needed: no file under src\/payments/);
    assert.match(text, /Next: handrail run verify$/);
  });

  it('says why there is no run and where a file is broken', () => {
    const problem = {
      line: 3,
      column: 5,
      endLine: 3,
      endColumn: 9,
      severity: 'error',
      code: 'unknown-key',
      message: 'No key nmae.',
    } as const;
    const text = statusText(
      run({
        workflow: null,
        note: 'The workflow cannot be read.',
        problems: [{ path: 'w.yml', problems: [{ ...problem, hint: 'Did you mean name?' }] }],
      }),
      plain,
      true,
    );
    assert.equal(text, 'The workflow cannot be read.\n\nw.yml:3:5: error: No key nmae. [unknown-key]\n    Did you mean name?');
  });

  it('points to init when there is nothing', () => {
    const none = run({ workflow: null, note: 'There is no workflow yet.' });
    assert.match(statusText(none, plain, false), /handrail init/);
    assert.doesNotMatch(statusText(none, plain, true), /handrail init/);
  });

  it('names what is missing rather than a check that would not settle', () => {
    const open = step({ id: 'intent', expect: [{ kind: 'file', met: false, detail: 'docs/x.md is missing.' }] });
    assert.equal(nextAction(open), 'docs/x.md is missing (handrail explain intent)');
    assert.equal(nextAction(step({ id: 'word', expect: [{ kind: 'attest', met: false, detail: 'Say so.' }] })), 'handrail check word');
  });

  it('names the run of a generation also where nothing it expects is missing', () => {
    const draft = (expect: StepStatus['expect']): StepStatus =>
      step({ id: 'draft', kind: 'generate', prompt: '.handrail/prompts/tests.md', expect });
    const missing = { kind: 'changed', met: false, detail: 'No file changed.' } as const;
    assert.equal(nextAction(draft([missing])), 'handrail run draft, or follow .handrail/prompts/tests.md, then handrail check draft');
    for (const open of [draft([]), draft([{ ...missing, met: true }])]) {
      assert.equal(nextAction(open), 'handrail run draft, or handrail check draft');
      assert.equal(nextAction(open, 'team'), 'handrail run draft --workflow team, or handrail check draft --workflow team');
    }
  });

  it('names the workflow in every next command where it was named', () => {
    const tests = step({ id: 'tests', kind: 'command' });
    assert.match(
      statusText(run({ steps: [tests], next: ['tests'], total: 1 }), plain, true, 'team'),
      /Next: handrail run tests --workflow team$/,
    );
    assert.match(explainText(tests, plain, 'team'), /handrail run tests --workflow team/);
    const open = step({ id: 'intent', expect: [{ kind: 'file', met: false, detail: 'docs/x.md is missing.' }] });
    assert.equal(nextAction(open, 'team'), 'docs/x.md is missing (handrail explain intent --workflow team)');
    assert.equal(nextAction(step({ id: 'word' }), 'team'), 'handrail check word --workflow team');
  });

  it('explains which condition matched which paths', () => {
    const when = { expression: 'vars.payments', applies: true, matched: ['src/payments/a.ts'] };
    const text = explainText(
      step({ id: 'money', title: 'Check the money', when, why: 'It went wrong once.', missing: ['A word.'] }),
      plain,
    );
    for (const part of [
      'It went wrong once.',
      'Its condition holds: vars.payments',
      'Matched: src/payments/a.ts',
      'A word.',
      'handrail check money',
    ]) {
      assert.ok(text.includes(part), part);
    }
  });
});

describe('text of the models', () => {
  const choice: ModelChoice = {
    kind: 'builtin',
    name: 'builtin',
    because: 'Nothing is set.',
    confirmed: true,
    needsKey: false,
    offers: [],
  };
  const action = /^No model was found here\.\n.*OPENAI_API_KEY and HANDRAIL_MODEL, .*`claude`.*handrail models\.$/m;

  it('names what to do where nothing was found, and only there', () => {
    assert.match(modelsText({ choice, models: [] }, 0, plain), action);
    const offer: ModelOffer = {
      kind: 'assistant',
      name: 'codex',
      label: 'Codex',
      model: 'codex',
      baseURL: 'assistant:codex',
      origin: 'assistant:codex',
    };
    assert.doesNotMatch(modelsText({ choice: { ...choice, offers: [offer] }, models: [] }, 0, plain), action);
    assert.doesNotMatch(modelsText({ choice: { ...choice, kind: 'model', name: 'ours' }, models: [] }, 0, plain), action);
  });
});

describe('text of a review', () => {
  const finding: Finding = {
    id: 'f00d',
    file: 'src/a.ts',
    startLine: 4,
    endLine: 5,
    severity: 'high',
    category: 'bug',
    title: 'Dropped promise',
    message: 'A failed write looks like success.',
    quote: 'save(card);\nreturn paid;',
    source: 'model',
    anchor: { status: 'exact', confidence: 1 },
  };
  const result: ReviewResult = {
    model: 'builtin',
    findings: [finding],
    dismissed: [],
    coverage: [
      { file: 'src/a.ts', status: 'full' },
      { file: 'dist/x.js', status: 'skipped', reason: 'generated' },
    ],
    usage: { requests: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheHits: 0 },
    redactions: [{ file: 'src/a.ts', line: 9, kind: 'aws-access-key' }],
    notices: ['No model was used.'],
  };

  it('names place, severity, quote and id', () => {
    const text = findingText(finding, plain);
    for (const part of ['src/a.ts:4-5', 'HIGH', 'bug', '  | save(card);\n  | return paid;', 'id f00d'])
      assert.ok(text.includes(part), part);
  });

  it('says openly that a finding could not be placed', () => {
    const { startLine: _start, endLine: _end, ...rest } = finding;
    const unplaced: Finding = { ...rest, anchor: { status: 'unanchored', confidence: 0 } };
    assert.match(findingText(unplaced, plain), /^src\/a\.ts \(could not be placed\)/);
    assert.match(reviewSummary({ ...result, findings: [unplaced] }, plain), /1 could not be placed/);
  });

  it('says what was read, what was not and why, and what was replaced', () => {
    const text = reviewSummary({ ...result, model: 'reviewer' }, plain);
    assert.doesNotMatch(reviewSummary(result, plain), /sent/);
    for (const part of [
      '1 finding (1 high)',
      '1 in full, 0 in part, 1 not at all',
      'dist/x.js – generated',
      'src/a.ts:9 (aws-access-key)',
      'No model was used.',
    ]) {
      assert.ok(text.includes(part), part);
    }
  });
});

describe('text from a repository or a model', () => {
  it('cannot move the cursor, colour, or turn the reading direction', () => {
    assert.equal(printable('a\u001b[2Jb\u202ec\u0007\r\nd\te'), 'a\ufffd[2Jb\ufffdc\ufffd\nd\te');
  });
  it('makes up no lines of its own where it stands inside one', () => {
    assert.deepEqual(printableData({ file: 'a\nNo findings.ts', files: ['x\ny'], title: 'a\r\nb', message: 'a\nb' }), {
      file: 'a\ufffdNo findings.ts',
      files: ['x\ufffdy'],
      title: 'a\ufffdb',
      message: 'a\nb',
    });
  });
  it('is made harmless inside data, which keeps its shape', () => {
    assert.deepEqual(printableData({ a: ['\u001b', 1, null, { b: true }] }), { a: ['\ufffd', 1, null, { b: true }] });
  });
});

describe('a failure', () => {
  const failure = new HandrailError('config', 'Unknown key stpes', {
    hint: 'Did you mean steps?',
    location: { path: 'w.yml', line: 2, column: 1 },
  });
  it('is one line with place and mend', () => {
    assert.equal(failureLine(failure), 'handrail: w.yml:2:1: Unknown key stpes. Did you mean steps?');
    const named = new HandrailError('config', 'list.md holds no task list.', { location: { path: 'list.md' } });
    assert.equal(failureLine(named), 'handrail: list.md holds no task list.');
    assert.equal(failureLine(new HandrailError('io', 'two\nlines')).includes('\n'), false);
  });
  it('has a document form', () => {
    assert.deepEqual(failureDocument(failure), {
      error: {
        reason: 'config',
        message: 'Unknown key stpes',
        hint: 'Did you mean steps?',
        location: { path: 'w.yml', line: 2, column: 1 },
      },
    });
  });
});
