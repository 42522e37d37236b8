import type { Problem } from '../../core/workflow/problem.ts';
import { arrange, detailItems, skippedGroupItem, toItem } from './stepItem.ts';
import type { ItemModel } from './stepItem.ts';
import { problemItem } from './viewState.ts';
import type { ViewState } from './viewState.ts';
import type { Localiser } from './words.ts';

/** A node of the *Workflow* view. Step nodes carry `stepId`, so that menus can hand them to commands. */
export interface Node {
  item: ItemModel;
  children: Node[];
  stepId?: string;
  problem?: { path: string; problem: Problem };
}

/** The whole tree of a state: steps with what they expect, or the problems of a file that cannot be used. */
export function nodesOf(l10n: Localiser, state: ViewState): Node[] {
  if (state.kind === 'invalid') {
    return state.problems.flatMap((file) =>
      file.problems.map((problem, index) => ({
        item: problemItem(l10n, file.path, problem, index),
        children: [],
        problem: { path: file.path, problem },
      })),
    );
  }
  if (state.kind !== 'run') return [];
  const { run } = state;
  const nodeOf = (step: (typeof run.steps)[number]): Node => {
    const item = toItem(l10n, step, run);
    const children = item.expand === 'none' ? [] : detailItems(l10n, step).map((detail) => ({ item: detail, children: [] }));
    return { item, children, stepId: step.id };
  };
  const { steps, folded } = arrange(run);
  const nodes = steps.map(nodeOf);
  if (folded.length > 0) nodes.push({ item: skippedGroupItem(l10n, folded.length), children: folded.map(nodeOf) });
  return nodes;
}
