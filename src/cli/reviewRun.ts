import type { Finding, ReviewEvent, ReviewResult } from '../core/ai/finding.ts';
import type { ReviewRequest, ReviewService } from '../core/ai/service.ts';
import { failureOf } from '../core/errors.ts';
import type { Context } from './command.ts';
import { PartialFailure } from './partialFailure.ts';
import { findingText, reviewSummary } from './text/review.ts';
import { printableData, printableLine } from './text/printable.ts';

export interface ReviewRun {
  result: ReviewResult;
  because: string;
}

/**
 * Runs a review and shows it while it runs: as text, findings on stdout as they are found; in other formats everything but
 * the document goes to stderr. Fails with {@link PartialFailure} when there were findings before the failure.
 */
export async function runReview(context: Context, service: ReviewService, request: ReviewRequest): Promise<ReviewRun> {
  const { terminal, format, signal } = context;
  const found: Finding[] = [];
  let because = '';
  const say = (line: string): void => (format === 'text' ? terminal.line(line) : terminal.note(line));
  const onEvent = (event: ReviewEvent): void => {
    if (event.type === 'chosen') {
      because = event.because;
      say(`${terminal.style('bold', `Reviewer: ${printableLine(event.model)}`)} – ${printableLine(event.because)}`);
    } else if (event.type === 'progress') {
      const tokens = event.outputTokens > 0 ? ` · ${event.outputTokens} tokens` : '';
      terminal.progress(`${printableLine(event.message)} ${event.done}/${event.total}${tokens}`);
    } else if (event.type === 'finding') {
      found.push(event.finding);
      if (format === 'text') terminal.line(`\n${findingText(printableData(event.finding), (style, text) => terminal.style(style, text))}`);
    } else if (format !== 'text') terminal.note(printableLine(event.message));
  };
  try {
    const result = await service.review(request, { signal, onEvent });
    if (format === 'text') terminal.line(`\n${reviewSummary(printableData(result), (style, text) => terminal.style(style, text))}`);
    return { result, because };
  } catch (error) {
    const failure = failureOf(error);
    if (found.length === 0 || failure === undefined) throw error;
    if (format === 'text')
      terminal.line(
        `\n${found.length === 1 ? 'The finding above was' : `The ${found.length} findings above were`} made before the review ended early.`,
      );
    throw new PartialFailure(failure, { findings: found });
  }
}
