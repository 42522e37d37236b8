import * as vscode from 'vscode';
import { myWeeks } from '../../core/telemetry/myWeeks.ts';
import { PagePanel, type PageContent } from '../page/pagePanel.ts';
import type { Services } from '../services.ts';
import { Sharing } from './sharing.ts';
import { weeksPage } from './weeksPage.ts';

/** What a person sees of their own figures, and what they do with them; loaded when they ask for it. */
export class OwnPages implements vscode.Disposable {
  readonly sharing: Sharing;
  readonly #services: Services;
  readonly #weeks = new PagePanel('handrail.weeks', ['handrail.showRecorded', 'handrail.previewShared']);
  readonly #shared = new PagePanel('handrail.shared', [
    'handrail.contribute',
    'handrail.stopSharing',
    'handrail.linkDevice',
    'handrail.showMyWeeks',
  ]);

  constructor(services: Services) {
    this.#services = services;
    this.sharing = new Sharing(services, this.#shared);
  }

  async showWeeks(): Promise<void> {
    this.#weeks.show(await this.#ofWeeks());
  }

  /** Gives pages that are open already their new content. */
  async refresh(): Promise<void> {
    if (this.#weeks.isOpen) this.#weeks.update(await this.#ofWeeks());
    await this.sharing.refresh();
  }

  async #ofWeeks(): Promise<PageContent> {
    const { store } = await this.#services.usage.load();
    return weeksPage(myWeeks(store.events().events, Date.now()), store.retention(), vscode.l10n);
  }

  dispose(): void {
    this.#weeks.dispose();
    this.#shared.dispose();
  }
}
