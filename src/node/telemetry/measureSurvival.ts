import type { UsageRecorder } from '../../core/telemetry/observation.ts';
import type { AcceptedNote } from '../../core/telemetry/acceptedNote.ts';
import { survivingShare, tellingLines } from '../../core/telemetry/survival.ts';
import { repositoryAround } from '../ai/writingModel.ts';
import type { Repository } from '../git/repository.ts';
import { workspaceFiles } from '../workspaceFiles.ts';
import { keyed, type AcceptedNotes } from './acceptedNotes.ts';

/** Renames that are followed, the newest. */
const MOST_RENAMES = 500;

/**
 * Measures what was accepted in a folder a week ago or more, and records one event for each acceptance. Called where work in the folder
 * begins; nothing waits for a week to be over. Outside of a repository nothing is measured.
 */
export async function measureSurvival(root: string, notes: AcceptedNotes, usage: UsageRecorder): Promise<void> {
  const due = notes.takeDue(root);
  if (due.length === 0) return;
  const repository = await repositoryAround(root);
  if (repository === undefined) return;
  for (const note of due) {
    const survival = await shareOf(note, repository);
    if (survival === undefined) continue;
    const { provider, family } = note;
    usage.record({
      operation: 'generate',
      outcome: 'measured',
      survival,
      ...(provider === undefined ? {} : { provider }),
      ...(family === undefined ? {} : { model: family }),
    });
  }
}

/** The files as they are where the work is: in the folder, or on a branch that lies aside and has not been merged. */
async function shareOf(note: AcceptedNote, repository: Repository): Promise<number | undefined> {
  const aside = await branchAside(note, repository);
  const paths = aside === undefined ? await presentPaths(repository) : await pathsOn(aside, repository);
  const byKey = new Map(paths.map((path) => [keyed(note.salt, path), path]));
  const files = workspaceFiles(repository.root);
  const renames = note.files.every(({ path }) => byKey.has(path)) ? [] : await renamesSince(note.day, aside ?? 'HEAD', repository);
  const present = new Map<string, readonly string[]>();
  for (const { path: key } of note.files) {
    const path = byKey.get(key) ?? renamed(key, note.salt, renames);
    const text = path === undefined ? undefined : await textOf(path, aside, repository, files);
    if (text !== undefined)
      present.set(
        key,
        tellingLines(text).map((line) => keyed(note.salt, line)),
      );
  }
  return survivingShare(note.files, (key) => present.get(key));
}

async function textOf(
  path: string,
  aside: string | undefined,
  { git }: Repository,
  files: ReturnType<typeof workspaceFiles>,
): Promise<string | undefined> {
  try {
    return aside === undefined ? files.readText(path) : await git(['cat-file', 'blob', `${aside}:./${path}`]);
  } catch {
    // A file that can no longer be read as text holds none of it.
    return undefined;
  }
}

/** The branch of the acceptance, where another one is checked out that does not hold it. */
async function branchAside({ branch, salt }: AcceptedNote, repository: Repository): Promise<string | undefined> {
  const head = await repository.head();
  if (branch === undefined || (head.branch !== null && keyed(salt, head.branch) === branch)) return undefined;
  const listed = (await repository.git(['for-each-ref', '--format=%(refname)', 'refs/heads/'])).split('\n');
  const ref = listed.find((name) => name !== '' && keyed(salt, name.slice('refs/heads/'.length)) === branch);
  if (ref === undefined || head.commit === null) return undefined;
  const ahead = await repository.git(['rev-list', '--count', `HEAD..${ref}`, '--']);
  return Number(ahead) > 0 ? ref : undefined;
}

async function presentPaths({ git }: Repository): Promise<string[]> {
  return (await git(['ls-files', '-z', '--cached', '--others', '--exclude-standard'])).split('\0').filter((path) => path !== '');
}

/** Like {@link presentPaths}, of a branch: git gives paths relative to where it runs. */
async function pathsOn(ref: string, { git }: Repository): Promise<string[]> {
  return (await git(['ls-tree', '-r', '-z', '--name-only', ref])).split('\0').filter((path) => path !== '');
}

/** Pairs of former and later path, the oldest rename first; none where git cannot tell. */
async function renamesSince(day: string, ref: string, { git }: Repository): Promise<[string, string][]> {
  const args = [
    'log',
    '-z',
    '--format=',
    '--name-status',
    '-M',
    '--diff-filter=R',
    '--relative',
    `--since=${day}T00:00:00Z`,
    '-n',
    String(MOST_RENAMES),
    ref,
    '--',
  ];
  const output = await git(args).catch(() => '');
  const pairs: [string, string][] = [];
  const tokens = output.split('\0').map((token) => token.replace(/^\n/u, ''));
  for (let i = 0; i + 2 < tokens.length; i += 1) {
    if (!/^R\d+$/u.test(tokens[i] ?? '')) continue;
    pairs.unshift([tokens[i + 1] ?? '', tokens[i + 2] ?? '']);
    i += 2;
  }
  return pairs;
}

function renamed(key: string, salt: string, renames: readonly [string, string][]): string | undefined {
  let path: string | undefined;
  for (const [from, to] of renames) if (path === undefined ? keyed(salt, from) === key : from === path) path = to;
  return path;
}
