import type { ReviewPreview, ReviewRequest, ReviewService } from '../core/ai/service.ts';
import { HandrailError } from '../core/errors.ts';
import type { Answer, Context } from './command.ts';
import { printableData } from './text/printable.ts';
import { coverageLines } from './text/review.ts';

/** What a review would send, and where; nothing is sent. */
export async function showPreview(context: Context, service: ReviewService, request: ReviewRequest): Promise<Answer> {
  if (context.format === 'sarif') {
    throw new HandrailError('usage', 'A dry run has no findings to write as SARIF.', { hint: 'Use --format text or json with --dry-run.' });
  }
  const preview = await service.preview(request, { signal: context.signal });
  if (context.format === 'json') context.terminal.document(previewDocument(preview));
  else for (const line of previewLines(printableData(preview))) context.terminal.line(line);
  return 0;
}

function previewDocument({ choice, coverage, redactions, requests, remembered, scoring, estimate }: ReviewPreview) {
  return {
    dryRun: true,
    choice,
    coverage,
    redactions,
    requests,
    remembered: remembered ?? { parts: 0, files: [] },
    ...(scoring === undefined ? {} : { scoring: { model: scoring.model, origin: scoring.origin, requests: scoring.requests } }),
    estimate: estimate ?? { requests: 0, inputTokens: 0, outputTokens: 0 },
  };
}

function previewLines(preview: ReviewPreview): string[] {
  const { choice, coverage, redactions, requests } = preview;
  const model = choice.model === undefined || choice.model === choice.name ? choice.name : `${choice.name} (${choice.model})`;
  const lines = [`Reviewer: ${model} – ${choice.because}`];
  if (choice.kind === 'builtin') lines.push('Nothing would leave this machine.');
  else {
    lines.push(...estimateLines(preview));
    if (!choice.confirmed) lines.push(`Not confirmed yet for this workspace: handrail models confirm ${choice.name}`);
    if (choice.needsKey) lines.push('A key is still missing: set OPENAI_API_KEY.');
  }
  lines.push(...coverageLines(coverage));
  if (redactions.length > 0) {
    lines.push(
      'Secrets that would be replaced (only known patterns are caught):',
      ...redactions.map(({ file, line, kind }) => `  ${file}:${line} ${kind}`),
    );
  }
  for (const [i, { files, text, inputTokens: tokens }] of requests.entries()) {
    lines.push('', `--- request ${i + 1} of ${requests.length}: ${files.join(', ')} (about ${tokens} tokens) ---`, text);
  }
  return lines;
}

/** What would be asked, what it could take at most, and what need not be asked again. */
function estimateLines({ choice, requests, remembered, scoring, estimate }: ReviewPreview): string[] {
  const inputTokens = requests.reduce((sum, one) => sum + one.inputTokens, 0);
  const lines = [
    `${requests.length} request${requests.length === 1 ? '' : 's'} to ${choice.destination ?? choice.origin ?? 'an unknown place'}, about ${inputTokens} tokens. Nothing was sent.`,
  ];
  if (scoring !== undefined && requests.length > 0)
    lines.push(
      `Second pass: at most ${scoring.requests} more to ${scoring.model} at ${scoring.origin}, with the same code and what was found.`,
    );
  if (estimate !== undefined && requests.length > 0) {
    const cost = estimate.cost === undefined ? 'no price is known' : `${estimate.cost.amount.toFixed(4)} ${estimate.cost.currency}`;
    lines.push(`At most: ${estimate.inputTokens} tokens in, ${estimate.outputTokens} out, ${cost}, as long as nothing has to be repeated.`);
  }
  if (remembered !== undefined && remembered.parts > 0) {
    const parts = remembered.parts === 1 ? '1 part' : `${remembered.parts} parts`;
    lines.push(`Not asked again: ${parts} that did not change since the model read them (--no-cache asks all the same).`);
  }
  return lines;
}
