import { randomBytes } from 'node:crypto';
import type { BuiltinReviewer, SecretScanner } from '../../core/ai/provider.ts';
import type { Finding, ReviewEvent, ReviewResult } from '../../core/ai/finding.ts';
import { dismissalFor, type Dismissal } from '../../core/ai/review/dismissals.ts';
import { fingerprintOf, identityOf } from '../../core/ai/review/fingerprint.ts';
import { splitLines } from '../../core/ai/review/lines.ts';
import { previewPipeline, reviewPipeline, type ReviewInput, type ReviewPorts } from '../../core/ai/review/pipeline.ts';
import { replacedBy } from '../../core/ai/review/replaced.ts';
import type { ModelChoice, ReviewPreview, ReviewRequest, ReviewService } from '../../core/ai/service.ts';
import { HandrailError } from '../../core/errors.ts';
import { parseExpiry } from '../../core/expiry.ts';
import type { CancelSignal, Clock, Log } from '../../core/ports.ts';
import { silentLog } from '../../core/ports.ts';
import { systemClock } from '../clock.ts';
import { handrailHome } from '../home.ts';
import { workspaceFiles, type NodeWorkspaceFiles } from '../workspaceFiles.ts';
import type { Chooser } from './models/chooser.ts';
import { chooserRequest, openChooser, type ModelOptions } from './chosenModel.ts';
import { createDismissalStore } from './dismissalStore.ts';
import { createFindingsStore, type StoredFinding } from './findingsStore.ts';
import { dismissalFacts, gatherInput, readDismissals } from './reviewInput.ts';
import { estimateOf, previewModels, reviewModels, type ReviewModels, type ReviewModelsParts } from './reviewModels.ts';
import { reviewPlaces, type ReviewPlaces } from './reviewPlaces.ts';
import { addTeamDismissal } from './teamDismissals.ts';

export interface ReviewServiceOptions extends ModelOptions {
  clock?: Clock;
  log?: Log;
  /** For tests and other reviewers; the usual ones load on first use. */
  builtin?: BuiltinReviewer;
  secrets?: SecretScanner;
}

interface Engines {
  builtin: BuiltinReviewer;
  secrets: SecretScanner;
}

/** Reviews in one workspace folder: what is read, who answers, what is remembered. */
export function createReviewService(options: ReviewServiceOptions): ReviewService {
  return new NodeReviewService(options);
}

class NodeReviewService implements ReviewService {
  readonly #options: ReviewServiceOptions;
  readonly #home: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #chooser: Chooser;
  #loaded: Promise<Engines> | undefined;
  /** What the reviews that run have found so far. */
  readonly #arriving = new Set<{ input: ReviewInput; found: readonly Finding[] }>();

  constructor(options: ReviewServiceOptions) {
    const env = options.env ?? process.env;
    this.#options = options;
    this.#home = options.home ?? handrailHome(env);
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#chooser = openChooser(options);
  }

  choose(request: { role?: string; model?: string; lookForServers?: boolean } = {}): Promise<ModelChoice> {
    return this.#chooser.choose(request);
  }

  confirm(origin: string): Promise<void> {
    return this.#chooser.confirm(origin);
  }

  follow(...[offer]: Parameters<ReviewService['follow']>): Promise<void> {
    return this.#chooser.follow(offer);
  }

  async review(
    request: ReviewRequest,
    { signal, onEvent }: { signal: CancelSignal; onEvent(event: ReviewEvent): void },
  ): Promise<ReviewResult> {
    const chosen = await this.#chooser.provide(chooserRequest(request));
    const { name, because, origin } = chosen.choice;
    onEvent({ type: 'chosen', model: name, because, ...(origin === undefined ? {} : { origin }) });
    const places = await this.#places();
    const input = await this.#gather(request, places, signal);
    const found: Finding[] = [];
    const arriving = { input, found };
    const { notes, ...models } = await reviewModels(chosen, request, this.#modelParts(places));
    const events = reviewPipeline({ ...input, notices: [...notes, ...input.notices] }, await this.#ports(models), signal);
    let result: ReviewResult | undefined;
    this.#arriving.add(arriving);
    try {
      for (let step = await events.next(); ; step = await events.next()) {
        if (step.done) {
          result = step.value;
          return result;
        }
        if (step.value.type === 'finding') found.push(step.value.finding);
        onEvent(step.value);
      }
    } finally {
      await this.#remember(request, input, places, result?.findings ?? found, result !== undefined);
      this.#arriving.delete(arriving);
    }
  }

  async preview(request: ReviewRequest, { signal }: { signal: CancelSignal }): Promise<ReviewPreview> {
    const choice = await this.#chooser.choose(chooserRequest(request));
    const places = await this.#places();
    const input = await this.#gather(request, places, signal);
    const { notes: _, ...models } = await previewModels(choice, request, this.#modelParts(places));
    const preview = await previewPipeline(input, await this.#ports(models), signal);
    return { choice, ...preview, ...(choice.kind === 'model' ? { estimate: estimateOf(preview, choice, this.#options) } : {}) };
  }

  async findings(): Promise<Finding[]> {
    const places = await this.#places();
    const stored = await createFindingsStore(places.findingsFile).read();
    const { dismissals } = await readDismissals(this.#files(), places);
    const facts = dismissalFacts(this.#files(), this.#clock);
    return stored.filter((question) => !dismissalFor(question, dismissals, facts)).map(({ finding }) => finding);
  }

  async dismiss(findingId: string, { reason, expires, team }: { reason: string; expires?: string; team?: boolean }): Promise<Finding> {
    if (reason.trim() === '')
      throw new HandrailError('usage', 'A dismissal needs a reason.', { hint: 'Say in a few words why the finding needs no change.' });
    const places = await this.#places();
    const stored = await createFindingsStore(places.findingsFile).read();
    // Also what a review that still runs has found: it is shown already, and stored at the end.
    const arrived = [...this.#arriving].flatMap(({ found, input }) => storable(found, input));
    const { finding, symbol, fingerprint } = oneOf([...stored, ...arrived.filter(isNotIn(stored))], findingId);
    const dismissal: Dismissal = {
      fingerprint,
      file: finding.file,
      rule: finding.rule ?? finding.category,
      ...(symbol === '' ? {} : { symbol }),
      ...(finding.quote.trim() === '' ? {} : { quote: finding.quote }),
      title: finding.title,
      reason: reason.trim(),
      ...(expires === undefined ? {} : { expires: parseExpiry(expires, this.#clock.now()) }),
    };
    if (team) await addTeamDismissal(this.#files(), dismissal);
    else await createDismissalStore(places.dismissalsFolder).add(dismissal);
    return finding;
  }

  #gather(request: ReviewRequest, places: ReviewPlaces, signal: CancelSignal): Promise<ReviewInput> {
    return gatherInput(request, { files: this.#files(), places, clock: this.#clock, signal });
  }

  #places(): Promise<ReviewPlaces> {
    return reviewPlaces(this.#options.root, this.#home, this.#options.trusted());
  }

  #files(): NodeWorkspaceFiles {
    return workspaceFiles(this.#options.root);
  }

  #modelParts({ answersFolder }: ReviewPlaces): ReviewModelsParts {
    return { chooser: this.#chooser, options: this.#options, clock: this.#clock, answersFolder };
  }

  async #ports(models: Omit<ReviewModels, 'notes'>): Promise<ReviewPorts> {
    const { builtin, secrets } = await this.#engines();
    return { builtin, secrets, ...models, marker: () => `DATA-${randomBytes(9).toString('base64url')}` };
  }

  /** The engines and the secret scan share one worker, which ends by itself when idle. */
  #engines(): Promise<Engines> {
    const { builtin, secrets } = this.#options;
    if (builtin && secrets) return Promise.resolve({ builtin, secrets });
    this.#loaded ??= Promise.all([import('./builtin/builtinReviewer.ts'), import('./builtin/engineHost.ts')]).then(
      ([engines, { createEngineHost }]) => {
        const host = createEngineHost();
        return { builtin: builtin ?? engines.createBuiltinReviewer({ host }), secrets: secrets ?? engines.createSecretScanner({ host }) };
      },
    );
    return this.#loaded;
  }

  /** A complete review takes the place of earlier findings; one that ended early only adds. That the disk is full must not hide the findings. */
  async #remember(
    request: ReviewRequest,
    input: ReviewInput,
    places: ReviewPlaces,
    findings: readonly Finding[],
    complete: boolean,
  ): Promise<void> {
    const isReplaced = replacedBy(input, request.paths.length > 0);
    try {
      const store = createFindingsStore(places.findingsFile);
      await store.replace(storable(findings, input), ({ finding }) => complete && isReplaced(finding));
    } catch (error) {
      this.#log.warn(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Findings with what tells them again in a later review. */
function storable(findings: readonly Finding[], input: ReviewInput): StoredFinding[] {
  const lines = new Map(input.units.map((unit) => [unit.path, splitLines(unit.text)]));
  return findings.map((finding) => {
    const identity = identityOf(finding, lines.get(finding.file) ?? []);
    return { finding, symbol: identity.symbol, fingerprint: fingerprintOf(identity) };
  });
}

const isNotIn =
  (stored: readonly StoredFinding[]) =>
  ({ finding }: StoredFinding): boolean =>
    !stored.some((one) => one.finding.id === finding.id);

/** By whole identifier, or by a beginning that only one has. */
function oneOf(stored: readonly StoredFinding[], id: string): StoredFinding {
  const whole = stored.find(({ finding }) => finding.id === id);
  const begun = id.length >= 4 ? stored.filter(({ finding }) => finding.id.startsWith(id)) : [];
  const found = whole ?? (begun.length === 1 ? begun[0] : undefined);
  if (found) return found;
  throw new HandrailError('not-found', begun.length > 1 ? `Several findings begin with ${id}.` : `The last review has no finding ${id}.`, {
    hint: 'Run `handrail review` and take the identifier from its output.',
  });
}
