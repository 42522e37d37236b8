import * as vscode from 'vscode';
import { failureOf } from '../../core/errors.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { RunStatus, StepStatus } from '../../core/workflow/run.ts';
import { defectText } from '../log.ts';
import type { Services } from '../services.ts';
import { stateOfRun } from './viewState.ts';
import type { ViewState } from './viewState.ts';

/** The run of the current folder's branch as the view, the status bar and the commands see it. Read again, never patched. */
export class WorkflowModel implements vscode.Disposable {
  readonly #services: Services;
  #state: ViewState = { kind: 'loading' };
  #folder: vscode.WorkspaceFolder | undefined;
  #reading: Promise<void> | undefined;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires, in milliseconds of the monotonic clock. */
  #due = Infinity;
  readonly #changed = new vscode.EventEmitter<ViewState>();
  readonly onDidChange = this.#changed.event;
  readonly #store = new DisposableStore();

  constructor(services: Services) {
    this.#services = services;
    this.#store.add(this.#changed);
    this.#store.add(services.folders.onDidChange(() => void this.refresh()));
    this.#store.add(services.onWorkflowTouched(() => void this.refresh()));
    this.#store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void this.refresh()));
  }

  get state(): ViewState {
    return this.#state;
  }

  /** The folder that {@link state} is about. */
  get folder(): vscode.WorkspaceFolder | undefined {
    return this.#folder;
  }

  get run(): RunStatus | undefined {
    return this.#state.kind === 'run' ? this.#state.run : undefined;
  }

  step(id: string): StepStatus | undefined {
    return this.run?.steps.find((step) => step.id === id);
  }

  /** Reads the run, unless it has been read already. */
  async ready(): Promise<void> {
    if (this.#state.kind === 'loading') await (this.#reading ?? this.refresh());
  }

  /** Reads the run again. Calls during a reading are answered by one more reading; it resolves when the newest is shown. */
  refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#due = Infinity;
    if (this.#reading !== undefined) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#readUntilFresh().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Reads again within `delay` ms, once for all that asked until then. A later request never postpones an earlier one. */
  refreshSoon(delay: number): void {
    const due = performance.now() + delay;
    if (due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => void this.refresh(), delay);
  }

  async #readUntilFresh(): Promise<void> {
    do {
      this.#again = false;
      const folder = this.#services.folders.current;
      const state = await this.#read(folder);
      if (!this.#again) {
        this.#folder = folder;
        this.#state = state;
      }
    } while (this.#again);
    void vscode.commands.executeCommand('setContext', 'handrail.workflowState', this.#state.kind);
    this.#changed.fire(this.#state);
  }

  async #read(folder: vscode.WorkspaceFolder | undefined): Promise<ViewState> {
    if (folder === undefined) return { kind: 'no-folder' };
    // Reading a run asks git about the repository, and git obeys the repository's own configuration: not before trust.
    if (!vscode.workspace.isTrusted) return { kind: 'untrusted' };
    try {
      const service = await this.#services.workflow(folder);
      const run = await service.status();
      return stateOfRun(run, run.workflow !== null || (await hasWorkflowFiles(folder)));
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) {
        this.#services.log.error(`workflow: ${defectText(error)}`);
        return { kind: 'failed', message: vscode.l10n.t('The workflow could not be read. The log says more.') };
      }
      const message = failure.hint === undefined ? failure.message : `${failure.message} ${failure.hint}`;
      return failure.reason === 'no-git' ? { kind: 'no-git', message } : { kind: 'failed', message };
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#store.dispose();
  }
}

async function hasWorkflowFiles(folder: vscode.WorkspaceFolder): Promise<boolean> {
  try {
    const entries = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(folder.uri, '.handrail', 'workflows'));
    return entries.some(([name]) => /\.ya?ml$/.test(name));
  } catch {
    return false;
  }
}
