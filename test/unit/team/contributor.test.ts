import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureOf } from '../../../src/core/errors.ts';
import type { Observation } from '../../../src/core/telemetry/observation.ts';
import { dayOf, startOfWeek, weekOf } from '../../../src/core/telemetry/week.ts';
import { appended, emptyLedger, type Ledger } from '../../../src/core/team/release/ledger.ts';
import { contributionTables } from '../../../src/core/team/release/contributionTables.ts';
import { buildRelease } from '../../../src/core/team/release/release.ts';
import { Contributor, type Preview, type SentWeeks } from '../../../src/node/team/contributor.ts';
import { asEnvelope, open } from '../../../src/node/team/envelope.ts';
import { newTeamKey, type TeamKey } from '../../../src/node/team/keys.ts';
import { acceptLink, answerLink, linkFiles, linkFirst, requestLink } from '../../../src/node/team/link.ts';
import { recordedTeamOf } from '../../../src/node/team/teamFile.ts';
import type { ConsentState } from '../../../src/core/telemetry/consent.ts';
import { silentLog } from '../../../src/core/ports.ts';
import { sayingOnce, sendDue } from '../../../src/node/team/sendDue.ts';
import { folderTransport } from '../../../src/node/team/transports/folder.ts';
import { previewText } from '../../../src/cli/text/sharing.ts';
import { sharedPage } from '../../../src/vscode/telemetry/sharedPage.ts';
import { english } from '../vscode-workflow/samples.ts';
import { tokenOf } from '../../../src/node/team/token.ts';
import { createTelemetryStore, type TelemetryStore } from '../../../src/node/telemetry/consentStore.ts';
import { telemetryPaths } from '../../../src/node/telemetry/paths.ts';
import { createRecorder, type Recorder } from '../../../src/node/telemetry/recorder.ts';
import { DWELL } from '../../../src/core/telemetry/buckets.ts';
import type { Contribution } from '../../../src/core/team/contribution.ts';
import { unprivileged } from '../../support/unprivileged.ts';

const DAY = 24 * 3600 * 1000;
const REVIEW: Observation = { operation: 'review', outcome: 'completed' };
const never = new AbortController().signal;

/** Monday of the week, in milliseconds. */
function monday(week: string): number {
  const start = startOfWeek(week);
  assert.ok(start !== undefined);
  return start;
}

describe('a contributor', () => {
  let folder: string;
  let root: string;
  let share: string;
  let key: TeamKey;
  let now: number;
  let recorders: Recorder[];
  const clock = { now: () => now };

  /** A person's machine: their own folder, and how they work. */
  interface Machine {
    home: string;
    telemetry: TelemetryStore;
    contributor: Contributor;
    work(observation?: Observation): void;
  }

  function machine(name: string, env: Record<string, string> = {}): Machine {
    const home = join(folder, name);
    const telemetry = createTelemetryStore({ home, env, clock });
    const team = recordedTeamOf([root]);
    const recorder = createRecorder({ home, env, clock, team: () => team });
    recorders.push(recorder);
    const work = (observation = REVIEW): void => {
      recorder.record(observation);
      recorder.flush();
    };
    return { home, telemetry, contributor: new Contributor({ home, root, env, clock, telemetry }), work };
  }

  async function agreed(name: string, { automatic = false, assistants = false } = {}): Promise<Machine> {
    const one = machine(name);
    await one.telemetry.turnOn();
    await linkFirst(linkFiles(telemetryPaths(one.home)));
    await one.contributor.agree({ automatic, assistants });
    return one;
  }

  function writeTeam(changed: Record<string, string> = {}): void {
    const file: Record<string, string> = {
      version: '1',
      team: 'payments',
      k: '5',
      publicKey: JSON.stringify(key.publicKey),
      transport: `{ folder: ${JSON.stringify(share)} }`,
      counters: '[review.runs, assistants.days]',
      ...changed,
    };
    mkdirSync(join(root, '.handrail'), { recursive: true });
    const text = Object.entries(file).map(([name, value]) => `${name}: ${value}\n`);
    writeFileSync(join(root, '.handrail', 'telemetry.yml'), text.join(''));
  }

  async function received(): Promise<Contribution[]> {
    const opened = await Promise.all(
      readdirSync(share).map(async (name) => {
        assert.match(name, /^[0-9a-f]{16}\.json$/);
        const envelope = asEnvelope(JSON.parse(readFileSync(join(share, name), 'utf8')));
        assert.ok(envelope);
        const result = await open(envelope, key);
        assert.ok('contribution' in result);
        return result.contribution;
      }),
    );
    return opened.toSorted((a, b) => (`${a.week} ${a.revision}` < `${b.week} ${b.revision}` ? -1 : 1));
  }

  const weeksOf = (contributions: readonly Contribution[]): string[] => contributions.map(({ week, revision }) => `${week} ${revision}`);

  /** Every file below a folder, with what it holds. */
  function filesIn(path: string): Record<string, string> {
    if (!existsSync(path)) return {};
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(path, name)).isFile());
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(path, name), 'latin1')]));
  }

  /** A ledger with a release of one week each, from the 10th on, made with these k. */
  async function ledgerOf(values: readonly number[], first = 10): Promise<Ledger> {
    let ledger = emptyLedger('payments');
    for (const [index, k] of values.entries()) {
      const window = { from: `2026-W${first + index}`, to: `2026-W${first + index}` };
      ledger = appended(ledger, await buildRelease(contributionTables([]), { team: 'payments', k, counters: [], window, previous: null }));
    }
    return ledger;
  }

  function showLedger(ledger: Ledger | string): void {
    const releases = join(root, '.handrail/releases');
    mkdirSync(releases, { recursive: true });
    writeFileSync(join(releases, 'ledger.json'), typeof ledger === 'string' ? ledger : JSON.stringify(ledger));
  }

  before(async () => {
    key = await newTeamKey();
  });

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail team-')));
    root = join(folder, 'project');
    share = join(folder, 'share');
    mkdirSync(share);
    recorders = [];
    writeTeam();
    now = monday('2026-W46') + 2 * DAY;
  });
  afterEach(() => {
    for (const recorder of recorders) recorder.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('sends a week once it is over, once, and a change of it as the next revision', async () => {
    const ann = await agreed('ann');
    ann.work();
    assert.deepEqual(await ann.contributor.send({ due: false, signal: never }), { sent: [], queued: [] });
    now = monday('2026-W47');
    assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, ['2026-W46']);
    assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, []);
    const [first] = await received();
    assert.deepEqual(first?.counters, [{ counter: 'review.runs', dims: { outcome: 'completed' }, value: 1 }]);
    // The clock was ahead, and the week went on.
    now = monday('2026-W46') + 5 * DAY;
    ann.work();
    assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, []);
    now = monday('2026-W47') + DAY;
    assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, ['2026-W46']);
    const both = await received();
    assert.deepEqual(weeksOf(both), ['2026-W46 1', '2026-W46 2']);
    assert.equal(both[0]?.token, both[1]?.token);
    assert.equal(both[1]?.counters[0]?.value, 2);
  });

  it('sends each week of a year with 53 of them by itself, at another time of the week after, and none twice', async function () {
    this.timeout(20_000);
    now = monday('2026-W01');
    const ann = await agreed('ann', { automatic: true });
    const arrived = new Map<string, number>();
    const end = monday('2027-W04');
    for (; now < end; now += DAY) {
      // Two weeks of holidays, in which nothing is done.
      if (!['2026-W30', '2026-W31'].includes(weekOf(now)) && weekOf(now) <= '2026-W53') ann.work();
      for (const week of (await ann.contributor.send({ due: true, signal: never })).sent) {
        assert.equal(arrived.has(week), false, `${week} twice`);
        arrived.set(week, (now - monday(week)) / DAY - 7);
      }
    }
    const contributions = await received();
    assert.equal(contributions.length, 51);
    assert.equal(new Set(contributions.map(({ token }) => token)).size, 51);
    assert.ok(arrived.has('2026-W53') && !arrived.has('2026-W30'));
    assert.ok([...arrived.values()].every((days) => days >= 0 && days < 6));
    assert.ok(new Set(arrived.values()).size > 3);
    for (const { counters } of contributions) assert.equal(counters[0]?.value, 7);
    // What is known of weeks goes with their events.
    assert.ok(Object.keys(filesIn(join(ann.home, 'telemetry', 'contributions'))).length < 20);
  });

  it('leaves nothing of who refuses and who did nothing, here and there', async () => {
    const idle = await agreed('idle', { automatic: true });
    const refuser = machine('refuser');
    await refuser.telemetry.turnOn();
    refuser.work();
    const before = filesIn(refuser.home);
    now = monday('2026-W48');
    for (const { contributor } of [idle, refuser]) {
      await contributor.preview();
      assert.deepEqual(await contributor.send({ due: true, signal: never }), { sent: [], queued: [] });
      assert.deepEqual(await contributor.send({ due: false, signal: never }), { sent: [], queued: [] });
    }
    assert.deepEqual(filesIn(share), {});
    assert.deepEqual(filesIn(refuser.home), before);
    assert.equal(existsSync(telemetryPaths(idle.home).contributions), false);
  });

  it('previews exactly what is sent', async () => {
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    const { weeks, state, keyId, linked } = await ann.contributor.preview();
    assert.deepEqual({ keyId, linked }, { keyId: key.keyId, linked: true });
    assert.deepEqual(state, { sharing: true, since: dayOf(monday('2026-W46') + 2 * DAY), automatic: false });
    await ann.contributor.send({ due: false, signal: never });
    assert.deepEqual(
      await received(),
      weeks.map(({ contribution }) => contribution),
    );
    assert.deepEqual(
      (await ann.contributor.preview()).weeks.map(({ status }) => status),
      ['sent'],
    );
  });

  it('pauses when what was released was changed, and not when it was added to', async () => {
    showLedger(await ledgerOf([5, 5]));
    const ann = await agreed('ann', { automatic: true });
    ann.work();
    now = monday('2026-W48');
    const state = async () => (await ann.contributor.preview()).state;
    assert.equal((await state()).sharing, true);
    showLedger(await ledgerOf([5, 5, 5]));
    assert.equal((await state()).sharing, true);
    for (const changed of [
      await ledgerOf([5]),
      await ledgerOf([5, 6, 5]),
      '{"schema":',
      JSON.stringify({ ...(await ledgerOf([5, 5, 5])), team: 'others' }),
    ]) {
      showLedger(changed);
      assert.partialDeepStrictEqual(await state(), { sharing: false, because: 'ledger' });
      assert.deepEqual(await ann.contributor.send({ due: true, signal: never }), { sent: [], queued: [] });
    }
    await assert.rejects(ann.contributor.agree({ automatic: true, assistants: false }), { reason: 'config' });
    assert.deepEqual(readdirSync(share), []);
  });

  for (const [why, change] of [
    ['the key', async (): Promise<void> => writeTeam({ publicKey: JSON.stringify((await newTeamKey()).publicKey) })],
    ['a counter', async (): Promise<void> => writeTeam({ counters: '[review.runs, assistants.days, steps.waived]' })],
    ['k', async (): Promise<void> => writeTeam({ k: '6' })],
  ] as const) {
    it(`pauses when ${why} of the team's file changed, until the person agrees again`, async () => {
      const ann = await agreed('ann', { automatic: true });
      ann.work();
      now = monday('2026-W48');
      await change();
      assert.partialDeepStrictEqual((await ann.contributor.preview()).state, { sharing: false, because: 'changed' });
      assert.deepEqual(await ann.contributor.send({ due: true, signal: never }), { sent: [], queued: [] });
      assert.deepEqual(readdirSync(share), []);
      now = monday('2026-W46') + 6 * DAY;
      await ann.contributor.agree({ automatic: true, assistants: false });
      now = monday('2026-W48');
      assert.deepEqual((await ann.contributor.send({ due: true, signal: never })).sent, ['2026-W46']);
    });
  }

  it('begins anew with another file only: saying it again leaves no week out', async () => {
    const ann = await agreed('ann', { automatic: true });
    ann.work();
    now = monday('2026-W47');
    await ann.contributor.agree({ automatic: true, assistants: false });
    now = monday('2026-W48');
    assert.deepEqual((await ann.contributor.send({ due: true, signal: never })).sent, ['2026-W46']);
    writeTeam({ k: '6' });
    await ann.contributor.agree({ automatic: true, assistants: false });
    assert.equal(ann.contributor.agreements()[0]?.day, '2026-11-23');
  });

  it('lets an editor send what is due of its folders, and says in the log what waits', async () => {
    const ann = await agreed('ann', { automatic: true });
    ann.work();
    now = monday('2026-W48');
    rmSync(share, { recursive: true });
    const said: string[] = [];
    const log = { ...silentLog, warn: (message: string) => void said.push(message) };
    const { home, telemetry } = ann;
    const send = (): Promise<void> => sendDue({ roots: [share, root], home, telemetry, env: {}, clock, signal: never, log });
    await send();
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /2026-W46 waits on this machine/);
    mkdirSync(share);
    await send();
    assert.deepEqual(weeksOf(await received()), ['2026-W46 1']);
    assert.equal(said.length, 1);
  });

  it('sends nothing while recording is off or forbidden', async () => {
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    const forbidden = machine('ann', { DO_NOT_TRACK: '1' });
    assert.deepEqual(await forbidden.contributor.send({ due: false, signal: never }), { sent: [], queued: [] });
    await ann.telemetry.turnOff();
    assert.deepEqual(await ann.contributor.send({ due: false, signal: never }), { sent: [], queued: [] });
    // On again is a choice about recording alone.
    await ann.telemetry.turnOn();
    assert.deepEqual((await ann.contributor.preview()).state, { sharing: false, because: 'not-agreed' });
    assert.deepEqual(await ann.contributor.send({ due: false, signal: never }), { sent: [], queued: [] });
    assert.deepEqual(readdirSync(share), []);
  });

  it('keeps what finds no way out, sealed once, and sends it when there is one', async () => {
    const ann = await agreed('ann', { automatic: true });
    ann.work();
    rmSync(share, { recursive: true });
    now = monday('2026-W48');
    const { sent, queued } = await ann.contributor.send({ due: true, signal: never });
    assert.deepEqual(sent, []);
    assert.deepEqual(
      queued.map(({ week, failure }) => [week, failure.reason]),
      [['2026-W46', 'unreachable']],
    );
    assert.equal(existsSync(share), false);
    const waiting = filesIn(telemetryPaths(ann.home).contributions);
    await ann.contributor.send({ due: true, signal: never });
    assert.deepEqual(filesIn(telemetryPaths(ann.home).contributions), waiting);
    mkdirSync(share);
    assert.deepEqual((await ann.contributor.send({ due: true, signal: never })).sent, ['2026-W46']);
    assert.deepEqual(weeksOf(await received()), ['2026-W46 1']);
  });

  it('sends once where two windows do at the same time', async () => {
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    const other = machine('ann').contributor;
    await Promise.all([ann.contributor, other].map((one) => one.send({ due: false, signal: never })));
    assert.deepEqual(weeksOf(await received()), ['2026-W46 1']);
  });

  it('sends each week once where eight windows do at the same time, so that all of it can be taken back', async () => {
    for (let round = 0; round < 3; round += 1) {
      const who = `ann ${round}`;
      now = monday('2026-W45');
      const ann = await agreed(who, { automatic: true });
      for (const week of ['2026-W45', '2026-W46', '2026-W47']) {
        now = monday(week);
        ann.work();
      }
      now = monday('2026-W49');
      const windows = Array.from({ length: 8 }, () => machine(who).contributor);
      const sent = await Promise.all(windows.map((one) => one.send({ due: true, signal: never })));
      assert.deepEqual(
        sent.flatMap((one) => one.sent),
        ['2026-W45', '2026-W46', '2026-W47'],
      );
      assert.deepEqual(weeksOf(await received()), ['2026-W45 1', '2026-W46 1', '2026-W47 1']);
      await Promise.all([windows[0]?.send({ due: false, signal: never }), ann.contributor.withdraw(never)]);
      assert.deepEqual(readdirSync(share), []);
    }
  });

  it('sends nothing anew by a plan that is older than what another window sent meanwhile', async () => {
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    // The other window sends between this one's look at what there is and its turn.
    const other = machine('ann').contributor;
    let looks = 0;
    const telemetry = {
      state: () => ann.telemetry.state(),
      retention: () => ann.telemetry.retention(),
      events: () => {
        looks += 1;
        return ann.telemetry.events();
      },
    };
    const [mine] = await Promise.all([
      new Contributor({ home: ann.home, root, env: {}, clock, telemetry }).send({ due: false, signal: never }),
      other.send({ due: false, signal: never }),
    ]);
    assert.equal(looks, 2, 'it looked again once it had its turn');
    assert.deepEqual(weeksOf(await received()), ['2026-W46 1']);
    assert.equal(mine.queued.length, 0);
  });

  it('leaves no trace of its turn, and goes on where a window was killed in it', async () => {
    const ann = await agreed('ann');
    const { contributions } = telemetryPaths(ann.home);
    assert.deepEqual(await ann.contributor.send({ due: false, signal: never }), { sent: [], queued: [] });
    assert.equal(existsSync(contributions), false);
    ann.work();
    now = monday('2026-W47');
    mkdirSync(contributions);
    writeFileSync(join(contributions, 'payments.lease'), '{"pid":1,"start":"long ago"}\n');
    assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, ['2026-W46']);
    assert.deepEqual(readdirSync(contributions), ['2026-W46-payments.json']);
    await ann.contributor.withdraw(never);
    assert.equal(existsSync(contributions), false);
    // Nobody takes this turn again, and yet it goes.
    mkdirSync(contributions);
    const lease = join(contributions, 'payments.lease');
    writeFileSync(lease, '');
    ann.telemetry.expire();
    assert.equal(existsSync(lease), true, 'somebody may be in it');
    utimesSync(lease, 1, 1);
    ann.telemetry.expire();
    assert.equal(existsSync(contributions), false);
  });

  describe('with another secret than before', () => {
    const relink = (home: string): void =>
      writeFileSync(telemetryPaths(home).secret, `${Buffer.alloc(32, 7).toString('base64url')}\n`, { mode: 0o600 });
    const send = async ({ contributor }: Machine): Promise<string[]> => (await contributor.send({ due: false, signal: never })).sent;

    it('goes on under the token that a week was sent with, so that it counts once', async () => {
      const ann = await agreed('ann');
      ann.work();
      now = monday('2026-W47');
      assert.deepEqual(await send(ann), ['2026-W46']);
      relink(ann.home);
      assert.deepEqual(await send(ann), []);
      const [sent] = await received();
      const [seen] = (await ann.contributor.preview()).weeks;
      assert.deepEqual([seen?.status, seen?.contribution.token], ['sent', sent?.token]);
      now = monday('2026-W46') + 5 * DAY;
      ann.work();
      now = monday('2026-W47') + DAY;
      assert.deepEqual(await send(ann), ['2026-W46']);
      const both = await received();
      assert.deepEqual(weeksOf(both), ['2026-W46 1', '2026-W46 2']);
      assert.equal(both[1]?.token, sent?.token);
      now = monday('2026-W47') + 2 * DAY;
      ann.work();
      now = monday('2026-W48');
      assert.deepEqual(await send(ann), ['2026-W47']);
      const [, , next] = await received();
      assert.equal(next?.token, tokenOf(Buffer.alloc(32, 7), '2026-W47', 'payments'));
    });

    it('seals anew what only waits', async () => {
      const ann = await agreed('ann');
      ann.work();
      rmSync(share, { recursive: true });
      now = monday('2026-W47');
      assert.deepEqual(await send(ann), []);
      relink(ann.home);
      const [seen] = (await ann.contributor.preview()).weeks;
      mkdirSync(share);
      assert.deepEqual(await send(ann), ['2026-W46']);
      const arrived = await received();
      assert.deepEqual(weeksOf(arrived), ['2026-W46 1']);
      assert.equal(arrived[0]?.token, tokenOf(Buffer.alloc(32, 7), '2026-W46', 'payments'));
      assert.deepEqual([seen?.status, seen?.contribution.token], ['queued', arrived[0]?.token]);
    });

    it('goes on under the first token also with what waits after it was sent once', async () => {
      const ann = await agreed('ann');
      ann.work();
      now = monday('2026-W47');
      assert.deepEqual(await send(ann), ['2026-W46']);
      now = monday('2026-W46') + 5 * DAY;
      ann.work();
      now = monday('2026-W47');
      const away = join(folder, 'away');
      renameSync(share, away);
      assert.deepEqual(await send(ann), []);
      relink(ann.home);
      renameSync(away, share);
      assert.deepEqual(await send(ann), ['2026-W46']);
      const [first, second, ...others] = await received();
      assert.deepEqual([second?.revision, others], [2, []]);
      assert.equal(second?.token, first?.token);
    });
  });

  it('waits for its turn while another window sends, and then sends nothing again', async () => {
    const ann = await agreed('ann');
    const other = machine('ann').contributor;
    let requests = 0;
    let others: Promise<SentWeeks> | undefined;
    const server = createServer((request, response) => {
      requests += 1;
      others ??= other.send({ due: false, signal: never });
      request.resume().on('end', () => response.end('{}'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      writeTeam({ transport: `{ otlp: "http://127.0.0.1:${(server.address() as AddressInfo).port}" }` });
      await ann.contributor.agree({ automatic: false, assistants: false });
      ann.work();
      now = monday('2026-W47');
      ann.work();
      now = monday('2026-W48');
      assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, ['2026-W46', '2026-W47']);
      assert.deepEqual(await others, { sent: [], queued: [] });
      assert.equal(requests, 2);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('leaves no other week behind for one that holds more than a contribution can', async () => {
    const steps = Array.from({ length: 20 }, (_, index) => `${'a-step-with-a-long-name-'.repeat(2)}${index}`.padEnd(64, 'x'));
    writeTeam({ counters: '[review.runs, steps.waits]', steps: `[${steps.join(', ')}]` });
    const ann = await agreed('ann', { automatic: true });
    for (const stepId of steps) {
      for (const { below } of DWELL.ranges) {
        const dwell = below === Infinity ? 30 * DAY : below - 1;
        ann.work({ operation: 'manual', outcome: 'completed', stepKind: 'manual', stepState: 'done', stepId, dwell });
      }
    }
    now = monday('2026-W47');
    ann.work();
    now = monday('2026-W49');
    const { sent, queued, failed } = await ann.contributor.send({ due: true, signal: never });
    assert.deepEqual([sent, queued], [['2026-W47'], []]);
    assert.deepEqual(
      failed?.map(({ week, failure }) => [week, failure.reason]),
      [['2026-W46', 'too-large']],
    );
    assert.deepEqual(weeksOf(await received()), ['2026-W47 1']);
    assert.deepEqual(readdirSync(telemetryPaths(ann.home).contributions), ['2026-W47-payments.json']);
    const said: string[] = [];
    const log = { ...silentLog, warn: (message: string) => void said.push(message) };
    await sendDue({ roots: [root], home: ann.home, telemetry: ann.telemetry, env: {}, clock, signal: never, log });
    assert.match(said.join(), /2026-W46 was not sent: The contribution holds more/);
  });

  it('sends nothing that is too late to count', async () => {
    const ann = await agreed('ann');
    ann.work();
    // 2026-W45 to W48 is a window of four weeks; it can be released when W49 is over.
    now = monday('2026-W50');
    assert.deepEqual(await ann.contributor.send({ due: false, signal: never }), { sent: [], queued: [] });
    now -= 1;
    assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, ['2026-W46']);
  });

  it('takes back what is not released when sharing ends, and sends nothing more', async () => {
    const ann = await agreed('ann', { automatic: true });
    ann.work();
    now = monday('2026-W47');
    ann.work();
    await ann.contributor.send({ due: false, signal: never });
    assert.equal(readdirSync(share).length, 1);
    assert.deepEqual(await ann.contributor.withdraw(never), { removed: ['2026-W46'], left: [], unreached: [], still: [] });
    assert.deepEqual(readdirSync(share), []);
    assert.deepEqual(ann.contributor.agreements(), []);
    now = monday('2026-W49');
    assert.deepEqual(await ann.contributor.send({ due: true, signal: never }), { sent: [], queued: [] });
  });

  it('takes back what was on its way when sharing ended', async () => {
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    const arrived = (): boolean => readdirSync(share).length > 0;
    const telemetry = {
      state: (): ConsentState => (arrived() ? { recording: false, because: 'off' } : ann.telemetry.state()),
      retention: () => ann.telemetry.retention(),
      events: () => ann.telemetry.events(),
    };
    const contributor = new Contributor({ home: ann.home, root, env: {}, clock, telemetry });
    assert.deepEqual(await contributor.send({ due: false, signal: never }), { sent: [], queued: [] });
    assert.equal(arrived(), false);
    assert.deepEqual(filesIn(telemetryPaths(ann.home).contributions), {});
  });

  it('takes back only where it was sent, says what stays elsewhere, and with whom sharing goes on', async () => {
    writeTeam({ transport: '{ folder: ../share }' });
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, ['2026-W46']);
    // Beside another folder, the same path is another place, where there is nothing.
    const elsewhere = join(folder, 'deep', 'work');
    mkdirSync(elsewhere, { recursive: true });
    mkdirSync(join(folder, 'deep', 'share'));
    const options = { home: ann.home, root: elsewhere, env: {}, clock, telemetry: ann.telemetry };
    const { mtimeMs } = statSync(share);
    const there = await new Contributor(options).withdraw(never);
    assert.deepEqual([there.removed, there.left, there.unreached.map(({ week }) => week)], [[], [], ['2026-W46']]);
    assert.match(there.unreached[0]?.failure.message ?? '', /It was sent to .*share, and from this folder the way leads to /);
    assert.equal(statSync(share).mtimeMs, mtimeMs);
    // A folder of another team ends nothing but its own, unless all is to end.
    await ann.contributor.agree({ automatic: false, assistants: false });
    mkdirSync(join(elsewhere, '.handrail'));
    const text = readFileSync(join(root, '.handrail', 'telemetry.yml'), 'utf8');
    writeFileSync(join(elsewhere, '.handrail', 'telemetry.yml'), text.replace('team: payments', 'team: search'));
    assert.deepEqual(await new Contributor(options).withdraw(never), { removed: [], left: [], unreached: [], still: ['payments'] });
    const all = await new Contributor(options).withdraw(never, { everyTeam: true });
    assert.deepEqual([all.unreached.map(({ week }) => week), all.still], [['2026-W46'], []]);
    assert.deepEqual(await ann.contributor.withdraw(never), { removed: ['2026-W46'], left: [], unreached: [], still: [] });
    assert.deepEqual(readdirSync(share), []);
  });

  it('pauses when the counters that were agreed to come to mean something else', async () => {
    const ann = await agreed('ann', { automatic: true });
    const path = join(telemetryPaths(ann.home).sharing, 'payments.json');
    const record = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    for (const registry of [undefined, 'sha256:of an earlier version']) {
      writeFileSync(path, JSON.stringify({ ...record, registry }));
      const { state } = await ann.contributor.preview();
      assert.equal(state.sharing ? '' : state.because, 'changed');
    }
    ann.work();
    now = monday('2026-W48');
    assert.deepEqual(await ann.contributor.send({ due: true, signal: never }), { sent: [], queued: [] });
    await ann.contributor.agree({ automatic: true, assistants: false });
    assert.equal((await ann.contributor.preview()).state.sharing, true);
  });

  it('takes back until the ledger of the team says that it is released, and not by the calendar', async () => {
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    await ann.contributor.send({ due: false, signal: never });
    ann.work();
    now = monday('2026-W48');
    await ann.contributor.send({ due: false, signal: never });
    // The window could be released since 7 December; of it, only its first weeks are.
    now = monday('2026-W51');
    showLedger(await ledgerOf([5], 45));
    assert.equal(ann.contributor.canTakeBack, true);
    showLedger(await ledgerOf([5, 5], 45));
    assert.deepEqual(await ann.contributor.withdraw(never), { removed: ['2026-W47'], left: ['2026-W46'], unreached: [], still: [] });
    assert.deepEqual(weeksOf(await received()), ['2026-W46 1']);
    assert.equal(ann.contributor.canTakeBack, false);
    // Where no ledger is to be read, it is tried.
    rmSync(join(root, '.handrail/releases'), { recursive: true });
    assert.equal(ann.contributor.canTakeBack, true);
    assert.deepEqual((await ann.contributor.withdraw(never)).removed, ['2026-W46']);
    assert.deepEqual(readdirSync(share), []);
  });

  it('keeps what it takes to take back until the window can be released, though events are kept for a week only', async () => {
    const ann = await agreed('ann');
    await ann.telemetry.turnOn({ days: 7 });
    now = monday('2026-W45');
    ann.work();
    now = monday('2026-W46');
    assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, ['2026-W45']);
    ann.work();
    // One that was never sent is nowhere, and goes with its events.
    writeFileSync(join(telemetryPaths(ann.home).contributions, '2026-W45-search.json'), '{"window":4,"envelope":{}}');
    // Two days have to say that something is over.
    for (const days of [1, 2]) {
      now = monday('2026-W48') + days * DAY;
      ann.telemetry.expire();
    }
    assert.deepEqual(Object.keys(filesIn(telemetryPaths(ann.home).contributions)), ['2026-W45-payments.json']);
    assert.deepEqual((await ann.contributor.withdraw(never)).removed, ['2026-W45']);
    assert.deepEqual(readdirSync(share), []);
  });

  it('forgets then what was sent', async () => {
    const ann = await agreed('ann');
    await ann.telemetry.turnOn({ days: 7 });
    now = monday('2026-W45');
    ann.work();
    now = monday('2026-W46');
    await ann.contributor.send({ due: false, signal: never });
    now = monday('2026-W50') - 1;
    ann.telemetry.expire();
    assert.equal(readdirSync(telemetryPaths(ann.home).contributions).length, 1);
    now = monday('2026-W50');
    ann.telemetry.expire();
    assert.equal(readdirSync(telemetryPaths(ann.home).contributions).length, 1, 'the one day that says so may be a wrong one');
    now += DAY;
    ann.telemetry.expire();
    assert.equal(existsSync(telemetryPaths(ann.home).contributions), false);
  });

  it('takes back every revision of a week, also by ways that the team no longer names', async () => {
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    await ann.contributor.send({ due: false, signal: never });
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    writeTeam({ transport: `{ folder: ${JSON.stringify(elsewhere)} }` });
    await ann.contributor.agree({ automatic: false, assistants: false });
    now = monday('2026-W46') + 5 * DAY;
    ann.work();
    now = monday('2026-W47') + DAY;
    assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, ['2026-W46']);
    assert.deepEqual([readdirSync(share).length, readdirSync(elsewhere).length], [1, 1]);
    assert.deepEqual(await ann.contributor.withdraw(never), { removed: ['2026-W46'], left: [], unreached: [], still: [] });
    assert.deepEqual([readdirSync(share), readdirSync(elsewhere)], [[], []]);
  });

  it('can be asked again to take back what it did not reach', async () => {
    const ann = await agreed('ann');
    assert.equal(ann.contributor.canTakeBack, false);
    ann.work();
    now = monday('2026-W47');
    await ann.contributor.send({ due: false, signal: never });
    const away = join(folder, 'away');
    renameSync(share, away);
    const { removed, left, unreached } = await ann.contributor.withdraw(never);
    assert.deepEqual([removed, left], [[], []]);
    assert.deepEqual(
      unreached.map(({ week, failure }) => [week, failure.reason, failure.message]),
      [['2026-W46', 'unreachable', `There is no folder ${share}.`]],
    );
    assert.equal(ann.contributor.canTakeBack, true);
    renameSync(away, share);
    assert.deepEqual(await ann.contributor.withdraw(never), { removed: ['2026-W46'], left: [], unreached: [], still: [] });
    assert.deepEqual(readdirSync(share), []);
    assert.equal(ann.contributor.canTakeBack, false);
  });

  it('forgets what it did not reach with the events of that week, though nothing is sent any more, and keeps no empty folder', async () => {
    const ann = await agreed('ann', { automatic: true });
    ann.work();
    now = monday('2026-W47');
    await ann.contributor.send({ due: false, signal: never });
    rmSync(share, { recursive: true });
    assert.equal((await ann.contributor.withdraw(never)).unreached.length, 1);
    const { contributions, sharing } = telemetryPaths(ann.home);
    assert.equal(existsSync(sharing), false);
    mkdirSync(join(contributions, 'none of ours'));
    writeFileSync(join(contributions, '2026-W46-payments.json.txt'), 'none of ours');
    // The first day after the last on which it is kept, and one more that says the same.
    for (let days = 90; days <= 92; days += 1) {
      now = Date.parse('2026-11-15') + days * DAY;
      if (days > 90) assert.deepEqual(Object.keys(filesIn(contributions)), ['2026-W46-payments.json', '2026-W46-payments.json.txt']);
      ann.work();
    }
    assert.deepEqual(readdirSync(contributions).toSorted(), ['2026-W46-payments.json.txt', 'none of ours']);
    rmSync(contributions, { recursive: true });
    mkdirSync(contributions);
    ann.telemetry.expire();
    assert.equal(existsSync(contributions), false);
  });

  it('leaves and takes back whole what a sender was killed over, where others can see it', async () => {
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    rmSync(share, { recursive: true });
    await ann.contributor.send({ due: false, signal: never });
    mkdirSync(share);
    const [text] = Object.values(filesIn(telemetryPaths(ann.home).contributions));
    const { name } = JSON.parse(text ?? '') as { name: string };
    writeFileSync(join(share, `.tmp-${name}.json-1-aa`), 'half of it');
    writeFileSync(join(share, '.tmp-0123456789abcdef.json-1-aa'), "somebody else's");
    await ann.contributor.send({ due: false, signal: never });
    assert.deepEqual(readdirSync(share).toSorted(), ['.tmp-0123456789abcdef.json-1-aa', `${name}.json`]);
    writeFileSync(join(share, `.tmp-${name}.json-2-bb`), 'of another window');
    await ann.contributor.withdraw(never);
    assert.deepEqual(readdirSync(share), ['.tmp-0123456789abcdef.json-1-aa']);
  });

  for (const [what, text] of Object.entries({ 'cut off': '{"version":1,"team":"pay', empty: '', edited: '{"version":1,"name":"../x"}' })) {
    it(`sends a week again whose note is ${what}, which counts once`, async () => {
      const ann = await agreed('ann');
      ann.work();
      now = monday('2026-W47');
      await ann.contributor.send({ due: false, signal: never });
      writeFileSync(join(telemetryPaths(ann.home).contributions, '2026-W46-payments.json'), text);
      assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, ['2026-W46']);
      const [first, second, ...others] = await received();
      assert.equal(first?.token, second?.token);
      assert.deepEqual([first?.revision, second?.revision, others], [1, 2, []]);
      assert.deepEqual(await ann.contributor.send({ due: false, signal: never }), { sent: [], queued: [] });
    });
  }

  it('leaves a note of a later version alone', async () => {
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    await ann.contributor.send({ due: false, signal: never });
    const note = join(telemetryPaths(ann.home).contributions, '2026-W46-payments.json');
    writeFileSync(note, '{"version":2}');
    assert.deepEqual(await ann.contributor.send({ due: false, signal: never }), { sent: [], queued: [] });
    assert.equal(readFileSync(note, 'utf8'), '{"version":2}');
    assert.equal(readdirSync(share).length, 1);
  });

  it('waits where git finds no room for what it is about to push', async () => {
    writeTeam({ transport: '{ git: "https://git.invalid/team.git" }' });
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = join(folder, 'full');
    try {
      const { sent, queued } = await ann.contributor.send({ due: false, signal: never });
      assert.deepEqual([sent, queued.map(({ failure }) => failure.reason)], [[], ['read-only']]);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });

  it('fills no log with what it said an hour before', async () => {
    const ann = await agreed('ann', { automatic: true });
    ann.work();
    now = monday('2026-W48');
    rmSync(share, { recursive: true });
    const said: string[] = [];
    const log = sayingOnce({ ...silentLog, warn: (message) => void said.push(message) });
    const options = { home: ann.home, env: {}, clock, telemetry: ann.telemetry, roots: [root], log, signal: never };
    for (let hour = 0; hour < 3; hour += 1) await sendDue(options);
    assert.equal(said.length, 1);
    writeTeam({ k: '4' });
    for (let hour = 0; hour < 3; hour += 1) await sendDue(options);
    assert.equal(said.length, 2);
  });

  it('is agreed to as it was seen, not as the file says a moment later', async () => {
    const ann = await agreed('ann');
    const seen = await ann.contributor.preview();
    writeTeam({ counters: '[review.runs, models.cost]' });
    const agree = (preview: Preview): Promise<void> => ann.contributor.agree({ automatic: true, assistants: false, seen: preview });
    await assert.rejects(agree(seen), (error) => failureOf(error)?.reason === 'conflict');
    assert.deepEqual((await ann.contributor.preview()).state.sharing, false);
    await agree(await ann.contributor.preview());
    assert.deepEqual((await ann.contributor.preview()).state.sharing, true);
  });

  describe('by a git remote, which leads where the repository says', () => {
    const URL = 'https://git.invalid/team.git';
    const git = (...args: string[]): void => void execFileSync('git', args, { cwd: root, stdio: 'ignore' });

    beforeEach(() => {
      git('init', '--quiet');
      git('remote', 'add', 'team', 'https://ann:p@ss@git.invalid/team.git');
      writeTeam({ transport: '{ git: team }' });
    });

    it('shows the address without what signs in, and pauses once it is another one', async () => {
      const ann = await agreed('ann', { automatic: true });
      const seen = await ann.contributor.preview();
      assert.deepEqual([seen.to, seen.state.sharing], [URL, true]);
      assert.match(previewText(seen), /It goes to the git remote team, https:\/\/git\.invalid\/team\.git\. /);
      assert.match(sharedPage(seen, english).body, /It goes to the git remote team, https:\/\/git\.invalid\/team\.git\. /);
      for (const text of Object.values(filesIn(telemetryPaths(ann.home).sharing))) assert.doesNotMatch(text, /p@ss|ann:/);

      git('remote', 'set-url', 'team', `file://${join(folder, 'elsewhere.git')}`);
      execFileSync('git', ['init', '--quiet', '--bare', join(folder, 'elsewhere.git')]);
      ann.work();
      now = monday('2026-W48');
      assert.partialDeepStrictEqual((await ann.contributor.preview()).state, { sharing: false, because: 'elsewhere' });
      for (const due of [true, false]) assert.deepEqual(await ann.contributor.send({ due, signal: never }), { sent: [], queued: [] });
      assert.deepEqual(filesIn(telemetryPaths(ann.home).contributions), {});
      // Not by a yes to what was seen before.
      await assert.rejects(ann.contributor.agree({ automatic: true, assistants: false, seen }), { reason: 'conflict' });
      await ann.contributor.agree({ automatic: true, assistants: false, seen: await ann.contributor.preview() });
      const { contributor } = machine('ann', { PATH: process.env['PATH'] ?? '' });
      assert.deepEqual(await contributor.send({ due: false, signal: never }), { sent: ['2026-W46'], queued: [] });
      assert.deepEqual((await contributor.withdraw(never)).removed, ['2026-W46']);
    });

    it('goes on in every clone whose address was agreed to', async () => {
      const ann = await agreed('ann');
      git('remote', 'set-url', 'team', 'https://git.invalid/other.git');
      await ann.contributor.agree({ automatic: false, assistants: false });
      git('remote', 'set-url', 'team', URL);
      assert.equal((await ann.contributor.preview()).state.sharing, true);
      // Another file of the team is another agreement.
      writeTeam({ transport: '{ git: team }', k: '6' });
      await ann.contributor.agree({ automatic: false, assistants: false });
      git('remote', 'set-url', 'team', 'https://git.invalid/other.git');
      assert.partialDeepStrictEqual((await ann.contributor.preview()).state, { sharing: false, because: 'elsewhere' });
    });

    it('asks again for an agreement of an earlier version, which did not keep the address', async () => {
      const ann = await agreed('ann');
      const path = join(telemetryPaths(ann.home).sharing, 'payments.json');
      const { to, ...earlier } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
      assert.deepEqual(to, [URL]);
      writeFileSync(path, JSON.stringify(earlier));
      assert.partialDeepStrictEqual((await ann.contributor.preview()).state, { sharing: false, because: 'elsewhere' });
    });

    it('is not agreed to where there is no such remote, and says so in the preview by its name alone', async () => {
      const ann = await agreed('ann');
      git('remote', 'remove', 'team');
      const { to, state } = await ann.contributor.preview();
      assert.deepEqual([to, state.sharing], [undefined, true]);
      await assert.rejects(ann.contributor.agree({ automatic: false, assistants: false }), { reason: 'not-found' });
    });
  });

  it('refuses a folder of the repository itself, whose next commit could take contributions along', async () => {
    mkdirSync(join(root, 'figs'));
    writeTeam({ transport: '{ folder: figs }' });
    const ann = machine('ann');
    await ann.telemetry.turnOn();
    await linkFirst(linkFiles(telemetryPaths(ann.home)));
    await assert.rejects(ann.contributor.agree({ automatic: false, assistants: false }), { reason: 'config' });
    // One that was agreed to in an earlier version.
    writeTeam();
    await ann.contributor.agree({ automatic: false, assistants: false });
    const transport = folderTransport('figs', { root });
    ann.work();
    now = monday('2026-W47');
    await ann.contributor.send({ due: false, signal: never });
    const [name = assert.fail()] = readdirSync(share);
    const envelope = asEnvelope(JSON.parse(readFileSync(join(share, name), 'utf8')));
    assert.ok(envelope);
    await assert.rejects(transport.deliver(envelope, '0123456789abcdef'), { reason: 'config' });
    assert.deepEqual(readdirSync(join(root, 'figs')), []);
    writeFileSync(join(root, 'figs', '0123456789abcdef.json'), '');
    assert.equal(await transport.withdraw('2026-W46', '0123456789abcdef'), true);
    assert.deepEqual(readdirSync(join(root, 'figs')), []);
  });

  it('seals for and sends to nobody but whom the file that was agreed to names, though it changes under the reading', async () => {
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    for (let reads = 1; reads < 8; reads += 1) {
      writeTeam({ publicKey: JSON.stringify((await newTeamKey()).publicKey), transport: `{ folder: ${JSON.stringify(elsewhere)} }` });
      let left = reads;
      const changing = {
        home: ann.home,
        env: {},
        clock,
        telemetry: ann.telemetry,
        get root(): string {
          if (left === 0) writeTeam();
          left -= 1;
          return root;
        },
      };
      await new Contributor(changing).send({ due: false, signal: never });
      assert.deepEqual(readdirSync(elsewhere), [], `changed before read ${reads + 1}`);
    }
  });

  it('brings nothing back where everything is deleted while something is on its way', async () => {
    const ann = await agreed('ann');
    const server = createServer((request, response) => {
      ann.telemetry.deleteEverything();
      request.resume().on('end', () => response.end('{}'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      writeTeam({ transport: `{ otlp: "http://127.0.0.1:${(server.address() as AddressInfo).port}" }` });
      await ann.contributor.agree({ automatic: false, assistants: false });
      ann.work();
      now = monday('2026-W47');
      await ann.contributor.send({ due: false, signal: never });
      assert.equal(existsSync(telemetryPaths(ann.home).folder), false);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('gives usage of assistants that belongs to no team to one team only', async () => {
    const ann = await agreed('ann', { assistants: true });
    writeTeam({ team: 'search' });
    await assert.rejects(ann.contributor.agree({ automatic: false, assistants: true }), (error) => failureOf(error)?.reason === 'config');
    await ann.contributor.agree({ automatic: false, assistants: false });
    assert.deepEqual(
      ann.contributor.agreements().map(({ team }) => team),
      ['payments', 'search'],
    );
  });

  it('gives usage of assistants in a week to no other team while the first may have it', async () => {
    const ann = await agreed('ann', { assistants: true });
    // Outside of any team.
    const recorder = createRecorder({ home: ann.home, env: {}, clock });
    recorders.push(recorder);
    const assist = (): void => {
      recorder.record({ operation: 'other', outcome: 'completed', source: 'claude-code' });
      recorder.flush();
    };
    assist();
    now = monday('2026-W47');
    const away = join(folder, 'away');
    renameSync(share, away);
    assert.equal((await ann.contributor.send({ due: false, signal: never })).queued.length, 1);
    assert.equal((await ann.contributor.withdraw(never)).unreached.length, 1);
    renameSync(away, share);
    assist();
    now = monday('2026-W48');
    writeTeam({ team: 'search' });
    await ann.contributor.agree({ automatic: false, assistants: true });
    assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, ['2026-W47']);
    // Once it is taken back from the first team, it is free.
    writeTeam();
    assert.deepEqual((await ann.contributor.withdraw(never)).removed, ['2026-W46']);
    writeTeam({ team: 'search' });
    assert.deepEqual((await ann.contributor.send({ due: false, signal: never })).sent, ['2026-W46']);
  });

  it('is ended where nothing can be added or removed, by withdrawal and by turning telemetry off', async function () {
    for (const how of ['withdraw', 'off'] as const) {
      const ann = await agreed(how, { automatic: true });
      ann.work();
      const { sharing, assistants } = telemetryPaths(ann.home);
      mkdirSync(assistants);
      const could = await unprivileged(folder, async () => {
        chmodSync(sharing, 0o555);
        if (how === 'withdraw') await ann.contributor.withdraw(never);
        else await ann.telemetry.turnOff();
        assert.deepEqual(ann.contributor.agreements(), []);
        if (how === 'off') assert.equal(existsSync(assistants), false);
        await ann.telemetry.turnOn();
        assert.equal((await ann.contributor.preview()).state.sharing, false);
        // What cannot even be written to stays, and is told; the rest is done all the same.
        chmodSync(sharing, 0o755);
        await ann.contributor.agree({ automatic: true, assistants: false });
        mkdirSync(assistants, { recursive: true });
        chmodSync(join(sharing, 'payments.json'), 0o444);
        chmodSync(sharing, 0o555);
        await assert.rejects(ann.telemetry.turnOff(), { reason: 'read-only' });
        assert.equal(existsSync(assistants), false);
        // Nor does recording begin again with sharing that somebody meant to end.
        await assert.rejects(ann.telemetry.turnOn(), { reason: 'read-only' });
        assert.equal(ann.telemetry.state().recording, false);
        chmodSync(sharing, 0o755);
        await ann.telemetry.turnOn();
        assert.deepEqual(ann.contributor.agreements(), []);
      });
      if (!could) this.skip();
    }
  });

  it('lets others read what it leaves in a folder, whatever files of the person are like', async function () {
    if (process.platform === 'win32') this.skip();
    const before = process.umask(0o077);
    try {
      const ann = await agreed('ann');
      ann.work();
      now = monday('2026-W47');
      await ann.contributor.send({ due: false, signal: never });
    } finally {
      process.umask(before);
    }
    const [name = assert.fail()] = readdirSync(share);
    assert.equal(statSync(join(share, name)).mode & 0o777, 0o644);
  });

  it('is agreed to by a linked device with telemetry on, for a team that can be sent to', async () => {
    const ann = machine('ann');
    const refused = (reason: string) => (error: unknown) => failureOf(error)?.reason === reason;
    const agree = (): Promise<void> => ann.contributor.agree({ automatic: false, assistants: false });
    await assert.rejects(agree(), refused('config'));
    assert.equal(existsSync(ann.home), false);
    await ann.telemetry.turnOn();
    await assert.rejects(agree(), refused('not-found'));
    await linkFirst(linkFiles(telemetryPaths(ann.home)));
    writeTeam({ publicKey: JSON.stringify('A'.repeat(43)) });
    await agree();
    writeFileSync(join(root, '.handrail', 'telemetry.yml'), 'version: 1\nteam: payments\nk: 5\ncounters: [review.runs]\n');
    await assert.rejects(agree(), refused('config'));
  });

  it('forgets secret, agreement and what waits when everything is deleted', async () => {
    const ann = await agreed('ann');
    ann.work();
    now = monday('2026-W47');
    await ann.contributor.send({ due: false, signal: never });
    ann.telemetry.deleteEverything();
    assert.deepEqual(filesIn(ann.home), {});
    assert.deepEqual(await ann.contributor.send({ due: false, signal: never }), { sent: [], queued: [] });
    assert.deepEqual(filesIn(ann.home), {});
  });

  describe('devices of one person', () => {
    it('are linked by a request and its answer, and then have one token', async () => {
      const laptop = await agreed('laptop');
      const remote = machine('remote');
      await remote.telemetry.turnOn();
      const files = telemetryPaths(remote.home);
      const places = linkFiles(files);
      const request = await requestLink(places);
      assert.equal(await requestLink(places), request);
      const answer = await answerLink(linkFiles(telemetryPaths(laptop.home)), `  ${request}\n`);
      assert.match(request + answer, /^handrail-link-[\w-]{43}handrail-answer-[\w-]+$/);
      await acceptLink(places, answer);
      await remote.contributor.agree({ automatic: false, assistants: false });
      for (const one of [laptop, remote]) one.work();
      now = monday('2026-W47');
      for (const one of [laptop, remote]) await one.contributor.send({ due: false, signal: never });
      const [first, second] = await received();
      assert.equal(first?.token, second?.token);
      assert.equal(existsSync(files.linkRequest), false);
      if (process.platform !== 'win32') assert.equal(statSync(files.secret).mode & 0o777, 0o600);
      assert.equal(readFileSync(files.secret, 'utf8'), readFileSync(telemetryPaths(laptop.home).secret, 'utf8'));
    });

    it('take no answer to another request, no second one, and answer nobody without a secret', async () => {
      const refused = (reason: string) => (error: unknown) => failureOf(error)?.reason === reason;
      const laptop = linkFiles(telemetryPaths((await agreed('laptop')).home));
      const [remote, other] = ['remote', 'other'].map((name) => machine(name));
      assert.ok(remote && other);
      for (const { telemetry } of [remote, other]) await telemetry.turnOn();
      const files = telemetryPaths(remote.home);
      const places = linkFiles(files);
      await assert.rejects(acceptLink(places, 'x'), refused('not-found'));
      const request = await requestLink(places);
      await assert.rejects(answerLink(places, request), refused('not-found'));
      await assert.rejects(answerLink(laptop, 'hello'), refused('usage'));
      await assert.rejects(answerLink(laptop, `${request}=`), refused('usage'));
      const foreign = await answerLink(laptop, await requestLink(linkFiles(telemetryPaths(other.home))));
      await assert.rejects(acceptLink(places, foreign), refused('usage'));
      assert.equal(existsSync(files.secret), false);
      await acceptLink(places, await answerLink(laptop, request));
      await assert.rejects(linkFirst(places), refused('conflict'));
      await assert.rejects(requestLink(places), refused('conflict'));
    });
  });
});
