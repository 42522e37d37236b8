import type { Finding } from '../../../src/core/ai/finding.ts';
import type { Localise } from '../../../src/vscode/review/plainText.ts';

/** `vscode.l10n.t` without translations. */
export const l10n: Localise = {
  t: (message, ...args) => message.replace(/\{(\d+)\}/g, (_match, index: string) => String(args[Number(index)])),
};

export function finding(part: Partial<Finding> = {}): Finding {
  return {
    id: 'f1',
    file: 'src/login.ts',
    startLine: 2,
    endLine: 2,
    severity: 'high',
    category: 'bug',
    title: 'The promise is dropped',
    message: 'A failed write looks like success.',
    quote: 'save();',
    source: 'model',
    anchor: { status: 'exact', confidence: 0.99 },
    ...part,
  };
}
