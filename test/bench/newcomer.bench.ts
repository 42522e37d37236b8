import { chromium, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { ensureChromium } from '../../scripts/vscode/chromium.mjs';
import { installExtension, newDataFolder, startServer, workbenchAddress, writeSettings } from '../../scripts/vscode/server.mjs';
import { packageExtension } from '../../scripts/vsix.mjs';
import { newExample, removeWorkspace } from '../../scripts/workspace.mjs';
import { Workbench } from '../ui/workbench.ts';
import { median, type Measurement } from './benchmark.ts';

const REPETITIONS = 3;
/** Seconds from opening the example to the first finding that a newcomer is promised. */
const PROMISED = 60;
/** Nothing may wait longer, in milliseconds; a machine that slow measures nothing. */
const LONGEST = 300_000;

/** What a newcomer does, counted: each press of a button or entry of a list is one action. */
class Newcomer {
  readonly #page: Page;
  actions = 0;

  constructor(page: Page) {
    this.#page = page;
  }

  async click(selector: string, text?: string | RegExp): Promise<void> {
    const found = this.#page.locator(selector, text === undefined ? {} : { hasText: text }).first();
    await found.click({ timeout: LONGEST });
    this.actions += 1;
  }
}

interface Times {
  /** Seconds until the walkthrough is on the screen. */
  walkthrough: number;
  /** Seconds until the first finding is. */
  finding: number;
  /** Seconds from asking for the review to the first finding. */
  review: number;
  actions: number;
}

/** One newcomer: a new server, a new browser profile, a new copy of the example; the clock starts when the window opens. */
async function measure(vsix: string): Promise<Times> {
  const dataFolder = newDataFolder();
  installExtension(dataFolder, vsix);
  writeSettings(dataFolder, { 'security.workspace.trust.enabled': false });
  const folder = await newExample();
  const server = await startServer({ dataFolder, env: { HANDRAIL_HOME: path.join(dataFolder, 'home') } });
  const browser = await chromium.launch(await ensureChromium());
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    const address = workbenchAddress(server, { folder });
    const workbench = new Workbench(page, { folder, home: path.join(dataFolder, 'home'), address });
    await workbench.open();
    const newcomer = new Newcomer(page);
    await workbench.command('Handrail: Open Walkthrough');
    newcomer.actions += 1;
    const step = '.getting-started-step[data-step-id$="#handrail.start#review"]';
    await newcomer.click(`${step} .step-title`);
    const walkthrough = seconds();
    await newcomer.click(`${step} .monaco-button`, 'Review Changes of This Branch');
    const asked = seconds();
    const findings = page.locator('.pane', { has: page.locator('.pane-header', { hasText: /^Findings/i }) });
    await findings.locator('.monaco-list-row[aria-level="2"]').first().waitFor({ timeout: LONGEST });
    return { walkthrough, finding: seconds(), review: seconds() - asked, actions: newcomer.actions };
  } finally {
    await browser.close();
    await server.stop();
    removeWorkspace(folder);
    fs.rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/**
 * From opening the example to the first finding, through the walkthrough, with the packaged extension and nothing set up. Machine
 * time: what a person reads and thinks comes on top.
 */
export async function run(): Promise<Measurement[]> {
  const vsix = await packageExtension();
  const runs: Times[] = [];
  for (let i = 0; i < REPETITIONS; i++) runs.push(await measure(vsix));
  const of = (part: keyof Times): number => median(runs.map((times) => times[part]));
  const row = (metric: string, value: number, unit: string, baseline: number | null): Measurement => ({
    name: 'newcomer',
    metric,
    value,
    unit,
    baseline,
  });
  return [
    row('window opened to first finding (baseline: promised)', of('finding'), 's', PROMISED),
    row('slowest of the runs', Math.max(...runs.map(({ finding }) => finding)), 's', PROMISED),
    row('window opened to walkthrough', of('walkthrough'), 's', null),
    row('review asked for to first finding', of('review'), 's', null),
    row('actions', of('actions'), 'presses', null),
  ];
}
