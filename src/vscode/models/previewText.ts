import type { ReviewPreview } from '../../core/ai/service.ts';
import { asMarkdown, codeBlock, oneLine } from '../review/plainText.ts';
import type { Localise } from '../review/plainText.ts';

/** The page that shows, before anything is sent, exactly what would leave and where to. */
export function previewText(preview: ReviewPreview, l10n: Localise): string {
  const { choice, coverage, redactions, requests } = preview;
  const page = [`# ${l10n.t('What would be sent')}`, l10n.t('Nothing has been sent yet.')];
  page.push(
    ...(choice.kind === 'builtin'
      ? [l10n.t('The built-in reviewer would answer. It reads on this machine, and nothing leaves it.')]
      : [l10n.t('Where to: {0}', asMarkdown(choice.destination ?? choice.origin ?? '')), ...estimate(preview, l10n)]),
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

/** How much would be asked, what it could take at most, and what need not be asked again. */
function estimate({ requests, remembered, scoring, estimate: most }: ReviewPreview, l10n: Localise): string[] {
  const tokens = requests.reduce((sum, request) => sum + request.inputTokens, 0);
  const lines = [l10n.t('Requests: {0}, about {1} tokens.', requests.length, tokens.toLocaleString('en'))];
  if (scoring !== undefined && requests.length > 0) {
    lines.push(
      l10n.t(
        'Second pass: at most {0} more to {1} at {2}, with the same code and what was found.',
        scoring.requests,
        asMarkdown(scoring.model),
        asMarkdown(scoring.origin),
      ),
    );
  }
  if (most !== undefined && requests.length > 0) {
    const [input, output] = [most.inputTokens.toLocaleString('en'), most.outputTokens.toLocaleString('en')];
    lines.push(
      most.cost === undefined
        ? l10n.t('At most {0} tokens in and {1} out; no price is known.', input, output)
        : l10n.t('At most {0} tokens in and {1} out, {2} {3}.', input, output, most.cost.amount.toFixed(4), asMarkdown(most.cost.currency)),
    );
  }
  if (remembered !== undefined && remembered.parts > 0) {
    lines.push(
      remembered.parts === 1
        ? l10n.t('Not asked again: 1 part that did not change since the model read it.')
        : l10n.t('Not asked again: {0} parts that did not change since the model read them.', remembered.parts),
    );
  }
  return lines;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${asMarkdown(oneLine(line, 1_000))}`).join('\n');
}

function coverageWord(status: 'full' | 'partial' | 'skipped', l10n: Localise): string {
  return { full: l10n.t('in full'), partial: l10n.t('in part'), skipped: l10n.t('not read') }[status];
}
