/**
 * The comments of the editor, as far as findings use them. A thread passes a change of its state on to the screen, and nothing that is
 * no change, as the editor's own does; `foldedByHand` folds on the screen alone, as a person does without the extension being told.
 */

export const CommentThreadCollapsibleState = { Collapsed: 0, Expanded: 1 } as const;
export const CommentMode = { Preview: 1 } as const;

class Thread {
  /** What the person sees. */
  screen = 0;
  #state = 0;
  label = '';
  contextValue = '';
  canReply = true;

  get collapsibleState(): number {
    return this.#state;
  }

  set collapsibleState(state: number) {
    if (state === this.#state) return;
    this.#state = state;
    this.screen = state;
  }

  foldedByHand(): void {
    this.screen = 0;
  }

  dispose(): void {}
}

export const threads: Thread[] = [];

export const comments = {
  createCommentController: () => ({
    createCommentThread() {
      const thread = new Thread();
      threads.push(thread);
      return thread;
    },
    dispose() {},
  }),
};

export const l10n = { t: (message: string): string => message };
export const Uri = { joinPath: (base: string, ...parts: string[]): string => [base, ...parts].join('/') };

export class Range {
  isEqual(): boolean {
    return true;
  }
}

export class MarkdownString {
  value: string;

  constructor(value: string) {
    this.value = value;
  }
}
