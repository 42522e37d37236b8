import type { ReviewPreview } from '../../core/ai/service.ts';
import { asMarkdown, codeBlock, oneLine } from '../review/plainText.ts';
import type { Localise } from '../review/plainText.ts';

/** The page that shows, before anything is sent, exactly what would leave and where to. */
export function previewText(preview: ReviewPreview, l10n: Localise): string {
  const { choice, coverage, redactions, requests } = preview;
  const tokens = requests.reduce((sum, request) => sum + request.inputTokens, 0);
  const page = [`# ${l10n.t('What would be sent')}`, l10n.t('Nothing has been sent yet.')];
  page.push(
    l10n.t('Where to: {0}', asMarkdown(choice.destination ?? choice.origin ?? '')),
    l10n.t('Requests: {0}, about {1} tokens.', requests.length, tokens.toLocaleString('en')),
    redactions.length === 0
      ? l10n.t('No known pattern of a secret was found. Only known patterns are caught.')
      : l10n.t('Replaced before sending, as only known patterns are caught:'),
    list(redactions.map((one) => `${one.kind} (${one.file}:${one.line})`)),
    `## ${l10n.t('Files')}`,
    list(
      coverage.map((entry) => `${entry.file}: ${coverageWord(entry.status, l10n)}${entry.reason === undefined ? '' : `, ${entry.reason}`}`),
    ),
  );
  for (const request of requests) page.push(`## ${asMarkdown(oneLine(request.files.join(', '), 1_000))}`, codeBlock(request.text));
  return `${page.filter((part) => part !== '').join('\n\n')}\n`;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${asMarkdown(oneLine(line, 1_000))}`).join('\n');
}

function coverageWord(status: 'full' | 'partial' | 'skipped', l10n: Localise): string {
  return { full: l10n.t('in full'), partial: l10n.t('in part'), skipped: l10n.t('not read') }[status];
}
