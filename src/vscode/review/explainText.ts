import { anchorSentence, fixPreview, reviewerName, severityName } from './findingText.ts';
import { asMarkdown, codeBlock, oneLine } from './plainText.ts';
import type { Localise } from './plainText.ts';
import type { TrackedFinding } from './trackedFinding.ts';

/** What the review itself said about how it came about. */
export interface ReviewOrigin {
  because: string | undefined;
  promptDigest: string | undefined;
}

/** Where a finding came from and how sure its place is: the page behind *Explain*. */
export function explainPage(entry: TrackedFinding, origin: ReviewOrigin, l10n: Localise): string {
  const { finding } = entry;
  const page = [`# ${asMarkdown(oneLine(finding.title))}`, placeLine(entry, l10n), asMarkdown(finding.message)];
  page.push(`## ${l10n.t('The lines it is about')}`, codeBlock(finding.quote), anchorSentence(entry, l10n));
  const preview = fixPreview(entry);
  if (preview !== undefined) page.push(`## ${l10n.t('Suggested fix')}`, preview);
  page.push(`## ${l10n.t('Where it comes from')}`, ...provenance(entry, origin, l10n).map((line) => `- ${line}`));
  return `${page.filter((part) => part !== '').join('\n\n')}\n`;
}

function placeLine(entry: TrackedFinding, l10n: Localise): string {
  const { finding, span } = entry;
  const severity = severityName(finding.severity, l10n);
  const file = oneLine(finding.file, 1_000);
  const place = span === undefined ? file : `${file}:${span.startLine}`;
  return `${asMarkdown(severity)} · ${asMarkdown(oneLine(finding.category, 40))} · ${asMarkdown(place)}`;
}

function provenance(entry: TrackedFinding, origin: ReviewOrigin, l10n: Localise): string[] {
  const { finding } = entry;
  if (finding.source === 'builtin') {
    const lines = [l10n.t('Found by the built-in reviewer on this machine; no model was asked and nothing was sent.')];
    if (finding.rule !== undefined) lines.push(l10n.t('Rule: {0}', asMarkdown(finding.rule)));
    return [...lines, l10n.t('Finding: {0}', asMarkdown(finding.id))];
  }
  const lines = [l10n.t('Written by a model: {0}', asMarkdown(reviewerName(entry, l10n)))];
  if (origin.because !== undefined) lines.push(asMarkdown(oneLine(origin.because)));
  if (origin.promptDigest !== undefined) lines.push(l10n.t('Prompt digest: {0}', asMarkdown(origin.promptDigest)));
  lines.push(l10n.t('Finding: {0}', asMarkdown(finding.id)));
  return lines;
}
