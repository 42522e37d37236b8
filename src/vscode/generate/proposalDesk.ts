import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { fileUri } from '../review/boards.ts';
import { oneLine } from '../review/plainText.ts';
import { sizeText } from './proposal.ts';
import type { Proposal } from './proposal.ts';
import { madeTitle, PROPOSAL_SCHEME, ProposalPages } from './proposalPages.ts';

/**
 * Where the proposal lies until someone decides about it, one at a time. Closing its tab decides nothing: the status bar keeps
 * showing that it waits, and leads back to it.
 */
export class ProposalDesk implements vscode.Disposable {
  readonly #pages = new ProposalPages();
  readonly #item: vscode.StatusBarItem;
  readonly #store = new DisposableStore();
  /** Listens to tabs only while a proposal waits. */
  #watching: vscode.Disposable | undefined;
  #current: Proposal | undefined;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Another proposal waits, or none. */
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#store.add(this.#pages);
    this.#store.add(this.#changed);
    this.#item = this.#store.add(vscode.window.createStatusBarItem('handrail.proposal', vscode.StatusBarAlignment.Left, 39));
    this.#item.name = vscode.l10n.t('Handrail Proposal');
    this.#item.command = 'handrail.showProposal';
  }

  /** The proposal that waits for a decision. */
  get current(): Proposal | undefined {
    return this.#current;
  }

  /** The newest proposal, also one that was decided or had nothing to decide about. */
  get newest(): Proposal | undefined {
    return this.#pages.proposal;
  }

  /** Takes a proposal in and shows it. One without changes is only there to be read about. */
  async put(proposal: Proposal): Promise<void> {
    await this.clear();
    this.#pages.proposal = proposal;
    if (proposal.result.changes.length === 0) return;
    this.#current = proposal;
    this.#watching = vscode.Disposable.from(
      vscode.window.tabGroups.onDidChangeTabs(() => this.#noteTabs()),
      vscode.window.tabGroups.onDidChangeTabGroups(() => this.#noteTabs()),
    );
    const size = sizeText(proposal.result.changes, vscode.l10n);
    this.#item.text = `$(diff) ${vscode.l10n.t('Proposal: {0}', size)}`;
    this.#item.tooltip = vscode.l10n.t(
      'A proposal for {0} waits for your decision. Nothing is written yet.',
      oneLine(proposal.subject, 80),
    );
    this.#item.accessibilityInformation = { label: `Handrail: ${vscode.l10n.t('Proposal: {0}', size)}`, role: 'button' };
    this.#item.show();
    setContext('handrail.proposal', true);
    this.#changed.fire();
    await this.show(proposal);
  }

  /** One file beside the proposal for it, or several such pairs in one editor, which is also the one that can show a new file. */
  async show(proposal: Proposal): Promise<void> {
    const pairs = proposal.result.changes.map((change) => {
      const file = fileUri(proposal.folder, change.file);
      return { file, before: change.kind === 'create' ? undefined : file, after: this.#pages.after(proposal, change) };
    });
    const [first] = pairs;
    if (first === undefined) return this.showMade(proposal);
    const title = titleOf(proposal);
    if (pairs.length === 1 && first.before !== undefined) {
      await vscode.commands.executeCommand('vscode.diff', first.before, first.after, title, { preview: false });
    } else {
      const resources = pairs.map(({ file, before, after }) => [file, before, after]);
      await vscode.commands.executeCommand('vscode.changes', title, resources);
    }
    this.#noteTabs();
  }

  async showMade(proposal: Proposal): Promise<void> {
    await this.#pages.showMade(proposal);
  }

  /** The proposal is decided, or gives way to another one: its tabs go. */
  async clear(): Promise<void> {
    this.#watching?.dispose();
    this.#watching = undefined;
    this.#current = undefined;
    this.#item.hide();
    setContext('handrail.proposal', false);
    setContext('handrail.proposalShown', false);
    this.#changed.fire();
    const tabs = allTabs().filter((tab) => isProposalTab(tab) || isMadePage(tab));
    if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
  }

  #noteTabs(): void {
    const active = vscode.window.tabGroups.activeTabGroup.activeTab;
    setContext('handrail.proposalShown', active !== undefined && this.#current !== undefined && isProposalTab(active));
  }

  dispose(): void {
    this.#watching?.dispose();
    this.#store.dispose();
  }
}

function titleOf({ result, subject }: Proposal): string {
  const [only] = result.changes;
  // The editor of several diffs adds how many files there are.
  const what = only !== undefined && result.changes.length === 1 ? (only.file.split('/').at(-1) ?? only.file) : subject;
  return vscode.l10n.t('Proposal: {0}', oneLine(what, 60));
}

function allTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap((group) => [...group.tabs]);
}

/** Whether the tab shows texts of a proposal, also of one that is gone, as a reloaded window brings them back. */
function isProposalTab({ input, label }: vscode.Tab): boolean {
  if (input instanceof vscode.TabInputText) return isProposed(input.uri);
  if (input instanceof vscode.TabInputTextDiff) return isProposed(input.modified);
  // The stable API has no name for the input of an editor with several diffs, but hands it out.
  if (typeof input !== 'object' || input === null || !('textDiffs' in input) || !Array.isArray(input.textDiffs)) return false;
  // New files have nothing to differ from, so an editor of new files alone lists no diffs; then its title tells whose it is.
  if (input.textDiffs.length === 0) return label.startsWith(vscode.l10n.t('Proposal: {0}', ''));
  return input.textDiffs.some((diff: { modified?: vscode.Uri }) => diff.modified !== undefined && isProposed(diff.modified));
}

function isProposed(uri: vscode.Uri): boolean {
  return uri.scheme === PROPOSAL_SCHEME;
}

function isMadePage({ input, label }: vscode.Tab): boolean {
  return input instanceof vscode.TabInputWebview && input.viewType.endsWith('markdown.preview') && label.includes(`${madeTitle()}.md`);
}

function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand('setContext', key, value);
}
