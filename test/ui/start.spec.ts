/** `npm start` as a newcomer meets it: the printed address opens the example, and a key that was set is there after a restart. */
import { test, expect, chromium, type Page } from '@playwright/test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ensureChromium } from '../../scripts/vscode/chromium.mjs';
import { Workbench } from './workbench.ts';

const root = path.resolve(import.meta.dirname, '../..');

async function start(data: string, port: number) {
  const child = spawn(process.execPath, [path.join(root, 'scripts/start.mjs'), '--no-open', '--data', data, '--port', String(port)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let address: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('http://')) continue;
    address = line;
    break;
  }
  if (address === undefined) throw new Error('npm start ended without an address');
  const stop = async (): Promise<number | null> => {
    if (child.exitCode !== null) return child.exitCode;
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    const [code] = (await ended) as [number | null];
    return code;
  };
  return { address, stop };
}

const workbenchOn = (page: Page, address: string, data: string) =>
  new Workbench(page, { folder: path.join(data, 'shop'), home: path.join(data, 'home'), address });

test('npm start opens the example, reviews it without a key, and keeps a key over a restart', async () => {
  test.setTimeout(240_000);
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'handrail start '));
  const context = await chromium.launchPersistentContext(path.join(data, 'browser'), {
    ...(await ensureChromium()),
    viewport: { width: 1400, height: 900 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const running: { stop(): Promise<unknown> }[] = [];
  try {
    const first = await start(data, 0);
    running.push(first);
    const workbench = workbenchOn(page, first.address, data);
    await workbench.open();
    const readme = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await expect(readme.getByRole('heading', { name: 'Five minutes' })).toBeVisible();
    await workbench.openHandrail();
    await expect(page.locator('.statusbar-item', { hasText: 'feat/gift-cards' })).toBeVisible();
    await expect(workbench.row('Write the tests first')).toBeVisible();
    await workbench.openFile('src/payments/giftCards.ts');
    await workbench.command('Handrail: Review Current File');
    await expect(workbench.row(/\bcase\b/i)).toBeVisible();
    await workbench.screenshot('npm start');

    await workbench.command('Handrail: Set API Key…');
    await workbench.quickPick('https://api.openai.com');
    await workbench.input('sk-test-1234');
    await workbench.notified('The key for https://api.openai.com is stored');

    const port = Number(new URL(first.address).port);
    const stranger = await fetch(`http://127.0.0.1:${port}/mint-key`, { method: 'POST' });
    expect(stranger.status, 'the key of the secret storage needs the token').toBe(403);
    const foreignName = await fetch(`http://127.0.0.1:${port}/`, { headers: { host: 'attacker.example' } });
    expect(foreignName.status).not.toBe(200);
    expect(await first.stop()).toBe(0);

    const second = await start(data, port);
    running.push(second);
    expect(second.address).toBe(first.address);
    await workbenchOn(page, second.address, data).open();
    await workbench.command('Handrail: Remove API Key…');
    await workbench.quickPick('https://api.openai.com');
    await workbench.notified('The key for https://api.openai.com is removed');
    expect(await second.stop()).toBe(0);
  } finally {
    await context.close();
    for (const one of running) await one.stop();
    fs.rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
});
