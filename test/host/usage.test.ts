import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { connectChange, disconnectChange } from '../../src/core/usage/assistantSettings.ts';
import { copilotSettings } from '../../src/vscode/usage/copilotSettings.ts';

const ENDPOINT = { port: 24_318, secret: 'abcdefghijklmnopqrstuvwxyz012345' };
const valueOf = (name: string): unknown => vscode.workspace.getConfiguration().inspect(name)?.globalValue;

describe('the settings of Copilot Chat', () => {
  it("are the editor's, get ours when it is connected, and are as before when it is not", async () => {
    const settings = copilotSettings();
    assert.equal(settings.found(), true);
    await vscode.workspace.getConfiguration().update('github.copilot.chat.otel.captureContent', false, vscode.ConfigurationTarget.Global);
    const before = await settings.read();
    const { after, added } = connectChange('copilot', before, ENDPOINT);
    await settings.write(after);
    assert.equal(valueOf('github.copilot.chat.otel.enabled'), true);
    assert.equal(valueOf('github.copilot.chat.otel.exporterType'), 'otlp-http');
    assert.equal(valueOf('github.copilot.chat.otel.otlpEndpoint'), `http://127.0.0.1:24318/${ENDPOINT.secret}`);
    // Where the editor knows Settings Sync, the secret is kept out of it.
    const isSyncKnown = vscode.workspace.getConfiguration().inspect('settingsSync.ignoredSettings')?.defaultValue !== undefined;
    assert.deepEqual(valueOf('settingsSync.ignoredSettings'), isSyncKnown ? ['github.copilot.chat.otel.otlpEndpoint'] : undefined);

    await settings.write(disconnectChange('copilot', await settings.read(), added).after);
    assert.equal(await settings.read(), before);
    assert.equal(valueOf('github.copilot.chat.otel.captureContent'), false, 'was there before');
  });
});
