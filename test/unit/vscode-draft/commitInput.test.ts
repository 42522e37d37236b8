import assert from 'node:assert/strict';
import type { DraftResult } from '../../../src/core/ai/draft/draft.ts';
import { draftedText } from '../../../src/vscode/draft/draftText.ts';
import { StreamedInput } from '../../../src/vscode/draft/streamedInput.ts';

const l10n = {
  t: (text: string, ...values: unknown[]): string => text.replace(/\{(\d)\}/gu, (_, index: string) => String(values[Number(index)])),
};

describe('the input of a commit message', () => {
  it('shows what is written, and gives back what stood there when that fails', () => {
    const box = { value: 'mine' };
    const input = new StreamedInput(box);
    input.show('');
    assert.equal(box.value, 'mine', 'nothing is taken away before there is something');
    input.show('Add');
    input.show('Add it');
    assert.equal(box.value, 'Add it');
    input.giveBack();
    assert.equal(box.value, 'mine');
  });

  it('restores the former text on request, whatever stands there', () => {
    const box = { value: 'mine' };
    const input = new StreamedInput(box);
    assert.equal(input.finish('Add it'), true);
    box.value = 'Add it, edited';
    input.restore();
    assert.equal(box.value, 'mine');
  });

  it('never overwrites what a person types meanwhile', () => {
    const box = { value: '' };
    const input = new StreamedInput(box);
    input.show('Add');
    box.value = 'Add my own';
    input.show('Add it');
    assert.equal(input.finish('Add it all'), false);
    input.giveBack();
    assert.equal(box.value, 'Add my own');
  });
});

describe('what is said of a draft', () => {
  const RESULT: DraftResult = {
    kind: 'commit-message',
    text: 'Add it',
    source: 'staged',
    model: 'writer',
    modelId: 'big-1',
    promptDigest: 'sha256:0',
    usage: { requests: 1, inputTokens: 1, outputTokens: 1, cachedTokens: 0, cacheHits: 0 },
    coverage: [{ file: 'a.ts', status: 'full' }],
    redactions: [],
    notices: [],
  };

  it('is what was read, left out and replaced', () => {
    assert.equal(draftedText(RESULT, l10n), 'Written from what is staged: 1 file read.');
    const text = draftedText(
      {
        ...RESULT,
        source: 'working',
        coverage: [
          { file: 'a.ts', status: 'full' },
          { file: 'b.ts', status: 'partial', reason: 'x' },
          { file: 'c.lock', status: 'skipped', reason: 'y' },
        ],
        redactions: Array.from({ length: 5 }, (_, line) => ({ file: 'a\n.ts', line, kind: 'key' })),
        notices: ['The answer was cut off.'],
      },
      l10n,
    );
    assert.match(text, /since nothing is staged: 2 files read\. 1 of them in part\. Left out: 1\./);
    assert.match(text, /replaced before anything was sent: .*a .ts:0 \(key\), .*, \+2\. The answer was cut off\.$/u);
    assert.doesNotMatch(text, /\n/);
  });
});
