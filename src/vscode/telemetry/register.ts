import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { failureOf, HandrailError } from '../../core/errors.ts';
import type { FieldName } from '../../core/telemetry/catalogue.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import { execute, guarded, registerCommands, Remedies } from '../commands.ts';
import type { CommandId, Remedy } from '../commands.ts';
import type { Services } from '../services.ts';
import { chosenRetention } from './editorUsage.ts';
import { readState } from './readState.ts';
import { RecordedPage } from './recordedPage.ts';
import type { LeftState } from './left.ts';
import type { OwnPages } from './ownPages.ts';
import type { Recorded } from './recordedText.ts';
import type { TelemetryState } from './telemetryState.ts';
import { tellTerminals } from './terminalVeto.ts';
import { TelemetryView } from './telemetryView.ts';
import { showInformation } from '../messages.ts';

/** Telemetry in the editor: the view and its commands. Without a consent nothing of it runs, and nobody is asked unprompted. */
export function registerTelemetry(services: Services): vscode.Disposable {
  const feature = new TelemetryFeature(services);
  services.usage.begin();
  return feature;
}

class TelemetryFeature implements vscode.Disposable {
  readonly #services: Services;
  readonly #store = new DisposableStore();
  readonly #page: RecordedPage;
  readonly #remedies = new Remedies();
  #pages: Promise<OwnPages> | undefined;

  constructor(services: Services) {
    this.#services = services;
    this.#page = this.#store.add(new RecordedPage());
    const view = this.#store.add(new TelemetryView(() => this.#read()));
    this.#store.add(services.folders.onDidChange(() => void view.refresh()));
    const terminals = services.context.environmentVariableCollection;
    tellTerminals(terminals);
    this.#store.add(
      services.usage.onDidChange(() => {
        tellTerminals(terminals);
        void view.refresh();
      }),
    );
    this.#store.add(
      registerCommands(
        services.log,
        {
          'handrail.turnOnTelemetry': () => this.#retryable('handrail.turnOnTelemetry', () => this.#turnOn()),
          'handrail.turnOffTelemetry': () => this.#retryable('handrail.turnOffTelemetry', () => this.#turnOff()),
          'handrail.showRecorded': async () => this.#page.show(await this.#recorded()),
          'handrail.deleteRecorded': () => this.#retryable('handrail.deleteRecorded', () => this.#delete()),
          'handrail.showMyWeeks': async () => (await this.#ownPages()).showWeeks(),
          'handrail.previewShared': async () => (await this.#ownPages()).sharing.preview(),
          'handrail.contribute': () => this.#retryable('handrail.contribute', async () => (await this.#ownPages()).sharing.contribute()),
          'handrail.stopSharing': () => this.#retryable('handrail.stopSharing', async () => (await this.#ownPages()).sharing.stop()),
          'handrail.linkDevice': async () => void (await (await this.#ownPages()).sharing.link()),
          'handrail.openTelemetryCatalogue': () => this.#openCatalogue(),
          'handrail.refreshTelemetry': () => view.refresh(),
        },
        (failure) => this.#remedies.of(failure),
      ),
    );
  }

  async #read(): Promise<{ state: TelemetryState; left: LeftState }> {
    const { usage, folders } = this.#services;
    const folder = folders.current;
    const [state, { leftIn }] = await Promise.all([readState(usage, folder), import('./left.ts')]);
    return { state, left: await leftIn(await usage.folder(), folder?.uri.fsPath) };
  }

  async #turnOn(): Promise<void> {
    if (!vscode.env.isTelemetryEnabled) throw this.#vetoed();
    const { store } = await this.#services.usage.load();
    if (store.state().recording) {
      void showInformation(vscode.l10n.t('Telemetry is on already, on this machine only.'));
      return;
    }
    const state = store.state();
    // Nobody answers a question whose answer cannot count.
    if (!state.recording && (state.forbidden === 'workspace' || state.forbidden === 'owner')) store.requireAllowed();
    if (!(await this.#agreed(state.recording ? [] : (state.changed ?? [])))) return;
    // The level allows it by now, whatever an earlier window has left.
    await store.setVeto(false);
    const days = chosenRetention();
    await store.turnOn(days === undefined ? {} : { days });
    await this.#services.usage.decided();
    await vscode.commands.executeCommand('handrail.telemetry.focus');
  }

  /** The one question there is. A person who wants to read first is shown the catalogue, and nothing is decided. */
  async #agreed(changed: readonly FieldName[]): Promise<boolean> {
    const turnOn = vscode.l10n.t('Turn On');
    const readFirst = vscode.l10n.t('Read What Is Recorded');
    const { FIELDS } = await import('../../core/telemetry/catalogue.ts');
    const news = changed.map((name) => `${name}: ${FIELDS[name].purpose}`);
    const detail = [
      ...(news.length === 0 ? [] : [[vscode.l10n.t('New or different since you agreed:'), ...news].join('\n')]),
      vscode.l10n.t(
        'Recorded: that a review, a generation or a step of a workflow ended, how it ended, about how long it took and about how much a model read, wrote and cost, how many findings by severity and what was decided about them, the family of the model and how it was reached, the kind of a failure, how long a step had waited, which assistant it was, the team that the folder belongs to, a step’s name where that team lists it, and the day.',
      ),
      vscode.l10n.t(
        'Never: code, prompts, answers, names of files, branches or repositories, who you are, which machine this is, addresses, or the time of day.',
      ),
      vscode.l10n.t(
        'It lies in files on this machine that you can read and delete at any time. Nothing is sent, and nobody else sees it. It counts for the editor and the command line.',
      ),
      vscode.l10n.t(
        'Of what you accept from a model, keyed hashes of its lines are kept apart from that, for a week or up to four, to count how many are left.',
      ),
      vscode.l10n.t('To stop, choose “Turn off” in the Telemetry view or set the editor’s telemetry level to anything but “all”.'),
    ].join('\n\n');
    const question = vscode.l10n.t('Record how you use Handrail, on this machine only?');
    // Enter presses the first button, and a careless one must agree to nothing.
    const answer = await vscode.window.showInformationMessage(question, { modal: true, detail }, readFirst, turnOn);
    if (answer === readFirst) {
      await this.#openCatalogue();
      void guarded(this.#services.log, 'telemetry', () => this.#offerTurnOn());
    }
    return answer === turnOn;
  }

  /** For who has read it, so that nobody has to look for the question. */
  async #offerTurnOn(): Promise<void> {
    const turnOn = vscode.l10n.t('Turn On…');
    const text = vscode.l10n.t('Read at leisure. Nothing is recorded before you turn it on.');
    if ((await showInformation(text, turnOn)) === turnOn) await execute('handrail.turnOnTelemetry');
  }

  #vetoed(): HandrailError {
    const failure = new HandrailError('config', vscode.l10n.t('Telemetry stays off: the telemetry level of the editor is not “all”.'), {
      hint: vscode.l10n.t('Handrail obeys that setting. Set it to “all” first, if you want this.'),
    });
    return this.#remedies.with(failure, openSetting(vscode.l10n.t("Open the Editor's Setting"), 'telemetry.telemetryLevel'));
  }

  async #turnOff(): Promise<void> {
    if (!(await this.#services.usage.isConsentThere())) {
      void showInformation(vscode.l10n.t('Telemetry is off. Nothing is recorded.'));
      return;
    }
    const { store } = await this.#services.usage.load();
    const { kept } = await store.turnOff();
    await this.#services.usage.decided();
    this.#tellStillSending();
    if (!kept) {
      void showInformation(vscode.l10n.t('Telemetry is off. Nothing of it is left on this machine.'));
      return;
    }
    const off = vscode.l10n.t('Telemetry is off. What was recorded stays for {0} days at most.', store.retention());
    const { hasSent } = await import('../../node/team/contributionNames.ts');
    const isSent = hasSent(join(store.folder, 'contributions'));
    const sent = vscode.l10n.t('What was sent to a team is still there: “Stop Sharing” takes it back.');
    void this.#offerDeletion(isSent ? `${off} ${sent}` : off);
  }

  #tellStillSending(): void {
    void guarded(this.#services.log, 'telemetry', async () => (await import('../usage/stillSending.ts')).tellStillSending());
  }

  async #offerDeletion(text: string): Promise<void> {
    const deleteAll = vscode.l10n.t('Delete Everything…');
    if ((await showInformation(text, deleteAll)) === deleteAll) await execute('handrail.deleteRecorded');
  }

  async #delete(): Promise<void> {
    const { store } = await this.#services.usage.load();
    const { events } = store.events();
    const pages = await this.#ownPages();
    const isAnything = existsSync(store.folder) || (await pages.sharing.hasSecret());
    if (!isAnything) {
      void showInformation(vscode.l10n.t('There is nothing to delete: nothing is recorded on this machine.'));
      return;
    }
    const confirm = vscode.l10n.t('Delete Everything');
    const detail = vscode.l10n.t(
      '{0} events, what waits to be shared, the secret that your contributions are told apart by, and your decisions are deleted from this machine, and telemetry is off: here, in every other window and on the command line, also where it is being written right now. What was sent to a team stays where it is; stop sharing first to take it back. This cannot be undone.',
      events.length,
    );
    const question = vscode.l10n.t('Delete everything recorded?');
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, confirm)) !== confirm) return;
    try {
      store.deleteEverything();
    } finally {
      // What the disk refuses is tried again by a button; the secret goes whatever it says.
      await pages.sharing.forget();
    }
    await this.#services.usage.decided();
    this.#page.update(await this.#recorded());
    await pages.refresh();
    void showInformation(vscode.l10n.t('Everything recorded is deleted, and telemetry is off.'));
    this.#tellStillSending();
  }

  async #recorded(): Promise<Recorded> {
    const { store } = await this.#services.usage.load();
    const { events, torn, foreign } = store.events();
    return { folder: store.folder, events, unreadable: torn + foreign, keepDays: store.retention() };
  }

  #ownPages(): Promise<OwnPages> {
    this.#pages ??= import('./ownPages.ts').then((module) => this.#store.add(new module.OwnPages(this.#services)));
    return this.#pages;
  }

  async #openCatalogue(): Promise<void> {
    const page = vscode.Uri.joinPath(this.#services.context.extensionUri, 'docs', 'telemetry.md');
    await vscode.commands.executeCommand('markdown.showPreview', page);
  }

  /** What failed because of the disk is tried again by a button; a setting out of range is opened. */
  async #retryable(
    id: CommandId &
      (
        | 'handrail.turnOnTelemetry'
        | 'handrail.turnOffTelemetry'
        | 'handrail.deleteRecorded'
        | 'handrail.contribute'
        | 'handrail.stopSharing'
      ),
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined || this.#remedies.of(failure) !== undefined) throw error;
      const remedy =
        failure.reason === 'usage'
          ? openSetting(vscode.l10n.t('Open the Setting'), 'handrail.telemetry.keepDays')
          : { label: vscode.l10n.t('Try Again'), run: () => execute(id) };
      throw this.#remedies.with(failure, remedy);
    }
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function openSetting(label: string, setting: string): Remedy {
  return { label, run: () => vscode.commands.executeCommand('workbench.action.openSettings', setting) };
}
