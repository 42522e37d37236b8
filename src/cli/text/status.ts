import { shellWord } from '../../core/shellWord.ts';
import type { RunStatus, StepState, StepStatus } from '../../core/workflow/run.ts';
import type { Style } from '../terminal.ts';
import { problemLines } from './problems.ts';

export type Paint = (style: Style, text: string) => string;

export const STATE_LOOK: Record<StepState, { icon: string; style: Style }> = {
  done: { icon: '✓', style: 'green' },
  ready: { icon: '○', style: 'cyan' },
  blocked: { icon: '○', style: 'dim' },
  running: { icon: '…', style: 'cyan' },
  stale: { icon: '↻', style: 'yellow' },
  failed: { icon: '✗', style: 'red' },
  skipped: { icon: '–', style: 'dim' },
  waived: { icon: '⤼', style: 'dim' },
};

/**
 * The run of a branch for people. Where there is none, the way on depends on whether the team has workflows at all. `asked` is the
 * workflow named on the command line, which further commands have to name as well.
 */
export function statusText(status: RunStatus, paint: Paint, hasWorkflowFiles: boolean, asked?: string): string {
  const { workflow } = status;
  const lines: string[] = [];
  if (workflow === null) {
    lines.push(status.note ?? 'No workflow applies to this branch.');
    const way = hasWorkflowFiles
      ? 'handrail status --workflow ID shows a workflow all the same.'
      : 'handrail init writes one to start with; handrail init --help lists the templates.';
    if (status.problems.length === 0) lines.push('', paint('dim', way));
  } else {
    const place = [status.branch ?? 'detached head', `${status.done} of ${status.total} done`].join(' · ');
    lines.push(`${paint('bold', workflow.title)} · ${place}`, '');
    const width = Math.max(...status.steps.map(({ id }) => id.length), 0);
    lines.push(...status.steps.flatMap((step) => stepLines(step, width, step.id === status.next[0], paint)));
    lines.push('', nextLine(status, paint, asked));
    for (const { branch, records, renamed } of status.former ?? []) {
      const why = renamed ? `This branch was called ${branch} before` : `This branch goes on from ${branch}, which is gone`;
      const what = `${records} ${records === 1 ? 'record' : 'records'} can be taken over`;
      lines.push(paint('dim', `${why}; ${what}: handrail status --take-over ${shellWord(branch)}`));
    }
    if (status.sharing === 'undecided') lines.push(paint('dim', UNDECIDED));
    if (status.alternatives.length > 0) {
      const others = status.alternatives.map(({ id }) => id).join(', ');
      lines.push(paint('dim', `Also matching this branch: ${others} (handrail status --workflow ID --remember follows one).`));
    }
  }
  const broken = status.problems.filter(({ problems }) => problems.length > 0);
  if (broken.length > 0) lines.push('', ...broken.flatMap((file) => problemLines(file, paint)));
  return lines.join('\n');
}

const UNDECIDED =
  'The workflow has records committed, so that CI can check them. Yours stay on this machine until you say: handrail status --share-evidence yes (or no)';

/** What `--share-evidence` did. */
export function sharedText(agreed: boolean, steps: number): string {
  if (!agreed) return 'What you record stays on this machine. CI has no record of it.';
  const also = steps === 0 ? '' : ` So is what ${steps === 1 ? '1 step stands' : `${steps} steps stand`} on.`;
  return `What you record is written to .handrail/evidence from now on, to be committed.${also}`;
}

function stepLines(step: StepStatus, width: number, isNext: boolean, paint: Paint): string[] {
  const { icon, style } = STATE_LOOK[step.state];
  const mark = isNext && step.state === 'ready' ? paint('cyan', '➜') : paint(style, icon);
  const quiet = step.state === 'skipped' || step.state === 'blocked';
  const head = `  ${mark} ${step.id.padEnd(width)}  ${quiet ? paint('dim', step.title) : isNext ? paint('bold', step.title) : step.title}`;
  const detail = detailOf(step);
  return detail === '' ? [head] : [head, `    ${' '.repeat(width)}  ${paint('dim', detail)}`];
}

function detailOf(step: StepStatus): string {
  if (step.state === 'done') return evidenceOf(step);
  if (step.state === 'stale' && step.staleBecause !== undefined && step.staleBecause.length > 0) {
    return `stale: ${shortList(step.staleBecause)} changed since`;
  }
  if (step.state === 'ready' || step.state === 'failed') return step.missing[0] ?? step.because;
  return step.because;
}

/** How far the evidence of a settled step can be trusted, in plain words. */
export function evidenceOf(step: StepStatus): string {
  const by = step.evidence?.model ?? (step.evidence?.provider === 'builtin' ? 'built-in reviewer' : undefined);
  const words: Partial<Record<StepStatus['assurance'], string>> = {
    verified: 'checked by CI',
    bound: 'checked here',
    'self-reported': "someone's word",
    waived: 'skipped with a reason',
  };
  return [words[step.assurance], by].filter((part) => part !== undefined).join(' · ');
}

function nextLine(status: RunStatus, paint: Paint, asked: string | undefined): string {
  const step = status.steps.find(({ id }) => id === status.next[0]);
  if (step === undefined) {
    return status.done === status.total
      ? paint('green', 'Everything is done.')
      : paint('dim', 'Nothing can start before the steps above are settled.');
  }
  return `Next: ${paint('cyan', nextAction(step, asked))}`;
}

/** The command, or the action, that moves a step on; with the workflow where the command line has to name it. */
export function nextAction(step: StepStatus, workflow?: string): string {
  const target = workflow === undefined ? step.id : `${step.id} --workflow ${workflow}`;
  if (step.kind === 'command' || step.kind === 'review') return `handrail run ${target}`;
  if (step.kind === 'generate' && step.prompt !== undefined) {
    const byHand = step.expect.some(({ met }) => !met) ? `follow ${step.prompt}, then ` : '';
    return `handrail run ${target}, or ${byHand}handrail check ${target}`;
  }
  const open = step.expect.filter(({ kind, met }) => !met && kind !== 'attest').map(({ detail }) => detail.replace(/\.$/, ''));
  return open.length > 0 ? `${open.join('; ')} (handrail explain ${target})` : `handrail check ${target}`;
}

export function shortList(items: readonly string[], most = 3): string {
  const shown = items.slice(0, most).join(', ');
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}
