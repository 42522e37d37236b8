import * as vscode from 'vscode';
import { failureOf } from '../../core/errors.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { Moment } from '../../core/workflow/moment.ts';
import type { RunStatus, StepStatus } from '../../core/workflow/run.ts';
import { defectText } from '../log.ts';
import type { Services } from '../services.ts';
import { Refresher } from './refresher.ts';
import { stateOfRun } from './viewState.ts';
import type { ViewState } from './viewState.ts';

/** The run of the current folder's branch as the view, the status bar and the commands see it. */
export class WorkflowModel implements vscode.Disposable {
  readonly #services: Services;
  #state: ViewState = { kind: 'loading' };
  #folder: vscode.WorkspaceFolder | undefined;
  #moment: () => Moment = noGit;
  readonly #refresher: Refresher<{ folder: vscode.WorkspaceFolder | undefined; state: ViewState }>;
  readonly #changed = new vscode.EventEmitter<ViewState>();
  readonly onDidChange = this.#changed.event;
  readonly #store = new DisposableStore();

  constructor(services: Services) {
    this.#services = services;
    this.#store.add(this.#changed);
    this.#refresher = this.#store.add(
      new Refresher({
        read: async (touched) => {
          const folder = services.folders.current;
          return { folder, state: await this.#read(folder, folder === this.#folder ? touched : undefined) };
        },
        show: ({ folder, state }) => this.#show(folder, state),
        moment: () => this.#moment(),
      }),
    );
    this.#store.add(services.folders.onDidChange(() => void this.refresh()));
    // What happens to the run of another folder is read when that one is shown.
    this.#store.add(
      services.onWorkflowTouched((folder) => folder.uri.toString() === services.folders.current?.uri.toString() && void this.refresh()),
    );
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
    if (this.#state.kind === 'loading') await this.#refresher.ready();
  }

  /** Reads the run again. Calls during a reading are answered by one more reading; it resolves when the newest is shown. */
  refresh(): Promise<void> {
    return this.#refresher.refresh();
  }

  /** Reads again within `delay` ms, once for all that asked until then. A later request never postpones an earlier one. */
  refreshSoon(delay: number): void {
    this.#refresher.refreshSoon(delay);
  }

  /** Reads what these paths of the folder affect, and the records, within `delay` ms. */
  touched(paths: readonly string[], delay: number): void {
    this.#refresher.touched(paths, delay);
  }

  /** Takes what tells that git is at work in the folder, or has been, so that nothing is shown that was read across it. */
  follow(moment: (() => Moment) | undefined): void {
    this.#moment = moment ?? noGit;
  }

  #show(folder: vscode.WorkspaceFolder | undefined, state: ViewState): void {
    this.#folder = folder;
    this.#state = state;
    void vscode.commands.executeCommand('setContext', 'handrail.workflowState', state.kind);
    this.#changed.fire(state);
  }

  async #read(folder: vscode.WorkspaceFolder | undefined, touched: readonly string[] | undefined): Promise<ViewState> {
    if (folder === undefined) return { kind: 'no-folder' };
    // Reading a run asks git about the repository, and git obeys the repository's own configuration: not before trust.
    if (!vscode.workspace.isTrusted) return { kind: 'untrusted' };
    try {
      const service = await this.#services.workflow(folder);
      const run = await service.status(touched === undefined ? {} : { touched });
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
    this.#store.dispose();
  }
}

function noGit(): Moment {
  return { head: '', workingFor: undefined };
}

async function hasWorkflowFiles(folder: vscode.WorkspaceFolder): Promise<boolean> {
  try {
    const entries = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(folder.uri, '.handrail', 'workflows'));
    return entries.some(([name]) => /\.ya?ml$/.test(name));
  } catch {
    return false;
  }
}
