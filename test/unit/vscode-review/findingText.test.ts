import assert from 'node:assert/strict';
import { explainPage } from '../../../src/vscode/review/explainText.ts';
import { anchorSentence, problemCode, threadBody, threadTitle } from '../../../src/vscode/review/findingText.ts';
import { track } from '../../../src/vscode/review/trackedFinding.ts';
import { finding, l10n } from './support.ts';

const text = 'function f() {\nsave();\n}';
const fix = { edits: [{ file: 'src/login.ts', startLine: 2, endLine: 2, newText: 'await save();\n' }] };

describe('texts of a finding', () => {
  it('names severity, category, reviewer and model in the title', () => {
    const entry = { ...track(finding()), reviewer: { name: 'reviewer', model: 'gpt-5.2' } };
    assert.equal(threadTitle(entry, l10n), '● HIGH  bug · reviewer (gpt-5.2)');
    assert.equal(threadTitle({ ...entry, state: 'stale' }, l10n), '● HIGH  bug · reviewer (gpt-5.2) · stale');
  });

  it('does not attribute an engine’s finding to the model', () => {
    const entry = { ...track(finding({ source: 'builtin', rule: 'noFloatingPromises' })), reviewer: { name: 'reviewer', model: 'm' } };
    assert.equal(threadTitle(entry, l10n), '● HIGH  bug · built-in');
    assert.equal(problemCode(entry.finding), 'noFloatingPromises');
  });

  it('shows the fix as a diff of known lines', () => {
    assert.ok(threadBody(track(finding({ fix }), text), l10n).endsWith('```diff\n-save();\n+await save();\n```'));
  });

  it('escapes the model’s words in thread and page', () => {
    const entry = track(finding({ title: '[a](command:x)', message: '![i](https://evil.example/i.png)' }));
    for (const markdown of [threadBody(entry, l10n), explainPage(entry, { because: undefined, promptDigest: undefined }, l10n)]) {
      assert.doesNotMatch(markdown, /https:\/\//);
      assert.doesNotMatch(markdown, /\]\(command/);
    }
  });

  it('keeps a quote with backticks inside its block', () => {
    const page = explainPage(track(finding({ quote: '```\nx' })), { because: undefined, promptDigest: undefined }, l10n);
    assert.ok(page.includes('````\n```\nx\n````'));
  });

  it('says how a finding was placed, and where it comes from', () => {
    assert.match(anchorSentence(track(finding({ anchor: { status: 'fuzzy', confidence: 0.85 } })), l10n), /85 %/);
    assert.match(anchorSentence({ ...track(finding()), state: 'stale' }, l10n), /no longer in the file/);
    const page = explainPage(track(finding()), { because: undefined, promptDigest: 'sha256:abc' }, l10n);
    assert.match(page, /Prompt digest: sha256\\:abc/);
  });
});
