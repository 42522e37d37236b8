import type { CoverageEntry } from '../finding.ts';
import type { ModelProvider } from '../provider.ts';
import { concurrencyOf } from './askAll.ts';
import { partsOf, pieceLimit, type FileParts } from './budget.ts';
import { pieceKey, stillHolds, type RememberedAnswer } from './cache.ts';
import { fitRequests, textRoom, type FitInput, type FittedRequest } from './fit.ts';
import { framePrompt, promptIdentity, type KnownFinding } from './frame.ts';
import type { Piece } from './pieces.ts';
import type { Review } from './review.ts';
import { scorerIdentity } from './score.ts';
import { TokenCounter } from './tokenCounter.ts';

/** Upper bound of one review; a branch that needs more is reviewed in parts. */
const MAX_REQUESTS = 24;
const ANSWER_TOKENS = 8000;

/** What a model is asked, and what it need not be asked again. */
export interface ModelPlan {
  requests: FittedRequest[];
  /** For files that are not read in full. */
  shortened: CoverageEntry[];
  recalled: { piece: Piece; answer: RememberedAnswer }[];
  /** The keys of all pieces, by uncut piece. */
  keys: ReadonlyMap<Piece, string>;
}

/** Looks up what is remembered, and packs the rest into requests to this model. */
export async function planModel(review: Review, provider: ModelProvider): Promise<ModelPlan> {
  const { asides, signal } = review;
  const units = review.units.map(({ unit }) => unit);
  const input: FitInput = {
    provider,
    counter: new TokenCounter(provider, signal),
    answerTokens: answerTokens(provider),
    maxRequests: MAX_REQUESTS,
    concurrency: concurrencyOf(provider),
    asides: `${asides.instructions(units.map(({ path }) => path))}\n${asides.rules}`,
    frame: (pieces) => promptText(review, pieces),
  };
  const room = await textRoom(units, input);
  const files = partsOf(units, pieceLimit(room));
  const keys = keysOf(review, provider, files);
  const answers = await recall(review, keys);
  const asked = files.map(({ path, pieces }) => {
    const rest = pieces.filter((piece) => !answers.has(piece));
    return { path, pieces: rest, known: pieces.length - rest.length };
  });
  return {
    ...(await fitRequests(asked, room, input)),
    recalled: [...answers].map(([piece, answer]) => ({ piece, answer })),
    keys,
  };
}

function keysOf({ asides, input, ports }: Review, { origin, model }: ModelProvider, files: readonly FileParts[]): Map<Piece, string> {
  const context = {
    prompt: promptIdentity(),
    origin,
    model,
    variant: ports.cache?.variant ?? '',
    scope: input.scope,
    rules: asides.rules,
    scorer: scorerIdentity(ports.scorer),
  };
  return new Map(
    files.flatMap(({ path, pieces }) => {
      const instructions = asides.instructions([path]);
      return pieces.map((piece): [Piece, string] => [piece, pieceKey(piece, { ...context, instructions })]);
    }),
  );
}

/** What is remembered of the pieces, and still counts. */
async function recall({ asides, ports, units }: Review, keys: ReadonlyMap<Piece, string>): Promise<Map<Piece, RememberedAnswer>> {
  const { cache } = ports;
  if (cache === undefined || cache.fresh === true || keys.size === 0) return new Map();
  const answers = await cache.answers.read([...keys.values()]);
  const textOf = (path: string): string | undefined => units.find(({ unit }) => unit.path === path)?.unit.text;
  return new Map(
    [...keys].flatMap(([piece, key]): [Piece, RememberedAnswer][] => {
      const answer = answers.get(key);
      const dismissed = new Set(dismissedIn(asides.dismissed, piece.path));
      return answer !== undefined && stillHolds(answer, dismissed, textOf) ? [[piece, answer]] : [];
    }),
  );
}

/** Fingerprints of the dismissals in a file that a model is told. */
export function dismissedIn(dismissed: Review['asides']['dismissed'], path: string): string[] {
  return dismissed.flatMap(({ file, fingerprint }) => (file === path ? [fingerprint] : []));
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
      instructions: asides.instructions([...files]),
      rules: asides.rules,
      hasRedactions: receipt.redactions.some((redaction) => files.has(redaction.file)),
      shownPaths: shownPathsOf(review),
    },
    ports.marker,
  );
}

/** How paths are written to a model: without the secrets that stand in some. */
export function shownPathsOf({ units }: Review): ReadonlyMap<string, string> {
  return new Map(units.map(({ unit, shownPath }) => [unit.path, shownPath]));
}

/** At most a quarter of the context: local servers have small ones. */
export function answerTokens(provider: ModelProvider): number {
  return Math.min(ANSWER_TOKENS, Math.floor(provider.contextTokens / 4));
}

export function filesOf(pieces: readonly Piece[]): string[] {
  return [...new Set(pieces.map((piece) => piece.path))];
}
