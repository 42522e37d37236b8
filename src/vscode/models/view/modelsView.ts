import * as vscode from 'vscode';
import { DisposableStore } from '../../../core/lifecycle.ts';
import type { ModelItem } from './modelItems.ts';
import type { ModelsState } from './modelsState.ts';

/**
 * The view *Models*. Nothing is read before it is first shown, nor while it is hidden, and nothing runs by the clock. What it shows is
 * decided in `modelItems.ts`.
 */
export class ModelsView implements vscode.TreeDataProvider<ModelItem>, vscode.Disposable {
  readonly #read: () => Promise<ModelsState>;
  readonly #view: vscode.TreeView<ModelItem>;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #shownFirst: () => void;
  /** The rows; until they were read once, the editor shows that something is on its way. */
  #items: ModelItem[] | Promise<ModelItem[]>;
  #loaded: (items: ModelItem[]) => void = () => undefined;
  #readings = 0;
  #isShown = false;

  /** `onFirstShown` is called once, when somebody looks for the first time. */
  constructor(read: () => Promise<ModelsState>, onFirstShown: () => void) {
    this.#read = read;
    this.#shownFirst = onFirstShown;
    this.#items = new Promise((resolve) => (this.#loaded = resolve));
    this.#view = this.#store.add(vscode.window.createTreeView('handrail.models', { treeDataProvider: this }));
    this.#store.add(this.#view.onDidChangeVisibility(() => void this.refresh()));
  }

  /** Reads again what is known, if anybody is looking. */
  async refresh(): Promise<void> {
    if (!this.#view.visible) return;
    if (!this.#isShown) this.#shownFirst();
    this.#isShown = true;
    const reading = ++this.#readings;
    // Most windows never show this view, so what it says is loaded when one does.
    const [state, { contextOf, descriptionOf, messageOf, toItems }] = await Promise.all([this.#read(), import('./modelItems.ts')]);
    if (reading !== this.#readings) return;
    this.#items = toItems(state, vscode.l10n);
    // The editor waits for the first rows before it asks for others.
    this.#loaded(this.#items);
    this.#view.description = descriptionOf(state);
    this.#view.message = messageOf(state);
    await vscode.commands.executeCommand('setContext', 'handrail.modelsState', contextOf(state));
    this.#changed.fire(undefined);
  }

  getChildren(item?: ModelItem): ModelItem[] | Promise<ModelItem[]> {
    return item === undefined ? this.#items : (item.children ?? []);
  }

  getTreeItem(item: ModelItem): vscode.TreeItem {
    const { None, Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    const row = new vscode.TreeItem(item.label, item.children === undefined ? None : item.isOpen === true ? Expanded : Collapsed);
    row.id = item.id;
    row.iconPath = new vscode.ThemeIcon(item.icon, item.color === undefined ? undefined : new vscode.ThemeColor(item.color));
    row.accessibilityInformation = { label: item.spoken };
    if (item.description !== undefined) row.description = item.description;
    if (item.tooltip !== undefined) row.tooltip = item.tooltip;
    if (item.context !== undefined) row.contextValue = item.context;
    if (item.command !== undefined) {
      row.command = {
        command: item.command.id,
        title: item.label,
        ...(item.command.arguments ? { arguments: item.command.arguments } : {}),
      };
    }
    return row;
  }

  dispose(): void {
    this.#store.dispose();
  }
}
