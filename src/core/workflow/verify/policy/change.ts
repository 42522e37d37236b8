import { digestOf } from '../../digests.ts';

/** What a change does to the policy that judges it. */
export interface PolicyChange {
  /** `relaxed` takes an owner's approval: something demanded before is demanded less, or it cannot be told. */
  effect: 'relaxed' | 'notice';
  /** One plain sentence. */
  detail: string;
  /** File it is about, from the workspace folder, where one file is. */
  path?: string;
}

export const relaxed = (detail: string): PolicyChange => ({ effect: 'relaxed', detail });
export const notice = (detail: string): PolicyChange => ({ effect: 'notice', detail });

/** Whether two JSON-like values are the same, in whatever order their keys were written. */
export function isSame(a: unknown, b: unknown): boolean {
  return digestOf({ value: a }) === digestOf({ value: b });
}

/** A list of which less is stricter or more is: what was taken out and put in. */
export function listDifference(before: readonly string[], after: readonly string[]): { gone: string[]; added: string[] } {
  return { gone: before.filter((item) => !after.includes(item)), added: after.filter((item) => !before.includes(item)) };
}
