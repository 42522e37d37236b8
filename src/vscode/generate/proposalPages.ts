import * as vscode from 'vscode';
import type { ProposedChange } from '../../core/ai/generate/generation.ts';
import { fileUri } from '../review/boards.ts';
import { oneLine } from '../review/plainText.ts';
import type { Proposal } from './proposal.ts';

/** Documents of a proposal; they exist only in this window. */
export const PROPOSAL_SCHEME = 'handrail-proposal';

/** The proposed texts and the page that says how they came about, as documents nobody can edit. */
export class ProposalPages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #registration: vscode.Disposable;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  #proposal: Proposal | undefined;
  /** The text of a file with what is taken of the proposal; without it, with all of it. */
  textOf: (file: string) => string | undefined = () => undefined;

  constructor() {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(PROPOSAL_SCHEME, this);
  }

  /** The newest proposal, decided or not. */
  set proposal(proposal: Proposal | undefined) {
    this.#proposal = proposal;
  }

  get proposal(): Proposal | undefined {
    return this.#proposal;
  }

  /** What the file would become. Its path is the file's own, or the editor would take it for a renamed one. */
  after(proposal: Proposal, change: ProposedChange): vscode.Uri {
    return vscode.Uri.from({ scheme: PROPOSAL_SCHEME, path: fileUri(proposal.folder, change.file).path, query: `after=${proposal.id}` });
  }

  /** The text of a file is another now. */
  refresh(proposal: Proposal, change: ProposedChange): void {
    this.#changed.fire(this.after(proposal, change));
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const [what, id] = uri.query.split('=');
    const proposal = this.#proposal;
    if (proposal === undefined || String(proposal.id) !== id) return `${vscode.l10n.t('This proposal is no longer there.')}\n`;
    if (what === 'made') return (await import('./proposalText.ts')).proposalPage(proposal, vscode.l10n);
    const change = proposal.result.changes.find(({ file }) => fileUri(proposal.folder, file).path === uri.path);
    return change === undefined ? '' : (this.textOf(change.file) ?? change.after);
  }

  /** Shows how the proposal came about, in the editor's own markdown preview. */
  async showMade(proposal: Proposal): Promise<void> {
    const uri = vscode.Uri.from({ scheme: PROPOSAL_SCHEME, path: `/${madeTitle()}.md`, query: `made=${proposal.id}` });
    this.#changed.fire(uri);
    try {
      await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
    } catch {
      // The markdown preview is itself an extension and may be switched off; the text is readable too.
      await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Beside, preview: true });
    }
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

/** Name of the page, which its tab shows. */
export function madeTitle(): string {
  return oneLine(vscode.l10n.t('How this was made'), 60);
}
