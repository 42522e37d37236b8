/**
 * What the states of a run have to be, told a second time and as simply as possible: no digests, no objects of git, no records, no
 * order of the clock. Content is compared as text, and what was done to a step is a list.
 */

export type Kind = 'word' | 'plain' | 'note' | 'source' | 'command' | 'review' | 'approval' | 'generate';
export interface NaiveStep {
  id: string;
  kind: Kind;
  title: string;
  needs: string[];
  /** Folder that the step is limited to. */
  inputs?: string;
  /** Folder in which something has to change for the step to apply. */
  when?: string;
  /** Counts up when what the step demands is edited. */
  demand: number;
}

/** Path to content before and now, of every file that differs; null where there is none. */
export type Changed = ReadonlyMap<string, readonly [before: string | null, now: string | null]>;

type Act =
  | { act: 'done'; covered: string; demand: number; findings?: number }
  | { act: 'failed' }
  | { act: 'waived'; demand: number }
  | { act: 'reopened' };

/** The file that a `note` step asks for. */
export const NOTE = 'docs/note.txt';

export class NaiveRun {
  readonly #acts = new Map<string, Act[]>();

  did(step: NaiveStep, act: 'done' | 'failed' | 'waived' | 'reopened', changed: Changed, findings?: number): void {
    const acts = this.#acts.get(step.id) ?? [];
    this.#acts.set(step.id, acts);
    if (act === 'done')
      acts.push({ act, covered: covered(step, changed), demand: step.demand, ...(findings === undefined ? {} : { findings }) });
    else if (act === 'waived') acts.push({ act, demand: step.demand });
    else acts.push({ act });
  }

  states(steps: readonly NaiveStep[], changed: Changed, has: (path: string) => boolean): Record<string, string> {
    const states: Record<string, string> = {};
    for (const step of steps) {
      const { state, isHeld } = this.#own(step, changed, has);
      const waits = isHeld && step.needs.some((need) => !['done', 'stale', 'skipped', 'waived'].includes(states[need] ?? ''));
      states[step.id] = waits ? 'blocked' : state;
    }
    return states;
  }

  /** The state without the steps before it, and whether those can hold it back. */
  #own(step: NaiveStep, changed: Changed, has: (path: string) => boolean): { state: string; isHeld: boolean } {
    const { when } = step;
    if (when !== undefined && ![...changed.keys()].some((path) => path.startsWith(`${when}/`))) return { state: 'skipped', isHeld: false };
    const last = this.#standing(step.id);
    const isThere = visible(step, changed, has);
    const ready = { state: 'ready', isHeld: true };
    if (last === undefined) return isThere === true ? { state: 'done', isHeld: true } : ready;
    if (last.act === 'reopened') return ready;
    if (last.act === 'failed') return { state: 'failed', isHeld: false };
    if (last.act === 'waived') return last.demand === step.demand ? { state: 'waived', isHeld: false } : ready;
    if (last.findings !== undefined && last.findings > 0) return { state: 'failed', isHeld: false };
    if (last.demand !== step.demand || last.covered !== covered(step, changed)) return { state: 'stale', isHeld: false };
    return isThere === false ? ready : { state: 'done', isHeld: false };
  }

  /** The last act, after waivers that were taken back are struck out with what took them back. */
  #standing(id: string): Act | undefined {
    const acts = [...(this.#acts.get(id) ?? [])];
    while (acts.at(-1)?.act === 'reopened' && acts.at(-2)?.act === 'waived') {
      acts.pop();
      while (acts.at(-1)?.act === 'waived') acts.pop();
    }
    return acts.at(-1);
  }
}

/** Whether what anyone can see is there; undefined where the step asks for nothing of the kind. */
export function visible({ kind }: NaiveStep, changed: Changed, has: (path: string) => boolean): boolean | undefined {
  if (kind === 'note') return has(NOTE);
  return kind === 'source' ? [...changed.keys()].some((path) => path.startsWith('src/')) : undefined;
}

/** The part of the change that the step is about, as text. */
function covered({ kind, inputs }: NaiveStep, changed: Changed): string {
  const isCovered = (path: string): boolean => {
    if (inputs !== undefined) return path.startsWith(`${inputs}/`);
    if (kind === 'note') return path === NOTE;
    if (kind === 'source') return path.startsWith('src/');
    return kind === 'command' || kind === 'review' || kind === 'approval';
  };
  return JSON.stringify([...changed].filter(([path]) => isCovered(path)).sort(([a], [b]) => (a < b ? -1 : 1)));
}
