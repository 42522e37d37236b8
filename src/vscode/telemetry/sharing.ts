import * as vscode from 'vscode';
import { HandrailError } from '../../core/errors.ts';
import { systemClock } from '../../node/clock.ts';
import { handrailHome } from '../../node/home.ts';
import { Contributor, type Preview, type SentWeeks } from '../../node/team/contributor.ts';
import { readTeam } from '../../node/team/teamFile.ts';
import { telemetryPaths } from '../../node/telemetry/paths.ts';
import { execute } from '../commands.ts';
import { showInformation, showWarning, withNotification } from '../messages.ts';
import type { PagePanel } from '../page/pagePanel.ts';
import type { Services } from '../services.ts';
import { linkDevice } from './linkDevice.ts';
import { PersonalSecret } from './personalSecret.ts';
import { noTeamPage, readyWeeks, sealText, sharedPage, wayText } from './sharedPage.ts';

/**
 * What a person gives their team, in the editor: seen whole before anything leaves, agreed to once or for the weeks to come, ended at
 * any time. Who has not agreed is not asked: all of this begins with a command.
 */
export class Sharing {
  readonly #services: Services;
  readonly #panel: PagePanel;
  readonly #home = handrailHome();
  readonly #secret: PersonalSecret;

  constructor(services: Services, panel: PagePanel) {
    this.#services = services;
    this.#panel = panel;
    this.#secret = new PersonalSecret(services.context.secrets, telemetryPaths(this.#home).secret);
  }

  /** *Preview What My Lead Sees*: what would leave, or that nothing can. Writes and sends nothing. */
  async preview(): Promise<void> {
    const preview = await this.#previewed();
    this.#panel.show(preview === undefined ? noTeamPage(vscode.l10n) : sharedPage(preview, vscode.l10n));
  }

  /** Gives a preview that is open already its new content. */
  async refresh(): Promise<void> {
    if (!this.#panel.isOpen) return;
    const preview = await this.#previewed();
    this.#panel.update(preview === undefined ? noTeamPage(vscode.l10n) : sharedPage(preview, vscode.l10n));
  }

  /** *Share With My Team…*: shows it, asks, and sends what is ready. */
  async contribute(): Promise<void> {
    requireTrust();
    if (!(await this.#isRecording())) return;
    if ((await this.#previewed()) === undefined) {
      await this.preview();
      return;
    }
    if ((await this.#secret.read()) === undefined || (await this.#secret.isTwofold())) {
      if (!(await this.link())) return;
    }
    const contributor = await this.#contributor();
    contributor.requireReady();
    const assistants = await assistantsToo(contributor);
    if (assistants === undefined) return;
    const preview = await contributor.preview({ assistants });
    if (preview.state.sharing && preview.state.automatic && readyWeeks(preview).length === 0) {
      void showInformation(sentText({ sent: [], queued: [] }, true));
      return;
    }
    this.#panel.show(sharedPage(preview, vscode.l10n), { preserveFocus: true });
    const choice = await agreedTo(preview);
    if (choice === undefined) return;
    await this.#secret.adopt();
    const isAutomatic = choice === 'automatic' || (preview.state.sharing && preview.state.automatic);
    await contributor.agree({ automatic: isAutomatic, assistants, seen: preview });
    await this.#services.usage.decided();
    await this.#send(contributor, { due: choice === 'automatic' });
  }

  /** *Stop Sharing…*: at once, and takes back what is not yet released where the way allows it. */
  async stop(): Promise<void> {
    const contributor = await this.#contributor();
    if (contributor.agreements().length === 0 && !contributor.canTakeBack) {
      void showInformation(vscode.l10n.t('You share nothing.'));
      return;
    }
    const stop = vscode.l10n.t('Stop Sharing');
    const detail = vscode.l10n.t(
      'Nothing leaves any more, from now on. What was sent and is not yet released is taken back where that is possible; sums that were released stay. You can begin again at any time.',
    );
    const question = vscode.l10n.t('Stop sharing weekly figures?');
    if ((await vscode.window.showInformationMessage(question, { modal: true, detail }, stop)) !== stop) return;
    const { removed, left, unreached } = await cancellable(vscode.l10n.t('Taking back what was shared'), (signal) =>
      contributor.withdraw(signal, { everyTeam: true }),
    );
    await this.#services.usage.decided();
    await this.refresh();
    const parts = [
      vscode.l10n.t('This device shares nothing any more.'),
      ...(removed.length === 0 ? [] : [vscode.l10n.t('Taken back: {0}.', removed.join(', '))]),
      ...(left.length === 0 ? [] : [vscode.l10n.t('Stays: {0}. It is released, or was given to a collector.', left.join(', '))]),
    ];
    const [missed] = unreached;
    if (missed === undefined) {
      void showInformation([...parts, vscode.l10n.t('If you share from others, stop there too.')].join(' '));
      return;
    }
    const retry = vscode.l10n.t('Try Again');
    const weeks = unreached.map(({ week }) => week).join(', ');
    const why = vscode.l10n.t('Still where it was sent: {0}. {1} Try again when it can be reached.', weeks, missed.failure.message);
    void showWarning([...parts, why].join(' '), retry).then((pressed) => (pressed === retry ? execute('handrail.stopSharing') : undefined));
  }

  /** *Link This Device…*, or another one once this is linked. Returns whether this device is linked now. */
  async link(): Promise<boolean> {
    if (!(await this.#isRecording())) return false;
    const isLinked = await linkDevice({ secret: this.#secret, linkRequest: telemetryPaths(this.#home).linkRequest });
    await this.refresh();
    return isLinked;
  }

  /** Whether this device has the person's secret. */
  async hasSecret(): Promise<boolean> {
    return (await this.#secret.read()) !== undefined;
  }

  /** Forgets the person's secret; the rest is deleted with everything that was recorded. */
  forget(): Promise<void> {
    return this.#secret.forget();
  }

  async #send(contributor: Contributor, { due }: { due: boolean }): Promise<void> {
    const done = await cancellable(vscode.l10n.t('Sharing weekly figures'), (signal) => contributor.send({ due, signal }));
    await this.refresh();
    this.#services.usage.noticed();
    const [waiting] = done.queued;
    const [unsealed] = done.failed ?? [];
    if (unsealed !== undefined) void showWarning(vscode.l10n.t('{0} was not sent. {1}', unsealed.week, unsealed.failure.message));
    if (waiting === undefined) {
      void showInformation(sentText(done, due));
      return;
    }
    const retry = vscode.l10n.t('Try Again');
    const weeks = done.queued.map(({ week }) => week).join(', ');
    const text = vscode.l10n.t('Sealed, and waiting on this machine: {0}. {1}', weeks, waiting.failure.message);
    void showWarning(text, retry).then((pressed) => (pressed === retry ? execute('handrail.contribute') : undefined));
  }

  /** What would leave from the folder in use, or undefined where it belongs to no team. */
  async #previewed(): Promise<Preview | undefined> {
    const folder = this.#services.folders.current;
    if (folder === undefined || readTeam(folder.uri.fsPath) === undefined) return undefined;
    return await (await this.#contributor()).preview();
  }

  async #contributor(): Promise<Contributor> {
    const { store } = await this.#services.usage.load();
    const secret = await this.#secret.read();
    // Ending it needs no folder: without one, nothing leads anywhere.
    const root = this.#services.folders.current?.uri.fsPath ?? this.#home;
    return new Contributor({ home: this.#home, root, env: process.env, clock: systemClock, telemetry: store, secret: () => secret });
  }

  /** Recording comes first, and is a choice of its own. */
  async #isRecording(): Promise<boolean> {
    const { store } = await this.#services.usage.load();
    if (store.state().recording) return true;
    const turnOn = vscode.l10n.t('Turn On Telemetry…');
    const text = vscode.l10n.t('Telemetry is off, so there is nothing to share. Turn it on first, if you want this.');
    if ((await showInformation(text, turnOn)) === turnOn) await execute('handrail.turnOnTelemetry');
    return store.state().recording;
  }
}

/** Where figures go is said by a file of the folder, so its author has to be trusted. */
function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new HandrailError('untrusted', vscode.l10n.t('Nothing is shared from a folder that you do not trust.'), {
    hint: vscode.l10n.t('Trust the folder first, if you know who wrote it.'),
  });
}

/** Whether usage of other assistants belongs to it; asked only where that makes a difference and was not decided. Undefined: not at all. */
async function assistantsToo(contributor: Contributor): Promise<boolean | undefined> {
  const { state, assistants, team, weeks } = await contributor.preview();
  if (state.sharing) return assistants;
  const weeksWith = async (choice: boolean): Promise<string> => JSON.stringify((await contributor.preview({ assistants: choice })).weeks);
  const isSame = (await weeksWith(true)) === (await weeksWith(false));
  const isTaken = contributor.agreements().some((record) => record.assistants && record.team !== team);
  if (isTaken || (isSame && weeks.length > 0)) return assistants && !isTaken;
  const items = [
    { label: vscode.l10n.t('Leave it out'), detail: vscode.l10n.t('Only what happened in folders of the team counts.'), value: false },
    {
      label: vscode.l10n.t('Give it to {0}', team),
      detail: vscode.l10n.t('Usage of other assistants that happened in no team’s folder counts as well.'),
      value: true,
    },
  ];
  const title = vscode.l10n.t('Usage of your other assistants');
  return (await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t('One team can have it') }))?.value;
}

/** The question, with what has to be known in it; the page beside it has every figure. */
async function agreedTo(preview: Preview): Promise<'once' | 'automatic' | undefined> {
  const { team, k, state } = preview;
  const once = vscode.l10n.t('Share Now');
  const automatic = vscode.l10n.t('Share Every Week');
  const look = vscode.l10n.t('Look at the Figures');
  const ready = readyWeeks(preview);
  const isAutomatic = state.sharing && state.automatic;
  const detail = [
    ready.length === 0
      ? vscode.l10n.t('No week that is over holds anything new.')
      : vscode.l10n.t('Ready: {0}. The page behind this question shows every figure.', ready.join(', ')),
    sealText(preview, vscode.l10n),
    wayText(preview, vscode.l10n),
    vscode.l10n.t('Figures are published only where {0} people or more are behind them.', k),
    ...(preview.assistants ? [vscode.l10n.t('Usage of your other assistants that belongs to no team goes to this one.')] : []),
    ...(ready.length === 0
      ? []
      : [
          isAutomatic
            ? vscode.l10n.t('“Share Now” sends what is ready. Further weeks leave by themselves, as you agreed.')
            : vscode.l10n.t('“Share Now” sends what is ready, and nothing after that until you say so again.'),
        ]),
    ...(isAutomatic
      ? []
      : [
          vscode.l10n.t(
            '“Share Every Week” lets weeks leave by themselves from the current one on, at a random time of the week after. A week in which you did nothing sends nothing.',
          ),
        ]),
  ].join('\n\n');
  const question = vscode.l10n.t('Share weekly figures with {0}?', team);
  // Enter presses the first button, and a careless one must share nothing; the page behind the question asks again.
  const buttons = [look, ...(ready.length === 0 ? [] : [once]), ...(isAutomatic ? [] : [automatic])];
  const answer = await vscode.window.showInformationMessage(question, { modal: true, detail }, ...buttons);
  if (answer === automatic) return 'automatic';
  return answer === once ? 'once' : undefined;
}

function sentText({ sent }: SentWeeks, automatic: boolean): string {
  const first = sent.length === 0 ? vscode.l10n.t('There is nothing to send now.') : vscode.l10n.t('Sent: {0}.', sent.join(', '));
  return automatic ? `${first} ${vscode.l10n.t('Further weeks leave by themselves. “Stop Sharing” ends it.')}` : first;
}

async function cancellable<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return withNotification(title, (_report, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => controller.abort());
    return work(controller.signal);
  });
}
