import type * as vscode from 'vscode';
import type { DismissedFinding, ReviewSummary } from './reviewBoard.ts';

interface Kept {
  summary?: ReviewSummary;
  dismissed: DismissedFinding[];
}

/** What a review said besides its findings, kept for this workspace, so that *What was read* survives a reload. */
export class LastReview {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  read(folder: vscode.WorkspaceFolder): Kept {
    return this.#state.get<Kept>(keyOf(folder)) ?? { dismissed: [] };
  }

  async keep(folder: vscode.WorkspaceFolder, kept: Kept): Promise<void> {
    await this.#state.update(keyOf(folder), kept);
  }

  /** Whether this window reviewed in the folder before, so that its findings are worth reading at start. */
  has(folder: vscode.WorkspaceFolder): boolean {
    return this.#state.get(keyOf(folder)) !== undefined;
  }
}

function keyOf(folder: vscode.WorkspaceFolder): string {
  return `handrail.lastReview:${folder.uri.toString()}`;
}
