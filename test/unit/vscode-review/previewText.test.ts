import assert from 'node:assert/strict';
import type { ReviewPreview } from '../../../src/core/ai/service.ts';
import { previewText } from '../../../src/vscode/models/previewText.ts';
import { l10n } from './support.ts';

const preview: ReviewPreview = {
  choice: { kind: 'model', name: 'reviewer', origin: 'https://models.example', because: '', confirmed: false, needsKey: false, offers: [] },
  coverage: [
    { file: 'a.ts', status: 'full' },
    { file: 'b.bin', status: 'skipped', reason: 'binary' },
  ],
  redactions: [{ file: 'a.ts', line: 3, kind: 'private-key' }],
  requests: [{ files: ['a.ts'], text: 'const a = `x`;\n```\n', inputTokens: 1200 }],
};

describe('previewText', () => {
  it('shows where to, what, and what was replaced, before anything is sent', () => {
    const page = previewText(preview, l10n);
    assert.match(page, /Nothing has been sent yet/);
    assert.ok(page.includes('https\\:\\/\\/models\\.example'));
    const named = previewText({ ...preview, choice: { ...preview.choice, origin: 'editor:x', destination: 'GPT of the editor' } }, l10n);
    assert.match(named, /Where to: GPT of the editor/);
    assert.match(page, /Requests: 1, about 1,200 tokens/);
    assert.ok(page.includes('- private\\-key \\(a\\.ts\\:3\\)'));
    assert.ok(page.includes('- b\\.bin\\: not read\\, binary'));
    assert.doesNotMatch(page, /At most|Not asked again|Second pass/);
    assert.ok(page.includes('````\nconst a = `x`;\n```\n\n````'));
  });

  it('shows the most that it could take, who judges, and what need not be asked again', () => {
    const page = previewText(
      {
        ...preview,
        scoring: { model: 'judge', origin: 'https://judge.example', requests: 1 },
        estimate: { requests: 2, inputTokens: 12_000, outputTokens: 8000, cost: { amount: 0.5, currency: 'USD' } },
        remembered: { parts: 3, files: ['a.ts'] },
      },
      l10n,
    );
    assert.match(page, /at most 1 more to judge at https/);
    assert.match(page, /At most 12,000 tokens in and 8,000 out, 0\.5000 USD\./);
    assert.match(page, /Not asked again: 3 parts/);
    const free = previewText({ ...preview, estimate: { requests: 1, inputTokens: 1, outputTokens: 2 } }, l10n);
    assert.match(free, /no price is known/);
  });

  it('says that nothing would leave when no model answers', () => {
    const page = previewText({ ...preview, choice: { ...preview.choice, kind: 'builtin', name: 'builtin' }, requests: [] }, l10n);
    assert.match(page, /nothing leaves it/);
    assert.doesNotMatch(page, /Where to|Requests/);
  });
});
