import { randomBytes } from 'node:crypto';
import { failureOf, HandrailError } from '../../core/errors.ts';
import type { CancelSignal, Clock } from '../../core/ports.ts';
import { contributionOf, type Contribution } from '../../core/team/contribution.ts';
import { registryOf } from '../../core/team/registry.ts';
import { hasGrownFrom, headOf } from '../../core/team/release/ledger.ts';
import { SHARING_VERSION, sharingState, type SharingRecord, type SharingState } from '../../core/team/sharing.ts';
import type { TeamConfig, TeamTransport } from '../../core/team/teamFile.ts';
import { isDue, nextRevision, openWeeks } from '../../core/team/weeks.ts';
import { dayOf, isPlausible, oldestKept, startOfWeek } from '../../core/telemetry/week.ts';
import { digestOf } from '../../core/workflow/digests.ts';
import type { TelemetryStore } from '../telemetry/consentStore.ts';
import { telemetryPaths, type TelemetryPaths } from '../telemetry/paths.ts';
import type { Lease } from '../workflow/lease.ts';
import {
  beginContribution,
  isDamaged,
  readAllContributions,
  readContributions,
  removeContribution,
  replaceContribution,
  type ContributionFile,
} from './contributionFiles.ts';
import { waitForTurn } from './contributionTurn.ts';
import { PADDED_BYTES, seal } from './envelope.ts';
import { keyIdOf, publicKeyOf } from './keys.ts';
import { readSecret } from './secretFile.ts';
import { readSharing, removeSharing, writeSharing } from './sharingFiles.ts';
import { isReleased, revisionsOf, takeBack } from './takeBack.ts';
import { readTeamLedger, TEAM_LEDGER } from './teamLedger.ts';
import { readTeam, TEAM_FILE, teamOf, type ReadTeam } from './teamFile.ts';
import { delayOf, tokenOf } from './token.ts';
import { openTransport, requireElsewhere, type Transport } from './transports/transport.ts';

export interface ContributorOptions {
  /** The person's own folder, see `handrailHome`. */
  home: string;
  /** Workspace folder, whose team it is about. */
  root: string;
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  telemetry: Pick<TelemetryStore, 'state' | 'retention' | 'events'>;
  /** The person's secret, where it is kept elsewhere than in the file of the command line; undefined while this device is not linked. */
  secret?(): Uint8Array | undefined;
}

/** `queued`: sealed, and waits for a way out. `changed`: sent, and something was recorded for it since. */
export type WeekStatus = 'new' | 'changed' | 'queued' | 'sent';

export interface PreviewedWeek {
  week: string;
  status: WeekStatus;
  /** What would be sealed, or was. The token is missing while this device is not linked. */
  contribution: Omit<Contribution, 'token'> & { token?: string };
}

/** Everything a person has to know before they agree. */
export interface Preview {
  team: string;
  /** Digest of the team's file as it was read for this. */
  config: string;
  k: number;
  roster?: number;
  state: SharingState;
  linked: boolean;
  assistants: boolean;
  /** Whose holder can open what is sent; missing while the team has no key, and then nothing is sent. */
  keyId?: string;
  transport?: TeamTransport;
  /** Where that leads from this folder, without what signs in; missing where it leads nowhere. */
  to?: string;
  /** What stands outside of the seal, by name. */
  outside: readonly string[];
  /** Bytes of every contribution before sealing, whatever it holds. */
  bytes: number;
  /** Oldest first. A week that is not over, or too late to count, is none of them. */
  weeks: PreviewedWeek[];
}

/** What one turn sends. */
interface SendingPlan {
  config: CompleteTeam;
  /** Of the team's file. */
  digest: string;
  chosen: PlannedWeek[];
}

interface PlannedWeek {
  week: string;
  status: WeekStatus;
  contribution: Contribution;
  /** Whether usage of assistants that belongs to no team counts in it. */
  assistants: boolean;
}

export interface Agreement {
  automatic: boolean;
  assistants: boolean;
  /** The preview that the person saw: they agree to that and to nothing that came after it. */
  seen?: Pick<Preview, 'config' | 'to'>;
}

export interface SentWeeks {
  sent: string[];
  /** Sealed, and still here, with why. */
  queued: { week: string; failure: HandrailError }[];
  /** What could not even be sealed, with why; missing where there is none. */
  failed?: { week: string; failure: HandrailError }[];
}

export interface Withdrawn {
  /** Weeks that are gone where they were sent, or were never sent. */
  removed: string[];
  /** Weeks that stay where they are: released, or given to a collector. */
  left: string[];
  /** Weeks that could not be reached now and may be the next time, with why. */
  unreached: { week: string; failure: HandrailError }[];
  /** Teams that the person goes on sharing with. */
  still: string[];
}

/**
 * What a person gives their team, from the events of this machine. Nothing is written and nothing leaves before they agreed, and an
 * idle week gives nothing, so that who refuses and who did nothing leave the same: nothing.
 */
export class Contributor {
  readonly #paths: TelemetryPaths;
  readonly #options: ContributorOptions;

  constructor(options: ContributorOptions) {
    this.#options = options;
    this.#paths = telemetryPaths(options.home);
  }

  /** Whether this device has the person's secret. */
  get isLinked(): boolean {
    return this.#secret() !== undefined;
  }

  /** Every agreement of this person. */
  agreements(): SharingRecord[] {
    return readSharing(this.#paths.sharing);
  }

  /** What would be sent. Writes nothing. Fails with `not-found` where the folder has no team, with `config` where its file is broken. */
  async preview({ assistants }: { assistants?: boolean } = {}): Promise<Preview> {
    const read = this.#team();
    const { config } = read;
    const agreed = this.#agreed(config);
    const secret = this.#secret();
    const withAssistants = assistants ?? agreed?.assistants ?? false;
    const to = await this.#leadsTo(config);
    return {
      team: config.team,
      config: read.digest,
      k: config.k,
      ...(config.roster === undefined ? {} : { roster: config.roster }),
      state: this.#state(read, to),
      linked: secret !== undefined,
      assistants: withAssistants,
      ...(config.publicKey === undefined ? {} : { keyId: keyIdOf(publicKeyOf(config.publicKey)) }),
      ...(config.transport === undefined ? {} : { transport: config.transport }),
      ...(to === undefined ? {} : { to }),
      outside: ['schema', 'team', 'week', 'keyId'],
      bytes: PADDED_BYTES,
      weeks: this.#weeks(config, withAssistants, secret).map(({ week, status, contribution }) => {
        const { token, ...rest } = contribution;
        return { week, status, contribution: secret === undefined ? rest : { ...rest, token } };
      }),
    };
  }

  /**
   * Looks whether anything could be agreed to, before a person is asked. Fails with `config` where nothing could be sent by the team's
   * file or while recording is off, with `not-found` where this device is not linked.
   */
  requireReady(): void {
    const { config } = this.#team();
    requireComplete(config);
    requireElsewhere(config.transport, this.#options.root);
    if (!this.#options.telemetry.state().recording) {
      throw new HandrailError('config', 'Telemetry is off, so there is nothing to share.', {
        hint: 'Turn it on first: handrail telemetry on',
      });
    }
    if (this.isLinked) return;
    throw new HandrailError('not-found', 'This device is not linked, so it could count you twice.', {
      hint: 'Link it to your others, or make it the first: handrail telemetry link',
    });
  }

  /**
   * Keeps that the person agreed to exactly what the team's file says now. Fails as {@link requireReady} does, with `conflict` where that
   * is not what they saw, as {@link openTransport} does where the way leads nowhere, and with `config` where another team has their assistants' usage already or the ledger of releases was changed.
   */
  async agree({ automatic, assistants, seen }: Agreement): Promise<void> {
    this.requireReady();
    const { config, digest } = this.#team();
    requireComplete(config);
    if (seen !== undefined && seen.config !== digest) {
      throw new HandrailError('conflict', `${TEAM_FILE} was changed since you saw what it asks for.`, {
        hint: 'Look at it again; nothing was shared.',
        location: { path: TEAM_FILE },
      });
    }
    const { target } = await openTransport(config.transport, { ...this.#options, signal: unending() });
    if (seen !== undefined && seen.to !== target) {
      throw new HandrailError('conflict', `Since you saw it, it leads elsewhere: to ${target}.`, {
        hint: 'Look at it again; nothing was shared.',
      });
    }
    const other = this.agreements().find((record) => record.assistants && record.team !== config.team);
    if (assistants && other !== undefined) {
      throw new HandrailError('config', `Usage of your assistants goes to ${other.team} already, and can go to one team only.`, {
        hint: 'Leave it out here, or end it there first.',
      });
    }
    const ledger = readTeamLedger(this.#options.root, config.team);
    if (ledger === undefined) {
      throw new HandrailError('config', 'What the team has released cannot be read, or was changed.', {
        hint: 'Ask your team why before you share anything.',
        location: { path: TEAM_LEDGER },
      });
    }
    const before = this.#agreed(config);
    const today = this.#day();
    // Saying it again is no new beginning; agreeing to another file is.
    const day = before?.config === digest && before.day < today ? before.day : today;
    await this.#store(() =>
      writeSharing(this.#paths.sharing, {
        version: SHARING_VERSION,
        team: config.team,
        day,
        automatic,
        assistants,
        config: digest,
        registry: registryOf(config.counters, config.steps).digest,
        ledger: headOf(ledger),
        to: [...new Set([...(before?.config === digest ? (before.to ?? []) : []), target])],
      }),
    );
  }

  /**
   * Sends what is new: all of it, or with `due` only what leaves by itself now, and what waits. Sends nothing, and says so by an empty
   * answer, unless the person agreed to what the team's file says now.
   */
  async send({ due, signal }: { due: boolean; signal: CancelSignal }): Promise<SentWeeks> {
    const nothing: SentWeeks = { sent: [], queued: [] };
    // Where there is nothing to send, nothing is written either.
    const plan = this.#toSend(due);
    if (plan === undefined) return nothing;
    const turn = await this.#turn(plan.config.team, signal);
    if (turn === undefined) {
      // Whoever sends sends this as well, and what is due is looked at again.
      if (due) return nothing;
      throw new HandrailError('conflict', 'Another window sends already, and is not done yet.', { hint: 'Try again in a minute.' });
    }
    try {
      // Planned anew: somebody else may have sent it while this one waited.
      return await this.#sendPlanned(this.#toSend(due), signal);
    } finally {
      await turn.release();
    }
  }

  /** What leaves now, and by which agreement; undefined where nothing may, or there is nothing. */
  #toSend(due: boolean): SendingPlan | undefined {
    // Read once: what is sealed and where it goes is by the very text that was agreed to.
    const { config, digest } = this.#team();
    const agreed = this.#stillAgreed(digest);
    const secret = this.#secret();
    if (agreed === undefined || secret === undefined || (due && !agreed.automatic)) return undefined;
    requireComplete(config);
    const now = this.#options.clock.now();
    const chosen = this.#weeks(config, agreed.assistants, secret).filter(({ week, status }) => {
      if (status === 'sent') return false;
      // What waits was to leave already.
      if (!due || status === 'queued') return true;
      return isDue(week, { now, since: agreed.day, delay: delayOf(secret, week, config.team) });
    });
    return chosen.length === 0 ? undefined : { config, digest, chosen };
  }

  async #sendPlanned(plan: SendingPlan | undefined, signal: CancelSignal): Promise<SentWeeks> {
    const done: SentWeeks = { sent: [], queued: [] };
    if (plan === undefined) return done;
    const { config, digest, chosen } = plan;
    // Nothing is sealed for a place that nobody agreed to.
    if (this.#stillAgreed(digest, await this.#leadsTo(config)) === undefined) return done;
    for (const planned of chosen) {
      const { week } = planned;
      let waiting: ContributionFile | undefined;
      try {
        waiting = await this.#waiting(config, planned);
      } catch (error) {
        const failure = failureOf(error);
        // Where one cannot be stored none can; anything else is of this week only.
        if (failure === undefined || failure.reason === 'read-only') throw error;
        (done.failed ??= []).push({ week, failure });
      }
      if (waiting === undefined) continue;
      try {
        const transport = await openTransport(config.transport, { ...this.#options, signal });
        // Withdrawn, or changed, since we began.
        if (this.#stillAgreed(digest, transport.target) === undefined) break;
        if (await this.#deliver(transport, waiting, { digest, signal })) done.sent.push(week);
      } catch (error) {
        const failure = failureOf(error);
        if (failure === undefined || failure.reason === 'cancelled') throw error;
        done.queued.push({ week, failure });
      }
    }
    return done;
  }

  /**
   * Ends sharing at once, with this folder's team, or with every team where that is wanted or the folder names none. Takes back what is
   * not yet released where the way allows it. Fails only where it cannot be stored.
   */
  async withdraw(signal: CancelSignal, { everyTeam = false }: { everyTeam?: boolean } = {}): Promise<Withdrawn> {
    const own = teamOf([this.#options.root]);
    const agreed = this.agreements().map(({ team }) => team);
    const teams = own === undefined ? agreed : everyTeam ? [...new Set([own, ...agreed])] : [own];
    await this.#store(async () => {
      for (const team of teams) removeSharing(this.#paths.sharing, team);
    });
    const done: Withdrawn = { removed: [], left: [], unreached: [], still: this.agreements().map(({ team }) => team) };
    for (const team of teams) {
      if (readContributions(this.#paths.contributions, team).length === 0) continue;
      // Whoever is sending right now is waited for, and stops at the next week. Nobody can keep a person from taking back, though.
      const turn = await this.#turn(team, signal).catch((error: unknown) => {
        if (failureOf(error) === undefined) throw error;
        return undefined;
      });
      try {
        await this.#takeBackAll(team, done, signal);
      } finally {
        await turn?.release();
      }
    }
    return done;
  }

  async #takeBackAll(team: string, done: Withdrawn, signal: CancelSignal): Promise<void> {
    for (const file of readContributions(this.#paths.contributions, team)) {
      const taken = await takeBack(file, { ...this.#options, signal });
      if (taken === 'gone') {
        removeContribution(this.#paths.contributions, file);
        done.removed.push(file.week);
      } else if (taken === 'left') {
        done.left.push(file.week);
      } else {
        done.unreached.push({ week: file.week, failure: taken });
      }
    }
  }

  async #turn(team: string, signal: CancelSignal): Promise<Lease | undefined> {
    let turn: Lease | undefined;
    await this.#store(async () => {
      turn = await waitForTurn(this.#paths.contributions, team, signal);
    });
    return turn;
  }

  /** Whether something is where it could be taken back from, also after sharing ended: what was not reached then may be now. */
  get canTakeBack(): boolean {
    const own = teamOf([this.#options.root]);
    return (
      own !== undefined &&
      readContributions(this.#paths.contributions, own).some((file) => file.way.kind !== 'otlp' && !isReleased(file, this.#options.root))
    );
  }

  #secret(): Uint8Array | undefined {
    const { secret } = this.#options;
    return secret === undefined ? readSecret(this.#paths.secret) : secret();
  }

  #team(): ReadTeam {
    const read = readTeam(this.#options.root);
    if (read !== undefined) return read;
    throw new HandrailError('not-found', `This folder belongs to no team: there is no ${TEAM_FILE}.`, {
      hint: 'Your team asks for figures by that file; without it nothing is shared.',
    });
  }

  #agreed({ team }: TeamConfig): SharingRecord | undefined {
    return this.agreements().find((record) => record.team === team);
  }

  /** Where the way leads; undefined where it leads nowhere now, and then nothing can leave. */
  async #leadsTo({ transport }: TeamConfig): Promise<string | undefined> {
    if (transport === undefined) return undefined;
    try {
      return (await openTransport(transport, { ...this.#options, signal: unending() })).target;
    } catch (error) {
      if (failureOf(error) === undefined) throw error;
      return undefined;
    }
  }

  #state({ config, digest }: ReadTeam, leadsTo?: string): SharingState {
    const ledger = readTeamLedger(this.#options.root, config.team);
    return sharingState(this.#agreed(config), {
      config: digest,
      registry: registryOf(config.counters, config.steps).digest,
      recording: this.#options.telemetry.state().recording,
      leadsTo,
      hasGrown: (head) => ledger !== undefined && hasGrownFrom(ledger, head),
    });
  }

  /** The agreement, when it is to the file of this digest and that is what the team's file still says, and to this place if one is given. */
  #stillAgreed(digest: string, leadsTo?: string): SharingRecord | undefined {
    const read = this.#team();
    return read.digest === digest && this.#state(read, leadsTo).sharing ? this.#agreed(read.config) : undefined;
  }

  #weeks(config: TeamConfig, assistants: boolean, secret: Uint8Array | undefined): PlannedWeek[] {
    const { events } = this.#options.telemetry.events();
    const now = this.#options.clock.now();
    const files = readAllContributions(this.#paths.contributions);
    const known = new Map(files.filter(({ team }) => team === config.team).map((file) => [file.week, file]));
    // What another team has, or may have, of a week no second one gets.
    const taken = new Set(files.filter((file) => file.team !== config.team && file.assistants === true).map(({ week }) => week));
    const registry = registryOf(config.counters, config.steps);
    return openWeeks(events, { now, window: config.window }).flatMap((week): PlannedWeek[] => {
      const file = known.get(week);
      const token = tokenFor(file, secret === undefined ? '' : tokenOf(secret, week, config.team));
      const withAssistants = assistants && !taken.has(week);
      const options = { week, team: config.team, registry, token, assistants: withAssistants };
      const first = contributionOf(events, { ...options, revision: file?.revision ?? 1 });
      if (first === undefined) return [];
      const planned = (status: WeekStatus, revision: number): PlannedWeek[] => [
        { week, status, contribution: { ...first, revision }, assistants: withAssistants },
      ];
      const sent = file !== undefined && file.envelope === undefined;
      // Of a week whose first days have expired, less would be said than was.
      if (sent && !this.#isWhole(week)) return planned('sent', first.revision);
      const revision = nextRevision(file === undefined ? undefined : { revision: file.revision, cells: file.cells, sent }, cellsOf(first));
      if (revision === undefined) return planned('sent', first.revision);
      return planned(file === undefined ? 'new' : revision === file.revision ? 'queued' : 'changed', revision);
    });
  }

  #isWhole(week: string): boolean {
    const start = startOfWeek(week);
    return start !== undefined && dayOf(start) >= oldestKept(this.#options.clock.now(), this.#options.telemetry.retention());
  }

  /** The sealed contribution on this disk, before anything leaves: what is killed in between goes on with the same. */
  async #waiting(config: CompleteTeam, { contribution, assistants }: PlannedWeek): Promise<ContributionFile | undefined> {
    const { team, week } = contribution;
    const find = (): ContributionFile | undefined => readContributions(this.#paths.contributions, team).find((file) => file.week === week);
    const before = find();
    // Another window, perhaps with another secret, has done since we looked what there was to do; what is left is seen the next time.
    if (before !== undefined && isPast(before, contribution)) return undefined;
    const way = { kind: config.transport.kind, to: toOf(config.transport) };
    const isSame =
      before?.revision === contribution.revision &&
      (before.token ?? contribution.token) === contribution.token &&
      before.envelope?.keyId === keyIdOf(publicKeyOf(config.publicKey));
    if (before !== undefined && isSame && digestOf(before.way) === digestOf(way)) return before;
    // What was sent before the note of it was damaged counts no more than the second revision.
    const isAgain = before === undefined && isDamaged(this.#paths.contributions, { team, week });
    const revision = isAgain ? 2 : contribution.revision;
    const file: ContributionFile = {
      version: 1,
      team,
      week,
      revision,
      cells: cellsOf(contribution),
      window: config.window,
      way,
      name: randomBytes(8).toString('hex'),
      token: contribution.token,
      ...(assistants || before?.assistants === true ? { assistants: true } : {}),
      envelope: await seal({ ...contribution, revision }, config.publicKey),
      ...(before === undefined ? {} : { earlier: revisionsOf(before) }),
    };
    let isOurs = true;
    await this.#store(async () => {
      if (before === undefined && !isAgain) isOurs = await beginContribution(this.#paths.contributions, file);
      else await replaceContribution(this.#paths.contributions, file);
    });
    if (isOurs) return file;
    // Another window was faster. Delivering what it sealed is no mistake; where it is through already there is nothing to do.
    const theirs = find();
    return theirs?.envelope === undefined ? undefined : theirs;
  }

  /** Returns whether it is there now: what was withdrawn while it was on its way is taken back. */
  async #deliver(
    transport: Transport,
    file: ContributionFile,
    { digest, signal }: { digest: string; signal: CancelSignal },
  ): Promise<boolean> {
    const { envelope, ...rest } = file;
    if (envelope === undefined) return true;
    const sent = { ...rest, at: transport.target };
    await this.#store(() => replaceContribution(this.#paths.contributions, { ...sent, envelope }));
    await transport.deliver(envelope, file.name);
    if (this.#stillAgreed(digest) === undefined && (await takeBack(sent, { ...this.#options, signal })) === 'gone') {
      removeContribution(this.#paths.contributions, file);
      return false;
    }
    await this.#store(() => replaceContribution(this.#paths.contributions, sent));
    return true;
  }

  #day(): string {
    const now = this.#options.clock.now();
    if (isPlausible(now)) return dayOf(now);
    throw new HandrailError('io', 'Nothing is shared: the clock of this machine is wrong.', { hint: 'Set the clock and try again.' });
  }

  async #store(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (failureOf(error)?.reason === 'cancelled') throw error;
      throw new HandrailError('read-only', `The decision could not be stored in ${this.#paths.folder}.`, {
        hint: 'Make the folder writable and the disk less full, and try again.',
        cause: error,
      });
    }
  }
}

type CompleteTeam = TeamConfig & Required<Pick<TeamConfig, 'publicKey' | 'transport'>>;

function requireComplete(config: TeamConfig): asserts config is CompleteTeam {
  const missing = config.publicKey === undefined ? 'publicKey' : config.transport === undefined ? 'transport' : undefined;
  if (missing === undefined) return;
  throw new HandrailError('config', `The team does not say how figures can be sealed and sent: ${missing} is missing.`, {
    hint: missing === 'publicKey' ? 'Add it from handrail team keygen.' : 'Add a folder, a git remote or a collector.',
    location: { path: TEAM_FILE },
  });
}

function cellsOf({ registry, counters }: Contribution): string {
  return digestOf([registry, counters]);
}

function toOf(way: TeamTransport): string {
  switch (way.kind) {
    case 'folder':
      return way.path;
    case 'git':
      return way.remote;
    case 'otlp':
      return way.url;
  }
}

/** A week that was sent goes on under the token that it was sent with: under another one the person would count twice. */
function tokenFor(file: ContributionFile | undefined, present: string): string {
  return file?.token !== undefined && revisionsOf(file).some(({ sent }) => sent) ? file.token : present;
}

/** Whether the note of a week is past what was to be sealed for it. */
function isPast(file: ContributionFile, { revision, token }: Contribution): boolean {
  return file.revision > revision || (file.revision === revision && file.envelope === undefined) || tokenFor(file, token) !== token;
}

/** Of what is only looked up. */
function unending(): CancelSignal {
  return new AbortController().signal;
}
