import { closest } from '../../core/closest.ts';
import type { CoverageEntry, Finding } from '../../core/ai/finding.ts';
import type { RunStatus, StepStatus } from '../../core/workflow/run.ts';
import { code, plain } from '../workflow/markdown.ts';
import { isRunnable, isTickable, waitsFor } from '../workflow/stepItem.ts';
import { stateWords } from '../workflow/words.ts';
import type { Localiser } from '../workflow/words.ts';
import { oneLine } from '../review/plainText.ts';
import { severityName } from '../review/findingText.ts';

/** What the participant says, as Markdown in which nothing of a repository or a model is more than letters. */

/** Most steps and reasons of one list; the others are counted. */
const MOST = 20;

export interface ChatButton {
  command: string;
  title: string;
  arguments?: unknown[];
}

/** What is next on the branch and who does it. */
export function nextText(l10n: Localiser, run: RunStatus): string {
  if (run.workflow === null) return noWorkflowText(l10n, run);
  const head = `**${words(run.workflow.title)}** · ${l10n.t('{0} of {1} steps done', run.done, run.total)}`;
  const steps = nextSteps(run);
  if (steps.length === 0) {
    const text =
      run.done === run.total ? l10n.t('Everything is done.') : l10n.t('Nothing can start before what is running or blocked is settled.');
    return `${head}\n\n${text}`;
  }
  const lines = steps.slice(0, MOST).map((step) => {
    const missing = step.missing.slice(0, 3).map((text) => `\n  - ${words(text)}`);
    return `- **${words(step.title)}** (${code(step.id)}) · ${words(stateWords(l10n, step, []))}\n  - ${whoText(l10n, step)}${missing.join('')}`;
  });
  return `${head}\n\n${l10n.t('Next:')}\n\n${lines.join('\n')}`;
}

/** Where all steps stand, and what else can be asked. */
export function statusText(l10n: Localiser, run: RunStatus): string {
  if (run.workflow === null) return `${noWorkflowText(l10n, run)}\n\n${abilityText(l10n)}`;
  const open = run.steps.filter(({ state }) => state !== 'done' && state !== 'skipped' && state !== 'waived');
  const lines = open.slice(0, MOST).map((step) => `- **${words(step.title)}** · ${words(stateWords(l10n, step, waitsFor(step, run)))}`);
  if (open.length > MOST) lines.push(`- ${l10n.t('and {0} more', open.length - MOST)}`);
  const head = `**${words(run.workflow.title)}** · ${l10n.t('{0} of {1} steps done', run.done, run.total)}`;
  const body = open.length === 0 ? l10n.t('Everything is done.') : `${l10n.t('Still open:')}\n\n${lines.join('\n')}`;
  return [head, body, abilityText(l10n)].join('\n\n');
}

function abilityText(l10n: Localiser): string {
  return [
    l10n.t('You can ask me for:'),
    '',
    `- \`/next\` · ${l10n.t('what is next, and who does it')}`,
    `- \`/review\` · ${l10n.t('a review of the file, or of branch, working or staged')}`,
    `- \`/explain STEP\` · ${l10n.t('why a step is there and what it expects')}`,
    `- \`/generate WHAT\` · ${l10n.t('a proposal at the cursor or for the selected lines')}`,
  ].join('\n');
}

function noWorkflowText(l10n: Localiser, { note, problems }: RunStatus): string {
  const broken = problems.find((file) => file.problems.length > 0);
  return [
    l10n.t('This branch follows no workflow.'),
    ...(note === undefined ? [] : [words(note)]),
    ...(broken === undefined ? [] : [l10n.t('There are mistakes in {0}.', code(broken.path))]),
  ].join(' ');
}

/** Who performs a step, in one sentence. */
export function whoText(l10n: Localiser, step: StepStatus): string {
  switch (step.kind) {
    case 'command':
      return l10n.t('Handrail runs its command when you say so.');
    case 'review':
      return l10n.t('The reviewer does it when you say so.');
    case 'generate':
      return l10n.t('A model proposes, you decide what is written.');
    case 'approval':
      return l10n.t('Somebody who may approve it; no model can.');
    case 'manual':
      return step.performer === 'agent' ? l10n.t('You do it, or an agent.') : l10n.t('You do it.');
  }
}

/** The buttons of the first steps that are next. Pressing one is the person's word: nothing runs before. */
export function nextButtons(l10n: Localiser, run: RunStatus): ChatButton[] {
  if (run.workflow === null) return [{ command: 'handrail.chooseTemplate', title: l10n.t('New Workflow from Template…') }];
  const [first, ...others] = nextSteps(run);
  if (first === undefined) return [];
  return [
    ...settleButtons(l10n, first),
    { command: 'handrail.explainStep', title: l10n.t('Explain'), arguments: [{ stepId: first.id }] },
    ...others.slice(0, 2).flatMap((step) => settleButtons(l10n, step)),
  ];
}

export function settleButtons(l10n: Localiser, step: StepStatus): ChatButton[] {
  const target = [{ stepId: step.id }];
  const title = oneLine(step.title, 40);
  if (isRunnable(step)) return [{ command: 'handrail.runStep', title: l10n.t('Run “{0}”', title), arguments: target }];
  if (isTickable(step)) return [{ command: 'handrail.checkStep', title: l10n.t('Mark “{0}” as Done', title), arguments: target }];
  return [];
}

export function nextSteps(run: RunStatus): StepStatus[] {
  return run.next.flatMap((id) => run.steps.find((step) => step.id === id) ?? []);
}

/** The step that somebody means by id or title; the next one for no words. Several that fit as well are all given. */
export function stepsMeant(query: string, run: RunStatus): StepStatus[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return nextSteps(run).slice(0, 1);
  const exact = run.steps.filter(({ id, title }) => id === wanted || title.toLowerCase() === wanted);
  if (exact.length > 0) return exact;
  const within = run.steps.filter(({ id, title }) => id.includes(wanted) || title.toLowerCase().includes(wanted));
  if (within.length > 0) return within;
  const near = closest(
    wanted,
    run.steps.flatMap(({ id, title }) => [id, title]),
  );
  return run.steps.filter(({ id, title }) => near === id || near === title);
}

export function unclearStepText(l10n: Localiser, query: string, found: readonly StepStatus[], run: RunStatus): string {
  const list = (found.length > 0 ? found : run.steps).slice(0, MOST).map(({ id, title }) => `- ${code(id)} · ${words(title)}`);
  const head = query.trim() === '' ? l10n.t('No step is next. Name one:') : l10n.t('Which step is meant by “{0}”?', words(query));
  return `${head}\n\n${list.join('\n')}`;
}

/** One finding; where it stands follows as a link of the editor's own. */
export function findingText(l10n: Localiser, { severity, title, message }: Finding): string {
  return `\n\n- **${severityName(severity, l10n)}** · ${words(title)}  \n  ${words(message, 600)}  \n  `;
}

/** What was read in full, in part and not at all. */
export function coverageText(l10n: Localiser, coverage: readonly CoverageEntry[]): string {
  const count = (status: CoverageEntry['status']): number => coverage.filter((entry) => entry.status === status).length;
  const head = l10n.t('Read: {0} in full, {1} in part, {2} not at all.', count('full'), count('partial'), count('skipped'));
  const less = coverage.filter(({ status }) => status !== 'full');
  const lines = less
    .slice(0, MOST)
    .map(({ file, reason }) => `- ${code(oneLine(file))}${reason === undefined ? '' : ` · ${words(reason)}`}`);
  return [head, ...(lines.length > 0 ? [lines.join('\n')] : [])].join('\n\n');
}

function words(text: string, most = 300): string {
  return plain(oneLine(text, most));
}
