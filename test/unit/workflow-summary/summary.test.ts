import assert from 'node:assert/strict';
import type { Finding, Severity } from '../../../src/core/ai/finding.ts';
import type { RunStatus, StepStatus } from '../../../src/core/workflow/run.ts';
import { FINDINGS_SHOWN, summarise } from '../../../src/core/workflow/summary.ts';
import { SUMMARY_LIMIT, SUMMARY_MARKS, summaryMarkdown, withSummary } from '../../../src/core/workflow/summaryMarkdown.ts';
import { run, step } from '../vscode-workflow/samples.ts';
import { REFERENCES, render } from './hostMarkdown.ts';
import { NASTY } from './nasty.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const WORKFLOW = { id: 'feature', title: 'Feature or fix', digest: DIGEST, path: '.handrail/workflows/feature.yml' };

function finding(overrides: Partial<Finding> & { file: string }): Finding {
  return {
    id: `${overrides.file}:${overrides.startLine ?? 0}`,
    severity: 'high',
    category: 'bug',
    title: 'The promise is dropped',
    message: 'So a failed write looks like success.',
    quote: 'save();',
    source: 'model',
    anchor: { status: 'exact', confidence: 1 },
    ...overrides,
  };
}

const COUNTS: Record<Severity, number> = { critical: 0, high: 1, medium: 0, low: 2, info: 0 };
const REVIEWED: StepStatus = step({
  id: 'ai-review',
  kind: 'review',
  title: 'AI review of the branch',
  state: 'stale',
  because: 'src/a.ts changed',
  staleBecause: ['src/a.ts'],
  assurance: 'stale',
  evidence: {
    id: DIGEST,
    provider: 'model',
    model: 'reviewer',
    modelId: 'gpt-5-codex',
    actor: 'human',
    coverage: { full: 12, partial: 1, skipped: 2 },
    findings: COUNTS,
  },
});

const STEPS: StepStatus[] = [
  step({
    id: 'note',
    title: 'State the problem',
    state: 'done',
    assurance: 'bound',
    because: 'what it expects is there',
    evidence: { id: DIGEST, actor: 'machine' },
  }),
  step({
    id: 'verify',
    kind: 'command',
    title: 'Run the tests',
    state: 'failed',
    because: 'its command ended with exit code 3',
    evidence: { id: DIGEST, provider: 'command', actor: 'agent' },
  }),
  REVIEWED,
  step({
    id: 'quick',
    kind: 'review',
    title: 'Quick look',
    state: 'done',
    assurance: 'bound',
    evidence: { id: DIGEST, provider: 'builtin', actor: 'agent', coverage: { full: 1, partial: 0, skipped: 0 } },
  }),
  step({ id: 'own', title: 'Read your own diff', state: 'done', assurance: 'self-reported', evidence: { id: DIGEST, actor: 'agent' } }),
  step({ id: 'word', title: 'Follow one payment', state: 'done', assurance: 'self-reported', evidence: { id: DIGEST, actor: 'human' } }),
  step({
    id: 'plan',
    title: 'Plan the way back',
    state: 'waived',
    assurance: 'waived',
    because: 'a person skipped it until 2026-12-24: nothing is stored',
    waiver: { reason: 'nothing is stored', expires: '2026-12-24', actor: 'human' },
    evidence: { id: DIGEST, actor: 'human' },
  }),
  step({ id: 'rehearsal', title: 'Rehearse', state: 'skipped', because: 'not needed: no file under migrations/ changed' }),
  step({ id: 'sign-off', kind: 'approval', title: 'An owner approves', state: 'blocked', because: 'waits for AI review of the branch' }),
  step({ id: 'docs', title: 'Write the manual', state: 'ready', missing: ['There is no file docs/x.md.'] }),
];

const STATUS: RunStatus = run(STEPS, { workflow: WORKFLOW, done: 5, total: 9 });
const CHANGED = new Set(['src/a.ts', 'src/b.ts']);

describe('the summary of a run', () => {
  it('says in plain words how each step stands and what its proof is worth', () => {
    const { steps } = summarise(STATUS, [], CHANGED);
    assert.deepEqual(
      steps.map(({ id, standing, proof }) => [id, standing, proof]),
      [
        ['note', 'done', 'checked here'],
        ['verify', 'failed: its command ended with exit code 3', undefined],
        ['ai-review', 'stale: src/a.ts changed since', 'no longer covers the present content'],
        ['quick', 'done', 'checked here'],
        ['own', 'done', "someone's word: an agent's"],
        ['word', 'done', "someone's word"],
        ['plan', 'skipped with a reason until 2026-12-24: nothing is stored', undefined],
        ['rehearsal', 'not needed: no file under migrations/ changed', undefined],
        ['sign-off', 'not done: waits for AI review of the branch', undefined],
        ['docs', 'not done: there is no file docs/x.md', undefined],
      ],
    );
  });

  it('names the models by entry and identifier, and the built-in reviewer as what it is', () => {
    const summary = summarise(STATUS, [], CHANGED);
    assert.deepEqual(summary.models, [
      { provider: 'model', name: 'reviewer', model: 'gpt-5-codex', steps: ['AI review of the branch'] },
      { provider: 'builtin', name: 'builtin', steps: ['Quick look'] },
    ]);
    const { text } = render(summaryMarkdown(summary));
    assert.match(text, /reviewer \(gpt-5-codex\): AI review of the branch/);
    assert.match(text, /the built-in reviewer, which is no model: Quick look/);
  });

  it('says what was read, what was found then, and that the content changed since', () => {
    const { text } = render(summaryMarkdown(summarise(STATUS, [], CHANGED)));
    assert.match(
      text,
      /AI review of the branch: 12 files in full, 1 in part, 2 not at all; findings when it ran: 1 high, 2 low; the content changed since/,
    );
    assert.match(text, /Quick look: 1 file in full, 0 in part, 0 not at all\n/);
  });

  it('lists the open findings of the change, the most severe first, and counts those elsewhere', () => {
    const found = [
      finding({ file: 'src/b.ts', startLine: 3, severity: 'low', title: 'Odd name.' }),
      finding({ file: 'src/other.ts', startLine: 1, severity: 'critical' }),
      finding({ file: 'src/b.ts', severity: 'high', title: 'Somewhere' }),
      finding({ file: 'src/b.ts', startLine: 20, endLine: 22, severity: 'high', source: 'builtin' }),
      finding({ file: 'src/a.ts', startLine: 9, severity: 'critical' }),
    ];
    const summary = summarise(STATUS, found, CHANGED);
    assert.deepEqual([summary.findings.counts, summary.findings.elsewhere], [{ critical: 1, high: 2, medium: 0, low: 1, info: 0 }, 1]);
    const rendered = render(summaryMarkdown(summary));
    assert.deepEqual(rendered.rows.slice(-5), [
      ['Severity', 'Place', 'Finding'],
      ['critical', 'src/a.ts:9', 'The promise is dropped'],
      ['high', 'src/b.ts:20', 'The promise is dropped (built-in rule)'],
      ['high', 'src/b.ts (could not be placed)', 'Somewhere'],
      ['low', 'src/b.ts:3', 'Odd name'],
    ]);
    assert.match(rendered.text, /Open findings: 1 critical, 2 high, 1 low \(1 more in files that this change does not touch\)/);
  });

  it('shows no more than a screen of findings and counts the rest', () => {
    const many = Array.from({ length: 33 }, (_, i) => finding({ file: 'src/a.ts', startLine: i + 1 }));
    const { findings } = summarise(STATUS, many, CHANGED);
    assert.deepEqual([findings.shown.length, findings.more, findings.counts.high], [FINDINGS_SHOWN, 13, 33]);
    assert.match(render(summaryMarkdown(summarise(STATUS, many, CHANGED))).text, /and 13 more/);
  });

  it('tells no findings from nobody having looked', () => {
    assert.match(render(summaryMarkdown(summarise(STATUS, [], CHANGED))).text, /Open findings: none/);
    const unread = run([step({ id: 'a' })], { workflow: WORKFLOW });
    assert.match(render(summaryMarkdown(summarise(unread, [], CHANGED))).text, /Open findings: not known, since no review is recorded/);
  });

  it('says that there is no workflow', () => {
    const none = run([], { workflow: null, note: 'There is no workflow in .handrail/workflows yet.' });
    const markdown = summaryMarkdown(summarise(none, [], CHANGED));
    assert.equal(
      markdown,
      `${SUMMARY_MARKS.start}\n**Handrail**: There is no workflow in .handrail/workflows yet.\n${SUMMARY_MARKS.end}\n`,
    );
  });

  it('is the same for the same run, whatever order the findings came in', () => {
    const found = [3, 1, 2].map((line) => finding({ file: 'src/a.ts', startLine: line }));
    assert.equal(summaryMarkdown(summarise(STATUS, found, CHANGED)), summaryMarkdown(summarise(STATUS, found.toReversed(), CHANGED)));
  });

  it('begins and ends with the marks that a later one is replaced by, and says the digest', () => {
    const markdown = summaryMarkdown(summarise(STATUS, [], CHANGED));
    assert.ok(
      markdown.startsWith(`${SUMMARY_MARKS.start}\n**Handrail · Feature or fix: 5 of 9 steps done** on \`feat/login\` against \`main\`\n`),
    );
    assert.ok(markdown.endsWith(`${SUMMARY_MARKS.end}\n`));
    assert.ok(markdown.includes(DIGEST));
  });

  for (const [what, before, after] of [
    ['nothing', '', ''],
    ['text', 'Fixes the login.\n\n', ''],
    [
      'an earlier block in the middle',
      'Fixes the login.\r\n\r\n<!-- handrail:summary:start -->\r\nold\r\n<!-- handrail:summary:end -->',
      '\r\n\r\nThanks!',
    ],
  ] as const) {
    it(`goes into a description that holds ${what}, and leaves the rest alone`, () => {
      const markdown = summaryMarkdown(summarise(STATUS, [], CHANGED));
      const eol = before.includes('\r\n') ? '\r\n' : '\n';
      const block = markdown.trimEnd().replaceAll('\n', eol);
      const kept = before.split('<!--')[0] ?? '';
      const once = withSummary(`${before}${after}`, markdown);
      assert.equal(once, after === '' ? `${kept}${block}${eol}` : `${kept}${block}${after}`);
      assert.equal(withSummary(once, markdown), once);
    });
  }

  it('touches no description whose marks make no pair', () => {
    assert.throws(
      () => withSummary(`a\n${SUMMARY_MARKS.start}\nb`, summaryMarkdown(summarise(STATUS, [], CHANGED))),
      /do not make one pair/,
    );
  });

  const nastyStatus = (texts: readonly string[]): RunStatus =>
    run(
      texts.map((text, i) =>
        step({
          ...REVIEWED,
          id: `s${i}`,
          title: text,
          because: text,
          evidence: { ...REVIEWED.evidence, id: DIGEST, model: text.slice(0, 200), modelId: text },
        }),
      ),
      { workflow: { ...WORKFLOW, title: texts[0] ?? '', id: texts[0] ?? '' }, branch: texts[0] ?? '', base: texts[0] ?? '' },
    );

  for (const [i, text] of NASTY.entries()) {
    it(`keeps sample ${i} of hostile text from drawing, linking, mentioning or ending the block: ${JSON.stringify(text.slice(0, 40))}`, () => {
      const found = [finding({ file: text, startLine: 1, title: text }), finding({ file: text, title: text })];
      const markdown = summaryMarkdown(summarise(nastyStatus([text, text]), found, new Set([text])));
      const rendered = render(markdown);
      const allowed = ['p', 'strong', 'code', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'ul', 'li', 'sub'];
      assert.deepEqual(
        [...rendered.tags].filter((tag) => !allowed.includes(tag)),
        [],
        markdown,
      );
      for (const reference of REFERENCES) assert.doesNotMatch(rendered.prose, reference, markdown);
      assert.equal(markdown.split(SUMMARY_MARKS.start).length, 2, 'one mark at the start');
      assert.equal(markdown.split(SUMMARY_MARKS.end).length, 2, 'one mark at the end');
      assert.deepEqual([rendered.rows.length, ...new Set(rendered.rows.map((row) => row.length))], [6, 3], 'no row or cell is made up');
    });
  }

  it('stays below what a host accepts, however much there is', () => {
    for (const text of ['<'.repeat(500), '漢'.repeat(500), '|@#'.repeat(200), '`'.repeat(400), 'word '.repeat(100)]) {
      const found = Array.from({ length: 300 }, (_, i) => finding({ file: `${text}${i}`, startLine: i + 1, title: text }));
      const status = nastyStatus(Array.from({ length: 400 }, (_, i) => `${text}${i}`));
      const markdown = summaryMarkdown(summarise(status, found, new Set(found.map(({ file }) => file))));
      assert.ok(Buffer.byteLength(markdown) < SUMMARY_LIMIT, `${Buffer.byteLength(markdown)} bytes`);
      assert.match(render(markdown).text, /and \d+ more/);
    }
  });
});
