import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export interface FingerprintOptions {
  /** The folder that is looked at, inside the working tree. */
  root: string;
  topLevel: string;
  commonDir: string;
  gitDir: string;
  /** Short names of branches that may be the base. */
  baseNames: Iterable<string>;
  /** Files of the configuration, and those it names. */
  configured: readonly string[];
}

/**
 * Everything beside the files of the working tree that decides what changed: the index, the head, the refs of the base, the
 * configuration, and the ignore and attribute files outside the folder. Two equal fingerprints mean that only files of the folder
 * can have changed what git says. It is taken without git in well under a millisecond; refs that cannot be the base are not looked at.
 *
 * Formats: gitrepository-layout(5); the end of the index is a digest of its content (gitformat-index(5)). Other files are told apart
 * by size, times and inode.
 */
export function fingerprint(options: FingerprintOptions): string {
  const { commonDir, gitDir } = options;
  const parts = [indexStamp(join(gitDir, 'index')), ...headParts(options), ...baseParts(options)];
  const stamped = [
    ...['packed-refs', 'reftable/tables.list', 'config', 'shallow', 'info/exclude', 'info/attributes', 'info/grafts', 'refs/replace'].map(
      (name) => join(commonDir, name),
    ),
    ...['config.worktree', 'info/sparse-checkout'].map((name) => join(gitDir, name)),
    ...personalFiles(),
    ...filesAbove(options),
    ...options.configured,
  ];
  return [...parts, ...stamped.map(stamp)].join('\n');
}

/** Size, times and inode of a file or folder as text; `none` where there is none. */
export function stamp(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.mtimeNs} ${stat.ctimeNs} ${stat.size} ${stat.ino}`;
}

const DIGEST_BYTES = 20;

function indexStamp(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return 'none';
  }
  try {
    const { size, mtimeNs, ino } = fstatSync(file, { bigint: true });
    const end = Buffer.alloc(DIGEST_BYTES);
    readSync(file, end, 0, DIGEST_BYTES, Math.max(0, Number(size) - DIGEST_BYTES));
    return `${mtimeNs} ${size} ${ino} ${end.toString('hex')}`;
  } finally {
    closeSync(file);
  }
}

/** The head and the branch it stands for. Refs are a line each, so their content is what is compared. */
function headParts({ gitDir, commonDir }: FingerprintOptions): string[] {
  const head = lineOf(join(gitDir, 'HEAD'));
  return [head, targetOf(commonDir, head)];
}

/** Where the branches that may be the base stand, here and on each remote, and what each remote calls its default. */
function baseParts({ commonDir, baseNames }: FingerprintOptions): string[] {
  const names = [...baseNames];
  const parts = names.map((name) => lineOf(join(commonDir, 'refs/heads', name)));
  for (const remote of namesIn(join(commonDir, 'refs/remotes'))) {
    const folder = join(commonDir, 'refs/remotes', remote);
    const head = lineOf(join(folder, 'HEAD'));
    parts.push(remote, head, targetOf(commonDir, head), ...names.map((name) => lineOf(join(folder, name))));
  }
  return parts;
}

/** What a symbolic ref points at; empty for a commit. */
function targetOf(commonDir: string, line: string): string {
  const target = /^ref: (refs\/.+)$/.exec(line)?.[1];
  return target === undefined || target.includes('..') ? '' : lineOf(join(commonDir, target));
}

/** A packed ref has no file of its own. */
function lineOf(path: string): string {
  try {
    return readFileSync(path, 'latin1').trimEnd();
  } catch {
    return 'none';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Where git keeps what holds for one person on this machine, unless the configuration says otherwise. */
export function personalFile(name: string): string {
  return join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'git', name);
}

function personalFiles(): string[] {
  return [join(homedir(), '.gitconfig'), ...['config', 'ignore', 'attributes'].map(personalFile)];
}

/** Ignore and attribute files hold for all folders below them. */
function filesAbove({ root, topLevel }: FingerprintOptions): string[] {
  const files: string[] = [];
  for (let at = root; at !== topLevel && dirname(at) !== at;) {
    at = dirname(at);
    files.push(join(at, '.gitignore'), join(at, '.gitattributes'));
  }
  return files;
}
