import { isAbsolute, relative, sep } from 'node:path';
import { parseModels } from '../../core/ai/models/config.ts';
import { parseTeam } from '../../core/team/teamFile.ts';
import type { ModelsConfig } from '../../core/ai/models/models.ts';
import { parseDismissals } from '../../core/ai/review/dismissalsFile.ts';
import type { TeamDismissal } from '../../core/ai/review/dismissalsFile.ts';
import { HandrailError, failureOf } from '../../core/errors.ts';
import type { Workflow } from '../../core/workflow/definition.ts';
import { parseWorkflow } from '../../core/workflow/parse.ts';
import type { WorkflowContext } from '../../core/workflow/parse.ts';
import { problemAt } from '../../core/workflow/problem.ts';
import type { FileProblems, Problem } from '../../core/workflow/problem.ts';
import type { LoadedWorkflow } from '../../core/workflow/select.ts';
import { LOCK_FILE } from '../../core/workflow/shared/content.ts';
import { parseLock } from '../../core/workflow/shared/lock.ts';
import type { NodeWorkspaceFiles } from '../workspaceFiles.ts';
import { noSharedContent, type SharedContent } from './shared/sharedContent.ts';

export const WORKFLOWS_FOLDER = '.handrail/workflows';
export const MODELS_FILE = '.handrail/models.yml';
export const DISMISSALS_FILE = '.handrail/dismissals.yml';
const TEAM_FILE = '.handrail/telemetry.yml';

/** Characters of all workflow files: they are read whenever a run is looked at, and a file of the largest size takes a moment to parse. */
const MAX_CHARACTERS = 2 * 1024 * 1024;

/** Everything a team wrote under `.handrail/`, as far as it can be read. */
export interface HandrailFiles {
  /** Workflows that can be followed, in the order of their file names. */
  workflows: LoadedWorkflow[];
  /** Workflow files that cannot, in the same order. */
  unreadable: FileProblems[];
  /** Absent when there is no file or it has errors. */
  models?: ModelsConfig;
  dismissals?: TeamDismissal[];
  /** One entry a file that was read, with or without problems. */
  problems: FileProblems[];
}

/**
 * Reads `.handrail/`. A broken file is reported with its problems and never hides another. Workflows of other repositories are read
 * from `shared`, in the version that the lock names; nothing is fetched.
 */
export function loadHandrail(files: NodeWorkspaceFiles, shared: Pick<SharedContent, 'read'> = noSharedContent): HandrailFiles {
  const models = loadPart(files, MODELS_FILE, parseModels);
  const dismissals = loadPart(files, DISMISSALS_FILE, parseDismissals);
  const team = loadPart(files, TEAM_FILE, parseTeam);
  const locked = lockedContent(files, shared);
  const context = contextOf(files, models?.result?.config, locked);
  const found: { path: string; workflow?: Workflow; problems: Problem[] }[] = [];
  let characters = 0;
  const parse = (text: string, path: string): ReturnType<typeof parseWorkflow> => {
    characters += text.length;
    return characters > MAX_CHARACTERS ? { problems: [tooMuch(text)] } : parseWorkflow(text, path, context);
  };
  for (const path of workflowPaths(files)) {
    const loaded = loadPart(files, path, (text) => parse(text, path));
    if (loaded) found.push({ path, problems: loaded.problems, ...(loaded.result?.workflow && { workflow: loaded.result.workflow }) });
  }
  refuseSharedIds(files, found);
  const lock = locked.problems(found.every(({ workflow }) => workflow !== undefined));
  return {
    workflows: found.flatMap(({ path, workflow }) => (workflow ? [{ path, workflow }] : [])),
    unreadable: found.flatMap(({ path, workflow, problems }) => (workflow ? [] : [{ path, problems }])),
    ...(models?.result?.config && { models: models.result.config }),
    ...(dismissals?.result?.dismissals && { dismissals: dismissals.result.dismissals }),
    problems: [
      ...found.map(({ path, problems }) => ({ path, problems })),
      ...(models ? [{ path: MODELS_FILE, problems: models.problems }] : []),
      ...(dismissals ? [{ path: DISMISSALS_FILE, problems: dismissals.problems }] : []),
      ...(team ? [{ path: TEAM_FILE, problems: team.problems }] : []),
      ...(lock ? [{ path: LOCK_FILE, problems: lock }] : []),
    ],
  };
}

/**
 * Problems of the given files (relative to the workspace folder or absolute), or of every file under `.handrail/`. Any other file than
 * `models.yml`, `dismissals.yml`, `telemetry.yml` and `lock.yml` is read as a workflow. Fails with `not-found` for a file that is not there.
 */
export function validateFiles(
  files: NodeWorkspaceFiles,
  paths?: readonly string[],
  shared: Pick<SharedContent, 'read'> = noSharedContent,
): FileProblems[] {
  const all = loadHandrail(files, shared);
  if (!paths || paths.length === 0) return all.problems;
  return paths.map((given) => {
    const path = workspacePath(files.root, given);
    const known = all.problems.find((file) => file.path === path);
    if (known) return known;
    const context = contextOf(files, all.models, lockedContent(files, shared));
    const loaded = loadPart(files, path, parserFor(path, context));
    if (!loaded) throw new HandrailError('not-found', `There is no file ${given}.`, { hint: 'Check the path.' });
    return { path, problems: loaded.problems };
  });
}

/** One workflow file, wherever it lies, with everything it refers to. Undefined when there is none. */
export function loadWorkflow(
  files: NodeWorkspaceFiles,
  path: string,
  models: ModelsConfig | undefined,
  shared: Pick<SharedContent, 'read'>,
): { workflow?: Workflow; problems: Problem[] } | undefined {
  const context = contextOf(files, models, lockedContent(files, shared));
  const loaded = loadPart(files, path, (text) => parseWorkflow(text, path, context));
  return loaded && { problems: loaded.problems, ...(loaded.result?.workflow && { workflow: loaded.result.workflow }) };
}

function parserFor(path: string, context: WorkflowContext): (text: string) => { problems: Problem[] } {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^models\.ya?ml$/.test(name)) return parseModels;
  if (/^telemetry\.ya?ml$/.test(name)) return parseTeam;
  if (path === LOCK_FILE) return (text) => parseLock(text);
  return /^dismissals\.ya?ml$/.test(name) ? parseDismissals : (text) => parseWorkflow(text, path, context);
}

/** A path people gave, relative to the workspace folder and with `/`. */
export function workspacePath(root: string, given: string): string {
  const path = isAbsolute(given) ? relative(root, given) : given;
  return path
    .split(sep)
    .join('/')
    .replace(/^(?:\.\/)+/, '');
}

function workflowPaths(files: NodeWorkspaceFiles): string[] {
  return files
    .list(WORKFLOWS_FOLDER)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => `${WORKFLOWS_FOLDER}/${name}`);
}

/** What the checks of a workflow may ask about the workspace. A path that leads out counts as not there. */
function contextOf(files: NodeWorkspaceFiles, models: ModelsConfig | undefined, locked: LockedContent): WorkflowContext {
  return {
    exists: (path) => files.exists(path),
    read(path) {
      try {
        return files.readText(path);
      } catch (error) {
        if (failureOf(error)) return undefined;
        throw error;
      }
    },
    shared: locked.shared,
    ...(models && { roles: Object.keys(models.roles) }),
  };
}

interface LockedContent {
  shared: NonNullable<WorkflowContext['shared']>;
  /** Problems of the lock file, if there is one. `all` says that every workflow was read, so that what none asked for is not needed. */
  problems(all: boolean): Problem[] | undefined;
}

/** Files of other repositories as the lock names them. */
function lockedContent(files: NodeWorkspaceFiles, content: Pick<SharedContent, 'read'>): LockedContent {
  const lock = loadPart(files, LOCK_FILE, (text) => ({ ...parseLock(text), text }));
  const entries = new Map(lock?.result?.entries?.map((entry) => [entry.source, entry]));
  const asked = new Set<string>();
  return {
    shared({ text: source }) {
      asked.add(source);
      if (lock !== undefined && lock.result?.entries === undefined) return { missing: 'lock' };
      const entry = entries.get(source);
      if (entry === undefined) return { missing: 'unlocked' };
      const text = content.read(entry.digest);
      return text === undefined ? { missing: 'content' } : { text };
    },
    problems(all) {
      const text = lock?.result?.text;
      return all && text !== undefined ? parseLock(text, asked).problems : lock?.problems;
    },
  };
}

/** Reads and parses one file; a file that cannot be read is a problem at its beginning. Undefined when there is none. */
function loadPart<T extends { problems: Problem[] }>(
  files: NodeWorkspaceFiles,
  path: string,
  parse: (text: string) => T,
): { result?: T; problems: Problem[] } | undefined {
  let text: string | undefined;
  try {
    text = files.readText(path);
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    const code = failure.reason === 'config' ? 'unsafe-path' : 'syntax';
    const problem = problemAt('', { start: 0, end: 0 }, code, failure.message, failure.hint);
    const { line = 1, column = 1 } = failure.location ?? {};
    return { problems: [{ ...problem, line, column, endLine: line, endColumn: column + (failure.location?.line === undefined ? 0 : 1) }] };
  }
  if (text === undefined) return undefined;
  const result = parse(text);
  return { result, problems: result.problems };
}

function tooMuch(text: string): Problem {
  const message = `The workflow files are larger than ${MAX_CHARACTERS / 1024 / 1024} MiB together, so this one is not read.`;
  return problemAt(text, { start: 0, end: 0 }, 'syntax', message, 'Remove those that nobody follows.');
}

/** A workflow's id names it on the command line, so the second file with the same id cannot be followed. */
function refuseSharedIds(files: NodeWorkspaceFiles, found: { path: string; workflow?: Workflow; problems: Problem[] }[]): void {
  const owners = new Map<string, string>();
  for (const file of found) {
    const id = file.workflow?.id;
    if (id === undefined) continue;
    const owner = owners.get(id);
    if (owner === undefined) {
      owners.set(id, file.path);
      continue;
    }
    const text = files.readText(file.path) ?? '';
    const place = /^id:[ \t]*(\S+)/m.exec(text);
    const start = place ? place.index + place[0].length - (place[1]?.length ?? 0) : 0;
    const span = { start, end: start + (place?.[1]?.length ?? 0) };
    file.problems.push(problemAt(text, span, 'duplicate-id', `The workflow "${id}" is in ${owner} already.`, 'Give this one another id.'));
    delete file.workflow;
  }
}
