import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A real repository in a temporary folder whose name has a space. Ends with {@link TestRepo.remove}. */
export interface TestRepo {
  readonly root: string;
  /** Runs git and returns its output without the last line break. Fails loudly. */
  git(...args: string[]): string;
  /** Writes files, folders included. */
  write(files: Record<string, string>): void;
  /** Adds everything and commits. */
  commit(subject?: string): void;
  remove(): void;
}

/** Git that depends on nothing of this machine: no configuration of the person, fixed author and dates. */
export const TEST_GIT_ENV: Readonly<Record<string, string>> = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
};

/** Makes a repository with `files` committed on `main`, then switches to `branch` when one is given. */
export function createTestRepo(options: { files?: Record<string, string>; branch?: string } = {}): TestRepo {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'handrail repo-')));
  const repo = repoAt(root);
  repo.git('init', '--quiet', '--initial-branch=main');
  repo.write(options.files ?? { 'README.md': '# Test\n' });
  repo.commit('Start');
  if (options.branch !== undefined) repo.git('switch', '--quiet', '-c', options.branch);
  return repo;
}

/** The same helpers over a folder that exists already, for worktrees and clones. */
export function repoAt(root: string): TestRepo {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: root,
      env: { ...process.env, ...TEST_GIT_ENV },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).replace(/\n$/, '');
  return {
    root,
    git,
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
    },
    commit(subject = 'Change') {
      git('add', '--all');
      git('-c', 'commit.gpgSign=false', 'commit', '--quiet', '--allow-empty', '-m', subject);
    },
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}
