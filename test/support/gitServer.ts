import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { repoAt, TEST_GIT_ENV, type TestRepo } from './gitRepo.ts';

/**
 * A host of git repositories that is reached as a person reaches theirs: git speaks its own protocol over ssh, with a program in the
 * place of ssh that starts the other side here. The person's git configuration, in a home folder of its own, sends GitHub's addresses
 * there. What is tested is all that is between: nothing allows another protocol.
 */
export interface GitServer {
  /** Environment of a person whose git reaches this host. */
  readonly env: Record<string, string>;
  /** Folder for what Handrail keeps. */
  readonly home: string;
  /** A repository of the host, e.g. `acme/workflows`, made on first use. */
  repository(name: string): TestRepo;
  /** What was asked of the host so far. */
  requests(): string[];
  /** Replaces what stands in for ssh, for servers that misbehave. `body` is a shell script; `$command` is what git asked to run. */
  behave(body: string): void;
  remove(): void;
}

const USUAL = `unset GIT_DIR
path=$(printf '%s' "$command" | sed "s/^git-upload-pack '\\(.*\\)'$/\\1/")
exec git-upload-pack "$server$path"`;

export function createGitServer(): GitServer {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail server-')));
  const ssh = join(folder, 'ssh');
  const log = join(folder, 'requests');
  const home = join(folder, 'person');
  mkdirSync(home);
  const behave = (body: string): void => {
    writeFileSync(
      ssh,
      `#!/bin/sh\nfor command; do :; done\nserver='${join(folder, 'repositories')}'\nprintf '%s\\n' "$command" >> '${log}'\n${body}\n`,
    );
    chmodSync(ssh, 0o755);
  };
  behave(USUAL);
  writeFileSync(
    join(home, '.gitconfig'),
    `[core]\n\tsshCommand = "'${ssh}'"\n[ssh]\n\tvariant = ssh\n[url "ssh://git@host.test/"]\n\tinsteadOf = https://github.com/\n`,
  );
  return {
    home: join(home, 'handrail'),
    env: { PATH: process.env['PATH'] ?? '', HOME: home, HANDRAIL_HOME: join(home, 'handrail') },
    repository(name) {
      const root = join(folder, 'repositories', `${name}.git`);
      if (existsSync(root)) return repoAt(root);
      mkdirSync(dirname(root), { recursive: true });
      execFileSync('git', ['init', '--quiet', '--initial-branch=main', root], { env: { ...process.env, ...TEST_GIT_ENV } });
      const repo = repoAt(root);
      for (const setting of ['allowFilter', 'allowAnySHA1InWant']) repo.git('config', `uploadpack.${setting}`, 'true');
      return repo;
    },
    requests: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
    behave,
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
