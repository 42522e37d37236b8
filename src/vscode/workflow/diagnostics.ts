import * as vscode from 'vscode';
import { failureOf } from '../../core/errors.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { FileProblems, Problem } from '../../core/workflow/problem.ts';
import { defectText } from '../log.ts';
import type { Services } from '../services.ts';
import type { WorkflowModel } from './workflowModel.ts';

/** A pause in typing after which a workflow file is checked. Milliseconds. */
const TYPING_PAUSE = 200;

const WORKFLOW_FILE = /^\.handrail\/workflows\/[^/]+\.ya?ml$/;

/**
 * Problems of the files under `.handrail/`, with exact ranges. Saved files are checked with everything they refer to; while a
 * workflow file is being edited its unsaved text is checked by itself.
 */
export class WorkflowDiagnostics implements vscode.Disposable {
  readonly #services: Services;
  readonly #store = new DisposableStore();
  readonly #collection: vscode.DiagnosticCollection;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(services: Services, model: WorkflowModel) {
    this.#services = services;
    this.#collection = this.#store.add(vscode.languages.createDiagnosticCollection('handrail-workflow'));
    this.#store.add(model.onDidChange(() => void this.#checkSaved(model.folder)));
    this.#store.add(vscode.workspace.onDidOpenTextDocument((document) => this.#checkSoon(document, 0)));
    this.#store.add(vscode.workspace.onDidChangeTextDocument((event) => this.#checkSoon(event.document, TYPING_PAUSE)));
    this.#store.add(
      vscode.workspace.onDidCloseTextDocument((document) => void this.#checkSaved(vscode.workspace.getWorkspaceFolder(document.uri))),
    );
    for (const document of vscode.workspace.textDocuments) this.#checkSoon(document, 0);
  }

  #checkSoon(document: vscode.TextDocument, delay: number): void {
    if (workflowPath(document) === undefined) return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      void this.#checkBuffer(document);
    }, delay);
    this.#timers.set(key, timer);
  }

  async #checkBuffer(document: vscode.TextDocument): Promise<void> {
    const path = workflowPath(document);
    if (path === undefined || document.isClosed) return;
    if (!document.isDirty && vscode.workspace.isTrusted) return this.#checkSaved(vscode.workspace.getWorkspaceFolder(document.uri));
    const { version } = document;
    const { parseWorkflow } = await import('../../core/workflow/parse.ts');
    const { problems } = parseWorkflow(document.getText(), path);
    if (document.version === version) this.#collection.set(document.uri, problems.map(toDiagnostic));
  }

  async #checkSaved(folder: vscode.WorkspaceFolder | undefined): Promise<void> {
    if (folder === undefined || !vscode.workspace.isTrusted || !isCurrent(folder)) return;
    try {
      const service = await this.#services.workflow(folder);
      this.#show(folder, await service.validate());
    } catch (error) {
      // The view tells what hinders the run; a second message about the same cause would only be noise.
      this.#services.log.warn(`diagnostics: ${failureOf(error)?.message ?? defectText(error)}`);
    }
  }

  #show(folder: vscode.WorkspaceFolder, files: readonly FileProblems[]): void {
    const unsaved = new Set(
      vscode.workspace.textDocuments.filter((document) => document.isDirty).map((document) => document.uri.toString()),
    );
    const checked = new Set<string>();
    for (const file of files) {
      const uri = vscode.Uri.joinPath(folder.uri, file.path);
      checked.add(uri.toString());
      if (!unsaved.has(uri.toString())) this.#collection.set(uri, file.problems.map(toDiagnostic));
    }
    const gone: vscode.Uri[] = [];
    this.#collection.forEach((uri) => {
      const ofFolder = vscode.workspace.getWorkspaceFolder(uri)?.uri.toString() === folder.uri.toString();
      if (ofFolder && !checked.has(uri.toString()) && !unsaved.has(uri.toString())) gone.push(uri);
    });
    for (const uri of gone) this.#collection.delete(uri);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#store.dispose();
  }
}

/** Path of a workflow file relative to its folder, or undefined for any other document. */
function workflowPath(document: vscode.TextDocument): string | undefined {
  if (document.uri.scheme !== 'file') return undefined;
  const folder = vscode.workspace.getWorkspaceFolder(document.uri);
  if (folder === undefined) return undefined;
  const path = vscode.workspace.asRelativePath(document.uri, false);
  return WORKFLOW_FILE.test(path) ? path : undefined;
}

function isCurrent(folder: vscode.WorkspaceFolder): boolean {
  return (vscode.workspace.workspaceFolders ?? []).some((open) => open.uri.toString() === folder.uri.toString());
}

/** The core counts lines and columns from 1 and ends exclusively; so does the editor, from 0. */
export function toDiagnostic(problem: Problem): vscode.Diagnostic {
  const range = new vscode.Range(problem.line - 1, problem.column - 1, problem.endLine - 1, problem.endColumn - 1);
  const message = problem.hint === undefined ? problem.message : `${problem.message}\n${problem.hint}`;
  const severity = problem.severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const diagnostic = new vscode.Diagnostic(range, message, severity);
  diagnostic.source = 'Handrail';
  diagnostic.code = problem.code;
  return diagnostic;
}
