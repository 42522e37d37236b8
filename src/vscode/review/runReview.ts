import * as vscode from 'vscode';
import type { Finding, ReviewEvent, ReviewResult } from '../../core/ai/finding.ts';
import type { ModelChoice, ReviewService } from '../../core/ai/service.ts';
import { failureOf, HandrailError } from '../../core/errors.ts';
import { Remedies } from '../commands.ts';
import type { Remedy } from '../commands.ts';
import type { Answers } from '../models/answers.ts';
import type { AgreedModel } from '../models/consent.ts';
import { withNotification } from '../messages.ts';
import { modelRemedy } from '../models/modelRemedy.ts';
import type { PreviewPage } from '../models/previewPage.ts';
import type { SecretKeys } from '../models/secretKeys.ts';
import type { Services } from '../services.ts';
import { fileUri, loadQuoteCheck } from './boards.ts';
import type { Boards } from './boards.ts';
import { progressText } from './findingsItems.ts';
import { textNow } from './followEdits.ts';
import type { FollowEdits } from './followEdits.ts';
import type { LastReview } from './lastReview.ts';
import type { ReviewBoard } from './reviewBoard.ts';
import { answererOf, ReviewEnd } from './reviewEnd.ts';
import type { ReviewTarget } from './reviewTarget.ts';
import type { Reviewer } from './trackedFinding.ts';

/** What a review needs of its surroundings. */
export interface ReviewParts {
  services: Services;
  boards: Boards;
  keys: SecretKeys;
  answers: Answers;
  lastReview: LastReview;
  follow: FollowEdits;
  previewPage: PreviewPage;
  reviews(folder: vscode.WorkspaceFolder): Promise<ReviewService>;
}

/** How a review is asked for. */
export interface Wish {
  role?: string;
  /** Asks anew what is remembered of earlier reviews. */
  fresh?: boolean;
  /** Runs the same review once more, after what stood in its way was mended. */
  again(): unknown;
}

/** Runs reviews: agreement, progress, findings as they come, and what is left when one is cancelled or fails. */
export class ReviewRunner {
  readonly #parts: ReviewParts;
  readonly #running = new Map<string, AbortController>();
  /** Origin of the model that is or was asked last; its key is what a refusal is about. */
  #origin: string | undefined;
  #offered = false;
  readonly #remedies = new Remedies();
  readonly #end: ReviewEnd;

  constructor(parts: ReviewParts) {
    this.#parts = parts;
    this.#end = new ReviewEnd(parts);
  }

  /** The button that mends a failure of a review. */
  remedyFor(failure: HandrailError): Remedy | undefined {
    return this.#remedies.of(failure);
  }

  /** Remembers the button for a failure that is about to be thrown. */
  withRemedy(failure: HandrailError, remedy: Remedy | undefined): HandrailError {
    return this.#remedies.with(failure, remedy);
  }

  cancel(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  /** Reviews `target`. Fails with `cancelled` when the person closes a question or cancels; what was found stays. */
  async run(target: ReviewTarget, { role, fresh, again }: Wish): Promise<ReviewResult> {
    const wish = { ...(role === undefined ? {} : { role }), ...(fresh === true ? { fresh } : {}) };
    const key = target.folder.uri.toString();
    if (this.#running.has(key)) throw this.#busy();
    const controller = new AbortController();
    this.#running.set(key, controller);
    const board = this.#parts.boards.of(target.folder);
    board.ask();
    try {
      const service = await this.#parts.reviews(target.folder);
      const look = async (): Promise<void> => {
        const preview = await service.preview({ ...target.request, ...wish }, { signal: controller.signal });
        await this.#parts.previewPage.show(preview);
      };
      const { keys, answers } = this.#parts;
      const { agreeOnModel } = await import('../models/consent.ts');
      const agreed = await agreeOnModel({ service, keys, answers, showPreview: look }, role === undefined ? {} : { role }, 'review');
      if (agreed === undefined) throw new HandrailError('cancelled', vscode.l10n.t('The review was not started.'));
      const result = await this.#withProgress(service, target, agreed, wish, controller);
      if (agreed.choice.kind === 'builtin' && agreed.request === undefined) this.#offer(service);
      return result;
    } catch (error) {
      throw this.#explained(error, target, again);
    } finally {
      board.end();
      this.#running.delete(key);
    }
  }

  /** Shows what a review of `target` would send. Nothing is sent. */
  async preview(target: ReviewTarget): Promise<void> {
    const service = await this.#parts.reviews(target.folder);
    const title = vscode.l10n.t('Working out what a review of {0} would send', target.subject);
    const preview = await withNotification(title, async (_report, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      return await service.preview(target.request, { signal: controller.signal });
    });
    await this.#parts.previewPage.show(preview);
  }

  /** What was found on this machine is offered after the window's first review without a model; nothing waits for it. */
  #offer(service: ReviewService): void {
    if (this.#offered) return;
    this.#offered = true;
    const { answers, services } = this.#parts;
    import('../models/chooseModel.ts')
      .then(({ offerOnce }) => offerOnce(service, answers))
      .catch((error: unknown) => services.log.warn(`offer: ${String(error)}`));
  }

  #busy(): HandrailError {
    const failure = new HandrailError('conflict', vscode.l10n.t('A review is running already.'), {
      hint: vscode.l10n.t('Wait for it, or cancel it; what it found stays.'),
    });
    return this.withRemedy(failure, { label: vscode.l10n.t('Cancel It'), run: () => this.cancel() });
  }

  async #withProgress(
    service: ReviewService,
    target: ReviewTarget,
    agreed: AgreedModel,
    wish: { role?: string; fresh?: boolean },
    controller: AbortController,
  ): Promise<ReviewResult> {
    const title = vscode.l10n.t('Reviewing {0} with {1}', target.subject, reviewerLabel(agreed.choice));
    const activity = this.#parts.services.activity.start(vscode.l10n.t('Reviewing {0}', target.subject));
    try {
      return await withNotification(title, async (report, token) => {
        token.onCancellationRequested(() => controller.abort());
        const show = (board: ReviewBoard): void => {
          if (board.running === undefined) return;
          const text = progressText(board.running, vscode.l10n);
          report(text);
          activity.report(vscode.l10n.t('Reviewing {0} · {1}', target.subject, text));
        };
        return await this.#review(service, target, agreed, wish, controller.signal, show);
      });
    } finally {
      activity.dispose();
    }
  }

  async #review(
    service: ReviewService,
    target: ReviewTarget,
    agreed: AgreedModel,
    wish: { role?: string; fresh?: boolean },
    signal: AbortSignal,
    show: (board: ReviewBoard) => void,
  ): Promise<ReviewResult> {
    const board = this.#parts.boards.of(target.folder);
    const reviewer = reviewerOf(agreed.choice);
    this.#origin = agreed.choice.origin;
    const told = { because: agreed.choice.because, notices: [] as string[], found: [] as string[] };
    board.begin({ reviewer, subject: target.subject, message: '', done: 0, total: 0, outputTokens: 0, found: 0 });
    show(board);
    const arrived: Promise<void>[] = [];
    const onEvent = (event: ReviewEvent): void => {
      if (event.type === 'finding') {
        told.found.push(event.finding.id);
        arrived.push(this.#arrived(target, event.finding));
      } else if (event.type === 'chosen') told.because = event.because;
      else if (event.type === 'notice') told.notices.push(event.message);
      else board.progress({ message: event.message, done: event.done, total: event.total, outputTokens: event.outputTokens });
      show(board);
    };
    try {
      const request = { ...target.request, ...wish, ...(agreed.request === undefined ? {} : { model: agreed.request }) };
      const result = await service.review(request, { signal, onEvent });
      await Promise.all(arrived);
      await this.#end.finished(service, target, result, { reviewer: answererOf(result, reviewer), because: told.because });
      return result;
    } catch (error) {
      await Promise.all(arrived);
      await this.#end.stopped(target, error, { reviewer, ...told });
      throw error;
    } finally {
      board.end();
      await this.#parts.follow.compareOpenDocuments();
    }
  }

  /** Places one finding in the text as it was sent; edits made since are caught up by comparing with the text now. */
  async #arrived(target: ReviewTarget, finding: Finding): Promise<void> {
    const text = target.texts.get(finding.file);
    const board = this.#parts.boards.of(target.folder);
    if (target.request.scope === 'staged') {
      // Never shown at the lines of the index: those of the file may be others.
      const [now, quotes] = await Promise.all([textNow(fileUri(target.folder, finding.file)), loadQuoteCheck()]);
      board.add(finding);
      board.compared(finding.file, now, quotes);
      return;
    }
    board.add(finding, text);
    const uri = fileUri(target.folder, finding.file).toString();
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri);
    if (document !== undefined && document.getText() !== text) await this.#parts.follow.compare(document);
  }

  /** Puts the button beside a failure: a refused key is set again, an endpoint that does not answer is changed. */
  #explained(error: unknown, target: ReviewTarget, again: () => unknown): unknown {
    const failure = failureOf(error);
    if (failure === undefined || this.#remedies.of(failure) !== undefined) return error;
    const { keys, answers } = this.#parts;
    const parts = { keys, answers, service: () => this.#parts.reviews(target.folder), origin: this.#origin };
    return this.#remedies.with(failure, modelRemedy(failure, parts, again));
  }
}

/** A model that is chosen by its own name is named once. */
function reviewerOf({ name, model }: ModelChoice): Reviewer {
  return { name, ...(model === undefined || model === name ? {} : { model }) };
}

function reviewerLabel(choice: ModelChoice): string {
  if (choice.kind === 'builtin') return vscode.l10n.t('the built-in reviewer');
  return choice.model === undefined || choice.model === choice.name ? choice.name : `${choice.name} (${choice.model})`;
}
