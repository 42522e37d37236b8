import * as vscode from 'vscode';
import { HandrailError } from '../core/errors.ts';
import { DisposableStore } from '../core/lifecycle.ts';
import type { WorkflowService } from '../core/workflow/service.ts';
import { Folders } from './folders.ts';
import { EditorUsage } from './telemetry/editorUsage.ts';
import { notedWorkflow } from './telemetry/noted.ts';

/** What the features share: log, folders, the workflow of each folder, and the line in the status bar. */
export class Services implements vscode.Disposable {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly folders: Folders;
  /** Long work that the status bar names while it lasts, e.g. a review. */
  readonly activity = new Activity();
  /** Takes note of what was finished, if the person turned that on; else it does nothing. */
  readonly usage: EditorUsage;
  readonly #workflows = new Map<string, Promise<WorkflowService>>();
  readonly #workflowTouched = new vscode.EventEmitter<vscode.WorkspaceFolder>();
  /** A feature settled or changed something of a folder's run; views read it again. */
  readonly onWorkflowTouched = this.#workflowTouched.event;
  readonly #proposal = new vscode.EventEmitter<string | undefined>();
  /** A proposal waits for the person's decision, with the id of its step where it has one; undefined once it is decided and what was accepted is recorded. */
  readonly onProposal = this.#proposal.event;
  readonly #store = new DisposableStore();

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.context = context;
    this.log = log;
    this.folders = this.#store.add(new Folders());
    this.usage = this.#store.add(new EditorUsage(log, context.secrets));
    this.#store.add(this.activity);
    this.#store.add(this.#workflowTouched);
    this.#store.add(this.#proposal);
  }

  /** The folder's workflow service. Its code (YAML, git, expressions) loads on the first call. */
  workflow(folder: vscode.WorkspaceFolder): Promise<WorkflowService> {
    const key = folder.uri.toString();
    let service = this.#workflows.get(key);
    if (service === undefined) {
      service = import('../node/workflow/workflowService.ts').then((module) =>
        notedWorkflow(module.createWorkflowService({ root: folder.uri.fsPath, log: this.log }), this.usage),
      );
      this.#workflows.set(key, service);
    }
    return service;
  }

  /** Tells the views that a folder's run may have changed. */
  touchWorkflow(folder: vscode.WorkspaceFolder): void {
    this.#workflowTouched.fire(folder);
  }

  /** Tells that a proposal waits, or that none does any more. */
  noteProposal(stepId: string | undefined): void {
    this.#proposal.fire(stepId);
  }

  /** The folder in use. Fails with `not-found` when none is open. */
  requireFolder(): vscode.WorkspaceFolder {
    const folder = this.folders.current;
    if (folder === undefined) {
      throw new HandrailError('not-found', vscode.l10n.t('No folder is open.'), {
        hint: vscode.l10n.t('Open a folder of a git repository first.'),
      });
    }
    return folder;
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** The newest text of running work. Started work that ends gives way to what still runs. */
export class Activity implements vscode.Disposable {
  readonly #running = new Map<symbol, string>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  /** Text of the newest running work, or undefined when there is none. */
  get text(): string | undefined {
    return [...this.#running.values()].at(-1);
  }

  /** Begins work; `report` replaces its text, `dispose` ends it. */
  start(text: string): vscode.Disposable & { report(text: string): void } {
    const key = Symbol('activity');
    const report = (next: string): void => {
      this.#running.set(key, next);
      this.#changed.fire();
    };
    report(text);
    return {
      report,
      dispose: () => {
        if (this.#running.delete(key)) this.#changed.fire();
      },
    };
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
