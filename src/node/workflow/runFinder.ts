import { HandrailError } from '../../core/errors.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { BranchFacts } from '../../core/workflow/authoring/surroundings.ts';
import { runKey } from '../../core/workflow/branch.ts';
import type { FileProblems } from '../../core/workflow/problem.ts';
import type { RunStatus } from '../../core/workflow/run.ts';
import { type LoadedWorkflow, matchingWorkflows } from '../../core/workflow/select.ts';
import { closest } from '../../core/closest.ts';
import { placeOfRepository } from '../git/place.ts';
import { openRepository, type Repository, type RepositoryState } from '../git/repository.ts';
import { handrailHome } from '../home.ts';
import { type NodeWorkspaceFiles, workspaceFiles } from '../workspaceFiles.ts';
import type { HandrailFiles } from './loader.ts';
import { FormerRuns } from './formerRuns.ts';
import { RememberedFacts } from './rememberedFacts.ts';
import { RememberingLoader } from './rememberingLoader.ts';
import type { RunMemory, RunMemoryFile } from './runMemory.ts';
import { expressionFacts, readRun, type RunSnapshot, runSlug } from './runReader.ts';
import { runFolder, RunStores } from './runStores.ts';
import { readSelection, writeSelection } from './selection.ts';
import type { Sharing } from './sharing.ts';
import { createSharedContent, type SharedContent } from './shared/sharedContent.ts';

export interface RunFinderOptions {
  /** Workspace folder; `.handrail/` lies in it. */
  root: string;
  clock: Clock;
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
  /** Where to keep what was found for the next process; only for what looks and neither runs nor records anything. */
  memory?: RunMemoryFile | undefined;
  /** The repository, opened with that memory, where somebody was early. */
  begun?: Promise<Repository> | undefined;
}

/** A run that was found, or why there is none. */
export type FoundRun =
  | { snapshot: RunSnapshot; alternatives: LoadedWorkflow[]; problems: FileProblems[]; former: FormerRuns; sharing: Sharing }
  | { none: RunStatus & { workflow: null; note: string } };

/** Which run is meant, and what was written since the last call where the caller knows. */
export interface RunWish {
  workflow?: string;
  branch?: string;
  touched?: readonly string[] | undefined;
}

/** The branch at one moment. */
export interface BranchLook {
  branch: string | null;
  state: RepositoryState;
  facts: BranchFacts;
}

interface Opened {
  repository: Repository;
  stores: RunStores;
  former: FormerRuns;
}

/**
 * Finds which workflow the branch follows and reads its run. Each call looks anew; what is kept is the opened repository, records and
 * workflow files as parsed while they stay the same, and what the last look saw of files that were not touched.
 */
export class RunFinder {
  readonly #options: RunFinderOptions;
  readonly #loader: RememberingLoader;
  readonly #memory: RunMemory;
  readonly #remembered = new RememberedFacts();
  readonly #shared: SharedContent;
  #opened: { place: string; opening: Promise<Opened> } | undefined;
  /** What was written since the last look, as far as was told; undefined when that can be anything. */
  #touched: string[] | undefined;

  constructor(options: RunFinderOptions) {
    this.#options = options;
    this.#memory = options.memory?.read() ?? {};
    this.#loader = new RememberingLoader(this.#memory.files);
    this.#shared = createSharedContent(handrailHome(options.env));
  }

  /** Content of shared workflows that was fetched. */
  get shared(): SharedContent {
    return this.#shared;
  }

  files(): NodeWorkspaceFiles {
    return workspaceFiles(this.#options.root);
  }

  /** Reads what changed only when there is a workflow to follow. Fails with `not-found` for a workflow that is asked for and not there. */
  async find(wish: RunWish): Promise<FoundRun> {
    if (wish.touched === undefined) this.#touched = undefined;
    else this.#touched?.push(...wish.touched);
    const workspace = this.files();
    const files = await this.#load(workspace);
    const wanted = wish.workflow === undefined ? undefined : workflowNamed(files.workflows, wish.workflow);
    const { repository, stores, former } = await this.#open();
    const { head, state } = await this.#look(repository, files.workflows.length > 0);
    const branch = wish.branch ?? head.branch ?? this.#branchInCi();
    const matching = matchingWorkflows(files.workflows, branch);
    const loaded = wanted ?? (await selectedOf(matching, runFolder(repository.commonDir, runKey(branch, head.commit))));
    if (loaded === undefined || state === undefined) return { none: await noRun(repository, files, branch) };
    const { clock, log, env } = this.#options;
    const ports = { repository, stores, remembered: this.#remembered, files: workspace, clock, log, env };
    return {
      snapshot: await readRun({ loaded, models: files.models, branch, state: await state, ...ports }),
      alternatives: matching.filter((one) => one !== loaded),
      problems: inOrder(files.problems, loaded.path),
      former,
      sharing: stores.sharing,
    };
  }

  /** Keeps what was found for the next process, where that is wanted. */
  async remember({ snapshot: { loaded, store } }: Extract<FoundRun, { snapshot: RunSnapshot }>): Promise<void> {
    const { memory } = this.#options;
    const files = this.#loader.last;
    if (memory === undefined || files === undefined) return;
    const { repository } = await this.#open();
    const facts = { [loaded.path]: this.#remembered.of(loaded.workflow).memory() };
    await memory.write({ files, facts, records: store.known(), repository: repository.memory() });
  }

  async #load(workspace: NodeWorkspaceFiles): Promise<HandrailFiles> {
    const files = await this.#loader.load(workspace, this.#shared);
    if (files !== this.#memory.files?.result) return files;
    for (const { path, workflow } of files.workflows) {
      const known = this.#memory.facts?.[path];
      if (known !== undefined) this.#remembered.restore(workflow, known);
    }
    // Once: from here on this process remembers by itself.
    delete this.#memory.facts;
    return files;
  }

  /** The branch as it is, whatever it follows. */
  async look(): Promise<BranchLook> {
    const { repository } = await this.#open();
    const state = await repository.state();
    const branch = state.branch ?? this.#branchInCi();
    const { env } = this.#options;
    const facts = expressionFacts({ changes: state.changes, branch, base: state.base.name, env });
    return { branch, state, facts: { slug: runSlug(branch, state.commit), facts } };
  }

  /** The run that a workflow would have, whether or not the branch follows it; and the one that the branch follows among those given. */
  async readAs(
    loaded: LoadedWorkflow,
    { branch, state }: BranchLook,
    from: { files: NodeWorkspaceFiles; handrail: HandrailFiles },
  ): Promise<{ snapshot: RunSnapshot; followed: LoadedWorkflow | undefined }> {
    const { repository, stores } = await this.#open();
    const { clock, log, env } = this.#options;
    const ports = { repository, stores, remembered: this.#remembered, files: from.files, clock, log, env };
    const matching = matchingWorkflows(from.handrail.workflows, branch);
    return {
      snapshot: await readRun({ loaded, models: from.handrail.models, branch, state, ...ports }),
      followed: await selectedOf(matching, runFolder(repository.commonDir, runKey(branch, state.commit))),
    };
  }

  /** Remembers which workflow the present branch follows. */
  async select(workflowId: string): Promise<void> {
    const loaded = workflowNamed((await this.#load(this.files())).workflows, workflowId);
    const { repository } = await this.#open();
    const head = await repository.head();
    const key = runKey(head.branch ?? this.#branchInCi(), head.commit);
    await writeSelection(runFolder(repository.commonDir, key), loaded.workflow.id);
  }

  async #look(
    repository: Repository,
    withState: boolean,
  ): Promise<{ head: RepositoryState | Awaited<ReturnType<Repository['head']>>; state?: Promise<RepositoryState> }> {
    const baseInCi = this.#options.env['GITHUB_BASE_REF'] || this.#options.env['CI_MERGE_REQUEST_TARGET_BRANCH_NAME'] || undefined;
    const touched = this.#touched;
    this.#touched = withState ? [] : undefined;
    if (withState && touched !== undefined && baseInCi === undefined) {
      const state = repository.state({ touched });
      return { head: await state.catch(() => repository.head()), state };
    }
    const head = repository.head();
    if (!withState) return { head: await head };
    // Known beforehand only in CI; everywhere else the base is looked for while the head is read.
    const base = baseInCi !== undefined && (await head).branch === null ? baseInCi : undefined;
    const state = repository.state({ head, base });
    // Where no workflow is followed, a base that cannot be found is nobody's problem.
    state.catch(() => undefined);
    return { head: await head, state };
  }

  /** CI checks out a commit, not a branch, and says elsewhere which branch it stands for. */
  #branchInCi(): string | null {
    return this.#options.env['GITHUB_HEAD_REF'] || this.#options.env['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME'] || null;
  }

  #open(): Promise<Opened> {
    const { root } = this.#options;
    // A repository may come to be, by `git init`, or be replaced by another.
    const place = placeOfRepository(root);
    if (this.#opened?.place !== place) {
      this.#touched = undefined;
      const begun = this.#opened === undefined ? this.#options.begun : undefined;
      const opening = (begun ?? openRepository(root, this.#memory.repository)).then((repository) => ({
        repository,
        stores: new RunStores({ repository, root, known: this.#memory.records }),
        former: new FormerRuns(repository, root),
      }));
      this.#opened = { place, opening };
      opening.catch(() => {
        if (this.#opened?.opening === opening) this.#opened = undefined;
      });
    }
    return this.#opened.opening;
  }
}

async function selectedOf(matching: readonly LoadedWorkflow[], folder: string): Promise<LoadedWorkflow | undefined> {
  if (matching.length < 2) return matching[0];
  const id = await readSelection(folder);
  return matching.find(({ workflow }) => workflow.id === id) ?? matching[0];
}

function workflowNamed(workflows: readonly LoadedWorkflow[], id: string): LoadedWorkflow {
  const found = workflows.find(({ workflow }) => workflow.id === id);
  if (found !== undefined) return found;
  const ids = workflows.map(({ workflow }) => workflow.id);
  const meant = closest(id, ids);
  throw new HandrailError('not-found', `There is no workflow "${id}" that can be followed.`, {
    hint: meant !== undefined ? `Did you mean "${meant}"?` : ids.length === 0 ? 'Run handrail validate.' : `There are: ${ids.join(', ')}.`,
  });
}

async function noRun(
  repository: Repository,
  files: HandrailFiles,
  branch: string | null,
): Promise<RunStatus & { workflow: null; note: string }> {
  const base = await repository.base().then(
    ({ name }) => name,
    () => null,
  );
  return {
    workflow: null,
    branch,
    base,
    steps: [],
    next: [],
    done: 0,
    total: 0,
    alternatives: [],
    note: whyNone(files, branch, base),
    problems: inOrder(files.problems),
  };
}

function whyNone(files: HandrailFiles, branch: string | null, base: string | null): string {
  const [broken] = files.unreadable;
  if (broken !== undefined) return `${broken.path} has mistakes and cannot be followed.`;
  if (files.workflows.length === 0) return 'There is no workflow in .handrail/workflows yet.';
  if (branch === null) return 'No branch is checked out, and workflows follow branches.';
  if (branch === base) return `${branch} is the branch that work is merged into; workflows follow the branches beside it.`;
  return `No workflow is meant for the branch ${branch}.`;
}

/** The problems of the followed file first, then those of others; files without any are left out. */
function inOrder(problems: readonly FileProblems[], first?: string): FileProblems[] {
  const bad = problems.filter((file) => file.problems.length > 0);
  return [...bad.filter((file) => file.path === first), ...bad.filter((file) => file.path !== first)];
}
