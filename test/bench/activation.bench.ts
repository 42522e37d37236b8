import { chromium, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureChromium } from '../../scripts/vscode/chromium.mjs';
import {
  installExtension,
  linkExtensions,
  newDataFolder,
  startServer,
  workbenchAddress,
  writeSettings,
} from '../../scripts/vscode/server.mjs';
import { packageExtension } from '../../scripts/vsix.mjs';
import { newExample, removeWorkspace } from '../../scripts/workspace.mjs';
import { median, type Measurement } from './benchmark.ts';

const REPETITIONS = 5;
const OURS = 'handrail.handrail';
const GIT = 'vscode.git';
const COPILOT = 'GitHub.copilot-chat';
const WANTED = [OURS, GIT, COPILOT];

interface Times {
  load: number;
  call: number;
}

/** Columns of the table: extension, eager, load code, call activate, finish activate. Milliseconds. */
function activationTimes(report: string): Map<string, Times> {
  const rows = report
    .slice(report.indexOf('## Extension Activation Stats'))
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return new Map(
    rows.flatMap(([, id = '', , load, call]) => (WANTED.includes(id) ? [[id, { load: Number(load), call: Number(call) }] as const] : [])),
  );
}

/** Without this mark the workbench switches Copilot off on a machine where nobody has signed in. */
async function keepCopilot(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/version`);
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        // oxlint-disable-next-line typescript/no-explicit-any -- runs in the page, whose types this project does not load
        const request = (globalThis as any).indexedDB.open('vscode-web-state-db-global');
        request.onupgradeneeded = () => request.result.createObjectStore('ItemTable');
        request.onerror = () => reject(new Error('The page could not open its database.'));
        request.onsuccess = () => {
          const change = request.result.transaction('ItemTable', 'readwrite');
          change.objectStore('ItemTable').put('true', 'builtinChatExtensionEnablementMigration');
          change.oncomplete = () => {
            request.result.close();
            resolve();
          };
        };
      }),
  );
}

async function waitForReport(file: string): Promise<string> {
  const deadline = Date.now() + 180_000;
  while (!fs.existsSync(file)) {
    if (Date.now() > deadline) throw new Error('no activation report within three minutes');
    await delay(200);
  }
  const { missing, text } = JSON.parse(fs.readFileSync(file, 'utf8')) as { missing: string[]; text?: string };
  if (missing.length > 0 || text === undefined) throw new Error(`never activated: ${missing.join(', ')}`);
  return text;
}

/** One cold start: a new server, a new browser profile, a new copy of the example. */
async function measure(vsix: string): Promise<Map<string, Times>> {
  const dataFolder = newDataFolder();
  const report = path.join(dataFolder, 'report.json');
  installExtension(dataFolder, vsix);
  linkExtensions(dataFolder, [path.join(import.meta.dirname, 'helper')]);
  writeSettings(dataFolder, { 'security.workspace.trust.enabled': false });
  const folder = await newExample();
  const server = await startServer({
    dataFolder,
    env: { BENCH_REPORT: report, BENCH_WAIT_FOR: WANTED.join(','), HANDRAIL_HOME: path.join(dataFolder, 'home') },
  });
  const browser = await chromium.launch(await ensureChromium());
  try {
    const page = await browser.newPage();
    await keepCopilot(page, server.origin);
    await page.goto(workbenchAddress(server, { folder }));
    return activationTimes(await waitForReport(report));
  } finally {
    await browser.close();
    await server.stop();
    removeWorkspace(folder);
    fs.rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Activation of the packaged extension beside the built-in git and Copilot, in the same host and run; medians. */
export async function run(): Promise<Measurement[]> {
  const vsix = await packageExtension();
  const runs: Map<string, Times>[] = [];
  for (let i = 0; i < REPETITIONS; i++) runs.push(await measure(vsix));
  const of = (id: string, part: keyof Times) =>
    median(
      runs.map((times) => {
        const found = times.get(id);
        if (!found) throw new Error(`${id} is not in the activation report`);
        return found[part];
      }),
    );
  const total = (id: string) => of(id, 'load') + of(id, 'call');
  const row = (metric: string, value: number, unit: string, baseline: number | null): Measurement => ({
    name: 'activation',
    metric,
    value,
    unit,
    baseline,
  });
  return [
    row('load of Handrail (baseline: git)', of(OURS, 'load'), 'ms', of(GIT, 'load')),
    row('activate() of Handrail (baseline: git)', of(OURS, 'call'), 'ms', of(GIT, 'call')),
    row('load and activate() over git', total(OURS) / total(GIT), 'ratio', 1),
    row('load of Copilot', of(COPILOT, 'load'), 'ms', null),
    row("load over Copilot's load", of(OURS, 'load') / of(COPILOT, 'load'), 'ratio', 0.05),
  ];
}
