import type { DryRun, DryRunVar, DryRunWorkflow } from '../../../core/workflow/dryRun.ts';
import type { Problem } from '../../../core/workflow/problem.ts';
import type { StepStatus } from '../../../core/workflow/run.ts';
import { code, plain } from '../markdown.ts';
import { waitsFor } from '../stepItem.ts';
import { SIGN_MARKS, stepSections } from '../stepText.ts';
import { kindWords, stateWords } from '../words.ts';
import type { Localiser } from '../words.ts';

/** Where a step or a line of the file is, as a link of the page; undefined where none leads there. */
export interface PageLinks {
  line(line: number): string | undefined;
  step(id: string): string | undefined;
}

const PATHS_SHOWN = 5;

/** The page of a dry run, as Markdown. Text of the repository is escaped. */
export function dryRunText(l10n: Localiser, run: DryRun, links: PageLinks): string {
  const { workflow } = run;
  const parts = [`# ${l10n.t('Dry run: {0}', plain(workflow?.title ?? run.path))}`, whereText(l10n, run)];
  if (run.problems.length > 0) parts.push(`## ${l10n.t('What is wrong')}`, problemsText(run.problems, links));
  if (workflow === undefined) {
    parts.push(l10n.t('The steps are shown once the file means exactly one thing.'));
    return `${parts.join('\n\n')}\n`;
  }
  parts.push(followsText(l10n, run, workflow));
  const applying = workflow.steps.filter(({ state }) => state !== 'skipped');
  const skipped = workflow.steps.filter(({ state }) => state === 'skipped');
  parts.push(`## ${l10n.t('Steps that apply: {0}', applying.length)}`);
  if (applying.length === 0) parts.push(l10n.t('None. The branch would have nothing to do.'));
  for (const step of applying) parts.push(...stepText(l10n, step, workflow, links));
  if (skipped.length > 0)
    parts.push(`## ${l10n.t('Skipped: {0}', skipped.length)}`, skipped.map((step) => skippedText(l10n, step, links)).join('\n'));
  if (workflow.vars.length > 0) parts.push(`## ${l10n.t('Variables')}`, workflow.vars.map((one) => varText(l10n, one)).join('\n'));
  parts.push('---', l10n.t('Nothing was run, and nothing was recorded.'));
  return `${parts.join('\n\n')}\n`;
}

function whereText(l10n: Localiser, run: DryRun): string {
  const branch = run.branch === null ? l10n.t('no branch') : code(run.branch);
  const { length } = run.changes;
  return length === 1
    ? l10n.t('{0} on {1}, which changes 1 file against {2}.', code(run.path), branch, code(run.base))
    : l10n.t('{0} on {1}, which changes {2} files against {3}.', code(run.path), branch, length, code(run.base));
}

function followsText(l10n: Localiser, run: DryRun, workflow: DryRunWorkflow): string {
  if (!workflow.takesBranch) {
    const globs = workflow.branches.map((glob) => code(glob)).join(', ');
    return l10n.t('It is not meant for this branch: it takes {0}. What follows is how it would be if it were.', globs);
  }
  if (run.follows === undefined || run.follows.path === run.path) return l10n.t('This branch follows it.');
  return l10n.t(
    'It takes this branch, but the branch follows “{0}” ({1}), which comes first.',
    plain(run.follows.title),
    code(run.follows.path),
  );
}

function problemsText(problems: readonly Problem[], links: PageLinks): string {
  return problems
    .map(({ line, message, hint, severity }) => {
      const place = linked(String(line), links.line(line));
      const words = [message, hint].filter((part) => part !== undefined).join(' ');
      return `- ${severity === 'error' ? '✗' : '!'} ${place} · ${plain(words)}`;
    })
    .join('\n');
}

function stepText(l10n: Localiser, step: StepStatus, workflow: DryRunWorkflow, links: PageLinks): string[] {
  const sign = step.state === 'done' || step.state === 'waived' ? '✓' : workflow.next.includes(step.id) ? '➜' : '○';
  const state = stateWords(l10n, step, waitsFor(step, workflow));
  return [
    `### ${sign} ${linked(plain(step.title), links.step(step.id))}`,
    `${plain(kindWords(l10n, step.kind))} · **${plain(state)}**`,
    ...stepSections(l10n, step, SIGN_MARKS),
  ];
}

function skippedText(l10n: Localiser, step: StepStatus, links: PageLinks): string {
  return `- ⤼ ${linked(plain(step.title), links.step(step.id))} · ${plain(stateWords(l10n, step, []))}`;
}

function varText(l10n: Localiser, { name, expression, value, matched, error }: DryRunVar): string {
  const head = `- ${code(`vars.${name}`)}`;
  if (error !== undefined) return `${head} · ${l10n.t('cannot be evaluated:')} ${plain(error)}`;
  const words = [`${head} = **${plain(valueWords(value))}**`, code(expression)];
  if (matched.length > 0) {
    const shown = matched
      .slice(0, PATHS_SHOWN)
      .map((path) => code(path))
      .join(', ');
    words.push(matched.length > PATHS_SHOWN ? l10n.t('{0} and {1} more', shown, matched.length - PATHS_SHOWN) : shown);
  }
  return words.join(' · ');
}

function valueWords(value: unknown): string {
  if (Array.isArray(value)) return `[${value.slice(0, PATHS_SHOWN).map(valueWords).join(', ')}${value.length > PATHS_SHOWN ? ', …' : ''}]`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function linked(text: string, target: string | undefined): string {
  return target === undefined ? text : `[${text}](<${target}>)`;
}
