import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { fileUri } from './boards.ts';
import type { Boards } from './boards.ts';
import { countsText, toItems } from './findingsItems.ts';
import type { FindingsItem, KeptRows } from './findingsItems.ts';
import { shownEntries } from './reviewBoard.ts';

/** A row of the view and its folder. */
export interface FindingsNode {
  folder: vscode.WorkspaceFolder;
  item: FindingsItem;
  children: FindingsNode[];
  parent: FindingsNode | undefined;
}

/** The view *Findings*. What it shows is decided in `findingsItems.ts`. */
export class FindingsView implements vscode.TreeDataProvider<FindingsNode>, vscode.Disposable {
  readonly #boards: Boards;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<FindingsNode>;
  /** Rows from the refreshes before. */
  readonly #kept: KeptRows = new WeakMap();
  #showDismissed = false;

  constructor(boards: Boards, onFirstShown: () => void) {
    this.#boards = boards;
    this.#view = this.#store.add(vscode.window.createTreeView('handrail.findings', { treeDataProvider: this, showCollapseAll: true }));
    this.#store.add(boards.onDidChange(() => this.#refresh()));
    let first = true;
    const shown = (): void => {
      if (first && this.#view.visible) onFirstShown();
      first &&= !this.#view.visible;
    };
    this.#store.add(this.#view.onDidChangeVisibility(shown));
    shown();
  }

  get visible(): boolean {
    return this.#view.visible;
  }

  showDismissed(shown: boolean): void {
    this.#showDismissed = shown;
    void vscode.commands.executeCommand('setContext', 'handrail.showDismissed', shown);
    this.#refresh();
  }

  getChildren(node?: FindingsNode): FindingsNode[] {
    return node === undefined ? this.#roots() : node.children;
  }

  getParent(node: FindingsNode): FindingsNode | undefined {
    return node.parent;
  }

  getTreeItem(node: FindingsNode): vscode.TreeItem {
    const { item } = node;
    const tree = new vscode.TreeItem(item.label, collapsibleState(item));
    tree.id = `${node.folder.uri.toString()} ${item.id}`;
    if (item.description !== undefined) tree.description = item.description;
    if (item.tooltip !== undefined) tree.tooltip = new vscode.MarkdownString(item.tooltip);
    if (item.context !== undefined) tree.contextValue = item.context;
    tree.accessibilityInformation = { label: item.spoken };
    if (item.path !== undefined) {
      tree.resourceUri = fileUri(node.folder, item.path);
      tree.iconPath = vscode.ThemeIcon.File;
    } else if (item.icon !== undefined) {
      tree.iconPath = new vscode.ThemeIcon(item.icon, item.color === undefined ? undefined : new vscode.ThemeColor(item.color));
    }
    const command = commandOf(node);
    if (command !== undefined) tree.command = command;
    return tree;
  }

  #roots(): FindingsNode[] {
    const folders = this.#boards.all.map(({ folder, board }) => ({
      folder,
      items: toItems(
        {
          entries: shownEntries(board),
          dismissed: board.dismissed,
          showDismissed: this.#showDismissed,
          summary: board.summary,
          running: board.running,
        },
        vscode.l10n,
        this.#kept,
      ),
    }));
    const filled = folders.filter(({ items }) => items.length > 0);
    if (folders.length < 2) return filled.flatMap(({ folder, items }) => items.map((item) => nodeOf(folder, item)));
    return filled.map(({ folder, items }) =>
      nodeOf(folder, { id: 'folder', label: folder.name, icon: 'root-folder', spoken: folder.name, expanded: true, children: items }),
    );
  }

  #refresh(): void {
    const entries = this.#boards.all.flatMap(({ board }) => board.entries);
    const open = entries.filter((entry) => entry.state !== 'resolved').length;
    this.#view.description = countsText(entries, vscode.l10n);
    this.#view.badge =
      open === 0
        ? undefined
        : { value: open, tooltip: open === 1 ? vscode.l10n.t('1 open finding') : vscode.l10n.t('{0} open findings', open) };
    void vscode.commands.executeCommand('setContext', 'handrail.hasFindings', open > 0);
    void vscode.commands.executeCommand(
      'setContext',
      'handrail.reviewRunning',
      this.#boards.all.some(({ board }) => board.running !== undefined),
    );
    this.#changed.fire();
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function nodeOf(folder: vscode.WorkspaceFolder, item: FindingsItem, parent?: FindingsNode): FindingsNode {
  const node: FindingsNode = { folder, item, children: [], parent };
  node.children = (item.children ?? []).map((child) => nodeOf(folder, child, node));
  return node;
}

function collapsibleState(item: FindingsItem): vscode.TreeItemCollapsibleState {
  if (item.children === undefined || item.children.length === 0) return vscode.TreeItemCollapsibleState.None;
  return item.expanded === false ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.Expanded;
}

function commandOf(node: FindingsNode): vscode.Command | undefined {
  const { item, folder } = node;
  if (item.open === undefined || item.children !== undefined) return undefined;
  const title = vscode.l10n.t('Open');
  if (item.findingId !== undefined && item.open.line !== undefined) {
    return { command: 'handrail.showFinding', title, arguments: [{ findingId: item.findingId }] };
  }
  const at = item.open.line === undefined ? undefined : new vscode.Position(item.open.line - 1, 0);
  const options = at === undefined ? {} : { selection: new vscode.Range(at, at) };
  return { command: 'vscode.open', title, arguments: [fileUri(folder, item.open.file), options] };
}
