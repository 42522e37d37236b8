import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { execute } from '../commands.ts';
import type { Services } from '../services.ts';
import { nodesOf } from './nodes.ts';
import type { Node } from './nodes.ts';
import { reconcile } from './reconcile.ts';
import { toneUri } from './stepColours.ts';
import type { ItemModel } from './stepItem.ts';
import { descriptionOf, messageOf } from './viewState.ts';
import type { WorkflowModel } from './workflowModel.ts';

/** The *Workflow* view. It forwards what `nodesOf` decides. */
export class WorkflowView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #services: Services;
  readonly #model: WorkflowModel;
  readonly #tree: vscode.TreeView<Node>;
  readonly #treeChanged = new vscode.EventEmitter<Node[] | undefined>();
  readonly onDidChangeTreeData = this.#treeChanged.event;
  readonly #store = new DisposableStore();
  readonly #nodes: Node[] = [];
  /** The folder whose nodes are shown. */
  #folder: string | undefined;
  #next: string | undefined;

  constructor(services: Services, model: WorkflowModel) {
    this.#services = services;
    this.#model = model;
    this.#store.add(this.#treeChanged);
    this.#tree = this.#store.add(
      vscode.window.createTreeView('handrail.workflow', {
        treeDataProvider: this,
        manageCheckboxStateManually: true,
      }),
    );
    this.#store.add(model.onDidChange(() => this.#show()));
    this.#store.add(this.#tree.onDidChangeCheckboxState((event) => void this.#checkboxesChanged(event.items)));
  }

  /** Brings the step into view and puts the keyboard on it. */
  async reveal(stepId: string): Promise<void> {
    const node = this.#find(stepId);
    if (node !== undefined) await this.#tree.reveal(node, { select: true, focus: true, expand: true });
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node !== undefined) return node.children;
    // The editor shows its progress line until the first reading is there.
    await this.#model.ready();
    return [...this.#nodes];
  }

  getParent(node: Node): Node | undefined {
    return this.#nodes.find((candidate) => candidate.children.includes(node));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const { item } = node;
    const treeItem = new vscode.TreeItem(item.label, expansion(item));
    treeItem.resourceUri = toneUri(item);
    treeItem.id = item.id;
    treeItem.iconPath = new vscode.ThemeIcon(
      item.icon.id,
      item.icon.color === undefined ? undefined : new vscode.ThemeColor(item.icon.color),
    );
    treeItem.contextValue = item.contextValue;
    treeItem.accessibilityInformation = { label: item.accessibilityLabel };
    if (item.description !== undefined) treeItem.description = item.description;
    if (item.tooltip !== undefined) {
      // Neither trusted nor HTML: nothing of a repository becomes a command or fetches an image.
      treeItem.tooltip = new vscode.MarkdownString(item.tooltip, true);
    }
    if (item.checkbox !== undefined) {
      treeItem.checkboxState = {
        state: item.checkbox.checked ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
        tooltip: item.checkbox.tooltip,
        accessibilityInformation: { label: item.checkbox.tooltip, role: 'checkbox' },
      };
    }
    const command = this.#commandOf(node);
    if (command !== undefined) treeItem.command = command;
    return treeItem;
  }

  #commandOf(node: Node): vscode.Command | undefined {
    if (node.command !== undefined) return { command: node.command, title: node.item.label };
    const folder = this.#model.folder;
    if (node.problem === undefined || folder === undefined) return undefined;
    const { path, problem } = node.problem;
    const selection = new vscode.Range(problem.line - 1, problem.column - 1, problem.endLine - 1, problem.endColumn - 1);
    return {
      command: 'vscode.open',
      title: vscode.l10n.t('Open the Problem'),
      arguments: [vscode.Uri.joinPath(folder.uri, path), { selection }],
    };
  }

  async #checkboxesChanged(items: ReadonlyArray<[Node, vscode.TreeItemCheckboxState]>): Promise<void> {
    for (const [node, state] of items) {
      if (node.stepId === undefined) continue;
      const checked = state === vscode.TreeItemCheckboxState.Checked;
      await execute(checked ? 'handrail.checkStep' : 'handrail.uncheckStep', { stepId: node.stepId });
    }
    // What the records say is what the boxes show, also after a tick that was refused or called off.
    this.#treeChanged.fire(undefined);
  }

  #show(): void {
    const { state, folder } = this.#model;
    const key = folder?.uri.toString();
    if (key !== this.#folder) this.#nodes.length = 0;
    this.#folder = key;
    const changed = reconcile(this.#nodes, nodesOf(vscode.l10n, state));
    this.#tree.description = descriptionOf(vscode.l10n, state, this.#services.folders.several ? folder?.name : undefined) ?? '';
    this.#tree.message = messageOf(vscode.l10n, state) ?? '';
    if (changed === 'all') this.#treeChanged.fire(undefined);
    else if (changed.length > 0) this.#treeChanged.fire(changed);
    const next = this.#model.run?.next[0];
    if (next !== this.#next && next !== undefined && this.#tree.visible) {
      const node = this.#find(next);
      // The tree remembers what was folded by id, so a step that becomes the next one has to be unfolded.
      if (node !== undefined)
        void Promise.resolve(this.#tree.reveal(node, { select: false, focus: false, expand: true })).catch(() => undefined);
    }
    this.#next = next;
  }

  #find(stepId: string): Node | undefined {
    return this.#nodes.flatMap((node) => [node, ...node.children]).find((node) => node.stepId === stepId);
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function expansion(item: ItemModel): vscode.TreeItemCollapsibleState {
  switch (item.expand) {
    case 'none':
      return vscode.TreeItemCollapsibleState.None;
    case 'collapsed':
      return vscode.TreeItemCollapsibleState.Collapsed;
    case 'expanded':
      return vscode.TreeItemCollapsibleState.Expanded;
  }
}
