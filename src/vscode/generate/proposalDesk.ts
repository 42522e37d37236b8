import * as vscode from 'vscode';
import { DisposableStore } from '../../core/lifecycle.ts';
import { fileUri } from '../review/boards.ts';
import { oneLine } from '../review/plainText.ts';
import type { ChangeTarget, ProposalChoice } from './choice.ts';
import { sizeText } from './proposal.ts';
import type { Proposal } from './proposal.ts';
import { madeTitle, PROPOSAL_SCHEME, ProposalPages } from './proposalPages.ts';
import type { ProposalView } from './proposalView.ts';

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
  #choice: ProposalChoice | undefined;
  #view: ProposalView | undefined;

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

  /** What is taken of it. */
  get choice(): ProposalChoice | undefined {
    return this.#choice;
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
    const [{ ProposalChoice: Choice }, { ProposalView: View }] = await Promise.all([import('./choice.ts'), import('./proposalView.ts')]);
    const choice = new Choice(proposal.result.changes);
    this.#current = proposal;
    this.#choice = choice;
    this.#pages.textOf = (file) => choice.textOf(file);
    this.#view = new View(proposal, choice, (rows) =>
      this.#changeChoice(
        rows.flatMap(([{ file, hunk }, isTaken]) => this.#set(file === undefined ? undefined : targetOf(file, hunk), isTaken)),
      ),
    );
    this.#watching = vscode.Disposable.from(
      vscode.window.tabGroups.onDidChangeTabs(() => this.#noteTabs()),
      vscode.window.tabGroups.onDidChangeTabGroups(() => this.#noteTabs()),
    );
    this.#noteSize(proposal);
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

  /** A part in the diff of its file. */
  async showChange(target: ChangeTarget): Promise<void> {
    const proposal = this.#current;
    const change = proposal?.result.changes.find(({ file }) => file === target.file);
    if (proposal === undefined || change === undefined) return;
    const after = this.#pages.after(proposal, change);
    const line = (this.#choice?.lineOf(target) ?? 1) - 1;
    const options = { preview: false, selection: new vscode.Range(line, 0, line, 0) };
    if (change.kind === 'create') await vscode.commands.executeCommand('vscode.open', after, options);
    else await vscode.commands.executeCommand('vscode.diff', fileUri(proposal.folder, change.file), after, fileTitle(change.file), options);
    this.#noteTabs();
  }

  /** Takes what is left out at the cursor of a diff, or leaves it out. Answers whether there was anything. */
  toggleAtCursor(): boolean {
    const editor = vscode.window.activeTextEditor;
    const proposal = this.#current;
    if (editor === undefined || proposal === undefined || !isProposed(editor.document.uri)) return false;
    const change = proposal.result.changes.find((one) => this.#pages.after(proposal, one).toString() === editor.document.uri.toString());
    const target = change && this.#choice?.at(change.file, editor.selection.active.line + 1);
    if (target === undefined) return false;
    this.#changeChoice(this.#set(target, this.#choice?.isTaken(target) !== true));
    return true;
  }

  /** Leaves out everything but this. */
  takeOnly(target: ChangeTarget): void {
    this.#changeChoice(this.#choice?.setOnly(target) ?? []);
  }

  /** Answers the files that it changed. */
  #set(target: ChangeTarget | undefined, isTaken: boolean): string[] {
    return target !== undefined && this.#choice?.set(target, isTaken) === true ? [target.file] : [];
  }

  #changeChoice(files: readonly string[]): void {
    const proposal = this.#current;
    if (proposal === undefined) return;
    for (const change of proposal.result.changes) if (files.includes(change.file)) this.#pages.refresh(proposal, change);
    this.#view?.refresh();
    this.#noteSize(proposal);
  }

  async showMade(proposal: Proposal): Promise<void> {
    await this.#pages.showMade(proposal);
  }

  /** The proposal is decided, or gives way to another one: its tabs go. */
  async clear(): Promise<void> {
    this.#watching?.dispose();
    this.#watching = undefined;
    this.#current = undefined;
    this.#choice = undefined;
    this.#view?.dispose();
    this.#view = undefined;
    this.#item.hide();
    setContext('handrail.proposal', false);
    setContext('handrail.proposalShown', false);
    this.#changed.fire();
    const tabs = allTabs().filter((tab) => isProposalTab(tab) || isMadePage(tab));
    if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
  }

  /** The status bar tells what accepting would write. */
  #noteSize(proposal: Proposal): void {
    const { taken, all, files, added, removed } = this.#choice?.size ?? { taken: 0, all: 0, files: 0, added: 0, removed: 0 };
    const size = sizeText({ files, added, removed }, vscode.l10n);
    const text =
      taken === all
        ? vscode.l10n.t('Proposal: {0}', size)
        : vscode.l10n.t('Proposal: {0}', vscode.l10n.t('{0} of {1} changes, {2}', taken, all, size));
    this.#item.text = `$(diff) ${text}`;
    this.#item.accessibilityInformation = { label: `Handrail: ${text}`, role: 'button' };
    this.#item.tooltip = vscode.l10n.t(
      'A proposal for {0} waits for your decision. Nothing is written yet.',
      oneLine(proposal.subject, 80),
    );
  }

  #noteTabs(): void {
    const active = vscode.window.tabGroups.activeTabGroup.activeTab;
    setContext('handrail.proposalShown', active !== undefined && this.#current !== undefined && isProposalTab(active));
  }

  dispose(): void {
    this.#watching?.dispose();
    this.#view?.dispose();
    this.#store.dispose();
  }
}

function titleOf({ result, subject }: Proposal): string {
  const [only] = result.changes;
  // The editor of several diffs adds how many files there are.
  if (only !== undefined && result.changes.length === 1) return fileTitle(only.file);
  return vscode.l10n.t('Proposal: {0}', oneLine(subject, 60));
}

function fileTitle(file: string): string {
  return vscode.l10n.t('Proposal: {0}', oneLine(file.split('/').at(-1) ?? file, 60));
}

function targetOf(file: string, hunk: number | undefined): ChangeTarget {
  return hunk === undefined ? { file } : { file, hunk };
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
