import type { AutomationEvent, AutomationResult, AutomationRules, StepPerformance } from './automation.ts';

/**
 * The lines of the log of runs: ids, outcomes, exit codes and durations. No titles, no output, no paths, no reasons: those may be a
 * repository's own words, or hold what nobody should keep.
 */
export function beginLine({ until, jobs, generates }: AutomationRules, workflow: string): string {
  return `run begins workflow=${workflow} until=${until ?? 'all'} jobs=${jobs}${generates ? ' generates' : ''}`;
}

export function eventLine(event: AutomationEvent): string {
  switch (event.type) {
    case 'started':
      return `${event.step.id} started attempt=${event.attempt}/${event.of}`;
    case 'again':
      return `${event.step.id} failed attempt=${event.attempt}, tried again`;
    case 'ended':
      return endedLine(event.performance);
    case 'elsewhere':
      return `waits for ${event.steps.map(({ id }) => id).join(' ')}, performed by another process`;
  }
}

function endedLine({ id, outcome, attempts, duration, exitCode }: StepPerformance): string {
  const exit = exitCode === undefined ? '' : ` exit=${exitCode ?? 'signal'}`;
  return `${id} ${outcome} attempts=${attempts}${exit} ms=${Math.round(duration)}`;
}

export function endLine({ ended, performed, waitingFor }: AutomationResult): string {
  const waits = waitingFor.length === 0 ? '' : ` waiting=${waitingFor.map(({ id }) => id).join(',')}`;
  return `run ends ${ended} performed=${performed.length}${waits}`;
}
