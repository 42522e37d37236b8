import * as vscode from 'vscode';
import type { DraftEvent, DraftRequest, DraftResult, DraftService } from '../../core/ai/draft/draft.ts';
import { failureOf, HandrailError } from '../../core/errors.ts';
import type { RunSummary } from '../../core/workflow/summary.ts';
import type { Remedies } from '../commands.ts';
import { wishOf } from '../generate/runGenerate.ts';
import { showInformation, showWarning, withNotification } from '../messages.ts';
import { agreeOnModel } from '../models/consent.ts';
import { modelRemedy } from '../models/modelRemedy.ts';
import type { ReviewServices } from '../review/reviewServices.ts';
import type { Services } from '../services.ts';
import { draftedText } from './draftText.ts';
import { commitInput } from './gitInput.ts';
import type { CommitInput } from './gitInput.ts';
import { StreamedInput } from './streamedInput.ts';

interface Drafting {
  folder: vscode.WorkspaceFolder;
  request: DraftRequest;
  title: string;
  /** Does the same once more, after what was wrong is mended. */
  again(): unknown;
  /** Ends it when it is cancelled. */
  running: AbortController;
  onText(text: string): void;
}

/** Drafts in the editor: asked for by a person, shown where they are used, never used by themselves. */
export class Drafts {
  readonly #services: Services;
  readonly #reviews: ReviewServices;
  readonly #remedies: Remedies;
  #running: AbortController | undefined;
  /** The input that was written last. */
  #written: StreamedInput | undefined;

  constructor(services: Services, reviews: ReviewServices, remedies: Remedies) {
    this.#services = services;
    this.#reviews = reviews;
    this.#remedies = remedies;
  }

  /** Streams a message into the input of the Source Control view. What stood there is built on, and comes back when it fails. */
  async commitMessage(source?: vscode.SourceControl): Promise<void> {
    await this.#alone((running) => this.#commitMessage(source, running));
  }

  async #commitMessage(source: vscode.SourceControl | undefined, running: AbortController): Promise<void> {
    const target = await commitInput(this.#services, source);
    if (target === undefined) return;
    const input = new StreamedInput(target.box);
    const again = (): Thenable<unknown> => vscode.commands.executeCommand('handrail.generateCommitMessage', source);
    const title = vscode.l10n.t('Writing a commit message');
    try {
      const { at, folder } = target;
      const request: DraftRequest = {
        kind: 'commit-message',
        hint: input.former,
        steps: await this.#steps(folder),
        ...(at === undefined ? {} : { at }),
      };
      const result = await this.#run({ folder, request, title, again, running, onText: (text) => input.show(text) });
      // Not awaited: a message stays until the person closes it, and the command must not hang on it.
      void this.#finish(target, input, result);
    } catch (error) {
      input.giveBack();
      throw error;
    }
  }

  async #finish({ box }: CommitInput, input: StreamedInput, result: DraftResult): Promise<void> {
    const text = draftedText(result, vscode.l10n);
    if (input.finish(result.text)) {
      this.#written = input;
      const restore = vscode.l10n.t('Restore Former Text');
      const answer = await showInformation(text, ...(input.former.trim() === '' ? [] : [restore]));
      if (answer === restore) input.restore();
      return;
    }
    const use = vscode.l10n.t('Use the Generated One');
    const kept = vscode.l10n.t('You went on writing, so your own text was kept.');
    if ((await showWarning(`${kept} ${text}`, use)) !== use) return;
    this.#written = new StreamedInput(box);
    this.#written.finish(result.text);
  }

  /** The text that stood in the input before the last message was written. */
  restore(): void {
    if (this.#written === undefined) {
      throw new HandrailError('not-found', vscode.l10n.t('No commit message was generated in this window yet.'), {
        hint: vscode.l10n.t('Run “Handrail: Generate Commit Message” first.'),
      });
    }
    this.#written.restore();
  }

  /** Opens a description of the branch as an untitled document; the facts of the workflow below it are not the model's. */
  async pullRequest(): Promise<void> {
    await this.#alone((running) => this.#pullRequest(running));
  }

  async #pullRequest(running: AbortController): Promise<void> {
    const folder = this.#services.requireFolder();
    const again = (): Thenable<unknown> => vscode.commands.executeCommand('handrail.generatePullRequest');
    const title = vscode.l10n.t('Writing a description of this branch');
    const summary = await this.#summary(folder);
    const request: DraftRequest = { kind: 'pull-request', steps: summary?.steps.map((step) => step.title) ?? [] };
    const result = await this.#run({ folder, request, title, again, running, onText() {} });
    const { summaryMarkdown } = await import('../../core/workflow/summaryMarkdown.ts');
    const content = summary === undefined ? `${result.text}\n` : `${result.text}\n\n${summaryMarkdown(summary)}`;
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
    await vscode.window.showTextDocument(document, { preview: false });
    void this.#offerCopy(document, result);
  }

  async #offerCopy(document: vscode.TextDocument, result: DraftResult): Promise<void> {
    const copy = vscode.l10n.t('Copy');
    if ((await showInformation(draftedText(result, vscode.l10n), copy)) === copy) await vscode.env.clipboard.writeText(document.getText());
  }

  /** One at a time, from the press of the button on: a second press must not write into the same input. */
  async #alone(work: (running: AbortController) => Promise<void>): Promise<void> {
    this.#requireIdle();
    requireTrust();
    this.#running = new AbortController();
    try {
      await work(this.#running);
    } finally {
      this.#running = undefined;
    }
  }

  async #run(drafting: Drafting): Promise<DraftResult> {
    const { running: controller } = drafting;
    let origin: string | undefined;
    try {
      const { folder, request, title, onText } = drafting;
      const service = await this.#reviews.of(folder);
      const drafts = await this.#drafts(folder);
      const { keys, answers, previewPage } = this.#reviews;
      const showPreview = async (): Promise<void> => {
        const { choice, coverage, redactions, text, inputTokens } = await drafts.preview(request, { signal: controller.signal });
        const files = coverage.filter(({ status }) => status !== 'skipped').map(({ file }) => file);
        await previewPage.show({ choice, coverage, redactions, requests: [{ files, text, inputTokens }] });
      };
      const agreed = await agreeOnModel({ service, keys, answers, showPreview }, await wishOf(service, {}), 'generate');
      if (agreed === undefined) throw new HandrailError('cancelled', vscode.l10n.t('Nothing was generated.'));
      origin = agreed.choice.origin;
      return await withNotification(`${title} · ${agreed.choice.name}`, async (report, token) => {
        token.onCancellationRequested(() => controller.abort());
        const onEvent = (event: DraftEvent): void => {
          if (event.type === 'text') onText(event.text);
          else if (event.type === 'progress') {
            report(event.outputTokens === 0 ? event.message : vscode.l10n.t('{0} · {1} tokens', event.message, event.outputTokens));
          }
        };
        return await drafts.draft(request, { signal: controller.signal, onEvent });
      });
    } catch (error) {
      throw this.#explained(error, drafting, origin);
    }
  }

  /** With a note of each that ended, where the person turned that on. */
  async #drafts(folder: vscode.WorkspaceFolder): Promise<DraftService> {
    const service = await this.#reviews.drafts(folder);
    const { usage } = this.#services;
    if (!(await usage.isConsentThere())) return service;
    const { recordedDrafts } = await import('../../core/telemetry/recorded.ts');
    return recordedDrafts(service, { usage, clock: { now: () => Date.now() } });
  }

  async #steps(folder: vscode.WorkspaceFolder): Promise<string[]> {
    try {
      const { steps } = await (await this.#services.workflow(folder)).status();
      return steps.filter(({ state }) => state !== 'skipped').map(({ title }) => title);
    } catch {
      // A workflow with mistakes is told in its own view; a message can be written without it.
      return [];
    }
  }

  async #summary(folder: vscode.WorkspaceFolder): Promise<RunSummary | undefined> {
    try {
      const { readSummary } = await import('../../node/workflow/runSummary.ts');
      const [workflow, review] = await Promise.all([this.#services.workflow(folder), this.#reviews.of(folder)]);
      const summary = await readSummary({ root: folder.uri.fsPath, workflow, review });
      return summary.workflow === null ? undefined : summary;
    } catch (error) {
      if (failureOf(error) === undefined) throw error;
      return undefined;
    }
  }

  #requireIdle(): void {
    const running = this.#running;
    if (running === undefined) return;
    const failure = new HandrailError('conflict', vscode.l10n.t('A generation is running already.'), {
      hint: vscode.l10n.t('Wait for it, or cancel it.'),
    });
    throw this.#remedies.with(failure, { label: vscode.l10n.t('Cancel It'), run: () => running.abort() });
  }

  #explained(error: unknown, { folder, again }: Drafting, origin: string | undefined): unknown {
    const failure = failureOf(error);
    if (failure === undefined) return error;
    const { keys, answers } = this.#reviews;
    return this.#remedies.with(failure, modelRemedy(failure, { keys, answers, service: () => this.#reviews.of(folder), origin }, again));
  }
}

function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new HandrailError('untrusted', vscode.l10n.t('What changed is asked of git, which does not run in Restricted Mode.'), {
    hint: vscode.l10n.t('Trust the workspace first.'),
  });
}
