import type { FileProblems, Problem } from '../../core/workflow/problem.ts';
import type { RunStatus } from '../../core/workflow/run.ts';
import type { ItemModel } from './stepItem.ts';
import type { Localiser } from './words.ts';

/** What the *Workflow* view shows. `kind` is also the context key that picks the welcome text, where no sentence stands above the list. */
export type ViewState =
  | { kind: 'no-folder' }
  | { kind: 'loading' }
  | { kind: 'untrusted' }
  | { kind: 'no-git'; message: string }
  | { kind: 'no-workflow' }
  /** There are workflows, but none for this branch. */
  | { kind: 'unmatched'; run: RunStatus }
  | { kind: 'invalid'; run: RunStatus; problems: FileProblems[] }
  | { kind: 'failed'; message: string }
  | { kind: 'run'; run: RunStatus };

/** The state a run status amounts to. `hasFiles` says whether any workflow file exists. */
export function stateOfRun(run: RunStatus, hasFiles: boolean): ViewState {
  if (run.workflow !== null) return { kind: 'run', run };
  const problems = run.problems.filter((file) => file.problems.some(isError));
  if (problems.length > 0) return { kind: 'invalid', run, problems };
  return hasFiles ? { kind: 'unmatched', run } : { kind: 'no-workflow' };
}

/** What stands beside the view's name: progress first, since a narrow side bar cuts the end; then folder (of several), workflow, branch. */
export function descriptionOf(l10n: Localiser, state: ViewState, folder: string | undefined): string | undefined {
  const parts = folder === undefined ? [] : [folder];
  if (state.kind === 'run' && state.run.workflow !== null) {
    const { run } = state;
    parts.unshift(`${run.done}/${run.total}`);
    parts.push(run.workflow?.title ?? '', run.branch ?? l10n.t('no branch'));
  }
  return parts.length === 0 ? undefined : parts.join(' · ');
}

/** The sentence above the list; undefined when the list speaks for itself. */
export function messageOf(l10n: Localiser, state: ViewState): string | undefined {
  switch (state.kind) {
    case 'no-git':
    case 'failed':
      return state.message;
    case 'unmatched':
      return state.run.note ?? l10n.t('No workflow follows this branch.');
    case 'invalid':
      return invalidSentence(l10n, state.problems);
    case 'run':
      if (state.run.problems.some((file) => file.problems.some(isError))) return flawedSentence(l10n, state.run.problems);
      if (state.run.steps.length > 0 && state.run.next.length === 0 && state.run.done === state.run.total)
        return l10n.t('Everything is done.');
      return undefined;
    default:
      return undefined;
  }
}

/** The workflow can be followed all the same, e.g. when only a prompt file is missing. */
function flawedSentence(l10n: Localiser, files: readonly FileProblems[]): string | undefined {
  const place = firstProblem(files);
  return place === undefined ? undefined : l10n.t('{0}, line {1}: {2}', baseName(place.path), place.problem.line, place.problem.message);
}

function isError(problem: Problem): boolean {
  return problem.severity === 'error';
}

function invalidSentence(l10n: Localiser, files: readonly FileProblems[]): string {
  const place = firstProblem(files);
  if (place === undefined) return l10n.t('The workflow file cannot be read.');
  return l10n.t('{0} cannot be used. Line {1}: {2}', baseName(place.path), place.problem.line, place.problem.message);
}

/** The first error, where *Open the Problem* leads. */
export function firstProblem(files: readonly FileProblems[]): { path: string; problem: Problem } | undefined {
  for (const file of files) {
    const problem = file.problems.find(isError) ?? file.problems[0];
    if (problem !== undefined) return { path: file.path, problem };
  }
  return undefined;
}

/** One line for each problem of a file that cannot be used. */
export function problemItem(l10n: Localiser, path: string, problem: Problem, index: number): ItemModel {
  const error = problem.severity === 'error';
  const place = l10n.t('line {0}', problem.line);
  return {
    id: `problem/${path}/${index}`,
    label: problem.message,
    description: `${baseName(path)}, ${place}`,
    icon: error ? { id: 'error', color: 'list.errorForeground' } : { id: 'warning', color: 'list.warningForeground' },
    contextValue: 'problem',
    expand: 'none',
    tone: 'normal',
    accessibilityLabel: [error ? l10n.t('error') : l10n.t('warning'), problem.message, baseName(path), place].join(', '),
  };
}

/** Text of the status bar item, or undefined when it is hidden. Icons in `$(…)`. */
export function statusBarOf(l10n: Localiser, state: ViewState): { text: string; tooltip: string } | undefined {
  if (state.kind === 'invalid') {
    return { text: `$(warning) ${l10n.t('workflow file has problems')}`, tooltip: invalidSentence(l10n, state.problems) };
  }
  if (state.kind !== 'run') return undefined;
  const { run } = state;
  const next = run.steps.find((step) => step.id === run.next[0]);
  const progress = `${run.done}/${run.total}`;
  if (next === undefined) {
    const done = run.done === run.total;
    return {
      text: done ? `$(pass) ${progress} · ${l10n.t('done')}` : `$(checklist) ${progress}`,
      tooltip: run.workflow?.title ?? '',
    };
  }
  return {
    text: `$(checklist) ${progress} · ${l10n.t('next: {0}', withoutIcons(next.title))}`,
    tooltip: l10n.t('{0}: go to the next step, {1}', run.workflow?.title ?? '', next.title),
  };
}

/** A title is repository text: it must not draw icons in the status bar. */
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '$ (');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
