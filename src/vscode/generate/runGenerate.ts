import * as vscode from 'vscode';
import type { GenerateEvent, GenerateRequest, GenerateResult } from '../../core/ai/generate/generation.ts';
import type { GeneratePreview, ModelChoice, ReviewPreview, ReviewService } from '../../core/ai/service.ts';
import { failureOf, HandrailError } from '../../core/errors.ts';
import type { Remedies } from '../commands.ts';
import { agreeOnModel } from '../models/consent.ts';
import type { AgreedModel } from '../models/consent.ts';
import { modelRemedy } from '../models/modelRemedy.ts';
import type { ReviewServices } from '../review/reviewServices.ts';
import type { Services } from '../services.ts';
import type { GenerationTarget } from './generateTarget.ts';
import { progressText } from './proposal.ts';
import { withNotification } from '../messages.ts';
import { providerOf } from './usage.ts';

/** A finished generation. */
export interface Generated {
  result: GenerateResult;
  choice: ModelChoice;
  /** Milliseconds. */
  duration: number;
}

/** Asks the model, one generation at a time: agreement, progress, cancelling, and the button that mends a failure. */
export class GenerateRunner {
  readonly #services: Services;
  readonly #reviews: ReviewServices;
  readonly #remedies: Remedies;
  #running: AbortController | undefined;

  constructor(services: Services, reviews: ReviewServices, remedies: Remedies) {
    this.#services = services;
    this.#reviews = reviews;
    this.#remedies = remedies;
  }

  cancel(): void {
    this.#running?.abort();
  }

  /** Fails with `conflict` while another generation runs. */
  requireIdle(): void {
    if (this.#running === undefined) return;
    const failure = new HandrailError('conflict', vscode.l10n.t('A generation is running already.'), {
      hint: vscode.l10n.t('Wait for it, or cancel it.'),
    });
    throw this.#remedies.with(failure, { label: vscode.l10n.t('Cancel It'), run: () => this.cancel() });
  }

  /** Generates; writes nothing. Fails with `cancelled` when the person closes the question or cancels. `again` repeats the whole. */
  async run(target: GenerationTarget, again: () => unknown): Promise<Generated> {
    this.requireIdle();
    const controller = new AbortController();
    this.#running = controller;
    void vscode.commands.executeCommand('setContext', 'handrail.generating', true);
    let agreed: AgreedModel | undefined;
    try {
      agreed = await this.#agree(target, controller.signal);
      return await this.#withProgress(target, agreed, controller);
    } catch (error) {
      throw this.#explained(error, target, agreed?.choice.origin, again);
    } finally {
      this.#running = undefined;
      void vscode.commands.executeCommand('setContext', 'handrail.generating', false);
    }
  }

  async #agree({ folder, request }: GenerationTarget, signal: AbortSignal): Promise<AgreedModel> {
    const { keys, answers } = this.#reviews;
    const showPreview = async (): Promise<void> => {
      const generator = await this.#reviews.generator(folder);
      await this.#reviews.previewPage.show(asReviewPreview(await generator.preview(request, { signal })));
    };
    const service = await this.#reviews.of(folder);
    const agreed = await agreeOnModel({ service, keys, answers, showPreview }, await wishOf(service, request), 'generate');
    if (agreed === undefined) throw new HandrailError('cancelled', vscode.l10n.t('Nothing was generated.'));
    return agreed;
  }

  async #withProgress(target: GenerationTarget, { choice }: AgreedModel, controller: AbortController): Promise<Generated> {
    const title = vscode.l10n.t('Generating for {0} with {1}', target.subject, modelLabel(choice));
    const activity = this.#services.activity.start(vscode.l10n.t('Generating for {0}', target.subject));
    const started = performance.now();
    try {
      const result = await withNotification(title, async (report, token) => {
        token.onCancellationRequested(() => controller.abort());
        const onEvent = (event: GenerateEvent): void => {
          if (event.type !== 'progress') return;
          const text = progressText(event, vscode.l10n);
          report(text);
          activity.report(vscode.l10n.t('Generating for {0} · {1}', target.subject, text));
        };
        const generator = await this.#reviews.generator(target.folder);
        return await generator.generate(target.request, { signal: controller.signal, onEvent });
      });
      return { result, choice, duration: performance.now() - started };
    } catch (error) {
      this.#recordFailure(error, choice, performance.now() - started);
      // A cancelled command ends in silence; that nothing came of it is worth a word.
      if (failureOf(error)?.reason === 'cancelled') {
        vscode.window.setStatusBarMessage(`$(circle-slash) ${vscode.l10n.t('Generation cancelled. Nothing was written.')}`, 8_000);
      }
      throw error;
    } finally {
      activity.dispose();
    }
  }

  #recordFailure(error: unknown, choice: ModelChoice, duration: number): void {
    const reason = failureOf(error)?.reason ?? 'internal';
    this.#services.usage.record({
      operation: 'generate',
      outcome: reason === 'cancelled' ? 'cancelled' : 'error',
      ...providerOf(choice),
      ...(reason === 'cancelled' ? {} : { errorReason: reason }),
      duration,
    });
  }

  #explained(error: unknown, { folder }: GenerationTarget, origin: string | undefined, again: () => unknown): unknown {
    const failure = failureOf(error);
    if (failure === undefined || this.#remedies.of(failure) !== undefined) return error;
    const { keys, answers } = this.#reviews;
    const parts = { keys, answers, service: () => this.#reviews.of(folder), origin };
    return this.#remedies.with(failure, modelRemedy(failure, parts, again));
  }
}

/** Which model is meant: the role the request names, else the team's role for generations where it has one, else who reviews. */
export async function wishOf(service: ReviewService, { role }: GenerateRequest): Promise<{ role?: string }> {
  if (role !== undefined) return { role };
  try {
    await service.choose({ role: 'generate' });
    return { role: 'generate' };
  } catch (error) {
    if (failureOf(error)?.reason !== 'usage') throw error;
    return {};
  }
}

/** The page of what would be sent is the same for one request as for several. */
function asReviewPreview({ choice, coverage, redactions, text, inputTokens }: GeneratePreview): ReviewPreview {
  const files = coverage.filter((entry) => entry.status !== 'skipped').map((entry) => entry.file);
  return { choice, coverage, redactions, requests: [{ files, text, inputTokens }] };
}

function modelLabel({ name, model }: ModelChoice): string {
  return model === undefined || model === name ? name : `${name} (${model})`;
}
