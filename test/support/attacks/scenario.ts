import type { VerifyRequest } from '../../../src/core/workflow/verify/service.ts';
import { createWorld, type World } from '../verifyWorld.ts';

/** One way to get past the gates, or one innocent thing that must raise no alarm. Each begins on a branch that is green. */
export interface Scenario {
  /** What somebody does, as the documentation tells it. */
  what: string;
  /** Codes of all problems, each with its step where it has one, in any order: `stale-evidence ai-review`. None for innocent things. */
  caught: string[];
  /** What some problem's sentence says. */
  says?: RegExp;
  /** The world to begin in, instead of the green branch. */
  begin?: () => Promise<World>;
  act(world: World): Promise<Verifying | void> | Verifying | void;
}

/** How `verify` is asked afterwards, beside the usual. */
export interface Verifying {
  request?: Partial<VerifyRequest>;
  env?: Record<string, string>;
  now?: number;
}

export const green = createWorld;

/** Replaces a part of a file of the branch, which has to be there. */
export function edit(world: World, path: string, from: string | RegExp, to: string): void {
  const text = world.git('show', `HEAD:${path}`);
  const changed = `${text}\n`.replace(from, to);
  if (changed === `${text}\n`) throw new Error(`nothing to replace in ${path}`);
  world.write({ [path]: changed });
}

/** Something happens on the base meanwhile. */
export function moveMain(world: World, files: Record<string, string>): void {
  world.git('switch', '--quiet', 'main');
  world.write(files);
  world.commit('Other work');
  world.git('switch', '--quiet', '-');
}

/** The base has moved, and is merged into the branch by the next commit. */
export function beginMerge(world: World, files: Record<string, string> = { 'other.txt': 'moved on\n' }): void {
  moveMain(world, files);
  world.git('merge', '--quiet', '--no-commit', '--no-ff', 'main');
}

export const WORKFLOW_PATH = '.handrail/workflows/feature.yml';

/** Whoever weakens something re-does and re-signs everything that they can afterwards, as an attacker would. */
export async function coverTracks(world: World, { sign = true, redo = true }: { sign?: boolean; redo?: boolean } = {}): Promise<void> {
  world.commit('feat: more');
  if (redo) await world.redo();
  if (sign) await world.sign('sign-off', 'bob');
}
