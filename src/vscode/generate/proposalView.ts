import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { fileUri } from '../review/boards.ts';
import { ChangedMeanwhile } from './changedMeanwhile.ts';
import type { ProposalChoice } from './choice.ts';
import type { Proposal } from './proposal.ts';
import { choiceText, proposalRows } from './proposalRows.ts';
import type { ProposalRow } from './proposalRows.ts';

/** The view *Proposed Changes*, which is there while a proposal waits. What it shows is decided in `proposalRows.ts`. */
export class ProposalView implements vscode.TreeDataProvider<ProposalRow>, vscode.Disposable {
  readonly #proposal: Proposal;
  readonly #choice: ProposalChoice;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<ProposalRow>;
  readonly #changedMeanwhile: ChangedMeanwhile;

  /** `tick` takes or leaves rows, and has {@link refresh} called. */
  constructor(proposal: Proposal, choice: ProposalChoice, tick: (rows: readonly [ProposalRow, boolean][]) => void) {
    this.#proposal = proposal;
    this.#choice = choice;
    this.#view = this.#store.add(
      vscode.window.createTreeView('handrail.proposal', { treeDataProvider: this, manageCheckboxStateManually: true }),
    );
    this.#store.add(
      this.#view.onDidChangeCheckboxState(({ items }) =>
        tick(items.map(([row, state]) => [row, state === vscode.TreeItemCheckboxState.Checked])),
      ),
    );
    this.#changedMeanwhile = this.#store.add(new ChangedMeanwhile(proposal.folder, proposal.result.changes, () => this.refresh()));
    this.refresh();
  }

  refresh(): void {
    this.#view.description = choiceText(this.#choice.size, vscode.l10n);
    this.#changed.fire();
  }

  getChildren(row?: ProposalRow): ProposalRow[] {
    return row === undefined ? proposalRows(this.#proposal, this.#choice, this.#changedMeanwhile, vscode.l10n) : (row.children ?? []);
  }

  getTreeItem(row: ProposalRow): vscode.TreeItem {
    const tree = new vscode.TreeItem(row.label, collapsibleState(row));
    tree.id = `${this.#proposal.id} ${row.id}`;
    if (row.description !== undefined) tree.description = row.description;
    tree.tooltip = row.tooltip ?? row.label;
    tree.accessibilityInformation = { label: row.spoken };
    if (row.icon !== undefined) tree.iconPath = new vscode.ThemeIcon(row.icon);
    if (row.file === undefined) return tree;
    if (row.hunk === undefined) {
      tree.resourceUri = fileUri(this.#proposal.folder, row.file);
      if (row.icon === undefined) tree.iconPath = vscode.ThemeIcon.File;
    }
    tree.contextValue = 'change';
    tree.checkboxState = {
      state: row.isTaken === true ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
      tooltip: row.isTaken === true ? vscode.l10n.t('Leave this out') : vscode.l10n.t('Take this'),
      accessibilityInformation: { label: row.spoken, role: 'checkbox' },
    };
    tree.command = { command: 'handrail.showProposedChange', title: vscode.l10n.t('Show'), arguments: [row] };
    return tree;
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function collapsibleState({ children, isFolded }: ProposalRow): vscode.TreeItemCollapsibleState {
  if (children === undefined || children.length === 0) return vscode.TreeItemCollapsibleState.None;
  return isFolded === true ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.Expanded;
}
