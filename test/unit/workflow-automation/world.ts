import type { Attempt } from '../../../src/core/workflow/automation/automation.ts';
import type { StepKind } from '../../../src/core/workflow/definition.ts';
import { nextSteps, progress } from '../../../src/core/workflow/plan.ts';
import type { RunStatus, StepState, StepStatus } from '../../../src/core/workflow/run.ts';

/** A step of a made-up branch: how it stands, and how performing it goes. */
export interface Draft {
  id: string;
  kind: StepKind;
  needs?: string[];
  state?: StepState;
  scope?: StepStatus['scope'];
  retry?: number;
  continueOnFailure?: true;
  /** How many attempts fail before one ends well; endless is for ever. */
  failures?: number;
  /** Ids of steps that this one makes stale when it is done, the first time. */
  spoils?: string[];
}

const SATISFYING: ReadonlySet<StepState> = new Set(['done', 'stale', 'skipped', 'waived']);

/** A branch whose records are kept in memory, with the rules of the plan for what is blocked. */
export class World {
  readonly drafts: readonly Draft[];
  readonly states: Map<string, StepState>;
  readonly attempts = new Map<string, number>();

  constructor(drafts: readonly Draft[]) {
    this.drafts = drafts;
    this.states = new Map(drafts.map(({ id, state = 'ready' }) => [id, state]));
  }

  status(): RunStatus {
    const steps = this.drafts.map((draft): StepStatus => {
      const { id, kind, needs = [], scope, retry, continueOnFailure } = draft;
      const state = this.states.get(id) ?? 'ready';
      const waits = needs.filter((need) => !SATISFYING.has(this.states.get(need) ?? 'done') || this.#isBlocked(need));
      return {
        id,
        title: `Title of ${id}`,
        kind,
        state: state === 'ready' && waits.length > 0 ? 'blocked' : state,
        because: `is ${state}`,
        assurance: 'none',
        expect: [],
        needs,
        missing: [],
        ...(kind === 'review' ? { scope: scope ?? 'branch' } : {}),
        ...(kind === 'approval' ? { by: { anyOf: ['codeowners'], not: [] } } : {}),
        ...(retry === undefined ? {} : { retry }),
        ...(continueOnFailure === undefined ? {} : { continueOnFailure }),
      };
    });
    return {
      workflow: { id: 'feature', title: 'Feature', digest: 'sha256:0', path: '.handrail/workflows/feature.yml' },
      branch: 'feat/x',
      base: 'main',
      steps,
      next: nextSteps(steps),
      ...progress(steps),
      alternatives: [],
      problems: [],
    };
  }

  /** Ends an attempt the way the draft says. */
  end({ id }: { id: string }): Attempt {
    const draft = this.drafts.find((one) => one.id === id);
    const attempt = (this.attempts.get(id) ?? 0) + 1;
    this.attempts.set(id, attempt);
    if (attempt <= (draft?.failures ?? 0)) {
      this.states.set(id, 'failed');
      return { outcome: 'failed', detail: 'it went wrong', again: true };
    }
    this.states.set(id, 'done');
    if (attempt === (draft?.failures ?? 0) + 1) {
      for (const spoilt of draft?.spoils ?? []) if (this.states.get(spoilt) === 'done') this.states.set(spoilt, 'stale');
    }
    return { outcome: 'done', detail: 'it went well' };
  }

  /** Whether one step comes before the other; nothing comes before through a step that is left out. */
  precedes(one: string, other: string): boolean {
    if (['skipped', 'waived'].includes(this.states.get(other) ?? '')) return false;
    const needs = this.drafts.find(({ id }) => id === other)?.needs ?? [];
    return needs.some((need) => need === one || this.precedes(one, need));
  }

  #isBlocked(id: string): boolean {
    const needs = this.drafts.find((draft) => draft.id === id)?.needs ?? [];
    return this.states.get(id) === 'ready' && needs.length > 0;
  }
}
