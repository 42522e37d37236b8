import * as vscode from 'vscode';

/** Answers the editor's messages and lists as a person would, and keeps what was said. */
export class Answers {
  readonly said: string[] = [];
  readonly #buttons: { when: RegExp; button: string }[] = [];
  readonly #picks: RegExp[] = [];
  readonly #before = {
    showInformationMessage: vscode.window.showInformationMessage,
    showWarningMessage: vscode.window.showWarningMessage,
    showErrorMessage: vscode.window.showErrorMessage,
    showQuickPick: vscode.window.showQuickPick,
  };

  constructor() {
    const message = async (text: string, ...rest: unknown[]): Promise<unknown> => this.#answer(text, rest);
    Object.assign(vscode.window, {
      showInformationMessage: message,
      showWarningMessage: message,
      showErrorMessage: message,
      showQuickPick: async (items: readonly (string | vscode.QuickPickItem)[]) => {
        const wanted = this.#picks.shift();
        return wanted && items.find((item) => wanted.test(typeof item === 'string' ? item : item.label));
      },
    });
  }

  /** Presses this button at the next message that says so; every other message is closed. */
  press(button: string, when: RegExp): void {
    this.#buttons.push({ when, button });
  }

  /** Chooses these entries of the lists that come, in this order. */
  pick(...labels: RegExp[]): void {
    this.#picks.push(...labels);
  }

  #answer(text: string, rest: readonly unknown[]): unknown {
    const detail = rest.find((one): one is vscode.MessageOptions => typeof one === 'object' && one !== null)?.detail;
    const whole = detail === undefined ? text : `${text}\n${detail}`;
    this.said.push(whole);
    const index = this.#buttons.findIndex(({ when, button }) => when.test(whole) && rest.includes(button));
    return index < 0 ? undefined : this.#buttons.splice(index, 1)[0]?.button;
  }

  dispose(): void {
    Object.assign(vscode.window, this.#before);
  }
}

/** Waits for a state that the editor's own events, or another process, bring about. */
export async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
