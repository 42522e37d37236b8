import type { FileProblems, Problem } from '../../core/workflow/problem.ts';
import { formerLabel } from './formerText.ts';
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
  /** Identifier of a command that choosing the line runs. */
  command?: string;
}

/** The whole tree of a state: steps with what they expect, the problems of a file that cannot be used, or what to do where there is none. */
export function nodesOf(l10n: Localiser, state: ViewState): Node[] {
  if (state.kind === 'invalid') {
    const problems = state.problems.flatMap((file) =>
      file.problems.map((problem, index) => ({
        item: problemItem(l10n, file.path, problem, index),
        children: [],
        problem: { path: file.path, problem },
      })),
    );
    return [...problems, ...sharedWay(l10n, state.problems)];
  }
  if (state.kind !== 'run') return waysOut(l10n, state);
  const { run } = state;
  const nodeOf = (step: (typeof run.steps)[number]): Node => {
    const item = toItem(l10n, step, run);
    const children = item.expand === 'none' ? [] : detailItems(l10n, step).map((detail) => ({ item: detail, children: [] }));
    return { item, children, stepId: step.id };
  };
  const { steps, folded } = arrange(run);
  const nodes = steps.map(nodeOf);
  if (folded.length > 0) nodes.push({ item: skippedGroupItem(l10n, folded.length), children: folded.map(nodeOf) });
  if (run.sharing === 'undecided')
    nodes.unshift(wayOut('handrail.shareEvidence', l10n.t('Say whether what you record is committed…'), 'repo-push'));
  const [former] = run.former ?? [];
  // First, since the steps below would be done twice.
  if (former !== undefined) nodes.unshift(wayOut('handrail.takeOverRecords', formerLabel(l10n, former), 'git-branch'));
  return nodes;
}

/**
 * What can be done in a state that is explained by a sentence above the list. They are lines and not buttons of a welcome text, since
 * the editor hides that text while there is a sentence.
 */
function waysOut(l10n: Localiser, state: ViewState): Node[] {
  switch (state.kind) {
    case 'no-git':
      return [wayOut('git.init', l10n.t('Initialize Repository'), 'repo-create'), tryAgain(l10n)];
    case 'unmatched':
      return [
        wayOut('handrail.selectWorkflow', l10n.t('Choose Workflow for This Branch…'), 'list-selection'),
        wayOut('handrail.chooseTemplate', l10n.t('Choose a Template'), 'new-file'),
        wayOut('handrail.importChecklist', l10n.t('Import from a Checklist…'), 'tasklist'),
      ];
    case 'failed':
      return [tryAgain(l10n), wayOut('handrail.showLog', l10n.t('Show Log'), 'output')];
    default:
      return [];
  }
}

/** What can be done at once about shared workflows that are not locked, or locked and not here. */
function sharedWay(l10n: Localiser, files: readonly FileProblems[]): Node[] {
  const remedies = new Set(files.flatMap(({ problems }) => problems.map(({ remedy }) => remedy)));
  if (remedies.has('lock')) return [wayOut('handrail.updateShared', l10n.t('Lock Shared Workflows…'), 'lock')];
  return remedies.has('fetch') ? [wayOut('handrail.updateShared', l10n.t('Fetch Shared Workflows…'), 'cloud-download')] : [];
}

function tryAgain(l10n: Localiser): Node {
  return wayOut('handrail.refreshWorkflow', l10n.t('Try Again'), 'refresh');
}

function wayOut(command: string, label: string, icon: string): Node {
  return {
    item: {
      id: `do/${command}`,
      label,
      icon: { id: icon },
      contextValue: 'action',
      expand: 'none',
      tone: 'normal',
      accessibilityLabel: label,
    },
    children: [],
    command,
  };
}
