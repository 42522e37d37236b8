import { HandrailError } from '../../errors.ts';
import type { CancelSignal, Clock } from '../../ports.ts';
import type { RunStatus, StepStatus } from '../run.ts';
import type { Attempt, AutomationEvent, AutomationProgress, AutomationResult, AutomationRules, StepPerformance } from './automation.ts';
import { endOf, isSettled, nextMoves, scopeOf, type StepHistory, waitingFor } from './moves.ts';

export interface AutomationPorts {
  /** The run as the records have it now. */
  status(): Promise<RunStatus>;
  /**
   * Performs a step once and records the outcome. What it throws ends the whole run, when what runs beside it has ended: for what no other
   * step could do better, such as commands that nobody trusts any more.
   */
  perform(step: StepStatus, attempt: number): Promise<Attempt>;
  /** Resolves when a look at what other processes do is due again, or the run is cancelled. */
  pause(): Promise<void>;
  onEvent(event: AutomationEvent): void;
  clock: Clock;
  signal: CancelSignal;
}

/** Performs what machines can do, and ends at people, at a failure, or when what was asked for is done. */
export async function automate(rules: AutomationRules, ports: AutomationPorts): Promise<AutomationResult> {
  return await new Automation(rules, ports).run();
}

/** A branch that was switched meanwhile has a run of its own, which nobody asked for. */
function requireSameRun(before: RunStatus | undefined, now: RunStatus): void {
  if (before === undefined || (before.branch === now.branch && before.workflow?.id === now.workflow?.id)) return;
  throw new HandrailError('conflict', 'The branch was switched while its workflow was run, so the run stopped.', {
    hint: 'Switch back and run again: it goes on where it stopped.',
  });
}

class Automation {
  readonly #rules: AutomationRules;
  readonly #ports: AutomationPorts;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #history = new Map<string, StepHistory>();
  readonly #performed = new Map<string, StepPerformance>();
  #status: RunStatus | undefined;
  #broken: { error: unknown } | undefined;

  constructor(rules: AutomationRules, ports: AutomationPorts) {
    this.#rules = rules;
    this.#ports = ports;
  }

  async run(): Promise<AutomationResult> {
    const { signal } = this.#ports;
    let told = '';
    for (;;) {
      // Before the look: what ends while it is taken may still seem to be open in it, and must not be started again.
      const busy = new Set(this.#busy.keys());
      const status = await this.#look();
      const situation = { steps: status.steps, rules: this.#rules, history: this.#history, busy };
      const { start, elsewhere } = nextMoves(situation);
      if (!this.#ends) for (const step of start) this.#begin(step);
      if (this.#busy.size > 0) await Promise.race(this.#busy.values());
      // Something ended during the look: look again before anything is concluded.
      else if (busy.size > 0) continue;
      else if (this.#broken !== undefined) throw this.#broken.error;
      else if (signal.aborted || elsewhere.length === 0) return this.#result(status);
      else {
        const now = elsewhere.map(({ id }) => id).join(' ');
        if (now !== told) this.#ports.onEvent({ type: 'elsewhere', steps: elsewhere });
        told = now;
        await this.#ports.pause();
      }
    }
  }

  get #ends(): boolean {
    return this.#ports.signal.aborted || this.#broken !== undefined;
  }

  async #look(): Promise<RunStatus> {
    try {
      const status = await this.#ports.status();
      requireSameRun(this.#status, status);
      this.#status = status;
    } catch (error) {
      if (this.#status === undefined) throw error;
      // What runs is not left alone; the failure is told when it has ended.
      this.#broken ??= { error };
    }
    return this.#status;
  }

  #begin(step: StepStatus): void {
    const work = this.#performStep(step)
      .catch((error: unknown) => {
        this.#broken ??= { error };
      })
      .finally(() => this.#busy.delete(step.id));
    this.#busy.set(step.id, work);
  }

  async #performStep(step: StepStatus): Promise<void> {
    const { clock, signal, onEvent } = this.#ports;
    const most = 1 + (step.retry ?? 0);
    const began = clock.now();
    for (let attempt = 1; ; attempt++) {
      onEvent({ type: 'started', step, attempt, of: most, ...this.#progress(undefined) });
      const { outcome, again, detail, exitCode } = await this.#ports.perform(step, attempt);
      // Somebody else was faster, so this run did nothing; the next look says how that stands.
      if (outcome === 'busy') return;
      if (outcome === 'failed' && again === true && attempt < most && !signal.aborted) {
        onEvent({ type: 'again', step, attempt, detail });
        continue;
      }
      this.#end({
        id: step.id,
        title: step.title,
        kind: step.kind,
        outcome,
        attempts: attempt,
        detail,
        ...(exitCode === undefined ? {} : { exitCode }),
        duration: Math.max(0, clock.now() - began),
      });
      return;
    }
  }

  #end(performance: StepPerformance): void {
    const { id, outcome } = performance;
    const rounds = this.#history.get(id)?.rounds ?? 0;
    if (outcome !== 'cancelled') this.#history.set(id, { rounds: rounds + 1, failed: outcome === 'failed' });
    const earlier = this.#performed.get(id);
    this.#performed.delete(id);
    this.#performed.set(id, {
      ...performance,
      attempts: performance.attempts + (earlier?.attempts ?? 0),
      duration: performance.duration + (earlier?.duration ?? 0),
    });
    this.#ports.onEvent({ type: 'ended', performance, ...this.#progress(outcome === 'done' ? id : undefined) });
  }

  /** How many of the steps that are meant are settled, by the last look and what ended since. */
  #progress(ended: string | undefined): AutomationProgress {
    const steps = this.#status?.steps ?? [];
    const scope = scopeOf(steps, this.#rules.until);
    const counted = steps.filter(({ id, state }) => scope.has(id) && state !== 'skipped');
    const isDone = (step: StepStatus): boolean => isSettled(step) || step.id === ended || this.#performed.get(step.id)?.outcome === 'done';
    return { settled: counted.filter(isDone).length, total: counted.length };
  }

  #result(status: RunStatus): AutomationResult {
    const situation = { steps: status.steps, rules: this.#rules, history: this.#history, busy: new Set<string>() };
    const { ended, left } = endOf(situation);
    return {
      ended: this.#ports.signal.aborted && ended !== 'reached' ? 'cancelled' : ended,
      performed: [...this.#performed.values()],
      waitingFor: waitingFor(situation),
      left,
      status,
    };
  }
}
