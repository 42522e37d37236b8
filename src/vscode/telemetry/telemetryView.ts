import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { LeftState } from './left.ts';
import type { TelemetryItem } from './telemetryItems.ts';
import type { TelemetryState } from './telemetryState.ts';

/** The view *Telemetry*. Nothing is read before it is first shown, nor while it is hidden. What it shows is decided in `telemetryItems.ts`. */
export class TelemetryView implements vscode.TreeDataProvider<TelemetryItem>, vscode.Disposable {
  readonly #read: () => Promise<{ state: TelemetryState; left: LeftState }>;
  readonly #view: vscode.TreeView<TelemetryItem>;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  #items: TelemetryItem[] = [];

  constructor(read: () => Promise<{ state: TelemetryState; left: LeftState }>) {
    this.#read = read;
    this.#view = this.#store.add(vscode.window.createTreeView('handrail.telemetry', { treeDataProvider: this }));
    this.#store.add(this.#view.onDidChangeVisibility(() => void this.refresh()));
  }

  /** Reads again what is kept, if anybody is looking. */
  async refresh(): Promise<void> {
    if (!this.#view.visible) return;
    // Most windows never show this view, so what it says is loaded when one does.
    const [{ state, left }, { descriptionOf, messageOf, toItems }] = await Promise.all([this.#read(), import('./telemetryItems.ts')]);
    this.#items = toItems(state, vscode.l10n);
    this.#view.description = descriptionOf(state, vscode.l10n);
    this.#view.message = messageOf(state, vscode.l10n) ?? '';
    await vscode.commands.executeCommand('setContext', 'handrail.telemetryState', state.kind);
    await vscode.commands.executeCommand('setContext', 'handrail.telemetryCanStop', left.canStop);
    await vscode.commands.executeCommand('setContext', 'handrail.telemetryCanDelete', left.canDelete);
    this.#changed.fire(undefined);
  }

  getChildren(item?: TelemetryItem): TelemetryItem[] {
    return item === undefined ? this.#items : (item.children ?? []);
  }

  getTreeItem(item: TelemetryItem): vscode.TreeItem {
    const folding = item.children === undefined ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Expanded;
    const row = new vscode.TreeItem(item.label, folding);
    row.id = item.id;
    row.iconPath = new vscode.ThemeIcon(item.icon, item.color === undefined ? undefined : new vscode.ThemeColor(item.color));
    row.accessibilityInformation = { label: item.description === undefined ? item.label : `${item.label}, ${item.description}` };
    if (item.description !== undefined) row.description = item.description;
    if (item.tooltip !== undefined) row.tooltip = item.tooltip;
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
