import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { otelClient } from '../support/otelClient.ts';
import { expect, test } from './fixtures.ts';

const claude = fs.mkdtempSync(path.join(os.tmpdir(), 'handrail-claude-'));
const settings = path.join(claude, 'settings.json');

test.use({ telemetryLevel: 'all', serverEnv: { CLAUDE_CONFIG_DIR: claude, HOME: claude, NO_PROXY: '127.0.0.1' } });
test.afterAll(() => fs.rmSync(claude, { recursive: true, force: true }));

test('Claude Code is connected after its change was shown, reports, and is disconnected', async ({ workbench }) => {
  const before = '{\n  "model": "opus" // mine\n}\n';
  fs.writeFileSync(settings, before);
  await workbench.command('Handrail: Connect Assistants…');
  await (await workbench.notified('Telemetry is off')).getByRole('button', { name: 'Turn On Telemetry…' }).click();
  await workbench.dialog('on this machine only?').getByRole('button', { name: 'Turn On' }).click();

  await workbench.quickPick(/Claude Code/);
  const question = workbench.dialog('Connect Claude Code?');
  await expect(question).toContainText('Dropped before anything is written');
  await expect(workbench.page.locator('.editor.modified')).toContainText('OTEL_METRICS_EXPORTER');
  await workbench.screenshot('usage-connect');
  expect(fs.readFileSync(settings, 'utf8')).toBe(before);
  await question.getByRole('button', { name: 'Connect', exact: true }).click();
  await workbench.notified('Claude Code is connected');

  const { env } = JSON.parse(fs.readFileSync(settings, 'utf8').replace('// mine', '')) as { env: Record<string, string> };
  const base = env['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT']?.replace('/v1/metrics', '') ?? '';
  const client = otelClient({ base, headers: {}, encoding: 'json', service: 'claude-code' });
  client.counter('claude_code.token.usage', 2_000, { type: 'input', model: 'claude-opus-5' });
  await client.flush();
  await client.close();
  await expect(workbench.viewRow('Telemetry', 'Show everything recorded')).toContainText('1 event');
  await workbench.command('Handrail: Show Everything Recorded');
  await expect(workbench.page.locator('.editor-instance .view-lines').first()).toContainText('claude-code');
  await workbench.screenshot('usage-recorded');

  await workbench.command('Handrail: Connect Assistants…');
  await workbench.quickPick(/Claude Code/);
  const undo = workbench.dialog('Disconnect Claude Code?');
  await expect(undo).toContainText('What you changed there yourself stays');
  await expect(workbench.page.locator('.editor.original')).toContainText('OTEL_METRICS_EXPORTER');
  await workbench.screenshot('usage-disconnect');
  await undo.getByRole('button', { name: 'Disconnect' }).click();
  await workbench.notified('Claude Code is disconnected');
  expect(fs.readFileSync(settings, 'utf8')).toBe(before);
});
