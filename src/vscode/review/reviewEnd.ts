import * as vscode from 'vscode';
import type { ReviewResult } from '../../core/ai/finding.ts';
import type { ReviewService } from '../../core/ai/service.ts';
import { failureOf } from '../../core/errors.ts';
import type { Boards } from './boards.ts';
import type { LastReview } from './lastReview.ts';
import { oneLine } from './plainText.ts';
import type { ReviewSummary } from './reviewBoard.ts';
import type { ReviewTarget } from './reviewTarget.ts';
import type { Reviewer } from './trackedFinding.ts';

/** What is left of a review in its folder, whether it ran to its end or not. */
export class ReviewEnd {
  readonly #boards: Boards;
  readonly #lastReview: LastReview;

  constructor({ boards, lastReview }: { boards: Boards; lastReview: LastReview }) {
    this.#boards = boards;
    this.#lastReview = lastReview;
  }

  /** Takes over what a review found, and what it said besides. */
  async finished(
    service: ReviewService,
    target: ReviewTarget,
    result: ReviewResult,
    by: { reviewer: Reviewer; because: string },
  ): Promise<void> {
    const board = this.#boards.of(target.folder);
    const found = new Set(result.findings.map(({ id }) => id));
    // The service knows which findings of earlier reviews this one takes the place of.
    const others = (await service.findings()).filter(({ id }) => !found.has(id));
    const summary: ReviewSummary = {
      ...by,
      ...(result.promptDigest === undefined ? {} : { promptDigest: result.promptDigest }),
      found: [...found],
      coverage: result.coverage,
      redactions: result.redactions,
      notices: [...result.notices, ...this.#onlyStaged(target, found)],
    };
    const dismissed = result.dismissed.map(({ id, reason, finding }) => ({
      id,
      reason,
      ...(finding === undefined ? {} : { title: finding.title, file: finding.file }),
    }));
    board.finish([...others, ...result.findings], summary, dismissed, target.texts);
    await this.#keep(target.folder);
  }

  /** What is staged may stand in the file no longer: such findings are shown as stale, and it is said why. */
  #onlyStaged(target: ReviewTarget, found: ReadonlySet<string>): string[] {
    if (target.request.scope !== 'staged') return [];
    const { entries } = this.#boards.of(target.folder);
    const count = entries.filter(({ finding, state }) => found.has(finding.id) && state === 'stale').length;
    if (count === 0) return [];
    return [
      count === 1
        ? vscode.l10n.t('1 finding is about staged lines that its file no longer has; it is shown as stale.')
        : vscode.l10n.t('{0} findings are about staged lines that their files no longer have; they are shown as stale.', count),
    ];
  }

  /** Keeps what was found before a review ended early, and says why it did. */
  async stopped(
    target: ReviewTarget,
    error: unknown,
    by: { reviewer: Reviewer; because: string; notices: string[]; found: string[] },
  ): Promise<void> {
    const board = this.#boards.of(target.folder);
    const failure = failureOf(error);
    const stopped =
      failure?.reason === 'cancelled'
        ? vscode.l10n.t('The review was cancelled. What it had found is kept.')
        : vscode.l10n.t('The review ended early: {0}', oneLine(failure?.message ?? vscode.l10n.t('something went wrong, see the log')));
    board.summarise({ ...by, coverage: [], redactions: [], stopped });
    await this.#keep(target.folder);
  }

  async #keep(folder: vscode.WorkspaceFolder): Promise<void> {
    const board = this.#boards.of(folder);
    await this.#lastReview.keep(folder, {
      ...(board.summary === undefined ? {} : { summary: board.summary }),
      dismissed: [...board.dismissed],
    });
  }
}

/** Another model may have answered than the one that was chosen. */
export function answererOf({ answeredBy }: ReviewResult, chosen: Reviewer): Reviewer {
  const [only, ...others] = answeredBy ?? [];
  if (only === undefined || others.length > 0) return chosen;
  return { name: only.name, ...(only.model === only.name ? {} : { model: only.model }) };
}
