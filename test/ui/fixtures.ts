/**
 * The real workbench with the packaged extension installed, on a fresh copy of the example project, in a fresh browser profile.
 * One server a worker; `test.use({ theme, trust, settings, serverEnv, files })` changes what a test gets.
 */
import { test as base, expect, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import { installExtension, newDataFolder, startServer, workbenchAddress, writeSettings } from '../../scripts/vscode/server.mjs';
import { startModelServer, type ModelScript, type ModelServer } from '../support/modelServer.ts';
import { newExample, newRepository, removeWorkspace } from '../../scripts/workspace.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const pictures = path.join(root, 'dist/ui');

const THEMES = {
  light: { 'workbench.colorTheme': 'Default Light Modern' },
  dark: { 'workbench.colorTheme': 'Default Dark Modern' },
  'high contrast': { 'workbench.colorTheme': 'Default High Contrast' },
} as const;
export type Theme = keyof typeof THEMES;

interface Server {
  origin: string;
  port: number;
  dataFolder: string;
  log: string;
  stop(): Promise<void>;
}

/** What a person does in the workbench. */
export class Workbench {
  readonly page: Page;
  /** Folder of the opened project, a git repository. */
  readonly folder: string;
  /** Folder of the person's data (`HANDRAIL_HOME`), shared by the tests of a worker. */
  readonly home: string;
  readonly #address: string;
  readonly #shots: string;

  constructor(page: Page, options: { folder: string; home: string; address: string; shots: string }) {
    this.page = page;
    this.folder = options.folder;
    this.home = options.home;
    this.#address = options.address;
    this.#shots = options.shots;
  }

  async open(): Promise<void> {
    await this.page.goto(this.#address);
    await this.ready();
  }

  /** Waits until the workbench is drawn and its extension host answers. */
  async ready(): Promise<void> {
    await expect(this.page.locator('.monaco-workbench .statusbar')).toBeVisible({ timeout: 60_000 });
    // Git's item comes from the extension host, so once it is there, extensions run. Restricted mode has a sign of its own.
    const hostSigns = this.page.locator('.statusbar-item[id^="status.scm"], .statusbar-item[id="status.workspaceTrust"]');
    await expect(hostSigns.first()).toBeVisible({ timeout: 60_000 });
  }

  /** Reloads the window, as "Developer: Reload Window" does; the profile and the server stay. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Runs a command of the palette by its whole title, e.g. `Handrail: Review Current File`. */
  async command(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input');
    // The workbench may still be taking its keyboard shortcuts in; the key is pressed until the palette is there.
    await expect(async () => {
      await this.page.keyboard.press('F1');
      await expect(input).toBeVisible({ timeout: 2_000 });
    }).toPass();
    await input.fill(`>${title}`);
    await this.quickPick(title);
  }

  /** Chooses the entry of the open quick pick that reads `label`, or begins with it. */
  async quickPick(label: string | RegExp): Promise<void> {
    const rows = this.page.locator('.quick-input-widget .monaco-list-row');
    const row = rows.filter({ has: this.page.locator('.label-name', { hasText: label }) }).first();
    await row.click();
  }

  /** Types into the open input box and accepts. */
  async input(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input');
    await expect(input).toBeVisible();
    await input.fill(text);
    await input.press('Enter');
  }

  /** Opens a file of the project in an editor. */
  async openFile(file: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input');
    await expect(async () => {
      await this.page.keyboard.press('Control+P');
      await expect(input).toBeVisible({ timeout: 2_000 });
    }).toPass();
    await input.fill(file);
    await this.page
      .locator('.quick-input-widget .monaco-list-row')
      .filter({ hasText: path.basename(file) })
      .first()
      .click();
    await expect(this.page.locator('.tab.active', { hasText: path.basename(file) })).toBeVisible();
    await expect(this.page.locator('.editor-instance .view-lines').first()).toBeVisible();
  }

  /** Shows the Handrail views. */
  async openHandrail(): Promise<void> {
    const icon = this.page.locator('.activitybar .action-item').filter({ has: this.page.locator('[aria-label^="Handrail"]') });
    if (!(await icon.first().getAttribute('class'))?.includes('checked')) await icon.first().click();
  }

  /** A tree row by the beginning of its text, in any view. */
  row(text: string | RegExp) {
    return this.page.locator('.pane-body .monaco-list-row').filter({ hasText: text }).first();
  }

  /** A notification by its text; its buttons are inside. */
  notification(text: string | RegExp) {
    return this.page.locator('.notification-toast, .notifications-center .notification-list-item').filter({ hasText: text }).first();
  }

  /** A modal dialogue by its text; its buttons are inside. */
  dialog(text: string | RegExp) {
    return this.page.locator('.monaco-dialog-box').filter({ hasText: text });
  }

  read(file: string): string {
    return fs.readFileSync(path.join(this.folder, file), 'utf8');
  }

  write(file: string, text: string): void {
    const target = path.join(this.folder, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
  }

  /** Keeps a picture of the whole window as `dist/ui/<name>.png`. */
  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(this.#shots, `${name}.png`) });
  }
}

interface TestOptions {
  theme: Theme;
  trust: 'trusted' | 'restricted';
  /** Settings of the person, on top of the quiet ones. */
  settings: Record<string, unknown>;
  /** Files of a new repository instead of the example project. */
  files: Record<string, string> | undefined;
}

interface WorkerOptions {
  /** Environment of the extension host; changing it starts another server. */
  serverEnv: Record<string, string>;
}

interface Fixtures {
  folder: string;
  workbench: Workbench;
  /** Starts the scripted model server; it ends with the test. */
  modelServer: (script: ModelScript) => Promise<ModelServer>;
}

export const test = base.extend<TestOptions & Fixtures, WorkerOptions & { server: Server }>({
  theme: ['light', { option: true }],
  trust: ['trusted', { option: true }],
  settings: [{}, { option: true }],
  files: [undefined, { option: true }],
  serverEnv: [{}, { option: true, scope: 'worker' }],

  server: [
    async ({ serverEnv }, use) => {
      const dataFolder = newDataFolder();
      installExtension(dataFolder, path.join(root, 'dist/handrail.vsix'));
      const server: Server = await startServer({ dataFolder, env: { HANDRAIL_HOME: path.join(dataFolder, 'home'), ...serverEnv } });
      await use(server);
      await server.stop();
      fs.rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  folder: async ({ files }, use) => {
    const folder = files ? newRepository(files) : await newExample();
    await use(folder);
    removeWorkspace(folder);
  },

  workbench: async ({ page, server, folder, theme, trust, settings }, use) => {
    writeSettings(server.dataFolder, {
      'security.workspace.trust.enabled': trust === 'restricted',
      'security.workspace.trust.startupPrompt': 'never',
      'window.dialogStyle': 'custom',
      ...THEMES[theme],
      ...settings,
    });
    fs.mkdirSync(pictures, { recursive: true });
    const workbench = new Workbench(page, {
      folder,
      home: path.join(server.dataFolder, 'home'),
      address: workbenchAddress(server, { folder }),
      shots: pictures,
    });
    await workbench.open();
    await use(workbench);
  },

  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures a fixture needs from its pattern
  modelServer: async ({}, use) => {
    const started: ModelServer[] = [];
    await use(async (script) => {
      const server = await startModelServer(script);
      started.push(server);
      return server;
    });
    for (const server of started) await server.close();
  },
});

export { expect };
