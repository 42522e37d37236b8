import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import * as vscode from 'vscode';
import { dayOf, weekOf } from '../../src/core/telemetry/week.ts';
import { systemClock } from '../../src/node/clock.ts';
import { Contributor } from '../../src/node/team/contributor.ts';
import { newTeamKey } from '../../src/node/team/keys.ts';
import { linkFiles, linkFirst } from '../../src/node/team/link.ts';
import { createTelemetryStore } from '../../src/node/telemetry/consentStore.ts';
import { telemetryPaths } from '../../src/node/telemetry/paths.ts';
import { memorySecrets } from '../support/memorySecrets.ts';
import { EditorUsage } from '../../src/vscode/telemetry/editorUsage.ts';
import { FIRST_LOOK } from '../../src/vscode/telemetry/unhurried.ts';
import { readState } from '../../src/vscode/telemetry/readState.ts';
import { Answers, until } from '../support/answers.ts';
import { inTerminal } from '../support/terminalRun.ts';

/** Telemetry for a person whose editor allows it (level `all`): nothing until it is turned on, then the catalogue and no more. */

const REVIEWED = 'src/reviewedHere.ts';
const TEXT = 'export const same = (a: number): boolean => a === a;\nexport const none = (a: number): boolean => a === a;\n';
const WORKFLOW = `version: 1
id: feature
title: Feature or fix
on: { branches: ["feat/**"] }
steps:
  - id: intent
    kind: manual
    title: State the problem
`;

const home = process.env['HANDRAIL_HOME'] ?? assert.fail('the tests have a home of their own');
const telemetry = path.join(home, 'telemetry');
const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('a folder is open');
const uri = vscode.Uri.file(path.join(folder, REVIEWED));
const problems = (): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(uri).filter((problem) => problem.source?.startsWith('Handrail') === true);

function eventFiles(): string[] {
  const events = path.join(telemetry, 'events');
  return fs.existsSync(events) ? fs.readdirSync(events).map((name) => path.join(events, name)) : [];
}
const lines = (): string[] =>
  eventFiles()
    .flatMap((file) => fs.readFileSync(file, 'utf8').split('\n'))
    .filter((line) => line !== '');
const events = (): Record<string, unknown>[] => lines().map((line) => JSON.parse(line) as Record<string, unknown>);
const eventsWith = (fields: Record<string, unknown>): Record<string, unknown>[] =>
  events().filter((event) => Object.entries(fields).every(([name, value]) => event[name] === value));

/** A team that is sent to by a folder which is not there yet, and one review of the last week. `made` is to be removed. */
async function teamWithLastWeek(): Promise<{ share: string; made: string[] }> {
  const share = path.join(path.dirname(folder), 'share');
  const team = path.join(folder, '.handrail/telemetry.yml');
  const { publicKey } = await newTeamKey();
  const way = JSON.stringify({ folder: share });
  fs.writeFileSync(team, `version: 1\nteam: payments\nk: 5\npublicKey: "${publicKey}"\ntransport: ${way}\ncounters: [review.runs]\n`);
  const lastWeek = Date.now() - 7 * 24 * 3600 * 1000;
  const before = path.join(telemetry, 'events', `${weekOf(lastWeek)}-${'0'.repeat(16)}.ndjson`);
  const event = { schema: 1, day: dayOf(lastWeek), operation: 'review', outcome: 'completed', source: 'handrail', team: 'payments' };
  fs.writeFileSync(before, `${JSON.stringify(event)}\n`);
  return { share, made: [share, team, before] };
}

const tabs = (): string[] => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));

async function review(): Promise<void> {
  await vscode.window.showTextDocument(uri);
  await vscode.commands.executeCommand('handrail.reviewFile');
}

describe('telemetry, allowed by the editor', () => {
  let answers: Answers;
  const reached: string[] = [];
  const { connect } = net.Socket.prototype;

  before(async () => {
    // Everything that goes over the network in this process goes through a socket.
    net.Socket.prototype.connect = function (this: net.Socket, ...args: Parameters<typeof connect>) {
      const [target] = args.flat() as [net.TcpNetConnectOpts | undefined];
      if (target?.port !== undefined) reached.push(target.host ?? 'localhost');
      return connect.apply(this, args);
    } as typeof connect;
    answers = new Answers();
    execFileSync('git', ['switch', '-q', '-c', 'feat/telemetry'], { cwd: folder });
    fs.rmSync(path.join(folder, '.handrail'), { recursive: true, force: true });
    fs.mkdirSync(path.join(folder, '.handrail/workflows'), { recursive: true });
    fs.writeFileSync(path.join(folder, '.handrail/workflows/feature.yml'), WORKFLOW);
    fs.writeFileSync(uri.fsPath, TEXT);
    const extension = vscode.extensions.getExtension('handrail.handrail') ?? assert.fail('the extension is installed');
    await extension.activate();
    await vscode.commands.executeCommand('handrail.refreshWorkflow');
  });

  after(() => {
    net.Socket.prototype.connect = connect;
    answers.dispose();
  });

  it('runs where the editor says that telemetry is allowed', () => assert.equal(vscode.env.isTelemetryEnabled, true));

  it('leaves nothing behind while it was never turned on', async () => {
    await review();
    assert.ok(problems().length > 0);
    await vscode.commands.executeCommand('handrail.checkStep', { stepId: 'intent' });
    await vscode.commands.executeCommand('handrail.telemetry.focus');
    await vscode.commands.executeCommand('handrail.showRecorded');
    assert.equal(fs.existsSync(telemetry), false);
    assert.deepEqual(
      answers.said.filter((text) => /telemetry|record/i.test(text)),
      [],
      'nobody is asked unprompted',
    );
  });

  it('says nothing against it in the terminals', async () => {
    const status = JSON.parse(await inTerminal('handrail telemetry status --format json')) as Record<string, unknown>;
    assert.equal(status['because'], 'never-on');
    assert.equal(status['forbidden'], undefined);
  });

  it('stays off when the question is closed, and when the catalogue is read first', async () => {
    await vscode.commands.executeCommand('handrail.turnOnTelemetry');
    answers.press('Read What Is Recorded', /on this machine only\?/);
    await vscode.commands.executeCommand('handrail.turnOnTelemetry');
    const question = answers.said.filter((text) => /on this machine only\?/.test(text));
    assert.equal(question.length, 2);
    assert.match(question[0] ?? '', /Never: code.*Nothing is sent.*To stop/s);
    await until('the catalogue', () => vscode.window.tabGroups.activeTabGroup.activeTab?.label.includes('telemetry.md'));
    await until('the question offered again', () => answers.said.some((text) => text.startsWith('Read at leisure.')));
    assert.equal(fs.existsSync(telemetry), false);
  });

  it('keeps the day of the decision, no time, once it is turned on', async () => {
    answers.press('Turn On', /on this machine only\?/);
    await vscode.commands.executeCommand('handrail.turnOnTelemetry');
    const consent = JSON.parse(fs.readFileSync(path.join(telemetry, 'consent.json'), 'utf8')) as Record<string, unknown>;
    assert.equal(consent['recording'], true);
    assert.equal(consent['day'], new Date().toISOString().slice(0, 10));
    assert.deepEqual(lines(), []);
  });

  it('records reviews, decisions about findings and steps by the catalogue, with the day only', async () => {
    await review();
    await until('the review', () => eventsWith({ operation: 'review', outcome: 'completed', provider: 'builtin' })[0]);
    const problem = problems()[0] ?? assert.fail('a finding');
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, problem.range);
    const dismiss = actions.find(({ title }) => title.startsWith('Dismiss')) ?? assert.fail('an action');
    answers.pick(/^Intended/, /^For me$/);
    await vscode.commands.executeCommand(dismiss.command?.command ?? '', ...(dismiss.command?.arguments ?? []));
    await until('the dismissal', () => eventsWith({ operation: 'review', outcome: 'rejected', findingsDismissed: 1 })[0]);
    await vscode.commands.executeCommand('handrail.uncheckStep', { stepId: 'intent' });
    await vscode.commands.executeCommand('handrail.checkStep', { stepId: 'intent' });
    await until('the step', () => eventsWith({ operation: 'manual', workflowStepKind: 'manual', stepState: 'done' })[0]);
    for (const line of lines()) {
      assert.doesNotMatch(line, /\d\d:\d\d|reviewedHere|intent|feat|shop|problem/i);
      assert.equal((JSON.parse(line) as { day: string }).day, new Date().toISOString().slice(0, 10));
    }
  });

  it('shows every line in the editor', async () => {
    await vscode.commands.executeCommand('handrail.showRecorded');
    const page = vscode.window.activeTextEditor?.document ?? assert.fail('a page');
    assert.equal(page.uri.scheme, 'handrail-telemetry');
    const shown = (): number =>
      page
        .getText()
        .split('\n')
        .filter((line) => line.startsWith('- ')).length;
    await until('every line', () => shown() === lines().length);
    assert.ok(page.getText().includes(telemetry));
  });

  it("obeys the editor's level when it changes, keeps that for the command line, and comes back", async () => {
    const level = vscode.workspace.getConfiguration('telemetry');
    const count = lines().length;
    await level.update('telemetryLevel', 'error', vscode.ConfigurationTarget.Global);
    await until('the veto', () => fs.existsSync(path.join(telemetry, 'editor-veto')));
    assert.equal(vscode.env.isTelemetryEnabled, false);
    await review();
    await vscode.commands.executeCommand('handrail.turnOnTelemetry');
    assert.match(answers.said.at(-1) ?? '', /telemetry level of the editor is not “all”/);
    await level.update('telemetryLevel', 'all', vscode.ConfigurationTarget.Global);
    await until('the end of the veto', () => !fs.existsSync(path.join(telemetry, 'editor-veto')));
    await review();
    await until('another event', () => lines().length > count);
    assert.equal(lines().length, count + 1, 'nothing was recorded meanwhile');
  });

  it('keeps as long as the setting says', async () => {
    const settings = vscode.workspace.getConfiguration('handrail');
    await settings.update('telemetry.keepDays', 30, vscode.ConfigurationTarget.Global);
    await until('the retention', () => fs.existsSync(path.join(telemetry, 'retention.json')));
    assert.match(fs.readFileSync(path.join(telemetry, 'retention.json'), 'utf8'), /"days":30/);
    await settings.update('telemetry.keepDays', undefined, vscode.ConfigurationTarget.Global);
  });

  it('stays off with a damaged consent, says so, and is mended by deciding again', async () => {
    const count = lines().length;
    fs.writeFileSync(path.join(telemetry, 'consent.json'), '{"version":1,"recor');
    const usage = new EditorUsage(vscode.window.createOutputChannel('Second window', { log: true }), memorySecrets());
    const state = await readState(usage);
    usage.dispose();
    assert.equal(state.kind, 'failed');
    assert.match(state.kind === 'failed' ? state.message : '', /damaged\. Decide again/);
    await review();
    assert.equal(lines().length, count);
    answers.press('Turn On', /on this machine only\?/);
    await vscode.commands.executeCommand('handrail.turnOnTelemetry');
    await review();
    await until('an event', () => lines().length === count + 1);
  });

  it('shows what would leave, shares it once it was agreed to, and takes it back, with a secret that the editor keeps', async () => {
    const { share, made } = await teamWithLastWeek();
    fs.mkdirSync(share);
    await vscode.commands.executeCommand('handrail.previewShared');
    await until('the preview', () => tabs().includes('What the Lead of payments Sees'));
    await vscode.commands.executeCommand('handrail.contribute');
    answers.pick(/my first device/);
    await vscode.commands.executeCommand('handrail.contribute');
    assert.match(answers.said.at(-1) ?? '', /^Share weekly figures with payments\?.*private half.*at a random time/s);
    assert.deepEqual(fs.readdirSync(share), [], 'a question that was closed shares nothing');

    answers.press('Share Every Week', /^Share weekly figures with payments\?/);
    await vscode.commands.executeCommand('handrail.contribute');
    assert.match(answers.said.at(-1) ?? '', /There is nothing to send now\. Further weeks leave by themselves/);
    answers.press('Share Now', /^Share weekly figures with payments\?/);
    await vscode.commands.executeCommand('handrail.contribute');
    assert.match(answers.said.at(-1) ?? '', /^Sent: \d{4}-W\d{2}\.$/);
    await vscode.commands.executeCommand('handrail.contribute');
    assert.match(answers.said.at(-1) ?? '', /^There is nothing to send now\./, 'nothing is asked while nothing is ready');
    assert.equal(fs.readdirSync(share).length, 1);
    assert.equal(fs.existsSync(telemetryPaths(home).secret), false, 'the secret is no file');

    await vscode.commands.executeCommand('handrail.stopSharing');
    assert.equal(fs.readdirSync(share).length, 1, 'a question that was closed ends nothing');
    answers.press('Stop Sharing', /^Stop sharing weekly figures\?/);
    await vscode.commands.executeCommand('handrail.stopSharing');
    assert.match(answers.said.at(-1) ?? '', /This device shares nothing any more\. Taken back: \d{4}-W\d{2}\./);
    assert.deepEqual(fs.readdirSync(share), []);
    await vscode.commands.executeCommand('handrail.stopSharing');
    assert.equal(answers.said.at(-1), 'You share nothing.');
    for (const one of made) fs.rmSync(one, { recursive: true });
  });

  it('lets a window that opens send what waits, for a person who agreed, and says so', async () => {
    const { share, made } = await teamWithLastWeek();
    await linkFirst(linkFiles(telemetryPaths(home)));
    const store = createTelemetryStore({ home, env: {} });
    const contributor = new Contributor({ home, root: folder, env: process.env, clock: systemClock, telemetry: store });
    await contributor.agree({ automatic: true, assistants: false });
    const { signal } = new AbortController();
    assert.equal((await contributor.send({ due: false, signal })).queued.length, 1);

    fs.mkdirSync(share);
    const usage = new EditorUsage(vscode.window.createOutputChannel('Third window', { log: true }), memorySecrets());
    const restore = withoutFirstWait();
    try {
      usage.begin();
      await until('the contribution', () => fs.readdirSync(share).some((name) => /^[0-9a-f]{16}\.json$/.test(name)));
    } finally {
      restore();
    }
    const state = await readState(usage);
    assert.deepEqual(state.kind === 'on' ? state.shared : state.kind, ['payments']);
    usage.dispose();
    await contributor.withdraw(signal);
    assert.deepEqual(fs.readdirSync(share), []);
    for (const one of made) fs.rmSync(one, { recursive: true });
  });

  it('turns off, and leaves what was recorded to its day or to a word', async () => {
    const count = lines().length;
    await vscode.commands.executeCommand('handrail.turnOffTelemetry');
    assert.match(answers.said.at(-1) ?? '', /Telemetry is off\. What was recorded stays/);
    await review();
    assert.equal(lines().length, count);
    answers.press('Turn On', /on this machine only\?/);
    await vscode.commands.executeCommand('handrail.turnOnTelemetry');
  });

  it('deletes everything, also what another process has open', async () => {
    const [file = assert.fail('a file of events')] = eventFiles();
    const holder = spawn(process.execPath, ['-e', HOLDER, file], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    const [before] = (await once(holder.stdout, 'data')) as [Buffer];
    assert.ok(Number(String(before)) > 0);
    answers.press('Delete Everything', /cannot be undone/);
    await vscode.commands.executeCommand('handrail.deleteRecorded');
    assert.equal(fs.existsSync(telemetry), false);
    holder.stdin.end('again');
    const [after] = (await once(holder.stdout, 'data')) as [Buffer];
    assert.equal(Number(String(after)), 0, 'bytes under the descriptor of the other process');
    await review();
    assert.equal(fs.existsSync(telemetry), false);
    await vscode.commands.executeCommand('handrail.deleteRecorded');
    assert.match(answers.said.at(-1) ?? '', /nothing to delete/);
  });

  it('sent nothing over the network', () => {
    // The editor's own assistant lives in the same process and asks for its experiments once telemetry is allowed.
    const others = ['127.0.0.1', '::1', 'localhost', 'default.exp-tas.com'];
    assert.deepEqual(
      reached.filter((host) => !others.includes(host)),
      [],
    );
  });
});

/** Holds the file open and says its size, now and when asked. */
const HOLDER = `
const fs = require('node:fs');
const fd = fs.openSync(process.argv[1], 'a+');
const say = () => process.stdout.write(String(fs.fstatSync(fd).size));
say();
process.stdin.once('data', say);
`;

/** Lets the random while pass at once after which a window looks for what waits. Returns what undoes it. */
function withoutFirstWait(): () => void {
  const wait = globalThis.setTimeout;
  const restore = (): void => void (globalThis.setTimeout = wait);
  const hurried = (work: () => void, delay?: number): NodeJS.Timeout => {
    const isFirst = delay !== undefined && delay >= FIRST_LOOK.least && delay <= FIRST_LOOK.most;
    if (isFirst) restore();
    return wait(work, isFirst ? 0 : delay);
  };
  globalThis.setTimeout = Object.assign(hurried, wait);
  return restore;
}
