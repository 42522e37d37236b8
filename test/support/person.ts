import * as vscode from 'vscode';

/** Waits for a state that the editor's own events bring about. */
export async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

type Messenger = (message: string, ...rest: unknown[]) => Thenable<unknown>;

/** Answers the editor's questions as a person would; `said` keeps what was shown. */
export class Person {
  readonly said: string[] = [];
  /** Labels and details of the lists that were offered. */
  readonly offered: string[] = [];
  #answers: { when: RegExp; answer: RegExp | undefined }[] = [];
  #inputs: (string | undefined)[] = [];
  #picks: RegExp[] = [];
  readonly #before = {
    showInformationMessage: vscode.window.showInformationMessage,
    showWarningMessage: vscode.window.showWarningMessage,
    showErrorMessage: vscode.window.showErrorMessage,
    showInputBox: vscode.window.showInputBox,
    showQuickPick: vscode.window.showQuickPick,
  };

  constructor() {
    const message: Messenger = async (text, ...rest) => this.#answer(text, rest);
    Object.assign(vscode.window, {
      showInformationMessage: message,
      showWarningMessage: message,
      showErrorMessage: message,
      showInputBox: async (options?: vscode.InputBoxOptions) => {
        this.said.push(options?.title ?? '');
        return this.#inputs.shift();
      },
      showQuickPick: async (items: readonly (string | vscode.QuickPickItem)[]) => {
        this.offered.push(...items.map((item) => (typeof item === 'string' ? item : `${item.label} ${item.detail ?? ''}`)));
        const wanted = this.#picks.shift();
        return wanted && items.find((item) => wanted.test(typeof item === 'string' ? item : item.label));
      },
    });
  }

  answers(when: RegExp, answer: RegExp | undefined): void {
    this.#answers.unshift({ when, answer });
  }

  types(...inputs: (string | undefined)[]): void {
    this.#inputs.push(...inputs);
  }

  picks(...labels: RegExp[]): void {
    this.#picks.push(...labels);
  }

  forget(): void {
    this.said.length = 0;
    this.offered.length = 0;
    this.#answers = [];
    this.#inputs = [];
    this.#picks = [];
  }

  restore(): void {
    Object.assign(vscode.window, this.#before);
  }

  #answer(text: string, rest: unknown[]): unknown {
    const [options] = rest;
    this.said.push(isModal(options) ? `${text}\n${options.detail ?? ''}` : text);
    const wanted = this.#answers.find(({ when }) => when.test(text))?.answer;
    return wanted && rest.find((button) => typeof button === 'string' && wanted.test(button));
  }
}

function isModal(options: unknown): options is vscode.MessageOptions {
  return typeof options === 'object' && options !== null && 'modal' in options;
}
