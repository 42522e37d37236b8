import type * as vscode from 'vscode';

/** Answers a person gave in this workspace, besides those the review service remembers. */
export class Answers {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  /** Text is not to go to this origin; the built-in reviewer answers instead. */
  declined(origin: string): boolean {
    return this.#state.get<string[]>('handrail.declinedOrigins', []).includes(origin);
  }

  async setDeclined(origin: string, declined: boolean): Promise<void> {
    const others = this.#state.get<string[]>('handrail.declinedOrigins', []).filter((one) => one !== origin);
    await this.#state.update('handrail.declinedOrigins', declined ? [...others, origin] : others);
  }

  /** An offer is made once. True the first time. */
  async firstOffer(key: string): Promise<boolean> {
    const made = this.#state.get<string[]>('handrail.madeOffers', []);
    if (made.includes(key)) return false;
    await this.#state.update('handrail.madeOffers', [...made, key]);
    return true;
  }
}
