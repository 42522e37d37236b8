import type { StepState, StepStatus } from '../run.ts';
import type { AutomationEnd, AutomationRules, WaitingStep } from './automation.ts';

/** What this run did about a step so far. */
export interface StepHistory {
  /** How often it was performed to the end. */
  rounds: number;
  /** The last attempt failed. */
  failed: boolean;
}

export interface Situation {
  steps: readonly StepStatus[];
  rules: AutomationRules;
  history: ReadonlyMap<string, StepHistory>;
  /** Ids of steps that this run performs at this moment. */
  busy: ReadonlySet<string>;
}

export interface Moves {
  /** What to start now. */
  start: StepStatus[];
  /** What another process performs, and what is meant here too. */
  elsewhere: StepStatus[];
}

/** Nothing is left to do. A stale step is not among them: it was done once, but not for this content. */
const SETTLED: ReadonlySet<StepState> = new Set(['done', 'skipped', 'waived']);
const OPEN: ReadonlySet<StepState> = new Set(['ready', 'failed', 'stale']);

/**
 * A step that changes what it covers itself, such as a formatter, is stale once it ends, and what ran beside it may be: both are done once
 * more, and then no more, so that two steps that undo each other's work come to an end.
 */
const MOST_ROUNDS = 2;

export function isSettled({ state }: StepStatus): boolean {
  return SETTLED.has(state);
}

/**
 * The steps that have to be settled for `until`, with itself; all of them without one. What a skipped step would have needed is not among
 * them, since nothing waits for it.
 */
export function scopeOf(steps: readonly StepStatus[], until: string | undefined): ReadonlySet<string> {
  if (until === undefined) return new Set(steps.map(({ id }) => id));
  const byId = new Map(steps.map((step) => [step.id, step]));
  const scope = new Set<string>();
  const add = (id: string): void => {
    const step = byId.get(id);
    if (step === undefined || scope.has(id)) return;
    scope.add(id);
    if (step.state !== 'skipped' && step.state !== 'waived') step.needs.forEach(add);
  };
  add(until);
  return scope;
}

/** Whether a machine performs the step. Which file a review of one file is about, only a person at the editor says. */
export function isAutomatic(step: StepStatus, { generates }: Pick<AutomationRules, 'generates'>): boolean {
  if (step.kind === 'generate') return generates;
  return step.kind === 'command' || (step.kind === 'review' && step.scope !== 'file');
}

/** What happens next. Pure: the same situation, the same moves. */
export function nextMoves(situation: Situation): Moves {
  const { steps, rules, busy } = situation;
  const scope = scopeOf(steps, rules.until);
  const elsewhere = steps.filter(({ id, state }) => state === 'running' && scope.has(id) && !busy.has(id));
  if (hasStopped(situation)) return { start: [], elsewhere: [] };
  const byId = new Map(steps.map((step) => [step.id, step]));
  const candidates = steps.filter((step) => scope.has(step.id) && isCandidate(step, byId, situation));
  return { start: chosen(candidates, situation, byId), elsewhere };
}

/** A failed step ends the run, unless it says that the rest goes on. */
function hasStopped({ steps, history }: Situation): boolean {
  return steps.some((step) => history.get(step.id)?.failed === true && step.continueOnFailure !== true);
}

function isCandidate(step: StepStatus, byId: ReadonlyMap<string, StepStatus>, situation: Situation): boolean {
  if (situation.busy.has(step.id) || !isDue(step, situation)) return false;
  const needs = step.needs.flatMap((id) => byId.get(id) ?? []);
  if (!needs.every((need) => isSettled(need) || need.state === 'stale')) return false;
  // A stale step lets later ones start, but what is done again below them first spares them from going stale with it.
  // One that is to be done again waits for what builds on it and still runs.
  const isUnderBusy = [...situation.busy].some((id) => below(byId.get(id), byId).includes(step));
  return !isUnderBusy && !below(step, byId).some((one) => situation.busy.has(one.id) || one.state === 'running' || isDue(one, situation));
}

/** Everything that comes before a step, at any depth. */
function below(step: StepStatus | undefined, byId: ReadonlyMap<string, StepStatus>): StepStatus[] {
  const found = new Set<StepStatus>();
  const add = ({ state, needs }: StepStatus): void => {
    if (state === 'skipped' || state === 'waived') return;
    for (const need of needs.flatMap((id) => byId.get(id) ?? [])) {
      if (found.has(need)) continue;
      found.add(need);
      add(need);
    }
  };
  if (step !== undefined) add(step);
  return [...found];
}

function isDue(step: StepStatus, situation: Situation): boolean {
  return OPEN.has(step.state) && willPerform(step, situation);
}

/** Whether it is still to be performed in this run. */
function willPerform(step: StepStatus, { rules, history }: Situation): boolean {
  if (!isAutomatic(step, rules)) return false;
  const { rounds, failed } = history.get(step.id) ?? { rounds: 0, failed: false };
  return !failed && rounds < (step.kind === 'generate' ? 1 : MOST_ROUNDS);
}

/**
 * What a model writes is written with nothing beside it, and before the rest, which would look at what is about to change. One review at a
 * time: it asks several things at once by itself.
 */
function chosen(candidates: readonly StepStatus[], { rules, busy }: Situation, byId: ReadonlyMap<string, StepStatus>): StepStatus[] {
  const busyKinds = [...busy].map((id) => byId.get(id)?.kind);
  if (busyKinds.includes('generate')) return [];
  const generate = candidates.find(({ kind }) => kind === 'generate');
  if (generate !== undefined) return busy.size === 0 ? [generate] : [];
  let reviewing = busyKinds.includes('review');
  const start: StepStatus[] = [];
  for (const step of candidates) {
    if (busy.size + start.length >= rules.jobs) break;
    if (step.kind === 'review' && reviewing) continue;
    reviewing ||= step.kind === 'review';
    start.push(step);
  }
  return start;
}

/** What only people can move on, in the order of the file. */
export function waitingFor({ steps, rules }: Pick<Situation, 'steps' | 'rules'>): WaitingStep[] {
  const scope = scopeOf(steps, rules.until);
  return steps
    .filter((step) => scope.has(step.id) && OPEN.has(step.state) && !isAutomatic(step, rules))
    .map(({ id, title, kind, by, missing }) => ({
      id,
      title,
      kind,
      ...(by === undefined ? {} : { by: [...by.anyOf] }),
      missing: [...missing],
    }));
}

/** How a run with nothing more to start ended, and what is left of what was meant. */
export function endOf(situation: Situation): { ended: AutomationEnd; left: { id: string; title: string; because: string }[] } {
  const { steps, rules, history } = situation;
  const scope = scopeOf(steps, rules.until);
  const open = steps.filter((step) => scope.has(step.id) && !isSettled(step));
  const waiting = new Set(waitingFor(situation).map(({ id }) => id));
  const failed = open.filter(({ id }) => history.get(id)?.failed === true);
  const left = open
    .filter((step) => !waiting.has(step.id) && !failed.includes(step))
    .map(({ id, title, because }) => ({ id, title, because }));
  if (open.length === 0) return { ended: 'reached', left };
  if (failed.length > 0) return { ended: 'failed', left };
  return { ended: waiting.size > 0 ? 'waiting' : 'unsettled', left };
}
