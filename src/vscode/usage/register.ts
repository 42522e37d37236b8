import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as vscode from 'vscode';
import type { ReceiverKeeper } from '../../node/usage/receiverKeeper.ts';
import { guarded, registerCommands } from '../commands.ts';
import type { Services } from '../services.ts';
import type { SettingsPages } from './settingsPages.ts';

/** Usage of other assistants in the editor. Where none was connected, one look at the disk is all that happens. */
export function registerUsage(services: Services): vscode.Disposable {
  const feature = new UsageFeature(services);
  feature.begin();
  return feature;
}

class UsageFeature implements vscode.Disposable {
  readonly #services: Services;
  readonly #store: vscode.Disposable[];
  #pages: SettingsPages | undefined;
  #keeper: ReceiverKeeper | undefined;

  constructor(services: Services) {
    this.#services = services;
    this.#store = [
      registerCommands(services.log, { 'handrail.connectAssistants': () => this.#connect() }),
      // Telemetry was turned off, or the level of the editor has changed.
      services.usage.onDidChange(() => void this.#keeper?.look()),
    ];
  }

  begin(): void {
    void guarded(this.#services.log, 'usage', async () => {
      const { handrailHome } = await import('../../node/home.ts');
      if (existsSync(join(handrailHome(), 'telemetry', 'assistants'))) await this.#listen();
    });
  }

  async #connect(): Promise<void> {
    const [{ connectAssistants }, { SettingsPages }] = await Promise.all([import('./connectAssistants.ts'), import('./settingsPages.ts')]);
    this.#pages ??= new SettingsPages();
    if (await connectAssistants(this.#services, this.#pages)) await this.#listen();
  }

  async #listen(): Promise<void> {
    const { keepListening } = await import('./listening.ts');
    this.#keeper ??= keepListening(this.#services);
    await this.#keeper.look();
  }

  dispose(): void {
    for (const one of this.#store) one.dispose();
    this.#pages?.dispose();
    void this.#keeper?.close();
  }
}
