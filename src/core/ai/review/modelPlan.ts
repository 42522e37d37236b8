import type { ModelProvider } from '../provider.ts';
import type { Piece } from './budget.ts';
import { fitRequests, type FittedPlan } from './fit.ts';
import { framePrompt, type KnownFinding } from './frame.ts';
import type { Review } from './review.ts';
import { TokenCounter } from './tokenCounter.ts';

/** Upper bound of one review; a branch that needs more is reviewed in parts. */
export const MAX_REQUESTS = 24;
const ANSWER_TOKENS = 8000;

/** Packs what is under review into requests to this model. */
export async function planModel(review: Review, provider: ModelProvider): Promise<FittedPlan> {
  const { asides, signal, units } = review;
  return await fitRequests({
    units: units.map(({ unit }) => unit),
    provider,
    counter: new TokenCounter(provider, signal),
    answerTokens: answerTokens(provider),
    maxRequests: MAX_REQUESTS,
    asides: `${asides.instructions}\n${asides.rules}`,
    frame: (pieces) => promptText(review, pieces),
  });
}

/** All that is sent about some pieces. */
export function promptText(review: Review, pieces: readonly Piece[]): string {
  const { system, user } = promptOf(review, pieces);
  return `${system}\n\n${user}`;
}

export function promptOf(review: Review, pieces: readonly Piece[]): ReturnType<typeof framePrompt> {
  const { admission, asides, input, ports, receipt, units } = review;
  // About no piece at all, everything that may go along is in it: that is how its tokens are counted.
  const files = new Set(pieces.length === 0 ? units.map(({ unit }) => unit.path) : filesOf(pieces));
  const engines: KnownFinding[] = admission.findings
    .filter((finding) => finding.source === 'builtin' && files.has(finding.file))
    .map((finding) => ({
      file: finding.file,
      ...(finding.startLine === undefined ? {} : { line: finding.startLine }),
      text: finding.title,
    }));
  return framePrompt(
    {
      pieces,
      scope: input.scope,
      known: [...engines, ...asides.known.filter(({ file }) => files.has(file))],
      dismissed: asides.dismissed.filter(({ file }) => files.has(file)),
      instructions: asides.instructions,
      rules: asides.rules,
      hasRedactions: receipt.redactions.some((redaction) => files.has(redaction.file)),
      shownPaths: new Map(units.map(({ unit, shownPath }) => [unit.path, shownPath])),
    },
    ports.marker,
  );
}

/** At most a quarter of the context: local servers have small ones. */
export function answerTokens(provider: ModelProvider): number {
  return Math.min(ANSWER_TOKENS, Math.floor(provider.contextTokens / 4));
}

export function filesOf(pieces: readonly Piece[]): string[] {
  return [...new Set(pieces.map((piece) => piece.path))];
}
