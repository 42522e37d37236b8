import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { CommandTable, FindingTarget } from '../commands.ts';
import { registerCommands } from '../commands.ts';
import { locateFile } from '../folders.ts';
import type { Services } from '../services.ts';
import { Boards, gone } from './boards.ts';
import type { FoundEntry } from './boards.ts';
import { ExplainPages } from './explainFinding.ts';
import { FindingsView } from './findingsView.ts';
import { FollowEdits } from './followEdits.ts';
import { LastReview } from './lastReview.ts';
import { Problems } from './problems.ts';
import { QuickFixes } from './quickFixes.ts';
import { neighbour, shownEntries } from './reviewBoard.ts';
import type { ReviewSummary } from './reviewBoard.ts';
import type { ReviewServices } from './reviewServices.ts';
import { ReviewStarts } from './reviewStarts.ts';
import type { ReviewTarget } from './reviewTarget.ts';
import { ReviewRunner } from './runReview.ts';
import { Threads } from './threads.ts';
import type { TrackedFinding } from './trackedFinding.ts';
import { showInformation } from '../messages.ts';
import { withoutIcons } from '../workflow/viewState.ts';

/** The review in the editor: commands, problems, comment threads, quick fixes and the *Findings* view. */
export function registerReview(services: Services, reviews: ReviewServices): vscode.Disposable {
  return new ReviewFeature(services, reviews);
}

class ReviewFeature implements vscode.Disposable {
  readonly #services: Services;
  readonly #store = new DisposableStore();
  readonly #boards: Boards;
  readonly #reviews: ReviewServices;
  readonly #lastReview: LastReview;
  readonly #follow: FollowEdits;
  readonly #threads: Threads;
  readonly #pages: ExplainPages;
  readonly #view: FindingsView;
  readonly #runner: ReviewRunner;
  readonly #starts: ReviewStarts;
  readonly #restored = new Set<string>();

  constructor(services: Services, reviews: ReviewServices) {
    this.#services = services;
    this.#boards = this.#store.add(new Boards(services.folders));
    this.#reviews = reviews;
    this.#lastReview = new LastReview(services.context.workspaceState);
    this.#follow = this.#store.add(new FollowEdits(this.#boards));
    this.#store.add(new Problems(this.#boards));
    this.#threads = this.#store.add(new Threads(this.#boards));
    this.#pages = this.#store.add(new ExplainPages(this.#boards));
    this.#view = this.#store.add(new FindingsView(this.#boards, () => void this.#restoreAll(() => true)));
    this.#runner = new ReviewRunner({
      services,
      boards: this.#boards,
      keys: reviews.keys,
      answers: reviews.answers,
      lastReview: this.#lastReview,
      follow: this.#follow,
      previewPage: reviews.previewPage,
      reviews: (folder) => reviews.of(folder),
    });
    this.#starts = new ReviewStarts({
      services,
      reviews,
      runner: this.#runner,
      restore: (folder) => this.#restore(folder),
      conclude: (target, told) => this.#conclude(target, told),
    });
    const quickFixes = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
    this.#store.add(vscode.languages.registerCodeActionsProvider({ scheme: 'file' }, new QuickFixes(this.#boards), quickFixes));
    this.#store.add(registerCommands(services.log, this.#commands(), (failure) => this.#runner.remedyFor(failure)));
    // The icon in the editor's title stays away from workspaces that do not use Handrail.
    void vscode.commands.executeCommand('setContext', 'handrail.inUse', true);
    this.#restoreSoon();
  }

  #commands(): CommandTable {
    return {
      ...this.#starts.commands(),
      'handrail.cancelReview': () => this.#runner.cancel(),
      'handrail.applyFix': (target) => this.#apply(this.#found(target)),
      'handrail.dismissFinding': (target) => this.#dismiss(this.#found(target)),
      'handrail.explainFinding': (target) => this.#pages.show(this.#found(target).entry.finding.id),
      'handrail.showFinding': (target) => this.#show(this.#found(target).entry.finding.id),
      'handrail.nextFinding': (target) => this.#go('next', target),
      'handrail.previousFinding': (target) => this.#go('previous', target),
      'handrail.showDismissed': () => this.#view.showDismissed(true),
      'handrail.hideDismissed': () => this.#view.showDismissed(false),
      'handrail.chooseModel': () => this.#chooseModel(),
      'handrail.setApiKey': async (target) =>
        (await import('../models/apiKeys.ts')).setApiKey(this.#reviews.keys, () => this.#knownOrigins(), target?.origin),
      'handrail.removeApiKey': async () => (await import('../models/apiKeys.ts')).removeApiKey(this.#reviews.keys),
    };
  }

  /** One sentence at the end, with the way to the findings when their view is not on screen and nobody else tells them. */
  #conclude(target: ReviewTarget, told: boolean): void {
    const board = this.#boards.of(target.folder);
    const { paths } = target.request;
    const entries = shownEntries(board).filter((entry) => paths.length === 0 || paths.includes(entry.finding.file));
    // The walkthrough's step is done by the first review that ended.
    void vscode.commands.executeCommand('setContext', 'handrail.reviewed', true);
    const text = conclusion(target.subject, entries.length, board.summary);
    vscode.window.setStatusBarMessage(`$(checklist) ${withoutIcons(text)}`, 8_000);
    if (!told && !this.#view.visible) void this.#offerWay(text, entries);
  }

  async #offerWay(text: string, entries: readonly TrackedFinding[]): Promise<void> {
    const first = entries.find((entry) => entry.span !== undefined);
    const goFirst = vscode.l10n.t('Go to First');
    const showAll = vscode.l10n.t('Show Findings');
    const answer = await showInformation(text, ...(first === undefined ? [] : [goFirst]), showAll);
    if (answer === goFirst && first !== undefined)
      await vscode.commands.executeCommand('handrail.showFinding', { findingId: first.finding.id });
    if (answer === showAll) await vscode.commands.executeCommand('handrail.findings.focus');
  }

  async #apply(found: FoundEntry): Promise<void> {
    await (await import('./findingActions.ts')).applyFix(found);
    const { severity } = found.entry.finding;
    this.#services.usage.record({ operation: 'review', outcome: 'accepted', findingsApplied: 1, findings: { [severity]: 1 } });
  }

  async #dismiss(found: FoundEntry): Promise<void> {
    const { id, title } = found.entry.finding;
    if (found.board.running !== undefined) {
      throw new HandrailError('conflict', vscode.l10n.t('The review is still running.'), {
        hint: vscode.l10n.t('Dismiss the finding when it has ended.'),
      });
    }
    const { askToDismiss } = await import('./dismissFinding.ts');
    const dismissal = await askToDismiss(title);
    if (dismissal === undefined) return;
    const service = await this.#reviews.of(found.folder);
    await service.dismiss(id, dismissal);
    found.board.dismiss(id, dismissal.reason);
    const { summary, dismissed } = found.board;
    await this.#lastReview.keep(found.folder, { ...(summary === undefined ? {} : { summary }), dismissed: [...dismissed] });
  }

  async #show(findingId: string): Promise<void> {
    const { revealFinding } = await import('./findingActions.ts');
    await revealFinding(this.#boards, findingId, (id) => this.#threads.expand(id));
  }

  async #go(direction: 'next' | 'previous', from: FindingTarget | undefined): Promise<void> {
    const active = vscode.window.activeTextEditor;
    const at = active === undefined ? undefined : locateFile(active.document.uri);
    const folder = at?.folder ?? this.#services.requireFolder();
    const entries = shownEntries(this.#boards.of(folder));
    const start = from === undefined ? undefined : this.#boards.find(this.#idOf(from) ?? '')?.entry;
    const place =
      start?.span === undefined
        ? at && { file: at.path, line: (active?.selection.active.line ?? 0) + 1 }
        : { file: start.finding.file, line: start.span.startLine };
    const next = neighbour(entries, place, direction);
    if (next === undefined) {
      throw new HandrailError('not-found', vscode.l10n.t('There are no open findings here.'), {
        hint: vscode.l10n.t('Run “Handrail: Review Current File”.'),
      });
    }
    await this.#show(next.finding.id);
  }

  /** The finding a menu names, or the one at the cursor. */
  #found(target: FindingTarget | undefined): FoundEntry {
    const id = target === undefined ? this.#atCursor() : this.#idOf(target);
    const found = id === undefined ? undefined : this.#boards.find(id);
    if (found !== undefined) return found;
    if (target !== undefined) throw gone();
    throw new HandrailError('not-found', vscode.l10n.t('There is no finding at the cursor.'), {
      hint: vscode.l10n.t('Go to one with “Handrail: Next Finding”.'),
    });
  }

  #idOf(target: FindingTarget): string | undefined {
    if ('findingId' in target) return target.findingId;
    if ('item' in target) return target.item.findingId;
    return this.#threads.findingOf(target);
  }

  #atCursor(): string | undefined {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return undefined;
    const line = editor.selection.active.line + 1;
    const here = this.#boards.placedIn(editor.document.uri);
    return here.find(({ entry }) => entry.span !== undefined && entry.span.startLine <= line && line <= entry.span.endLine)?.entry.finding
      .id;
  }

  async #chooseModel(): Promise<void> {
    const { chooseModel } = await import('../models/chooseModel.ts');
    await chooseModel(await this.#reviews.of(this.#services.requireFolder()), this.#reviews.answers);
  }

  async #knownOrigins(): Promise<string[]> {
    const folder = this.#services.folders.current;
    if (folder === undefined || !vscode.workspace.isTrusted) return [];
    const choice = await (await this.#reviews.of(folder)).choose();
    const origins = [choice.origin, ...choice.offers.map((offer) => offer.origin)];
    return origins.filter((origin) => origin !== undefined);
  }

  /** After activation, folders reviewed before get their findings back; others when the view is first shown. */
  #restoreSoon(): void {
    const timer = setTimeout(() => void this.#restoreAll((folder) => this.#lastReview.has(folder)), 0);
    this.#store.add({ dispose: () => clearTimeout(timer) });
  }

  async #restoreAll(which: (folder: vscode.WorkspaceFolder) => boolean): Promise<void> {
    for (const folder of this.#services.folders.all.filter(which)) {
      try {
        await this.#restore(folder);
      } catch (error) {
        // The next review says what is wrong; a window that opens should not.
        this.#services.log.warn(`findings of ${folder.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  async #restore(folder: vscode.WorkspaceFolder): Promise<void> {
    const key = folder.uri.toString();
    if (this.#restored.has(key)) return;
    this.#restored.add(key);
    const board = this.#boards.of(folder);
    const { summary, dismissed } = this.#lastReview.read(folder);
    board.restore(summary, dismissed);
    const findings = await (await this.#reviews.of(folder)).findings();
    if (findings.length === 0) return;
    board.replace(findings);
    await this.#follow.compareFiles(folder);
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function conclusion(subject: string, count: number, summary: ReviewSummary | undefined): string {
  const who = summary === undefined || summary.reviewer.name === 'builtin' ? vscode.l10n.t('built-in reviewer') : summary.reviewer.name;
  if (count === 0) return vscode.l10n.t('Reviewed {0} ({1}): no findings.', subject, who);
  if (count === 1) return vscode.l10n.t('Reviewed {0} ({1}): 1 finding.', subject, who);
  return vscode.l10n.t('Reviewed {0} ({1}): {2} findings.', subject, who, count);
}
