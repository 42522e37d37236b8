import { readFileSync } from 'node:fs';
import { labelsInCi } from '../ciLabels.ts';

/** What the host says about the pull or merge request that CI runs for. The host writes it, not the branch. */
export interface HostEvent {
  /** Tip of the base branch. */
  baseCommit?: string;
  baseName?: string;
  /** What is proposed, which is not what hosts check out: that is often a merge of the two. */
  headCommit?: string;
  branch?: string;
  /** `host/owner/name`. */
  repository?: string;
  /** Number of the pull request on GitHub. */
  pullRequest?: number;
  /** Account that opened it, `@name`. */
  author?: string;
  /** Labels that it had when the event happened; absent where the event is about something else. */
  labels?: string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the event of GitHub Actions (the file that `GITHUB_EVENT_PATH` names, webhook "pull_request"), or the variables of GitLab CI
 * ("Predefined CI/CD variables reference"). What is not there, or not of the expected form, is left out.
 */
export function readHostEvent(env: Environment): HostEvent {
  const { pull_request: pull } = eventOf(env['GITHUB_EVENT_PATH']);
  const number = typeof pull?.number === 'number' ? pull.number : pullOfRef(env['GITHUB_REF']);
  return withoutUndefined({
    baseCommit: commit(pull?.base?.sha) ?? commit(env['CI_MERGE_REQUEST_TARGET_BRANCH_SHA']),
    baseName: text(pull?.base?.ref) ?? text(env['GITHUB_BASE_REF']) ?? text(env['CI_MERGE_REQUEST_TARGET_BRANCH_NAME']),
    headCommit: commit(pull?.head?.sha) ?? commit(env['CI_MERGE_REQUEST_SOURCE_BRANCH_SHA']),
    branch: text(pull?.head?.ref) ?? text(env['GITHUB_HEAD_REF']) ?? text(env['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME']),
    repository: repositoryOf(env),
    pullRequest: number,
    author: typeof pull?.user?.login === 'string' ? `@${pull.user.login}` : undefined,
    labels: Array.isArray(pull?.labels) ? labelsInCi(env) : undefined,
  });
}

interface PullEvent {
  pull_request?: {
    number?: unknown;
    base?: { sha?: unknown; ref?: unknown };
    head?: { sha?: unknown; ref?: unknown };
    user?: { login?: unknown };
    labels?: unknown;
  };
}

function eventOf(file: string | undefined): PullEvent {
  if (!file) return {};
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as PullEvent | null) ?? {};
  } catch {
    // Whatever needs the event says that it is missing.
    return {};
  }
}

function repositoryOf(env: Environment): string | undefined {
  const github = text(env['GITHUB_REPOSITORY']);
  if (github !== undefined) return `${hostOf(env['GITHUB_SERVER_URL']) ?? 'github.com'}/${github}`;
  // A pipeline of a fork runs in the fork, for the project that it wants to merge into.
  const gitlab = text(env['CI_MERGE_REQUEST_PROJECT_PATH']) ?? text(env['CI_PROJECT_PATH']);
  return gitlab === undefined ? undefined : `${text(env['CI_SERVER_HOST']) ?? 'gitlab.com'}/${gitlab}`;
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined;
}

function pullOfRef(ref: string | undefined): number | undefined {
  const number = /^refs\/pull\/(\d+)\//.exec(ref ?? '')?.[1];
  return number === undefined ? undefined : Number(number);
}

function commit(value: unknown): string | undefined {
  return typeof value === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value) ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function withoutUndefined(event: { [K in keyof HostEvent]: HostEvent[K] | undefined }): HostEvent {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)) as HostEvent;
}
