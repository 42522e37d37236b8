import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { createTelemetryStore } from '../../src/node/telemetry/consentStore.ts';
import { memorySecrets } from '../support/memorySecrets.ts';
import { EditorUsage } from '../../src/vscode/telemetry/editorUsage.ts';
import { readState } from '../../src/vscode/telemetry/readState.ts';
import { Answers, until } from '../support/answers.ts';
import { inTerminal } from '../support/terminalRun.ts';

/** Telemetry for a person whose editor forbids it. */
describe('telemetry, forbidden by the editor', () => {
  const home = process.env['HANDRAIL_HOME'] ?? assert.fail('the tests have a home of their own');
  const telemetry = path.join(home, 'telemetry');
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('a folder is open');
  let answers: Answers;

  before(async () => {
    answers = new Answers();
    await vscode.extensions.getExtension('handrail.handrail')?.activate();
  });

  after(() => answers.dispose());

  const review = async (): Promise<void> => {
    await vscode.window.showTextDocument(vscode.Uri.file(path.join(folder, 'src/payments/giftCards.ts')));
    await vscode.commands.executeCommand('handrail.reviewFile');
  };

  it('cannot be turned on: the reason is said with the button that mends it, and nothing is written', async () => {
    assert.equal(vscode.env.isTelemetryEnabled, false);
    await vscode.commands.executeCommand('handrail.turnOnTelemetry');
    const said = await until('the reason', () => answers.said.at(-1));
    assert.match(said, /Telemetry stays off: the telemetry level of the editor is not “all”\. Handrail obeys that setting/);
    assert.equal(fs.existsSync(telemetry), false);
    const usage = new EditorUsage(vscode.window.createOutputChannel('Second window', { log: true }), memorySecrets());
    assert.deepEqual(await readState(usage), { kind: 'vetoed', wanted: false, events: 0 });
    usage.dispose();
    assert.equal(fs.existsSync(telemetry), false);
  });

  it('is forbidden in the terminals of the editor as well, before anything was decided', async () => {
    const status: unknown = JSON.parse(await inTerminal('handrail telemetry status --format json'));
    assert.partialDeepStrictEqual(status, { recording: false, because: 'never-on', forbidden: 'editor' });
    assert.equal(fs.existsSync(telemetry), false);
  });

  it('overrules what the command line turned on, and keeps that for the command line', async () => {
    const store = createTelemetryStore({ home });
    await store.turnOn();
    await review();
    await until('the veto', () => fs.existsSync(path.join(telemetry, 'editor-veto')));
    assert.equal(store.state().recording, false);
    assert.deepEqual(store.events().events, []);
    assert.equal(fs.existsSync(path.join(telemetry, 'events')), false);
    store.deleteEverything();
    assert.equal(fs.existsSync(telemetry), false);
  });
});
