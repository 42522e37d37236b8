import type { Workflow } from '../../definition.ts';
import { CODEOWNERS_PATHS } from '../codeowners.ts';

/** Files beside the workflows that decide about what is verified. Any change to one of them takes an owner. */
export interface GuardedFile {
  /** From the top of the repository. */
  path: string;
  /** What it is, as the subject of a sentence. */
  what: string;
}

export const SIGNERS_FILE = '.handrail/signers';
export const REVIEW_IGNORE_FILE = '.handrailignore';

/** What steers reviews without being policy: a change is told, and fails nothing. */
const STEERING = /^(?:AGENTS\.md|\.github\/copilot-instructions\.md|\.github\/instructions\/.+\.instructions\.md)$/;

export interface Guarding {
  /** Folder of the workspace from the top of the repository, with `/` at its end; empty at the top. */
  prefix: string;
  /** Workflows of the base, whose prompt files are guarded. */
  workflows: readonly Workflow[];
}

/** Those of the changed paths that are guarded, and those that steer reviews. Paths count from the top of the repository. */
export function guardedAmong(paths: readonly string[], { prefix, workflows }: Guarding): { guarded: GuardedFile[]; steering: string[] } {
  const prompts = new Set(
    workflows.flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'generate' ? [prefix + step.prompt] : []))),
  );
  const guarded: GuardedFile[] = [];
  const steering: string[] = [];
  for (const path of paths) {
    const own = path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
    const what = CODEOWNERS_PATHS.includes(path)
      ? 'The file of code owners'
      : prompts.has(path)
        ? 'A prompt of the workflow'
        : ownKind(own);
    if (what !== undefined) guarded.push({ path, what });
    else if (own !== undefined && STEERING.test(own)) steering.push(path);
  }
  return { guarded, steering };
}

function ownKind(path: string | undefined): string | undefined {
  if (path === SIGNERS_FILE) return 'The file of allowed signers';
  if (path === REVIEW_IGNORE_FILE) return 'The list of files that no review reads';
  // `workflows.lock`, `lock.yml`: what remote workflows are pinned to.
  return path !== undefined && /^\.handrail\/(?:[^/]+\/)?(?:[\w-]+[.-])?lock(?:\.\w+)?$/.test(path)
    ? 'The lock of remote workflows'
    : undefined;
}
