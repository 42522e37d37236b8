import type { StepStatus } from '../../core/workflow/run.ts';
import type { Answer, Format } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import { printableData } from './printable.ts';

/** Says how a step stands after an action. The answer is yes when it is done. */
export function reportStep(terminal: Terminal, format: Format, step: StepStatus, extra: Record<string, unknown>): Answer {
  const done = step.state === 'done';
  if (format === 'json') {
    terminal.document({ step, ...extra });
    return done ? 0 : 1;
  }
  const { title, state, because, missing } = printableData(step);
  if (done) terminal.line(`${terminal.style('green', '✓')} ${title}: done`);
  else {
    terminal.line(
      `${terminal.style(state === 'failed' ? 'red' : 'yellow', state === 'failed' ? '✗' : '○')} ${title}: ${state}${because === '' ? '' : `, ${because}`}`,
    );
    for (const line of missing) terminal.line(`    ${line}`);
  }
  return done ? 0 : 1;
}
