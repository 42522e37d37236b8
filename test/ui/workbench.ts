import { expect, type Locator, type Page } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';

const pictures = path.resolve(import.meta.dirname, '../../dist/ui');

/** The three kinds of theme that people have, with what the workbench and its webviews call them. */
const THEMES = {
  light: { label: 'Light Modern', workbench: 'vs', webview: 'vscode-light' },
  dark: { label: 'Dark Modern', workbench: 'vs-dark', webview: 'vscode-dark' },
  'high contrast': { label: 'Dark High Contrast', workbench: 'hc-black', webview: 'vscode-high-contrast' },
} as const;
type Theme = keyof typeof THEMES;

/** What a person does in the workbench. */
export class Workbench {
  readonly page: Page;
  /** Folder of the opened project, a git repository. */
  readonly folder: string;
  /** Folder of the person's data (`HANDRAIL_HOME`), shared by the tests of a worker. */
  readonly home: string;
  readonly #address: string;

  constructor(page: Page, options: { folder: string; home: string; address: string }) {
    this.page = page;
    this.folder = options.folder;
    this.home = options.home;
    this.#address = options.address;
  }

  async open(): Promise<void> {
    await this.page.goto(this.#address);
    // On a busy machine, the editor now and then opens a workspace file that it has not seen before without its folders, and stays so.
    // Nothing of ours runs until there is a folder; a person reloads the window.
    const withoutFolders = this.page.getByText('You have not yet added a folder to the workspace');
    const isIn = await this.#hostSigns()
      .waitFor({ timeout: 30_000 })
      .then(
        () => true,
        () => false,
      );
    if (!isIn && (await withoutFolders.isVisible())) await this.page.reload();
    await this.ready();
  }

  /** Waits until the workbench is drawn and its extension host answers. */
  async ready(): Promise<void> {
    await expect(this.page.locator('.monaco-workbench .statusbar')).toBeVisible({ timeout: 60_000 });
    await expect(this.#hostSigns()).toBeVisible({ timeout: 60_000 });
  }

  /** Git's item comes from the extension host, so once it is there, extensions run. Restricted mode has a sign of its own. */
  #hostSigns(): Locator {
    return this.page.locator('.statusbar-item[id^="status.scm"], .statusbar-item[id="status.workspaceTrust"]').first();
  }

  /** Reloads the window, as "Developer: Reload Window" does; the profile and the server stay. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Runs a command of the palette by its whole title, e.g. `Handrail: Review Current File`. */
  async command(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input');
    // The workbench may still be taking its keyboard shortcuts in, and what takes the focus closes the palette: asked until the command was clicked.
    await expect(async () => {
      await this.page.keyboard.press('F1');
      await expect(input).toBeVisible({ timeout: 2_000 });
      await input.fill(`>${title}`, { timeout: 2_000 });
      await this.quickPick(title, { timeout: 5_000 });
    }).toPass({ timeout: 60_000 });
  }

  /** Chooses the entry of the open quick pick that reads `label`, or begins with it. */
  async quickPick(label: string | RegExp, options?: { timeout: number }): Promise<void> {
    const rows = this.page.locator('.quick-input-widget .monaco-list-row');
    const row = rows.filter({ has: this.page.locator('.label-name', { hasText: label }) }).first();
    await row.click(options);
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
    const match = this.page
      .locator('.quick-input-widget .monaco-list-row')
      .filter({ hasText: path.basename(file) })
      .first();
    // Whatever takes the focus meanwhile, such as a page that has just been drawn, closes the list; a person would press again.
    await expect(async () => {
      await this.page.keyboard.press('Control+P');
      await expect(input).toBeVisible({ timeout: 2_000 });
      await input.fill(file, { timeout: 2_000 });
      await match.click({ timeout: 5_000 });
    }).toPass({ timeout: 60_000 });
    await expect(this.page.locator('.tab.active', { hasText: path.basename(file) })).toBeVisible();
    await expect(this.page.locator('.editor-instance .view-lines').first()).toBeVisible();
  }

  /** Shows the Handrail views. */
  async openHandrail(): Promise<void> {
    const icon = this.page.locator('.activitybar .action-item').filter({ has: this.page.locator('[aria-label^="Handrail"]') });
    if (!(await icon.first().getAttribute('class'))?.includes('checked')) await icon.first().click();
  }

  /** A tree row by the beginning of its text, in any view. */
  row(text: string | RegExp): Locator {
    return this.page.locator('.pane-body .monaco-list-row').filter({ hasText: text }).first();
  }

  /** A view of the sidebar by the beginning of its title. */
  view(title: string): Locator {
    return this.page.locator('.pane', { has: this.page.locator('.pane-header', { hasText: new RegExp(`^${title}`, 'i') }) });
  }

  /**
   * Folds views of the sidebar that are open, to give the others their room. A header is there before the editor has opened what it
   * remembers as open, and what is folded before that opens again.
   */
  async fold(...titles: string[]): Promise<void> {
    for (const title of titles) {
      const header = this.view(title).locator('.pane-header');
      await expect(header).toHaveAttribute('aria-expanded', 'true');
      await expect(this.view(title).locator('.monaco-list-row, .welcome-view').first()).toBeVisible({ timeout: 60_000 });
      await header.click();
      await expect(header).toHaveAttribute('aria-expanded', 'false');
    }
  }

  /** A row of one view by its text. */
  viewRow(view: string, text: string | RegExp): Locator {
    return this.view(view).locator('.monaco-list-row', { hasText: text }).first();
  }

  /** The comment thread that is open in an editor. */
  thread(): Locator {
    return this.page.locator('.review-widget').filter({ visible: true }).first();
  }

  /**
   * Clicks, and waits for what comes of it. A click is lost when a view, which is still being read, is drawn anew under it; a person sees
   * that nothing came of it and clicks again.
   */
  async click(target: Locator, effect: Locator): Promise<void> {
    await expect(async () => {
      await target.click({ timeout: 2_000 });
      await expect(effect).toBeVisible({ timeout: 10_000 });
    }).toPass({ timeout: 60_000 });
  }

  /** Ticks a step, and waits for what comes of it. */
  async tick(row: Locator, effect: Locator): Promise<void> {
    await this.click(row.locator('.custom-view-tree-node-item-checkbox'), effect);
  }

  /** Presses a button that a row shows while it is pointed at. Rows move while their view is still being read; a person points again. */
  async pressOn(row: Locator, label: string): Promise<void> {
    const action = row.locator(`.action-label[aria-label^="${label}"]`);
    await expect(async () => {
      // What the pointer rests on may have come under it, and its hover may cover the row.
      await this.#pointNowhere();
      await row.hover({ timeout: 2_000 });
      await action.click({ timeout: 1_000 });
    }).toPass({ timeout: 60_000 });
  }

  /**
   * Chooses an entry of a view's *More Actions* menu. The editor closes an open menu whenever it lays its parts out anew, as it may still
   * do while it starts; a person opens it again.
   */
  async viewMenu(view: string, entry: string): Promise<void> {
    const header = this.view(view).locator('.pane-header');
    await expect(async () => {
      await header.hover({ timeout: 2_000 });
      await header.getByRole('button', { name: /More Actions/ }).click({ timeout: 2_000 });
      await this.page.getByRole('menuitem', { name: entry, exact: true }).click({ timeout: 3_000 });
    }).toPass({ timeout: 60_000 });
  }

  /**
   * A notification that came, by its text; its buttons are inside. The editor shows no toast for what comes on top of three messages
   * within 800 ms, which a test is quick enough to do; a person who waits for a word looks behind the bell.
   */
  async notified(text: string | RegExp): Promise<Locator> {
    const notification = this.page
      .locator('.notification-toast, .notifications-center .notification-list-item')
      .filter({ hasText: text })
      .first();
    const isShown = await notification.waitFor({ timeout: 30_000 }).then(
      () => true,
      () => false,
    );
    if (!isShown) await this.page.locator('[id="status.notifications"]').click();
    await expect(notification).toBeVisible({ timeout: 30_000 });
    return notification;
  }

  /** A modal dialogue by its text; its buttons are inside. */
  dialog(text: string | RegExp): Locator {
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

  /** Away from what shows a hover, onto the empty part of the title bar. */
  async #pointNowhere(): Promise<void> {
    await this.page.mouse.move(250, 8);
  }

  /**
   * Saves every file, and waits until the editor has: its file is written a moment before that, and what is undone in between the editor
   * takes for saved.
   */
  async saveAll(): Promise<void> {
    await this.command('File: Save All Files');
    await expect(this.page.locator('.tab.dirty')).toHaveCount(0);
  }

  /** Keeps a picture of the whole window as `dist/ui/<name>.png`. */
  async screenshot(name: string): Promise<void> {
    await this.#pointNowhere();
    await this.page.screenshot({ path: path.join(pictures, `${name}.png`) });
  }

  /** Changes the colour theme as a person does. Nothing that waits for an answer may be open. */
  async chooseTheme(theme: Theme): Promise<void> {
    // A webview that is drawn anew in the theme may take the focus, which closes the list.
    await expect(async () => {
      await this.command('Preferences: Color Theme');
      await this.input(THEMES[theme].label);
      await expect(this.page.locator('.quick-input-widget')).toBeHidden();
      await expect(this.page.locator('.monaco-workbench')).toContainClass(THEMES[theme].workbench);
    }).toPass({ timeout: 120_000 });
    const webviews = this.page.locator('iframe.webview.ready').filter({ visible: true });
    for (const webview of await webviews.all()) {
      const body = webview.contentFrame().frameLocator('#active-frame').locator('body');
      await expect(body).toContainClass(THEMES[theme].webview);
    }
  }

  /** Keeps a picture of the window as it is in each theme, as `dist/ui/<name>-<theme>.png`; it ends as it began, in light. */
  async screenshotInThemes(name: string): Promise<void> {
    for (const theme of ['dark', 'high contrast', 'light'] as const) {
      await this.chooseTheme(theme);
      await this.screenshot(`${name}-${theme.replace(' ', '-')}`);
    }
  }
}
