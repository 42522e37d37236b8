import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { z } from 'zod';
import { foldName, isHostItself, isTeam, type PersonName } from '../../../core/workflow/verify/names.ts';
import { type HostReviews, parseReviews } from '../../../core/workflow/verify/reviews.ts';
import { onPath, withoutRepository } from '../../programs.ts';

/**
 * Reviews, authors and checks of a pull request on GitHub, read through `gh`, which has the credentials. It runs in a folder outside of any
 * repository, so that nothing of the checkout tells it where to ask.
 */
export interface HostReader {
  /** Reviews with teams of reviewers, and the accounts behind the pull request and its commits. */
  reviews(teams: readonly PersonName[]): Promise<HostReviews>;
  /** Names of the labels that the pull request has now. */
  labels(): Promise<string[]>;
  /** Conclusion of the latest check run of this name on a commit, such as `success`; undefined where there is none. */
  check(commit: string, name: string): Promise<string | undefined>;
}

/** What the host did not answer, in one sentence. */
export class HostSilence extends Error {}

const TIME_LIMIT_MS = 30_000;
const PAGE = 100;
/** Pages of one list; nobody reads a pull request with ten thousand reviews. */
const MAX_PAGES = 30;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const MAX_TEAMS_ASKED = 50;

const account = z.object({ login: z.string() }).nullish();
const pullSchema = z.object({ user: account, labels: z.array(z.object({ name: z.string() })).default([]) });
const commitsSchema = z.array(z.object({ sha: z.string(), author: account, committer: account }));
const checksSchema = z.object({
  check_runs: z.array(
    z.object({ name: z.string(), status: z.string(), conclusion: z.string().nullish(), started_at: z.string().nullish() }),
  ),
});

/** Undefined where `gh` is not on this machine, or the repository is not known. `repository` is `host/owner/name`. */
export function createHostReader(options: {
  root: string;
  env: Readonly<Record<string, string | undefined>>;
  repository: string | undefined;
  pullRequest: number | undefined;
}): HostReader | undefined {
  const [, host, owner, name] = /^([^/]+)\/([^/]+)\/([^/]+)$/.exec(options.repository ?? '') ?? [];
  const program = onPath('gh', options);
  if (program === undefined || host === undefined || owner === undefined || name === undefined) return undefined;
  const env = { ...withoutRepository(options), GH_HOST: host, GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' };
  const ask = async (path: string): Promise<unknown> => await askHost(program, env, ['api', '--hostname', host, '--method', 'GET', path]);
  const repository = `repos/${owner}/${name}`;
  const { pullRequest } = options;
  const pull = (): string => {
    if (pullRequest === undefined) throw new HostSilence('which pull request this is, is not known (give it with --pull-request)');
    return `${repository}/pulls/${pullRequest}`;
  };
  let opening: Promise<z.infer<typeof pullSchema>> | undefined;
  const openedPull = async (): Promise<z.infer<typeof pullSchema>> =>
    await (opening ??= ask(pull()).then((answer) => checked(pullSchema, answer)));
  return {
    labels: async () => (await openedPull()).labels.map(({ name: label }) => label),
    async reviews(teams) {
      const [reviews, opened, commits] = await Promise.all([
        pages(ask, `${pull()}/reviews`),
        openedPull(),
        pages(ask, `${pull()}/commits`).then((answer) => checked(commitsSchema, answer)),
      ]);
      const read = parseReviews(reviews);
      if ('problem' in read) throw new HostSilence(`the host's answer is not understood: ${read.problem}`);
      const approvals = await withTeams(read.approvals, teams, ask);
      const accounts = commits.map(({ sha, author, committer }) => [sha, namesOf(author, committer)] as const);
      return { ...read, approvals, authors: namesOf(opened.user), accounts: new Map(accounts) };
    },
    async check(commit, wanted) {
      const path = `${repository}/commits/${commit}/check-runs?filter=latest&per_page=${PAGE}&check_name=${encodeURIComponent(wanted)}`;
      const { check_runs: runs } = checked(checksSchema, await ask(path));
      const latest = runs
        .filter((run) => run.name === wanted)
        .toSorted((a, b) => (a.started_at ?? '').localeCompare(b.started_at ?? ''))
        .at(-1);
      return latest === undefined ? undefined : latest.status === 'completed' ? (latest.conclusion ?? 'unknown') : latest.status;
    },
  };
}

function namesOf(...accounts: readonly ({ login: string } | null | undefined)[]): PersonName[] {
  return accounts.flatMap((one) => (one ? [foldName(`@${one.login}`)] : [])).filter((name) => !isHostItself(name));
}

/** Adds the teams that a reviewer is in, of those that are asked about. A host that does not tell (the token may not read teams) adds none. */
async function withTeams(
  approvals: HostReviews['approvals'],
  teams: readonly PersonName[],
  ask: (path: string) => Promise<unknown>,
): Promise<HostReviews['approvals']> {
  const asked = teams.filter(isTeam).slice(0, MAX_TEAMS_ASKED);
  return await Promise.all(
    approvals.map(async (approval) => {
      const login = approval.names[0]?.slice(1) ?? '';
      const own = await Promise.all(asked.map(async (team) => ((await isMember(team, login, ask)) ? [team] : [])));
      return { ...approval, names: [...approval.names, ...own.flat()] };
    }),
  );
}

async function isMember(team: PersonName, login: string, ask: (path: string) => Promise<unknown>): Promise<boolean> {
  const [organisation = '', name = ''] = team.slice(1).split('/');
  const path = `orgs/${encodeURIComponent(organisation)}/teams/${encodeURIComponent(name)}/memberships/${encodeURIComponent(login)}`;
  const answer = await ask(path).catch(() => undefined);
  return z.object({ state: z.literal('active') }).safeParse(answer).success;
}

async function pages(ask: (path: string) => Promise<unknown>, path: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const items = checked(z.array(z.unknown()), await ask(`${path}?per_page=${PAGE}&page=${page}`));
    all.push(...items);
    if (items.length < PAGE) return all;
  }
  throw new HostSilence('the host lists more than can be read');
}

function checked<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new HostSilence('the host answered in a form that is not understood');
}

async function askHost(program: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<unknown> {
  const child = spawn(program, args, {
    env,
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT_MS,
    killSignal: 'SIGKILL',
    windowsHide: true,
  });
  const output: Buffer[] = [];
  let size = 0;
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) child.kill();
    else output.push(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(0, 2_000)));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
    // What it has started may hold its output open for longer than it was given.
    child.once('exit', (_code, signal) => {
      if (signal !== null) resolve(null);
    });
  });
  child.stdout.destroy();
  child.stderr.destroy();
  if (code !== 0) throw new HostSilence(`gh says: ${said.trim().split('\n')[0] || 'nothing'}`);
  try {
    return JSON.parse(Buffer.concat(output).toString('utf8'));
  } catch {
    throw new HostSilence('the host did not answer in JSON');
  }
}
