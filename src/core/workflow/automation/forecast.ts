import type { StepStatus } from '../run.ts';
import type { AutomationRules, WaitingStep } from './automation.ts';
import { isSettled, nextMoves, scopeOf, type StepHistory, waitingFor } from './moves.ts';

/** What a run would do, if everything went well. What steps write may change which conditions hold, so it is no promise. */
export interface Forecast {
  /** Ids of the steps that would be performed, those of one wave side by side. */
  waves: string[][];
  /** Where it would stop at people. */
  waitingFor: WaitingStep[];
  /** What would remain behind those. */
  left: { id: string; title: string; needs: string[] }[];
  /** What would be asked of a model, or of the built-in reviewer. */
  asks: { id: string; title: string; kind: 'review' | 'generate'; role?: string; scope?: string; prompt?: string }[];
  /** Commands that would be run. */
  commands: { id: string; run: string }[];
  /** Ids of the steps that are meant and settled already. */
  settled: string[];
}

export function forecast(steps: readonly StepStatus[], rules: AutomationRules): Forecast {
  // What runs already is taken for done.
  let simulated = steps.map((step) => (step.state === 'running' ? { ...step, state: 'done' as const } : step));
  const scope = scopeOf(simulated, rules.until);
  const settled = simulated.filter((step) => scope.has(step.id) && isSettled(step)).map(({ id }) => id);
  const performed: StepStatus[] = [];
  const waves: string[][] = [];
  for (;;) {
    const history = new Map<string, StepHistory>(performed.map(({ id }) => [id, { rounds: 1, failed: false }]));
    const { start } = nextMoves({ steps: simulated, rules, history, busy: new Set() });
    if (start.length === 0) break;
    performed.push(...start);
    waves.push(start.map(({ id }) => id));
    simulated = unblocked(simulated.map((step) => (start.some(({ id }) => id === step.id) ? { ...step, state: 'done' as const } : step)));
  }
  const waiting = waitingFor({ steps: simulated, rules });
  const open = simulated.filter((step) => scope.has(step.id) && !isSettled(step) && !waiting.some(({ id }) => id === step.id));
  return {
    waves,
    waitingFor: waiting,
    left: open.map(({ id, title, needs }) => ({
      id,
      title,
      needs: needs.filter((need) => simulated.some((one) => one.id === need && !isSettled(one))),
    })),
    asks: performed.flatMap(askOf),
    commands: performed.flatMap(({ id, run }) => (run === undefined ? [] : [{ id, run }])),
    settled,
  };
}

/** Steps that could start once what they need is settled; a stale step lets later ones start. */
function unblocked(steps: readonly StepStatus[]): StepStatus[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const isMet = (id: string): boolean => {
    const need = byId.get(id);
    return need === undefined || isSettled(need) || need.state === 'stale';
  };
  return steps.map((step) =>
    step.state === 'blocked' && step.needs.every(isMet) ? { ...step, state: 'ready' as const, missing: [] } : step,
  );
}

function askOf({ id, title, kind, role, scope, prompt }: StepStatus): Forecast['asks'] {
  if (kind !== 'review' && kind !== 'generate') return [];
  return [
    {
      id,
      title,
      kind,
      ...(role === undefined ? {} : { role }),
      ...(scope === undefined ? {} : { scope }),
      ...(prompt === undefined ? {} : { prompt }),
    },
  ];
}
