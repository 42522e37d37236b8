import type { GenerateResult, ProposedChange } from '../../../src/core/ai/generate/generation.ts';
import type { Proposal } from '../../../src/vscode/generate/proposal.ts';
import type { Localise } from '../../../src/vscode/review/plainText.ts';

export const l10n: Localise = {
  t: (message, ...args) => message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)])),
};

export const EDIT: ProposedChange = {
  file: 'src/a.ts',
  kind: 'edit',
  before: 'one\ntwo\n',
  after: 'one\nTWO\nthree\n',
  edits: [{ startLine: 2, endLine: 2, newText: 'TWO\nthree', anchor: { status: 'exact', confidence: 1 } }],
};
export const CREATE: ProposedChange = { file: 'src/new.ts', kind: 'create', before: '', after: 'a\nb\n', edits: [] };

export function proposalWith(result: Partial<GenerateResult>, parts: Partial<Proposal> = {}): Proposal {
  return {
    id: 1,
    // Only the editor's own code looks at the folder.
    folder: { name: 'shop', index: 0 } as Proposal['folder'],
    subject: 'a.ts',
    asked: 'make it better',
    choice: {
      kind: 'model',
      name: 'writer',
      model: 'test-model',
      origin: 'https://x.example',
      because: 'models.yml says so',
      confirmed: true,
      needsKey: false,
      offers: [],
    },
    result: {
      model: 'writer',
      modelId: 'test-model',
      promptDigest: 'sha256:00',
      changes: [EDIT],
      unplaced: [],
      explanation: '',
      usage: { requests: 1, inputTokens: 1200, outputTokens: 34, cachedTokens: 0, cacheHits: 0 },
      coverage: [{ file: 'src/a.ts', status: 'full' }],
      redactions: [],
      notices: [],
      ...result,
    },
    duration: 5,
    again: () => undefined,
    ...parts,
  };
}
