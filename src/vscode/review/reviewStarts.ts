import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import type { CommandTable, ReviewStepTarget, ReviewTeller } from '../commands.ts';
import type { Services } from '../services.ts';
import { fileUri } from './boards.ts';
import { changesTarget, fileTarget, selectionTarget } from './reviewTarget.ts';
import type { ChangesScope, ReviewTarget, TargetOutcome } from './reviewTarget.ts';
import type { ReviewServices } from './reviewServices.ts';
import type { ReviewRunner } from './runReview.ts';

export interface StartParts {
  services: Services;
  reviews: ReviewServices;
  runner: ReviewRunner;
  /** Brings back what was found in a folder before. */
  restore(folder: vscode.WorkspaceFolder): Promise<void>;
  /** Tells how a review ended; `told` where somebody else does so in full. */
  conclude(target: ReviewTarget, told: boolean): void;
}

interface Start {
  /** Past everything that is remembered of earlier answers. */
  fresh: boolean;
  told: boolean;
}

/** The commands that start a review: each says what it is about, and what is about the same starts again without the memory. */
export class ReviewStarts {
  readonly #parts: StartParts;
  /** Starts the last review of this window once more. */
  #last: ((start: Start) => Promise<void>) | undefined;

  constructor(parts: StartParts) {
    this.#parts = parts;
  }

  commands(): CommandTable {
    return {
      'handrail.reviewFile': (uri, teller) =>
        this.#start((start) => this.#file(uri instanceof vscode.Uri ? uri : undefined, start), teller),
      'handrail.reviewSelection': () => this.#start((start) => this.#selection(start)),
      'handrail.reviewChanges': (_, teller) => this.#changes('branch', undefined, 'handrail.reviewChanges', teller),
      'handrail.reviewWorkingTree': (source, teller) => this.#changes('working', source, 'handrail.reviewWorkingTree', teller),
      'handrail.reviewStaged': (source, teller) => this.#changes('staged', source, 'handrail.reviewStaged', teller),
      'handrail.runReviewStep': (target) => this.#start((start) => this.#step(target, start)),
      'handrail.reviewAnew': () => this.#anew(),
      'handrail.previewReview': () => this.#preview(),
    };
  }

  async #start(review: (start: Start) => Promise<void>, teller?: Partial<ReviewTeller>): Promise<void> {
    this.#last = review;
    await review({ fresh: false, told: teller?.toldBy !== undefined });
  }

  /** The last review again, past everything that is remembered of earlier answers. */
  async #anew(): Promise<void> {
    if (this.#last !== undefined) return await this.#last({ fresh: true, told: false });
    throw new HandrailError('not-found', vscode.l10n.t('There was no review in this window yet.'), {
      hint: vscode.l10n.t('Start one first, for example “Handrail: Review Changes of This Branch”.'),
    });
  }

  async #file(uri: vscode.Uri | undefined, start: Start): Promise<void> {
    const target = this.#wanted(await fileTarget(uri));
    const again = (): Thenable<unknown> =>
      vscode.commands.executeCommand('handrail.reviewFile', fileUri(target.folder, target.request.paths[0] ?? ''));
    await this.#run(target, again, start);
  }

  async #selection(start: Start): Promise<void> {
    const target = this.#wanted(await selectionTarget());
    await this.#run(target, () => vscode.commands.executeCommand('handrail.reviewSelection'), start);
  }

  async #changes(
    scope: ChangesScope,
    source: vscode.SourceControl | undefined,
    command: string,
    teller: Partial<ReviewTeller> | undefined,
  ): Promise<void> {
    const folder = this.#folderOf(source);
    requireGit();
    const again = (): Thenable<unknown> => vscode.commands.executeCommand(command, source);
    await this.#start(async (start) => {
      // There need not be an editor that could show what is found.
      await vscode.commands.executeCommand('handrail.findings.focus');
      await this.#run(changesTarget(folder, scope), again, start);
    }, teller);
  }

  async #step(step: ReviewStepTarget | undefined, { fresh, told }: Start): Promise<void> {
    const { services, reviews, runner, restore, conclude } = this.#parts;
    const { performStep, prepareStep } = await import('./reviewStep.ts');
    const prepared = await prepareStep({ services, reviews, runner }, step);
    await restore(prepared.target.folder);
    await performStep({ services, reviews, runner }, prepared, fresh);
    conclude(prepared.target, told);
  }

  async #run(target: ReviewTarget, again: () => Thenable<unknown>, { fresh, told }: Start): Promise<void> {
    const { runner, restore, conclude } = this.#parts;
    await restore(target.folder);
    await runner.run(target, { again, fresh });
    conclude(target, told);
  }

  /** What a review would send: asked for by a person, and nothing is sent. */
  async #preview(): Promise<void> {
    const target = await this.#pickTarget();
    if (target !== undefined) await this.#parts.runner.preview(target);
  }

  async #pickTarget(): Promise<ReviewTarget | undefined> {
    const isTrusted = vscode.workspace.isTrusted;
    const hasSelection = vscode.window.activeTextEditor?.selection.isEmpty === false;
    const changes = (scope: ChangesScope) => async (): Promise<TargetOutcome> => ({
      target: changesTarget(this.#parts.services.requireFolder(), scope),
    });
    const entries: { label: string; target: () => Promise<TargetOutcome> }[] = [
      ...(hasSelection ? [{ label: vscode.l10n.t('Selection'), target: selectionTarget }] : []),
      { label: vscode.l10n.t('Current file'), target: () => fileTarget() },
      ...(isTrusted
        ? [
            { label: vscode.l10n.t('Staged changes'), target: changes('staged') },
            { label: vscode.l10n.t('Working tree changes'), target: changes('working') },
            { label: vscode.l10n.t('Changes of this branch'), target: changes('branch') },
          ]
        : []),
    ];
    const picked = await vscode.window.showQuickPick(entries, { title: vscode.l10n.t('What would a review of this send?') });
    return picked && this.#wanted(await picked.target());
  }

  #wanted(outcome: TargetOutcome): ReviewTarget {
    if ('failure' in outcome) throw this.#parts.runner.withRemedy(outcome.failure, outcome.remedy);
    return outcome.target;
  }

  /** The folder of a repository that the Source Control view names, else the one in use. */
  #folderOf(source: vscode.SourceControl | undefined): vscode.WorkspaceFolder {
    const { services } = this.#parts;
    const root = source?.rootUri;
    if (root === undefined) return services.requireFolder();
    const inside = services.folders.all.find(({ uri }) => `${uri.path}/`.startsWith(`${root.path}/`));
    return vscode.workspace.getWorkspaceFolder(root) ?? inside ?? services.requireFolder();
  }
}

function requireGit(): void {
  if (vscode.workspace.isTrusted) return;
  throw new HandrailError('untrusted', vscode.l10n.t('What changed is asked of git, which does not run in Restricted Mode.'), {
    hint: vscode.l10n.t('Trust the workspace, or open a file and review just that.'),
  });
}
