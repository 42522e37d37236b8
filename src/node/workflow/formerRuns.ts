import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { branchKey } from '../../core/workflow/branch.ts';
import { EVIDENCE_FOLDER } from '../../core/workflow/changes.ts';
import { type EvidenceRecord, latestByStep } from '../../core/workflow/evidence.ts';
import type { FormerRun } from '../../core/workflow/run.ts';
import { writeFileAtomic } from '../atomicFile.ts';
import { stamp } from '../git/fingerprint.ts';
import type { Repository, RepositoryState } from '../git/repository.ts';
import { createEvidenceStore, type EvidenceStore } from './evidenceStore.ts';
import { readPlace, writePlace } from './runPlace.ts';
import { readSelection, writeSelection } from './selection.ts';

/** Commits of the branch among which heads of former branches are looked for. */
const MAX_COMMITS = 2_000;
/** Former branches that are offered at once. */
const MAX_OFFERS = 5;
/** Beside the records of a run: another branch has them now; this branch is taking them; this branch does not want them. */
const TAKEN = 'taken.json';
const TAKING = 'taking.json';
const DECLINED = 'declined.json';

/** The run of the branch that is checked out, as far as taking over asks. */
export interface PresentRun {
  branch: string;
  state: RepositoryState;
  store: EvidenceStore;
  records: readonly EvidenceRecord[];
  tracked: boolean;
}

/**
 * Records of branches that are no more and whose work goes on in the present branch: it was renamed, or begun from there. They are
 * offered and never taken by themselves, since nobody but a person knows whether it is the same work.
 */
export class FormerRuns {
  readonly #repository: Repository;
  readonly #root: string;
  #last: { key: string; found: FormerRun[] } | undefined;

  /** `root` is the workspace folder, in which committed records lie. */
  constructor(repository: Repository, root: string) {
    this.#repository = repository;
    this.#root = root;
  }

  /** Looked for anew when the head, the folders of runs or this run's own folder changed. */
  async find(run: PresentRun): Promise<FormerRun[]> {
    const own = run.store.folder;
    const { branch, state, records } = run;
    const stamps = [this.#runs, own, join(own, DECLINED), join(own, TAKING)].map(stamp);
    const key = JSON.stringify([branch, state.commit, records.length === 0, ...stamps]);
    if (this.#last?.key !== key) this.#last = { key, found: await this.#look(run) };
    return this.#last.found;
  }

  /** Adds the records of a former branch to the present run. Returns how many. Interrupted, it goes on where it was. */
  async take(branch: string, run: PresentRun): Promise<number> {
    const folder = this.#folderOf(branch);
    await this.#refuse(branch, run);
    const key = branchKey(branch);
    const trackedFolder = run.tracked ? join(this.#root, EVIDENCE_FOLDER, key) : undefined;
    const former = createEvidenceStore({ folder, runKey: key, trackedFolder });
    const { records } = await former.read();
    await refuseRunning(former, records, branch);
    await writeFileAtomic(join(run.store.folder, TAKING), `${JSON.stringify({ branch })}\n`);
    await writePlace(run.store.folder, { branch: run.branch, head: run.state.commit });
    for (const digest of new Set(records.map(({ changeDigest }) => changeDigest))) {
      const covered = await former.covered(digest);
      if (covered !== undefined) await run.store.rememberCovered(digest, covered);
    }
    await copyRecords(records, branchKey(run.branch), run.store);
    const selected = await readSelection(folder);
    if (selected !== undefined && (await readSelection(run.store.folder)) === undefined) await writeSelection(run.store.folder, selected);
    await writeFileAtomic(join(folder, TAKEN), `${JSON.stringify({ by: run.branch })}\n`);
    await rm(join(run.store.folder, TAKING), { force: true });
    return records.length;
  }

  /** Offers these records to this branch no more. */
  async decline(branch: string, run: PresentRun): Promise<void> {
    const path = join(run.store.folder, DECLINED);
    const branches = [...new Set([...readDeclined(path), branch])].sort();
    await writeFileAtomic(path, `${JSON.stringify({ branches })}\n`);
  }

  get #runs(): string {
    return join(this.#repository.commonDir, 'handrail', 'runs');
  }

  #folderOf(branch: string): string {
    return join(this.#runs, branchKey(branch));
  }

  async #look(run: PresentRun): Promise<FormerRun[]> {
    const renamed = this.#renamedTo(run.branch);
    const unfinished = readUnfinished(run.store.folder);
    const declined = new Set(readDeclined(join(run.store.folder, DECLINED)));
    const certain = [...new Set([...(unfinished === undefined ? [] : [unfinished]), ...renamed])];
    // With records of its own the work goes on already; who renamed a branch is asked all the same.
    const parents = run.records.length === 0 ? await this.#parents(run) : [];
    const names = [...new Set([...certain, ...parents])].filter((name) => !declined.has(name) && name !== run.branch);
    const gone = await this.#gone(names.filter((name) => !existsSync(join(this.#folderOf(name), TAKEN))));
    const found = await Promise.all(
      gone.map(async (branch): Promise<FormerRun> => ({
        branch,
        records: await this.#count(branch, run.tracked),
        renamed: renamed.includes(branch),
      })),
    );
    return found.filter(({ records }) => records > 0).slice(0, MAX_OFFERS);
  }

  async #refuse(branch: string, run: PresentRun): Promise<void> {
    if ((await this.#count(branch, run.tracked)) === 0) {
      throw new HandrailError('not-found', `There are no records of a branch ${branch}.`, {
        hint: 'See handrail status for what can be taken over.',
      });
    }
    const [isGone] = await this.#gone([branch]);
    if (isGone === undefined) {
      throw new HandrailError('conflict', `The branch ${branch} still exists, so its records stay with it.`, {
        hint: 'Records are taken over from a branch that was renamed or deleted.',
      });
    }
    const isRelated =
      readUnfinished(run.store.folder) === branch ||
      this.#renamedTo(run.branch).includes(branch) ||
      (await this.#parents(run)).includes(branch);
    if (isRelated) return;
    throw new HandrailError('conflict', `${run.branch} was not renamed from ${branch} and does not go on from its last commit.`, {
      hint: 'What was recorded there says nothing about this branch.',
    });
  }

  /** Names that the branch had before, as git notes them in its log (git-branch(1), `-m`), the newest first. */
  #renamedTo(branch: string): string[] {
    let text: string;
    try {
      text = readFileSync(join(this.#repository.commonDir, 'logs', 'refs', 'heads', ...branch.split('/')), 'utf8');
    } catch {
      return [];
    }
    const names = [...text.matchAll(/\tBranch: renamed refs\/heads\/(\S+) to refs\/heads\/\S+$/gm)].map(([, from = '']) => from);
    return [...new Set(names.reverse())];
  }

  /** Branches whose head, when something was last recorded there, is a commit of this branch beyond its base. */
  async #parents({ store, state }: PresentRun): Promise<string[]> {
    const { mergeBase } = state.changes;
    if (state.commit === null || mergeBase === null || mergeBase === state.commit) return [];
    const byHead = new Map<string, string[]>();
    for (const name of foldersIn(this.#runs)) {
      const folder = join(this.#runs, name);
      const place = folder === store.folder ? undefined : readPlace(folder);
      if (place !== undefined && place.head !== null) byHead.set(place.head, [...(byHead.get(place.head) ?? []), place.branch]);
    }
    if (byHead.size === 0) return [];
    const commits = await this.#repository.git(['rev-list', '--first-parent', `--max-count=${MAX_COMMITS}`, state.commit, `^${mergeBase}`]);
    return commits.split('\n').flatMap((commit) => byHead.get(commit) ?? []);
  }

  /** Those of the branches that are no more. */
  async #gone(names: readonly string[]): Promise<string[]> {
    if (names.length === 0) return [];
    const refs = names.map((name) => `refs/heads/${name}`);
    const present = new Set((await this.#repository.git(['for-each-ref', '--format=%(refname)', ...refs])).split('\n'));
    return names.filter((_, i) => !present.has(refs[i] ?? ''));
  }

  async #count(branch: string, tracked: boolean): Promise<number> {
    const key = branchKey(branch);
    const folders = [join(this.#runs, key), ...(tracked ? [join(this.#root, EVIDENCE_FOLDER, key)] : [])];
    const names = await Promise.all(folders.map(async (folder) => readdir(folder).catch(() => [])));
    return new Set(names.flat().filter((name) => /^[0-9a-f]{64}\.json$/.test(name))).size;
  }
}

async function refuseRunning(store: EvidenceStore, records: readonly EvidenceRecord[], branch: string): Promise<void> {
  const running = [...latestByStep(records).values()].filter(({ result }) => result.outcome === 'running');
  const interrupted = await store.interrupted(running);
  const [alive] = running.filter(({ id }) => !interrupted.has(id));
  if (alive === undefined) return;
  throw new HandrailError('conflict', `The step ${alive.step} of ${branch} is still running.`, { hint: 'Wait until it ends.' });
}

/**
 * Writes records anew under another run, each after the one it follows, so that their order stays. The same records give the same
 * files, whoever writes them and however often.
 */
async function copyRecords(records: readonly EvidenceRecord[], run: string, store: EvidenceStore): Promise<void> {
  const old = new Map(records.map((record) => [record.id, record]));
  const ids = new Map<string, string>();
  for (const record of records) {
    // The chain back to what is written already; a loop, since a step may have thousands of records.
    const chain: EvidenceRecord[] = [];
    for (let at: EvidenceRecord | undefined = record; at !== undefined && !ids.has(at.id); at = old.get(at.previous ?? '')) chain.push(at);
    for (const { id, ...body } of chain.reverse()) {
      const previous = body.previous === null ? null : (ids.get(body.previous) ?? null);
      ids.set(id, (await store.add({ ...body, run, previous })).id);
    }
  }
}

function readUnfinished(folder: string): string | undefined {
  const value = readJson(join(folder, TAKING));
  return typeof value?.['branch'] === 'string' ? value['branch'] : undefined;
}

function readDeclined(path: string): string[] {
  const branches = readJson(path)?.['branches'];
  return Array.isArray(branches) ? branches.filter((name): name is string => typeof name === 'string') : [];
}

/** Undefined for what is not there or is none. */
function readJson(path: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
