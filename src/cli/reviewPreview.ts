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
  const { choice, coverage, redactions, requests } = preview;
  const inputTokens = requests.reduce((sum, one) => sum + one.inputTokens, 0);
  if (context.format === 'json') {
    context.terminal.document({
      dryRun: true,
      choice,
      coverage,
      redactions,
      requests,
      estimate: { requests: requests.length, inputTokens },
    });
  } else for (const line of previewLines(printableData(preview), inputTokens)) context.terminal.line(line);
  return 0;
}

function previewLines({ choice, coverage, redactions, requests }: ReviewPreview, inputTokens: number): string[] {
  const model = choice.model === undefined || choice.model === choice.name ? choice.name : `${choice.name} (${choice.model})`;
  const lines = [`Reviewer: ${model} – ${choice.because}`];
  if (choice.kind === 'builtin') lines.push('Nothing would leave this machine.');
  else {
    lines.push(
      `${requests.length} request${requests.length === 1 ? '' : 's'} to ${choice.destination ?? choice.origin ?? 'an unknown place'}, about ${inputTokens} tokens. Nothing was sent.`,
    );
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
