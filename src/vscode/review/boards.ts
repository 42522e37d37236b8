import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import { locateFile } from '../folders.ts';
import type { Folders } from '../folders.ts';
import { ReviewBoard } from './reviewBoard.ts';
import type { QuoteCheck, TrackedFinding } from './trackedFinding.ts';

/** A finding with the folder it belongs to. */
export interface FoundEntry {
  folder: vscode.WorkspaceFolder;
  board: ReviewBoard;
  entry: TrackedFinding;
}

/** One board a folder, and the way between documents and paths inside a folder. */
export class Boards implements vscode.Disposable {
  readonly #folders: Folders;
  readonly #boards = new Map<string, ReviewBoard>();
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires once for a burst of changes. */
  readonly onDidChange = this.#changed.event;
  readonly #store = new DisposableStore();
  #scheduled: NodeJS.Timeout | undefined;

  constructor(folders: Folders) {
    this.#folders = folders;
    this.#store.add(this.#changed);
    this.#store.add({ dispose: () => clearTimeout(this.#scheduled) });
  }

  of(folder: vscode.WorkspaceFolder): ReviewBoard {
    const key = folder.uri.toString();
    let board = this.#boards.get(key);
    if (board === undefined) {
      board = new ReviewBoard();
      this.#store.add(board.onDidChange(() => this.#schedule()));
      this.#boards.set(key, board);
    }
    return board;
  }

  /** Every folder with its board, in the order of the workspace. */
  get all(): { folder: vscode.WorkspaceFolder; board: ReviewBoard }[] {
    return this.#folders.all.map((folder) => ({ folder, board: this.of(folder) }));
  }

  find(findingId: string): FoundEntry | undefined {
    for (const { folder, board } of this.all) {
      const entry = board.entry(findingId);
      if (entry !== undefined && entry.state !== 'resolved') return { folder, board, entry };
    }
    return undefined;
  }

  /** Findings of the file at `uri` that are shown and placed. */
  placedIn(uri: vscode.Uri): FoundEntry[] {
    const at = locateFile(uri);
    if (at === undefined) return [];
    const board = this.of(at.folder);
    return board.entries
      .filter((entry) => entry.finding.file === at.path && entry.span !== undefined && entry.state !== 'resolved')
      .map((entry) => ({ folder: at.folder, board, entry }));
  }

  #schedule(): void {
    this.#scheduled ??= setTimeout(() => {
      this.#scheduled = undefined;
      this.#changed.fire();
    }, 15);
  }

  dispose(): void {
    this.#store.dispose();
  }
}

export function fileUri(folder: vscode.WorkspaceFolder, path: string): vscode.Uri {
  return vscode.Uri.joinPath(folder.uri, ...path.split('/'));
}

/** The core's rules for quotes; loaded when the first finding needs them. */
export async function loadQuoteCheck(): Promise<QuoteCheck> {
  const { reanchor, verifyQuote } = await import('../../core/ai/review/anchor.ts');
  return {
    verify: verifyQuote,
    locate(finding, text) {
      const { startLine, endLine } = reanchor(finding, text);
      return startLine === undefined ? undefined : { startLine, endLine: endLine ?? startLine };
    },
  };
}

/** A menu or a link named a finding that is not open any more. */
export function gone(): HandrailError {
  return new HandrailError('not-found', vscode.l10n.t('There is no such finding any more.'), {
    hint: vscode.l10n.t('Review the file again.'),
  });
}
