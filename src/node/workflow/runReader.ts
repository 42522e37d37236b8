import type { Clock, Log } from '../../core/ports.ts';
import { branchSlug, runKey } from '../../core/workflow/branch.ts';
import type { ChangeSet } from '../../core/workflow/changes.ts';
import type { Workflow } from '../../core/workflow/definition.ts';
import type { ChangeTriple } from '../../core/workflow/digests.ts';
import { type EvidenceRecord, latestByStep, standingByStep } from '../../core/workflow/evidence.ts';
import { expectedPath } from '../../core/workflow/expectations.ts';
import type { ExpressionFacts } from '../../core/workflow/expressions.ts';
import { modelPin } from '../../core/workflow/modelPin.ts';
import type { PlanFacts, WhenStatus } from '../../core/workflow/plan.ts';
import type { LoadedWorkflow } from '../../core/workflow/select.ts';
import type { ModelsConfig } from '../../core/ai/models/models.ts';
import type { Repository, RepositoryState } from '../git/repository.ts';
import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { labelsInCi } from './ciLabels.ts';
import type { EvidenceStore } from './evidenceStore.ts';
import type { RememberedFacts } from './rememberedFacts.ts';
import { refuseShared } from './runPlace.ts';
import type { RunStores } from './runStores.ts';

/** Everything about one run at one moment: what a plan is computed from, and where its records go. */
export interface RunSnapshot {
  loaded: LoadedWorkflow;
  digest: string;
  branch: string | null;
  state: RepositoryState;
  store: EvidenceStore;
  records: EvidenceRecord[];
  facts: PlanFacts;
}

export interface ReadRunOptions {
  loaded: LoadedWorkflow;
  models: ModelsConfig | undefined;
  branch: string | null;
  state: RepositoryState;
  repository: Repository;
  files: NodeWorkspaceFiles;
  stores: RunStores;
  remembered: RememberedFacts;
  clock: Clock;
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
}

/** Reads records and facts for the run of a workflow. Records that are none are passed over and logged. */
export async function readRun(options: ReadRunOptions): Promise<RunSnapshot> {
  const { loaded, branch, state } = options;
  const { workflow } = loaded;
  const key = runKey(branch, state.commit);
  const store = await options.stores.open({ key, tracked: workflow.evidence === 'tracked' });
  if (branch !== null) refuseShared(store.folder, branch);
  const [{ records, interrupted }, headSubject] = await Promise.all([
    readRecords(store, options.log),
    workflow.steps.some((step) => step.expect.some(({ kind }) => kind === 'commit')) ? options.repository.headSubject() : null,
  ]);
  const slug = runSlug(branch, state.commit);
  const remembered = options.remembered.of(workflow);
  const digest = remembered.digest();
  const facts: PlanFacts = {
    now: options.clock.now(),
    runKey: key,
    workflowDigest: digest,
    stepDigests: stepDigestsOf(options),
    when: await evaluateConditions(options),
    interrupted,
    coveredThen: await coveredThen(store, workflow, records),
    branchSlug: slug,
    files: readExpectedFiles(workflow, slug, options.files, options.log),
    clean: state.clean,
    headSubject,
  };
  return { loaded, digest, branch, state, store, records, facts };
}

/** What `${branch}` stands for in paths: the branch, or the commit on a detached head. */
export function runSlug(branch: string | null, commit: string | null): string {
  return branchSlug(branch ?? commit?.slice(0, 12) ?? '');
}

async function readRecords(store: EvidenceStore, log: Log): Promise<{ records: EvidenceRecord[]; interrupted: Set<string> }> {
  const first = await store.read();
  for (const problem of first.problems) log.warn(problem);
  let { records } = first;
  let interrupted = await store.interrupted(runningIn(records));
  if (interrupted.size > 0) {
    // The process may have written its last record and ended between the two looks; then that record is there now.
    ({ records } = await store.read());
    const running = new Set(runningIn(records).map((record) => record.id));
    interrupted = new Set([...interrupted].filter((id) => running.has(id)));
  }
  return { records, interrupted };
}

function runningIn(records: readonly EvidenceRecord[]): EvidenceRecord[] {
  return [...latestByStep(records).values()].filter((record) => record.result.outcome === 'running');
}

async function coveredThen(
  store: EvidenceStore,
  workflow: Workflow,
  records: readonly EvidenceRecord[],
): Promise<PlanFacts['coveredThen']> {
  const standing = standingByStep(records);
  const digests = new Set(workflow.steps.map((step) => standing.get(step.id)?.changeDigest).filter((digest) => digest !== undefined));
  const known = new Map<string, readonly ChangeTriple[] | undefined>();
  await Promise.all([...digests].map(async (digest) => known.set(digest, await store.covered(digest))));
  return (digest) => known.get(digest);
}

function stepDigestsOf({ loaded, models, files, log, remembered }: ReadRunOptions): Record<string, string> {
  const digests: Record<string, string> = {};
  for (const step of loaded.workflow.steps) {
    const prompt = step.kind === 'generate' ? readQuietly(files, step.prompt, log) : undefined;
    digests[step.id] = remembered.of(loaded.workflow).stepDigest(step, { prompt, modelPin: modelPin(step, models) });
  }
  return digests;
}

async function evaluateConditions({ loaded, state, branch, clock, env, remembered }: ReadRunOptions): Promise<Record<string, WhenStatus>> {
  const facts = expressionFacts({ changes: state.changes, branch, base: state.base.name, env });
  return await remembered.of(loaded.workflow).conditions(facts, clock);
}

/** What conditions see of a change. */
export function expressionFacts({
  changes,
  branch,
  base,
  env,
  labels = labelsInCi(env),
}: {
  changes: ChangeSet;
  branch: string | null;
  base: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Of the pull request; what CI says of them when absent. */
  labels?: string[];
}): ExpressionFacts {
  const { entries, linesAdded, linesDeleted } = changes;
  const paths = (status?: string): string[] =>
    entries.filter((entry) => status === undefined || entry.status === status).map(({ path }) => path);
  return {
    branch: branch ?? '',
    base,
    changes: paths(),
    added: paths('added'),
    deleted: paths('deleted'),
    lines: { added: linesAdded, deleted: linesDeleted },
    labels,
    ci: env['CI'] === 'true' || env['CI'] === '1',
  };
}

function readExpectedFiles(workflow: Workflow, slug: string, files: NodeWorkspaceFiles, log: Log): Record<string, string | undefined> {
  const texts: Record<string, string | undefined> = {};
  for (const expectation of workflow.steps.flatMap((step) => step.expect)) {
    if (expectation.kind !== 'file') continue;
    const path = expectedPath(expectation.path, slug);
    texts[path] = readQuietly(files, path, log);
  }
  return texts;
}

/** Text of a file; one that cannot be read (binary, too large, outside the workspace) proves nothing and counts as missing. */
function readQuietly(files: NodeWorkspaceFiles, path: string, log: Log): string | undefined {
  try {
    return files.readText(path);
  } catch (error) {
    log.warn(error instanceof Error ? error.message : `${path} cannot be read.`);
    return undefined;
  }
}
