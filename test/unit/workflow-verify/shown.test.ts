import assert from 'node:assert/strict';
import { failureOf } from '../../../src/core/errors.ts';
import { prePushHookScript } from '../../../src/core/workflow/prePushHook.ts';
import type { RunSummary } from '../../../src/core/workflow/summary.ts';
import { summaryMarkdown } from '../../../src/core/workflow/summaryMarkdown.ts';
import type { VerifyResult } from '../../../src/core/workflow/verify/result.ts';
import { withVerified } from '../../../src/core/workflow/verify/verifiedSummary.ts';
import { verifyMarkdown } from '../../../src/core/workflow/verify/verifyMarkdown.ts';
import { verifySarif } from '../../../src/core/workflow/verify/verifySarif.ts';
import { policySentence, proofOf, verdictOf } from '../../../src/core/workflow/verify/words.ts';

const HEAD = 'c'.repeat(40);
const result = (fields: Partial<VerifyResult> = {}): VerifyResult => ({
  ok: false,
  workflow: { id: 'feature', title: 'Feature', digest: 'sha256:0', path: '.handrail/workflows/feature.yml' },
  evidence: 'tracked',
  branch: 'feat/x',
  base: 'main',
  folder: 'a b/',
  commits: { base: 'b'.repeat(40), mergeBase: 'b'.repeat(40), head: HEAD },
  policy: 'base',
  steps: [
    { id: 'run', title: 'Run', kind: 'command', state: 'done', assurance: 'verified', detail: 'Its command ended.', expect: [] },
    { id: 'ok', title: 'Ok', kind: 'approval', state: 'ready', assurance: 'missing', detail: 'Nobody has approved.', expect: [] },
    { id: 'own', title: 'Own', kind: 'manual', state: 'ready', assurance: 'self-reported', detail: 'Not seen.', expect: [] },
    {
      id: 'gone',
      title: 'Gone',
      kind: 'manual',
      state: 'waived',
      assurance: 'waived',
      detail: 'Skipped: Down.',
      expect: [],
      approvedBy: ['@lena'],
    },
  ],
  problems: [
    { code: 'missing-evidence', step: 'ok', detail: 'Nobody has approved.', hint: 'Ask.' },
    { code: 'bad-record', path: 'a b/x.json', detail: 'It is none.' },
  ],
  notices: ['One | notice'],
  ...fields,
});

const summary: RunSummary = {
  workflow: { id: 'feature', title: 'Feature', digest: 'sha256:0', path: 'f.yml' },
  branch: 'feat/x',
  base: 'main',
  done: 2,
  total: 3,
  steps: [
    { id: 'run', title: 'Run', kind: 'command', state: 'done', assurance: 'bound', standing: 'done', proof: 'checked here' },
    { id: 'ok', title: 'Ok', kind: 'approval', state: 'done', assurance: 'self-reported', standing: 'done', proof: "someone's word" },
    { id: 'own', title: 'Own', kind: 'manual', state: 'done', assurance: 'self-reported', standing: 'done', proof: "someone's word" },
  ],
  models: [],
  reviews: [],
  findings: { counts: { critical: 0, high: 0, medium: 0, low: 0, info: 0 }, shown: [], more: 0, elsewhere: 0 },
};

describe('a verification, shown', () => {
  it('says in plain words what it is worth', () => {
    assert.deepEqual(
      result().steps.map((step) => proofOf(step)),
      ['checked by CI', 'nothing proves it', 'not seen by CI', 'skipped with a reason · approved by @lena'],
    );
    assert.equal(verdictOf(result()), '2 problems');
    assert.equal(verdictOf(result({ ok: true })), 'verified');
    assert.equal(verdictOf(result({ ok: true, workflow: null })), 'nothing to verify');
    const unseen = result().steps.map((step) => ({ ...step, assurance: 'self-reported' as const }));
    assert.equal(verdictOf(result({ ok: true, steps: unseen })), 'no problem seen, nothing proved');
    assert.equal(verdictOf(result({ ok: true, policy: 'branch' })), 'shown, not verified');
    assert.match(policySentence(result()), /policy of main at bbbbbbbbbbbb/);
    assert.match(policySentence(result({ policy: 'approved' })), /which an owner of main approved/);
    assert.match(policySentence(result({ policy: 'branch' })), /branch's own/);
  });

  it('as Markdown that holds nothing of its own, however much there is', () => {
    const text = verifyMarkdown(result({ note: 'A | note', branch: 'feat/`x`' }));
    assert.match(text, /\| Ok \| ○ Nobody has approved\. \| nothing proves it \|/);
    assert.match(text, /\| `bad-record` \| `a b\/x\.json` \| It is none\. \|/);
    assert.match(text, /- One \\\| notice/);
    const many = verifyMarkdown(
      result({
        branch: null,
        workflow: null,
        steps: [],
        problems: Array.from({ length: 2_000 }, () => ({ code: 'bad-record' as const, detail: 'x'.repeat(300) })),
        notices: [],
      }),
    );
    assert.match(many, /and \d+ more/);
    assert.ok(many.length < 100_000);
  });

  it('as SARIF, with one rule a code', () => {
    const [run] = verifySarif(result(), '1.0.0').runs;
    assert.deepEqual(
      run?.tool.driver.rules.map(({ id }) => id),
      ['bad-record', 'missing-evidence'],
    );
    assert.deepEqual(
      run?.results.map(({ ruleIndex, locations }) => [ruleIndex, locations[0]?.physicalLocation.artifactLocation.uri]),
      [
        [1, 'a%20b/.handrail/workflows/feature.yml'],
        [0, 'a%20b/x.json'],
      ],
    );
  });

  it('in the block of a pull request, in the place of what the machine said', () => {
    const verified = withVerified(summary, JSON.parse(JSON.stringify(result())));
    assert.deepEqual(
      verified.steps.map(({ id, standing, proof }) => [id, standing, proof]),
      [
        ['run', 'done', 'checked by CI'],
        ['ok', 'not done: nobody has approved', 'nothing proves it'],
        ['own', 'done', "someone's word"],
        ['gone', 'skipped: Down', 'skipped with a reason · approved by @lena'],
      ],
    );
    assert.deepEqual([verified.done, verified.total], [3, 4]);
    assert.match(summaryMarkdown(verified), /\*\*CI found problems at `cccccccccccc`\*\*\n- `missing-evidence`: Nobody has approved\./);
    assert.match(summaryMarkdown(withVerified(summary, result({ ok: true, problems: [] }))), /\*\*Verified by CI\*\* at `cccccccccccc`/);
    const reason = (document: unknown): string => {
      try {
        withVerified(summary, document);
        return '';
      } catch (error) {
        return failureOf(error)?.reason ?? 'defect';
      }
    };
    assert.deepEqual([reason({}), reason(result({ branch: 'other' })), reason(result({ workflow: null }))], ['config', 'usage', 'usage']);
  });

  it('before a push, in the folder where the workflow lies', () => {
    assert.match(prePushHookScript(''), /\n {2}handrail verify --head/);
    assert.match(prePushHookScript("it's/"), /handrail --cwd 'it'\\''s' verify/);
  });
});
