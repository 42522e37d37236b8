import * as vscode from 'vscode';
import { failureOf } from '../../core/errors.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { FileProblems, Problem } from '../../core/workflow/problem.ts';
import { locateFile } from '../folders.ts';
import { defectText } from '../log.ts';
import type { Services } from '../services.ts';
import type { WorkflowModel } from './workflowModel.ts';

/** A pause in typing after which a file is checked. Milliseconds. */
const TYPING_PAUSE = 200;
/** What our problems are called as the source of a diagnostic. */
export const PROBLEM_SOURCE = 'Handrail';

const WORKFLOW_FILE = /^\.handrail\/workflows\/(?:[^/]+\/)*[^/]+\.ya?ml$/;
const OTHER_FILES: ReadonlySet<string> = new Set([
  '.handrail/models.yml',
  '.handrail/dismissals.yml',
  '.handrail/telemetry.yml',
  '.handrail/lock.yml',
]);

/**
 * Problems of the files under `.handrail/`, with exact ranges. All are checked together, with everything they refer to and with the texts
 * that the editor holds unsaved: a role that is being renamed in `models.yml` is unknown in a workflow at once.
 */
export class WorkflowDiagnostics implements vscode.Disposable {
  readonly #services: Services;
  readonly #store = new DisposableStore();
  readonly #collection: vscode.DiagnosticCollection;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** By folder: counts checks, so that one that was overtaken is not shown. */
  readonly #checks = new Map<string, number>();

  constructor(services: Services, model: WorkflowModel) {
    this.#services = services;
    this.#collection = this.#store.add(vscode.languages.createDiagnosticCollection('handrail-workflow'));
    this.#store.add(model.onDidChange(() => void this.#check(model.folder)));
    this.#store.add(vscode.workspace.onDidOpenTextDocument((document) => this.#checkSoon(document, 0)));
    this.#store.add(vscode.workspace.onDidChangeTextDocument((event) => this.#checkSoon(event.document, TYPING_PAUSE)));
    this.#store.add(vscode.workspace.onDidCloseTextDocument((document) => this.#checkSoon(document, 0)));
    for (const document of vscode.workspace.textDocuments) this.#checkSoon(document, 0);
  }

  #checkSoon(document: vscode.TextDocument, delay: number): void {
    const place = locateFile(document.uri);
    if (place === undefined || !isHandrailPath(place.path)) return;
    const key = place.folder.uri.toString();
    clearTimeout(this.#timers.get(key));
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      void this.#check(place.folder);
    }, delay);
    this.#timers.set(key, timer);
  }

  async #check(folder: vscode.WorkspaceFolder | undefined): Promise<void> {
    if (folder === undefined || !isCurrent(folder)) return;
    const open = openIn(folder);
    // In restricted mode only what somebody looks at is read.
    if (!vscode.workspace.isTrusted && open.length === 0) return this.#show(folder, []);
    const key = folder.uri.toString();
    const check = (this.#checks.get(key) ?? 0) + 1;
    this.#checks.set(key, check);
    try {
      const service = await this.#services.workflow(folder);
      const unsaved = Object.fromEntries(
        open.filter(({ document }) => document.isDirty).map(({ document, path }) => [path, document.getText()]),
      );
      const paths = open.map(({ path }) => path);
      const all = vscode.workspace.isTrusted ? await service.validate(undefined, unsaved) : [];
      const known = new Set(all.map(({ path }) => path));
      // Files that only others build on are not followed by themselves, and are checked while they are open.
      const more = paths.filter((path) => !known.has(path));
      const files = more.length === 0 ? all : [...all, ...(await service.validate(more, unsaved))];
      if (this.#checks.get(key) === check) this.#show(folder, files);
    } catch (error) {
      // The view tells what hinders the run; a second message about the same cause would only be noise.
      this.#services.log.warn(`diagnostics: ${failureOf(error)?.message ?? defectText(error)}`);
    }
  }

  #show(folder: vscode.WorkspaceFolder, files: readonly FileProblems[]): void {
    const checked = new Set<string>();
    for (const file of files) {
      const uri = vscode.Uri.joinPath(folder.uri, file.path);
      checked.add(uri.toString());
      this.#collection.set(uri, file.problems.map(toDiagnostic));
    }
    const gone: vscode.Uri[] = [];
    this.#collection.forEach((uri) => {
      const ofFolder = vscode.workspace.getWorkspaceFolder(uri)?.uri.toString() === folder.uri.toString();
      if (ofFolder && !checked.has(uri.toString())) gone.push(uri);
    });
    for (const uri of gone) this.#collection.delete(uri);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#store.dispose();
  }
}

/** Whether a path of a folder is a workflow file, or one that workflows build on. */
export function isWorkflowPath(path: string | undefined): boolean {
  return path !== undefined && WORKFLOW_FILE.test(path);
}

/** Whether a path of a folder is written in one of our languages. */
export function isHandrailPath(path: string | undefined): boolean {
  return path !== undefined && (isWorkflowPath(path) || OTHER_FILES.has(path));
}

function openIn(folder: vscode.WorkspaceFolder): { document: vscode.TextDocument; path: string }[] {
  return vscode.workspace.textDocuments.flatMap((document) => {
    const place = document.isClosed ? undefined : locateFile(document.uri);
    const isHere = place?.folder.uri.toString() === folder.uri.toString() && isHandrailPath(place.path);
    return place && isHere ? [{ document, path: place.path }] : [];
  });
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
  diagnostic.source = PROBLEM_SOURCE;
  diagnostic.code = problem.code;
  return diagnostic;
}
