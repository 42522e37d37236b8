import * as vscode from 'vscode';
import { HandrailError, failureOf } from '../../../core/errors.ts';
import { DisposableStore } from '../../../core/lifecycle.ts';
import { rangeOf } from '../../../core/workflow/problem.ts';
import { locateFile } from '../../folders.ts';
import type { Services } from '../../services.ts';
import { isWorkflowPath } from '../diagnostics.ts';
import type { WorkflowModel } from '../workflowModel.ts';
import { unsavedTexts } from './desk.ts';
import type { AuthoringDesk, Open } from './desk.ts';
import type { PageLinks } from './dryRunText.ts';

const SCHEME = 'handrail-dry-run';
/** A pause in typing after which an open page is drawn again. Milliseconds. */
const TYPING_PAUSE = 400;

/** Pages that tell what a workflow file, as it stands in the editor, would mean on this branch. Drawn again as the file and the branch change. */
export class DryRunPages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #services: Services;
  readonly #model: WorkflowModel;
  readonly #desk: AuthoringDesk;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #store = new DisposableStore();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(services: Services, model: WorkflowModel, desk: AuthoringDesk) {
    this.#services = services;
    this.#model = model;
    this.#desk = desk;
    this.#store.add(this.#changed);
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(SCHEME, this));
    this.#store.add(model.onDidChange(() => this.#drawAgain()));
    this.#store.add(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.scheme !== SCHEME && isWorkflowPath(locateFile(document.uri)?.path) && pages().length > 0) this.#drawSoon();
      }),
    );
  }

  /** Shows the page of the workflow in the active editor, else of the one that the branch follows. Fails with `not-found` without either. */
  async show(): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      throw new HandrailError('untrusted', notTrusted());
    }
    const file = await this.#fileInFront();
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${vscode.l10n.t('Dry run of {0}', name)}.md`, query: file.toString() });
    this.#changed.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
  }

  async #fileInFront(): Promise<vscode.Uri> {
    const active = vscode.window.activeTextEditor?.document.uri;
    if (active !== undefined && isWorkflowPath(locateFile(active)?.path)) return active;
    await this.#model.ready();
    const path = this.#model.run?.workflow?.path;
    if (path !== undefined && this.#model.folder !== undefined) return vscode.Uri.joinPath(this.#model.folder.uri, path);
    throw new HandrailError('not-found', vscode.l10n.t('No workflow file is open, and this branch follows none.'), {
      hint: vscode.l10n.t('Open a file under .handrail/workflows, or choose a template.'),
    });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const file = vscode.Uri.parse(uri.query, true);
    const place = locateFile(file);
    if (place === undefined) return vscode.l10n.t('{0} is not there any more.', file.fsPath);
    // A page that was open when the window was closed comes back with it, trusted or not.
    if (!vscode.workspace.isTrusted) return notTrusted();
    try {
      const service = await this.#services.workflow(place.folder);
      const [run, { dryRunText }, open] = await Promise.all([
        service.dryRun(place.path, unsavedTexts(place.folder)),
        import('./dryRunText.ts'),
        vscode.workspace.openTextDocument(file).then(
          (document) => this.#desk.open(document),
          () => undefined,
        ),
      ]);
      return dryRunText(vscode.l10n, run, open ? linksOf(open) : NO_LINKS);
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      const { plain } = await import('../markdown.ts');
      return [failure.message, failure.hint].flatMap((part) => (part === undefined ? [] : plain(part))).join('\n\n');
    }
  }

  #drawSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#drawAgain(), TYPING_PAUSE);
  }

  #drawAgain(): void {
    for (const uri of pages()) this.#changed.fire(uri);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#store.dispose();
  }
}

function pages(): vscode.Uri[] {
  return vscode.workspace.textDocuments.flatMap(({ uri }) => (uri.scheme === SCHEME ? [uri] : []));
}

const NO_LINKS: PageLinks = { line: () => undefined, step: () => undefined };

/** The preview takes a path from the first folder of the workspace, and no address of a file; other folders get no links. */
function linksOf(open: Open): PageLinks {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  if (first?.uri.toString() !== open.folder.uri.toString()) return NO_LINKS;
  const family = open.draft.family(open.around);
  const link = (path: string, line: number): string => `/${path.split('/').map(encodeURIComponent).join('/')}#L${line}`;
  return {
    line: (line) => link(open.path, line),
    step(id) {
      const place = family.definitionOf(id);
      const text = place && family.at(place.path)?.file.text;
      return place && text !== undefined ? link(place.path, rangeOf(text, place.span).line) : undefined;
    },
  };
}

function notTrusted(): string {
  return vscode.l10n.t('A dry run asks git about the branch, which a folder in Restricted Mode must not.');
}
