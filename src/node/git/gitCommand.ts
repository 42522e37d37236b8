import { devNull } from 'node:os';
import type { SimpleGit, SimpleGitOptions } from 'simple-git';
import { failureOf, HandrailError } from '../../core/errors.ts';
import { onPath, withoutRepository } from '../programs.ts';

/**
 * Read-only git over `simple-git`. A repository may have come from anywhere, so what its own configuration could start is switched
 * off where reading facts does not need it: file system monitors, hooks, signature checks, fetching of missing objects. Clean
 * filters stay on, since content is compared after them; they come from the person's configuration, never from committed files. Git
 * itself, and what it starts, is never a program that lies in the repository, wherever the PATH leads (`npx` puts
 * `node_modules/.bin` first).
 */
export interface GitCommand {
  /** Runs git in the folder and returns its whole output. Fails with HandrailError `no-git` where git or a repository is missing. */
  (args: readonly string[], input?: string): Promise<string>;
}

export interface GitPrograms {
  /** Absolute path of git. */
  executable: string;
  env: NodeJS.ProcessEnv;
}

export const SAFE_CONFIG = ['core.fsmonitor=false', `core.hooksPath=${devNull}`, 'log.showSignature=false'];
/** No locks for reading, no fetching on the side, messages in English since some are recognised below. */
export const SAFE_ENVIRONMENT = { GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };

/** `workspace`: what lies in it is never run either, where the folder is a repository inside it. */
export function gitIn(folder: string, workspace = folder): GitCommand {
  let loaded: Promise<(input?: string) => SimpleGit> | undefined;
  return async (args, input) => {
    try {
      loaded ??= load(folder, gitPrograms([folder, workspace]));
      return await (await loaded)(input).raw([...args]);
    } catch (error) {
      throw gitFailure(error, folder);
    }
  };
}

/** Git, and an environment that finds no other. Fails with `no-git` where there is none. */
export function gitPrograms(folders: readonly string[]): GitPrograms {
  const env = folders.reduce((kept, root) => withoutRepository({ root, env: kept }), process.env);
  const [root] = folders;
  const executable = root === undefined ? undefined : onPath('git', { root, env });
  if (executable === undefined) throw notFound();
  return { executable, env };
}

async function load(folder: string, programs: GitPrograms): Promise<(input?: string) => SimpleGit> {
  const { simpleGit } = await import('simple-git');
  const options: Partial<SimpleGitOptions> = {
    baseDir: folder,
    binary: programs.executable,
    trimmed: false,
    maxConcurrentProcesses: 4,
    config: SAFE_CONFIG,
    allowEnvironment: Object.keys(SAFE_ENVIRONMENT).filter((name) => name.startsWith('GIT_')),
    // The library refuses these keys because they can start programs; here they are only switched off. The path of git is the machine's.
    unsafe: { allowUnsafeFsMonitor: true, allowUnsafeHooksPath: true, allowUnsafeCustomBinary: true },
  };
  const env = { ...withoutGitVariables(programs.env), ...SAFE_ENVIRONMENT };
  const plain = simpleGit(options).env(env);
  return (input) => (input === undefined ? plain : simpleGit({ ...options, input: () => input }).env(env));
}

/** Variables that steer git (set inside hooks, for one) would make it speak of another repository or start programs. */
export function withoutGitVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(git_.*|(.*_)?editor|visual|(.*_)?pager|prefix|ssh_askpass)$/i.test(name)),
  );
}

function notFound(cause?: unknown): HandrailError {
  return new HandrailError('no-git', 'Git was not found on this machine.', {
    hint: 'Install git, outside of the folder that is open, and try again.',
    cause,
  });
}

/** What went wrong, from what git said. */
export function gitFailure(error: unknown, folder: string): HandrailError {
  const failure = failureOf(error);
  if (failure !== undefined) return failure;
  const text = error instanceof Error ? error.message : String(error);
  if (/ENOENT/.test(text) && /spawn/.test(text)) return notFound(error);
  if (/not a git repository|does not exist/i.test(text)) {
    return new HandrailError('no-git', `${folder} is not inside a git repository.`, {
      hint: 'Run `git init` there, or open a folder that git tracks.',
      cause: error,
    });
  }
  if (/must be run in a work tree/i.test(text)) {
    return new HandrailError('no-git', `${folder} has no git working tree.`, {
      hint: 'Open a folder that git has checked out.',
      cause: error,
    });
  }
  if (/dubious ownership/i.test(text)) {
    return new HandrailError('no-git', `Git refuses ${folder} because it belongs to another user.`, {
      hint: `If you trust it, run: git config --global --add safe.directory "${folder}"`,
      cause: error,
    });
  }
  // What git had printed until then comes before what went wrong.
  const said = /^(?:fatal|error): (.*)$/m.exec(text)?.[1] ?? text.trim().split('\n')[0] ?? 'unknown error';
  return new HandrailError('io', `Git failed: ${said}`, {
    hint: 'Run `git status` in the folder to see what is wrong with the repository.',
    cause: error,
  });
}
