import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Log } from '../../core/ports.ts';
import type { RecordedTeam } from '../../core/telemetry/event.ts';
import type { Observation, UsageRecorder } from '../../core/telemetry/observation.ts';
import type { AcceptedChanges, SurvivalPort } from '../../core/telemetry/recorded.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { Recorder } from '../../node/telemetry/recorder.ts';
import type { TelemetryStore } from '../../node/telemetry/consentStore.ts';
import { defectText } from '../log.ts';

/** The parts that read and write; loaded when telemetry is on, or when a person opens its view. */
interface Loaded {
  store: TelemetryStore;
  recorder: Recorder;
}

/**
 * Telemetry as this window sees it. While it is off, all that ever happens is one look for the consent file at the moment something
 * could be recorded: no code is loaded, nothing listens or waits. While it is on, the editor's own telemetry level is kept beside the
 * consent, so that the command line obeys it too.
 */
export class EditorUsage implements UsageRecorder, vscode.Disposable {
  readonly #log: Log;
  readonly #secrets: vscode.SecretStorage;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Something was recorded, decided or deleted here, or the editor's level has changed. */
  readonly onDidChange = this.#changed.event;
  #folder: Promise<string> | undefined;
  #loaded: Promise<Loaded> | undefined;
  #listening: DisposableStore | undefined;
  #sharing: vscode.Disposable | undefined;
  #disposed = false;
  #team: RecordedTeam | undefined;

  constructor(log: Log, secrets: vscode.SecretStorage) {
    this.#log = log;
    this.#secrets = secrets;
  }

  /** Telemetry is on, as far as this window knows. */
  get isFollowed(): boolean {
    return this.#listening !== undefined;
  }

  record(observation: Observation): void {
    void this.#guarded(async () => {
      if (!(await this.isConsentThere())) return;
      const { recorder } = await this.load();
      await this.#follow();
      // Folders come and go, and what a team lists changes with a branch.
      this.#team = await teamOfWindow();
      recorder.record(observation);
      // Who is told of the change looks at what is stored.
      await new Promise((resolve) => setImmediate(resolve));
      recorder.flush();
      this.#changed.fire();
    });
  }

  /** Keeps what is needed to tell in a week how much of it is left. */
  remember({ uri }: vscode.WorkspaceFolder, accepted: AcceptedChanges): void {
    void this.#guarded(async () => {
      if (await this.isConsentThere()) await (await this.#survival(uri.fsPath)).remember(accepted);
    });
  }

  /**
   * Once after activation: a person who turned it on is followed from the start, for anyone else nothing begins. What was accepted in
   * the folders a week ago is measured, which asks git and so takes trust.
   */
  begin(): void {
    void this.#guarded(async () => {
      if (!(await this.isConsentThere())) return;
      await this.#follow();
      (await this.load()).store.expire();
      if (!this.isFollowed || !vscode.workspace.isTrusted) return;
      for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
        if (uri.scheme === 'file') await (await this.#survival(uri.fsPath)).measure();
      }
    });
  }

  async #survival(root: string): Promise<SurvivalPort> {
    return (await import('./editorSurvival.ts')).editorSurvival(root, this);
  }

  /** Whether anything was ever decided. One look at the disk, and nothing else when it was not. */
  async isConsentThere(): Promise<boolean> {
    return existsSync(join(await this.folder(), 'consent.json'));
  }

  /** Where everything is kept, whether it is there or not. */
  folder(): Promise<string> {
    this.#folder ??= import('../../node/home.ts').then(({ handrailHome }) => join(handrailHome(), 'telemetry'));
    return this.#folder;
  }

  /** The store and the recorder, for what a person asks for. Creates no file. */
  load(): Promise<Loaded> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  /** To be called after a decision: begins or ends to follow the editor's level and the setting. */
  async decided(): Promise<void> {
    await this.#follow();
    this.#changed.fire();
  }

  /** To be called after something was recorded beside {@link record}: what shows it reads it again. */
  noticed(): void {
    this.#changed.fire();
  }

  async #load(): Promise<Loaded> {
    const [{ handrailHome }, { EDITOR_VETO_VARIABLE }, { createTelemetryStore }, { createRecorder }] = await Promise.all([
      import('../../node/home.ts'),
      import('../../core/telemetry/consent.ts'),
      import('../../node/telemetry/consentStore.ts'),
      import('../../node/telemetry/recorder.ts'),
    ]);
    const home = handrailHome();
    this.#team = await teamOfWindow();
    // Inherited from the terminal that this window was opened from, while the window knows its own level.
    const env = { ...process.env, [EDITOR_VETO_VARIABLE]: undefined };
    return {
      store: createTelemetryStore({ home, env, roots: windowFolders }),
      recorder: createRecorder({ home, env, roots: windowFolders, allowed: () => vscode.env.isTelemetryEnabled, team: () => this.#team }),
    };
  }

  /** Keeps level and setting beside a consent that says yes, now and when they change; lets go of them when it no longer does. */
  async #follow(): Promise<void> {
    const { store, recorder } = await this.load();
    const state = store.state();
    const isWanted = state.recording || (state.because === 'forbidden' && state.forbidden !== 'workspace' && state.forbidden !== 'owner');
    if (!isWanted) {
      this.#listening?.dispose();
      this.#listening = undefined;
      this.#sharing?.dispose();
      this.#sharing = undefined;
      recorder.close();
      return;
    }
    await this.#followSharing(store);
    if (this.#listening !== undefined || this.#disposed) return;
    const listening = (this.#listening = new DisposableStore());
    listening.add(vscode.env.onDidChangeTelemetryEnabled(() => void this.#guarded(() => this.#keepLevel(store))));
    // Whether the consent lies in one of them is looked at anew.
    listening.add(vscode.workspace.onDidChangeWorkspaceFolders(() => recorder.close()));
    listening.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('handrail.telemetry.keepDays')) void this.#guarded(() => this.#keepRetention(store));
      }),
    );
    await this.#keepLevel(store);
    await this.#keepRetention(store);
  }

  /** From when a person agreed to share: what is due leaves by itself, if they chose that. */
  async #followSharing(store: TelemetryStore): Promise<void> {
    if (this.#sharing !== undefined || !existsSync(join(store.folder, 'sharing'))) return;
    const [{ handrailHome }, { followSharing }] = await Promise.all([import('../../node/home.ts'), import('./editorSharing.ts')]);
    if (this.#sharing !== undefined || this.#disposed) return;
    this.#sharing = followSharing({ home: handrailHome(), telemetry: store, log: this.#log, secrets: this.#secrets });
  }

  async #keepLevel(store: TelemetryStore): Promise<void> {
    await store.setVeto(!vscode.env.isTelemetryEnabled);
    this.#changed.fire();
  }

  async #keepRetention(store: TelemetryStore): Promise<void> {
    const days = chosenRetention();
    if (days === undefined) return;
    await store.setRetention(days);
    this.#changed.fire();
  }

  /** Recording never stands in the way of what is recorded. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#log.warn(`telemetry: ${defectText(error)}`);
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#listening?.dispose();
    this.#sharing?.dispose();
    this.#changed.dispose();
    void this.#loaded?.then(({ recorder }) => recorder.close());
  }
}

/** Days that the person set, or undefined: without a setting of its own, the editor leaves what the command line chose. */
export function chosenRetention(): number | undefined {
  const inspected = vscode.workspace.getConfiguration('handrail').inspect<number>('telemetry.keepDays');
  return inspected?.globalValue;
}

/** The team whose folders are open. A folder that nobody vouches for names none. */
async function teamOfWindow(): Promise<RecordedTeam | undefined> {
  if (!vscode.workspace.isTrusted) return undefined;
  const { recordedTeamOf } = await import('../../node/team/teamFile.ts');
  return recordedTeamOf(windowFolders());
}

/** Paths of the folders that are open here. */
export function windowFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}
