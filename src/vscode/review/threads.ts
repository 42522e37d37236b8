import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { fileUri } from './boards.ts';
import type { Boards } from './boards.ts';
import { contextOf } from './findingsItems.ts';
import { threadBody, threadTitle } from './findingText.ts';
import type { TrackedFinding } from './trackedFinding.ts';

interface ShownThread {
  thread: vscode.CommentThread;
  entry: TrackedFinding;
}

/** One collapsed comment thread a finding, without a reply box; its actions are icons in the title (see the manifest's menus). */
export class Threads implements vscode.Disposable {
  readonly #boards: Boards;
  readonly #store = new DisposableStore();
  readonly #controller: vscode.CommentController;
  readonly #shown = new Map<string, ShownThread>();
  readonly #findingOf = new WeakMap<vscode.CommentThread, string>();

  constructor(boards: Boards) {
    this.#boards = boards;
    this.#controller = this.#store.add(vscode.comments.createCommentController('handrail.review', vscode.l10n.t('Handrail review')));
    this.#store.add(boards.onDidChange(() => this.#update()));
  }

  /** The finding behind a thread that a menu hands to a command. */
  findingOf(thread: vscode.CommentThread): string | undefined {
    return this.#findingOf.get(thread);
  }

  /** Opens the thread of one finding and folds the others. */
  expand(findingId: string): void {
    const { Collapsed, Expanded } = vscode.CommentThreadCollapsibleState;
    for (const { thread, entry } of this.#shown.values()) {
      // Where a person folded a thread by hand, the editor may still say that it is open, and passes on a change only.
      if (thread.collapsibleState !== Collapsed) thread.collapsibleState = Collapsed;
      if (entry.finding.id === findingId) thread.collapsibleState = Expanded;
    }
  }

  #update(): void {
    const wanted = new Map<string, { folder: vscode.WorkspaceFolder; entry: TrackedFinding }>();
    for (const { folder, board } of this.#boards.all) {
      const prefix = folder.uri.toString();
      for (const entry of board.entries) {
        if (entry.span === undefined || entry.state === 'resolved') continue;
        wanted.set(`${prefix} ${entry.finding.id}`, { folder, entry });
      }
    }
    for (const [key, { thread }] of this.#shown) {
      if (wanted.has(key)) continue;
      thread.dispose();
      this.#shown.delete(key);
    }
    for (const [key, { folder, entry }] of wanted) {
      const shown = this.#shown.get(key);
      if (shown === undefined) this.#shown.set(key, { thread: this.#create(fileUri(folder, entry.finding.file), entry), entry });
      else if (shown.entry !== entry) this.#refresh(shown, entry);
    }
  }

  #create(uri: vscode.Uri, entry: TrackedFinding): vscode.CommentThread {
    const thread = this.#controller.createCommentThread(uri, rangeOf(entry), [commentOf(entry)]);
    thread.canReply = false;
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
    thread.label = threadTitle(entry, vscode.l10n);
    thread.contextValue = contextOf(entry);
    this.#findingOf.set(thread, entry.finding.id);
    return thread;
  }

  #refresh(shown: ShownThread, entry: TrackedFinding): void {
    const { thread } = shown;
    const range = rangeOf(entry);
    if (thread.range?.isEqual(range) !== true) thread.range = range;
    const title = threadTitle(entry, vscode.l10n);
    if (thread.label !== title) thread.label = title;
    if (thread.contextValue !== contextOf(entry)) thread.contextValue = contextOf(entry);
    const comment = commentOf(entry);
    if (comment.body.value !== commentOf(shown.entry).body.value) thread.comments = [comment];
    shown.entry = entry;
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function rangeOf(entry: TrackedFinding): vscode.Range {
  return new vscode.Range((entry.span?.startLine ?? 1) - 1, 0, (entry.span?.endLine ?? 1) - 1, 0);
}

function commentOf(entry: TrackedFinding): vscode.Comment & { body: vscode.MarkdownString } {
  // Untrusted: no command links, no HTML; the text itself is escaped, so that nothing in it becomes a link or an image.
  const body = new vscode.MarkdownString(threadBody(entry, vscode.l10n));
  body.isTrusted = false;
  body.supportHtml = false;
  return { body, mode: vscode.CommentMode.Preview, author: { name: 'Handrail' } };
}
