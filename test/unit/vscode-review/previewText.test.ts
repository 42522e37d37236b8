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
    assert.ok(page.includes('````\nconst a = `x`;\n```\n\n````'));
  });
});
