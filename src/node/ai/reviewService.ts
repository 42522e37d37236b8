import { randomBytes } from 'node:crypto';
import type { BuiltinReviewer, ModelProvider, SecretScanner } from '../../core/ai/provider.ts';
import type { Finding, ReviewEvent, ReviewResult } from '../../core/ai/finding.ts';
import { dismissalFor, parseExpiry, type Dismissal, type DismissalFacts } from '../../core/ai/review/dismissals.ts';
import { fingerprintOf, identityOf } from '../../core/ai/review/fingerprint.ts';
import { instructionsFor } from '../../core/ai/review/instructions.ts';
import { splitLines } from '../../core/ai/review/lines.ts';
import { previewPipeline, reviewPipeline, type ReviewInput, type ReviewPorts } from '../../core/ai/review/pipeline.ts';
import type { ModelChoice, ReviewPreview, ReviewRequest, ReviewService } from '../../core/ai/service.ts';
import { HandrailError } from '../../core/errors.ts';
import type { CancelSignal, Clock, Log } from '../../core/ports.ts';
import { silentLog } from '../../core/ports.ts';
import { systemClock } from '../clock.ts';
import { handrailHome } from '../home.ts';
import { workspaceFiles, type NodeWorkspaceFiles } from '../workspaceFiles.ts';
import type { Chooser, Chosen } from './models/chooser.ts';
import { chooserRequest, limited, openChooser, previewProvider, type ModelOptions } from './chosenModel.ts';
import { collect, readInstructions } from './collect.ts';
import { createDismissalStore } from './dismissalStore.ts';
import { createFindingsStore, type StoredFinding } from './findingsStore.ts';
import { reviewPlaces, type ReviewPlaces } from './reviewPlaces.ts';
import { addTeamDismissal, readTeamDismissals } from './teamDismissals.ts';

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
    const places = await reviewPlaces(this.#options.root, this.#home);
    const input = await this.#input(request, places, signal);
    const found: Finding[] = [];
    const events = reviewPipeline(input, await this.#ports(limited(chosen)), signal);
    let result: ReviewResult | undefined;
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
      await this.#remember(request, input, places, found, result);
    }
  }

  async preview(request: ReviewRequest, { signal }: { signal: CancelSignal }): Promise<ReviewPreview> {
    const choice = await this.#chooser.choose(chooserRequest(request));
    const places = await reviewPlaces(this.#options.root, this.#home);
    const input = await this.#input(request, places, signal);
    const provide = (): Promise<Chosen> => this.#chooser.provide(chooserRequest(request));
    const provider = choice.kind === 'model' ? await previewProvider(choice, this.#options, provide) : undefined;
    return { choice, ...(await previewPipeline(input, await this.#ports(provider), signal)) };
  }

  async findings(): Promise<Finding[]> {
    const places = await reviewPlaces(this.#options.root, this.#home);
    const stored = await createFindingsStore(places.findingsFile).read();
    const { dismissals } = await this.#dismissals(places);
    const facts = this.#facts();
    return stored.filter((question) => !dismissalFor(question, dismissals, facts)).map(({ finding }) => finding);
  }

  async dismiss(findingId: string, { reason, expires, team }: { reason: string; expires?: string; team?: boolean }): Promise<Finding> {
    if (reason.trim() === '')
      throw new HandrailError('usage', 'A dismissal needs a reason.', { hint: 'Say in a few words why the finding needs no change.' });
    const places = await reviewPlaces(this.#options.root, this.#home);
    const stored = await createFindingsStore(places.findingsFile).read();
    const { finding, symbol, fingerprint } = oneOf(stored, findingId);
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

  async #input(request: ReviewRequest, { repository, dismissalsFolder }: ReviewPlaces, signal: CancelSignal): Promise<ReviewInput> {
    const files = this.#files();
    const { units, skipped } = await collect(request, { files, repository, signal });
    const instructions = instructionsFor(
      readInstructions(files),
      units.map((unit) => unit.path),
    );
    const { dismissals, notes } = await this.#dismissals({ dismissalsFolder });
    return {
      scope: request.scope,
      units,
      skipped,
      known: request.known ?? [],
      rules: request.rules ?? '',
      instructions: instructions.text,
      dismissals,
      facts: this.#facts(),
      notices: [...notes, ...instructions.cut.map((path) => `${path} is too long to be sent along and was left out.`)],
    };
  }

  async #dismissals({ dismissalsFolder }: Pick<ReviewPlaces, 'dismissalsFolder'>): Promise<{ dismissals: Dismissal[]; notes: string[] }> {
    const team = readTeamDismissals(this.#files());
    const own = await createDismissalStore(dismissalsFolder).read();
    return { dismissals: [...team.dismissals, ...own], notes: team.note === undefined ? [] : [team.note] };
  }

  #facts(): DismissalFacts {
    const files = this.#files();
    return { now: this.#clock.now(), isGone: (file) => !files.exists(file) };
  }

  #files(): NodeWorkspaceFiles {
    return workspaceFiles(this.#options.root);
  }

  async #ports(provider: ModelProvider | undefined): Promise<ReviewPorts> {
    const { builtin, secrets } = await this.#engines();
    return {
      builtin,
      secrets,
      ...(provider ? { provider } : {}),
      marker: () => `DATA-${randomBytes(9).toString('base64url')}`,
    };
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

  /** A complete review replaces what its files had; one that ended early only adds. That the disk is full must not hide the findings. */
  async #remember(
    request: ReviewRequest,
    input: ReviewInput,
    places: ReviewPlaces,
    found: readonly Finding[],
    result: ReviewResult | undefined,
  ): Promise<void> {
    const lines = new Map(input.units.map((unit) => [unit.path, splitLines(unit.text)]));
    const stored = found.map((finding): StoredFinding => {
      const identity = identityOf(finding, lines.get(finding.file) ?? []);
      return { finding, symbol: identity.symbol, fingerprint: fingerprintOf(identity) };
    });
    const complete = result ? [...input.units.map((unit) => unit.path), ...input.skipped.map((entry) => entry.file)] : [];
    const all = result !== undefined && request.scope !== 'file' && request.paths.length === 0;
    try {
      await createFindingsStore(places.findingsFile).replace(stored, { complete, all });
    } catch (error) {
      this.#log.warn(error instanceof Error ? error.message : String(error));
    }
  }
}

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
