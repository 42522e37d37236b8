import { existsSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Misplaced } from '../../core/telemetry/consent.ts';
import { isInside, real } from '../programs.ts';
import type { TelemetryPaths } from './paths.ts';

/**
 * Why a decision in this place need not be the person's, or undefined. `HANDRAIL_HOME` can be set by a repository, for a container or a
 * terminal of its own, and lead to files that came with it: no folder in a work tree, in a folder with a workflow or in one of the
 * workspace folders counts. Nor does what another user of the machine owns; root is one, so with `sudo` in somebody's home nothing is
 * recorded, and nothing is put there that its owner could not change. Whoever can write files as the person can decide as them.
 */
export function misplaced({ folder, consent }: TelemetryPaths, roots: readonly string[]): Misplaced | undefined {
  // A link of the repository counts as its content, wherever it leads.
  const places = new Set([resolve(folder), realPlace(folder)]);
  if ([...places].some((place) => isIn(roots.map(real), place) || isIn(marked(place), place))) return 'workspace';
  return isAnothers(folder, consent) ? 'owner' : undefined;
}

/** What a folder is a work tree or a workspace of Handrail by. */
const MARKS = ['.git', '.handrail'];

/** The nearest folder around the place that is a work tree or has a workflow, if any. */
function marked(place: string): string[] {
  for (let folder = place; folder !== dirname(folder); folder = dirname(folder)) {
    if (MARKS.some((name) => existsSync(join(folder, name)))) return [folder];
  }
  return [];
}

/** A folder that the whole home of the account lies in, as where it is kept with git, is the person's own. */
function isIn(folders: readonly string[], place: string): boolean {
  return folders.some((folder) => isInside(place, folder) && !isAroundHome(folder));
}

/** By the system's list of accounts: `HOME` can be set by whoever sets the rest of the environment. */
function isAroundHome(folder: string): boolean {
  try {
    return isInside(real(userInfo().homedir), folder);
  } catch {
    // An account that the system has no name for, as in some containers.
    return false;
  }
}

/** Where it really is, or would be. */
function realPlace(folder: string): string {
  const path = resolve(folder);
  const existing = nearest(path);
  return join(real(existing), path.slice(existing.length));
}

/** Windows tells no owner by number; there the profile of a person is their own. */
function isAnothers(folder: string, consent: string): boolean {
  const me = process.geteuid?.();
  if (me === undefined) return false;
  const owners = [consent, folder].flatMap((path) => ownerOf(path) ?? []);
  if (owners.length > 0) return owners.some((owner) => owner !== me);
  // Root may write into anybody's home, and what it made there would be root's.
  return me === 0 && ownerOf(nearest(resolve(folder))) !== me;
}

/** The path, or the nearest folder around it that exists. */
function nearest(path: string): string {
  let existing = path;
  while (existing !== dirname(existing) && !existsSync(existing)) existing = dirname(existing);
  return existing;
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.uid;
  } catch {
    return undefined;
  }
}
