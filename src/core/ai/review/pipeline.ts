import { failureOf, HandrailError } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import type { CoverageEntry, Finding, RawFinding, Redaction, ReviewEvent, ReviewResult, Usage } from '../finding.ts';
import type { BuiltinReviewer, ModelProvider, SecretScanner } from '../provider.ts';
import type { KnownProblem, ReviewRequest } from '../service.ts';
import { addUsage } from '../usage.ts';
import { AnswerParser } from './answer.ts';
import type { Piece } from './budget.ts';
import type { ReviewUnit } from './collect.ts';
import { dismissalFor, isExpired, type Dismissal, type DismissalFacts } from './dismissals.ts';
import { FindingFilter } from './filter.ts';
import { fitRequests, type FittedPlan } from './fit.ts';
import { digest, findingId, fingerprintOf, identityOf } from './fingerprint.ts';
import { ANSWER_SCHEMA, framePrompt, PROMPT_VERSION, type KnownFinding } from './frame.ts';
import { touchedLines } from './hunks.ts';
import { splitLines } from './lines.ts';
import { Placer, rangeHas, type PlacedFinding } from './place.ts';
import { redact, redactPaths } from './redact.ts';
import { TokenCounter } from './tokenCounter.ts';

/** Everything a review is made of, collected before it starts. */
export interface ReviewInput {
  scope: ReviewRequest['scope'];
  units: readonly ReviewUnit[];
  /** Files that are not read, with the reason. */
  skipped: readonly CoverageEntry[];
  /** What the editor already reports. */
  known: readonly KnownProblem[];
  rules: string;
  /** The repository's conventions that apply. */
  instructions: string;
  dismissals: readonly Dismissal[];
  facts: DismissalFacts;
  /** Said at the beginning: what could not be read or honoured. */
  notices: readonly string[];
}

export interface ReviewPorts {
  builtin: BuiltinReviewer;
  secrets: SecretScanner;
  /** Absent: the built-in reviewer answers alone. */
  provider?: ModelProvider;
  /** An unpredictable word for the fence of a request. */
  marker(): string;
}

/** Upper bound of one review; a branch that needs more is reviewed in parts. */
export const MAX_REQUESTS = 24;
const ANSWER_TOKENS = 8000;

/** What goes to the model beside the text under review. */
interface Asides {
  instructions: string;
  rules: string;
  known: readonly KnownFinding[];
  dismissed: readonly KnownFinding[];
}

/** Redacted text under review, with what places findings in it. */
interface Prepared {
  unit: ReviewUnit;
  /** As it is, for engines on this machine only. */
  original: string;
  originalLines: readonly string[];
  placer: Placer;
  touched: ReadonlySet<number> | undefined;
}

/**
 * Reviews: redacts, asks the built-in engines, then the model if there is one, and hands out each finding as soon as it is placed
 * and known to be new. Fails with the provider's HandrailError, or `cancelled`; what was handed out before stays valid.
 */
export async function* reviewPipeline(
  input: ReviewInput,
  ports: ReviewPorts,
  signal: CancelSignal,
): AsyncGenerator<ReviewEvent, ReviewResult> {
  const review = new Review(input, ports, signal);
  await review.prepare();
  yield* review.begin();
  yield* review.askEngines();
  if (ports.provider) yield* review.askModel(ports.provider);
  return review.result();
}

/** What {@link reviewPipeline} would send to this provider first. Nothing is sent. */
export async function previewPipeline(
  input: ReviewInput,
  ports: ReviewPorts,
  signal: CancelSignal,
): Promise<{ coverage: CoverageEntry[]; redactions: Redaction[]; requests: { files: string[]; text: string; inputTokens: number }[] }> {
  const review = new Review(input, ports, signal);
  await review.prepare();
  // What the engines find is told to the model, so it belongs to what would be sent.
  for await (const event of review.askEngines()) void event;
  return await review.preview();
}

class Review {
  readonly #input: ReviewInput;
  /** What is said to the model beside the text under review, without secrets. */
  #asides: Asides = { instructions: '', rules: '', known: [], dismissed: [] };
  /** Paths that the model is told otherwise. */
  #shownPaths: ReadonlyMap<string, string> = new Map();
  readonly #ports: ReviewPorts;
  readonly #signal: CancelSignal;
  #prepared: Prepared[] = [];
  readonly #filter: FindingFilter;
  readonly #redactions: Redaction[] = [];
  readonly #findings: Finding[] = [];
  readonly #dismissed: { id: string; reason: string }[] = [];
  readonly #ids = new Set<string>();
  readonly #coverage = new Map<string, CoverageEntry>();
  readonly #notices: string[] = [];
  readonly #usage: Usage = { requests: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheHits: 0 };
  #outputTokens = 0;
  readonly #prompts: string[] = [];
  #unchanged = 0;

  constructor(input: ReviewInput, ports: ReviewPorts, signal: CancelSignal) {
    this.#input = input;
    this.#ports = ports;
    this.#signal = signal;
    this.#filter = new FindingFilter(input.known);
    for (const entry of input.skipped) this.#coverage.set(entry.file, entry);
  }

  async prepare(): Promise<void> {
    for (const unit of this.#input.units) {
      this.#throwIfCancelled();
      const { text, redactions, markers } = await redact(this.#ports.secrets, unit.path, unit.text);
      this.#redactions.push(...redactions);
      const redacted = { ...unit, text, ...(unit.hunks ? { hunks: await this.#redactHunks(unit, text) } : {}) };
      const touched = unit.hunks && touchedLines(unit.hunks);
      this.#prepared.push({
        unit: redacted,
        original: unit.text,
        originalLines: splitLines(unit.text),
        placer: new Placer(redacted, touched, markers),
        touched,
      });
      this.#coverage.set(unit.path, { file: unit.path, status: 'full' });
    }
    if (this.#ports.provider) await this.#prepareAsides();
  }

  /** Conventions, rules and lists come from files too, and a secret in them is as secret. */
  async #prepareAsides(): Promise<void> {
    const { instructions, rules, known, dismissals, facts } = this.#input;
    const paths = await redactPaths(
      this.#ports.secrets,
      this.#prepared.map(({ unit }) => unit.path),
    );
    this.#shownPaths = paths.shown;
    this.#redactions.push(...paths.redactions);
    const clean = async (text: string): Promise<string> => (await redact(this.#ports.secrets, '', text)).text;
    const cleanEach = async (items: readonly KnownFinding[]): Promise<KnownFinding[]> => {
      const texts = (await clean(items.map(({ text }) => text.replace(/\s+/gu, ' ')).join('\n'))).split('\n');
      return items.map((item, index) => ({ ...item, text: texts[index] ?? '' }));
    };
    const current = dismissals.filter((dismissal) => !isExpired(dismissal.expires, facts.now));
    this.#asides = {
      instructions: await clean(instructions),
      rules: await clean(rules),
      known: await cleanEach(known.map(({ file, line, message }) => ({ file, line, text: message }))),
      dismissed: await cleanEach(
        current.flatMap(({ file, title, reason }) => (file === undefined ? [] : [{ file, text: `${title ?? ''} (${reason})` }])),
      ),
    };
  }

  /** New lines are shown from the redacted text; removed ones stand only in the hunks and are scanned by themselves. */
  async #redactHunks(unit: ReviewUnit, text: string): Promise<NonNullable<ReviewUnit['hunks']>> {
    const hunks = unit.hunks ?? [];
    const removed = hunks.flatMap((hunk) => hunk.lines.filter((line) => line.kind === 'removed').map((line) => line.text));
    const clean = (await redact(this.#ports.secrets, unit.path, removed.join('\n'))).text.split('\n');
    const now = splitLines(text);
    let next = 0;
    return hunks.map((hunk) => ({
      ...hunk,
      lines: hunk.lines.map((line) => {
        if (line.kind === 'removed') return { ...line, text: clean[next++] ?? '' };
        return { ...line, text: now[(line.line ?? 0) - 1] ?? '' };
      }),
    }));
  }

  *begin(): Generator<ReviewEvent> {
    for (const notice of this.#input.notices) yield* this.#notice(notice);
    if (this.#input.units.length > 0) return;
    yield* this.#notice(
      this.#input.skipped.length > 0 ? 'Nothing was read: every file was left out.' : 'Nothing changed, so there was nothing to read.',
    );
  }

  /** Everything the engines find, file by file. An engine that fails costs its file only. */
  async *askEngines(): AsyncGenerator<ReviewEvent> {
    const total = this.#prepared.length;
    for (const [index, prepared] of this.#prepared.entries()) {
      this.#throwIfCancelled();
      const path = prepared.unit.path;
      yield this.#progress(`Checking ${path} with the built-in reviewer`, index, total);
      try {
        const found = await this.#ports.builtin.review(path, prepared.original, this.#signal);
        for (const raw of found) yield* this.#admit(prepared.placer.fromEngine(raw), prepared);
        if (!this.#ports.provider && !this.#ports.builtin.reads(path)) {
          this.#cover(path, 'partial', 'searched for secrets only: no built-in engine reads this kind of file');
        }
      } catch (error) {
        if (failureOf(error)?.reason === 'cancelled') throw error;
        yield* this.#notice(`The built-in reviewer could not read ${path}: ${failureOf(error)?.message ?? 'an engine failed'}`);
        if (!this.#ports.provider) this.#cover(path, 'skipped', 'the built-in engine failed');
      }
    }
    if (this.#unchanged > 0) {
      const what = this.#unchanged === 1 ? '1 finding' : `${this.#unchanged} findings`;
      yield* this.#notice(`The built-in reviewer left out ${what} on lines that did not change.`);
    }
  }

  async *askModel(provider: ModelProvider): AsyncGenerator<ReviewEvent> {
    const { requests, shortened } = await this.#plan(provider);
    for (const entry of shortened) this.#cover(entry.file, entry.status, entry.reason);
    let unreadable = 0;
    for (const [index, { pieces }] of requests.entries()) {
      this.#throwIfCancelled();
      const files = filesOf(pieces);
      yield this.#progress(
        `${provider.model} reads ${files.length === 1 ? (files[0] ?? '') : `${files.length} files`}`,
        index,
        requests.length,
      );
      const readable = yield* this.#ask(provider, pieces, index, requests.length);
      if (!readable) unreadable++;
    }
    if (unreadable > 0 && unreadable === requests.length) {
      throw new HandrailError('bad-response', `${provider.model} gave no answer that could be read as a list of findings.`, {
        hint: 'Try again, or use a model that follows instructions on the form of its answer.',
      });
    }
  }

  async preview(): Promise<{
    coverage: CoverageEntry[];
    redactions: Redaction[];
    requests: { files: string[]; text: string; inputTokens: number }[];
  }> {
    const { provider } = this.#ports;
    const plan = provider ? await this.#plan(provider) : { requests: [], shortened: [] };
    for (const entry of plan.shortened) this.#cover(entry.file, entry.status, entry.reason);
    return {
      coverage: this.#sortedCoverage(),
      redactions: this.#redactions,
      requests: plan.requests.map(({ pieces, inputTokens }) => ({ files: filesOf(pieces), text: this.#prompt(pieces), inputTokens })),
    };
  }

  result(): ReviewResult {
    const { provider } = this.#ports;
    return {
      model: provider?.name ?? 'builtin',
      ...(provider ? { modelId: provider.model } : {}),
      ...(provider ? { promptDigest: `sha256:${digest([PROMPT_VERSION, ...this.#prompts])}` } : {}),
      findings: this.#findings,
      dismissed: this.#dismissed,
      coverage: this.#sortedCoverage(),
      usage: { ...this.#usage },
      redactions: this.#redactions,
      notices: this.#notices,
    };
  }

  /** Asks once; returns whether the answer could be read. */
  async *#ask(provider: ModelProvider, pieces: readonly Piece[], done: number, total: number): AsyncGenerator<ReviewEvent, boolean> {
    const parser = new AnswerParser();
    const { system, user, fence } = this.#frame(pieces);
    // The fence is new each time; the digest must not be.
    this.#prompts.push(system, user.replaceAll(fence, ''));
    this.#usage.requests++;
    let ending: 'stop' | 'length' | 'filtered' | 'cut-off' = 'stop';
    let shown = 0;
    const before = this.#outputTokens;
    let length = 0;
    for await (const chunk of provider.stream(
      { system, user, schema: ANSWER_SCHEMA, maxOutputTokens: answerTokens(provider) },
      this.#signal,
    )) {
      if (chunk.type === 'text') {
        for (const raw of parser.push(chunk.text)) yield* this.#admitModel(raw, pieces);
        length += chunk.text.length;
        this.#outputTokens = before + Math.ceil(length / 4);
        if (this.#outputTokens - shown >= 50) {
          shown = this.#outputTokens;
          yield this.#progress(`${provider.model} writes`, done, total);
        }
        if (parser.stopped) break;
      } else if (chunk.type === 'usage') addUsage(this.#usage, chunk);
      else if (chunk.type === 'end') ending = chunk.reason;
      else if (chunk.type === 'notice') yield* this.#notice(chunk.message);
    }
    const end = parser.finish();
    for (const raw of end.findings) yield* this.#admitModel(raw, pieces);
    yield* this.#explainEnd(end, ending, pieces);
    return !end.unreadable;
  }

  async *#explainEnd(end: ReturnType<AnswerParser['finish']>, ending: string, pieces: readonly Piece[]): AsyncGenerator<ReviewEvent> {
    const files = filesOf(pieces);
    const partly = (reason: string): void => files.forEach((file) => this.#cover(file, 'partial', reason));
    if (end.lost > 0) {
      yield* this.#notice(
        `${end.lost === 1 ? 'One finding' : `${end.lost} findings`} of the model could not be read and ${end.lost === 1 ? 'is' : 'are'} left out.`,
      );
    }
    if (end.overLimit) {
      partly('the answer did not end and was stopped');
      yield* this.#notice('The model did not stop writing; its answer was ended, the findings up to there are kept.');
    } else if (ending === 'filtered') {
      partly('the answer was withheld by the content filter of the endpoint');
      yield* this.#notice('The content filter of the endpoint withheld a part of the answer.');
    } else if (end.unreadable) {
      partly('the answer could not be read');
      yield* this.#notice(`The answer about ${files.join(', ')} held no list of findings.`);
    } else if (ending !== 'stop' || end.cutOff) {
      partly('the answer was cut off');
      yield* this.#notice('The answer was cut off; the findings up to there are kept.');
    } else if (end.lost > 0) partly('a part of the answer could not be read');
  }

  *#admitModel(raw: RawFinding, pieces: readonly Piece[]): Generator<ReviewEvent> {
    const prepared = this.#fileOf(raw, filesOf(pieces));
    if (prepared) yield* this.#admit(prepared.placer.fromModel(raw), prepared);
  }

  /** The file a finding is about: the one named, one whose path ends so, the only one asked about, or the one that holds the quote. */
  #fileOf(raw: RawFinding, asked: readonly string[]): Prepared | undefined {
    const candidates = this.#prepared.filter((one) => asked.includes(one.unit.path));
    const named = raw.file.replaceAll('\\', '/').replace(/^(?:\.?\/|[ab]\/)/u, '');
    const bySuffix = candidates.filter(
      (one) => named !== '' && (one.unit.path.endsWith(`/${named}`) || named.endsWith(`/${one.unit.path}`)),
    );
    const exact = candidates.find((one) => one.unit.path === raw.file || one.unit.path === named);
    if (exact) return exact;
    const told = candidates.filter((one) => this.#shownPaths.get(one.unit.path) === raw.file);
    if (told.length === 1) return told[0];
    if (bySuffix.length === 1) return bySuffix[0];
    const holding = candidates.filter((one) => one.placer.fromModel(raw).anchor.status === 'exact');
    return holding.length === 1 ? holding[0] : candidates[0];
  }

  *#admit(placed: PlacedFinding, prepared: Prepared): Generator<ReviewEvent> {
    if (placed.source === 'builtin' && this.#isOnUnchangedLines(placed, prepared)) {
      this.#unchanged++;
      return;
    }
    const identity = identityOf(placed, prepared.originalLines);
    const fingerprint = fingerprintOf(identity);
    const dismissal = dismissalFor({ finding: placed, symbol: identity.symbol, fingerprint }, this.#input.dismissals, this.#input.facts);
    if (!this.#filter.admit(placed)) return;
    const id = findingId(placed.file, fingerprint, this.#ids);
    this.#ids.add(id);
    if (dismissal) {
      this.#dismissed.push({ id, reason: dismissal.reason });
      return;
    }
    const finding: Finding = { id, ...placed };
    this.#findings.push(finding);
    yield { type: 'finding', finding };
  }

  /** Engines read whole files; old findings are no business of a review of changes. */
  #isOnUnchangedLines(placed: PlacedFinding, prepared: Prepared): boolean {
    const { startLine, endLine } = placed;
    return (
      prepared.touched !== undefined && startLine !== undefined && endLine !== undefined && !rangeHas(prepared.touched, startLine, endLine)
    );
  }

  async #plan(provider: ModelProvider): Promise<FittedPlan> {
    return await fitRequests({
      units: this.#prepared.map((prepared) => prepared.unit),
      provider,
      counter: new TokenCounter(provider, this.#signal),
      answerTokens: answerTokens(provider),
      maxRequests: MAX_REQUESTS,
      asides: `${this.#asides.instructions}\n${this.#asides.rules}`,
      frame: (pieces) => this.#prompt(pieces),
    });
  }

  /** All that is sent about some pieces. */
  #prompt(pieces: readonly Piece[]): string {
    const { system, user } = this.#frame(pieces);
    return `${system}\n\n${user}`;
  }

  #frame(pieces: readonly Piece[]): { system: string; user: string; fence: string } {
    // About no piece at all, everything that may go along is in it: that is how its tokens are counted.
    const files = new Set(pieces.length === 0 ? this.#prepared.map(({ unit }) => unit.path) : filesOf(pieces));
    const engines: KnownFinding[] = this.#findings
      .filter((finding) => finding.source === 'builtin' && files.has(finding.file))
      .map((finding) => ({
        file: finding.file,
        ...(finding.startLine === undefined ? {} : { line: finding.startLine }),
        text: finding.title,
      }));
    const { instructions, rules, known, dismissed } = this.#asides;
    return framePrompt(
      {
        pieces,
        scope: this.#input.scope,
        known: [...engines, ...known.filter(({ file }) => files.has(file))],
        dismissed: dismissed.filter(({ file }) => files.has(file)),
        instructions,
        rules,
        hasRedactions: this.#redactions.some((redaction) => files.has(redaction.file)),
        shownPaths: this.#shownPaths,
      },
      this.#ports.marker,
    );
  }

  /** What limits a file's coverage first is what is told. */
  #cover(file: string, status: CoverageEntry['status'], reason: string | undefined): void {
    if (this.#coverage.get(file)?.status === 'full')
      this.#coverage.set(file, { file, status, ...(reason === undefined ? {} : { reason }) });
  }

  #sortedCoverage(): CoverageEntry[] {
    return [...this.#coverage.values()].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  }

  *#notice(message: string): Generator<ReviewEvent> {
    if (this.#notices.includes(message)) return;
    this.#notices.push(message);
    yield { type: 'notice', message };
  }

  #progress(message: string, done: number, total: number): ReviewEvent {
    return { type: 'progress', message, done, total, outputTokens: this.#outputTokens };
  }

  #throwIfCancelled(): void {
    if (this.#signal.aborted) throw new HandrailError('cancelled', 'The review was cancelled.');
  }
}

/** At most a quarter of the context: local servers have small ones. */
function answerTokens(provider: ModelProvider): number {
  return Math.min(ANSWER_TOKENS, Math.floor(provider.contextTokens / 4));
}

function filesOf(pieces: readonly Piece[]): string[] {
  return [...new Set(pieces.map((piece) => piece.path))];
}
