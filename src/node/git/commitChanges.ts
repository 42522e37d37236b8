import type { Change } from '../../core/workflow/changes.ts';
import type { GitObjects } from './objects.ts';
import { changeOf, parseDiff, type Raw } from './readChanges.ts';

/** How trees are compared. No setting of the checkout, which a branch brings along (`.gitmodules`), may hide that a submodule was moved. */
export const RAW_DIFF = ['-r', '-z', '--no-abbrev', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none'];
const BINARY_PROBE_BYTES = 8_000;
/** Files that are looked at to tell whether they are text. Further ones are counted as if they were. */
const MAX_PROBED = 5_000;
/** Files that git is asked about at once, and letters of their paths, for systems with short command lines. */
const BATCH_FILES = 100;
const BATCH_LETTERS = 16_000;
/** Names of the empty file, by SHA-1 and SHA-256. */
const EMPTY_BLOBS: ReadonlySet<string | null | undefined> = new Set([
  null,
  'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
  '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
]);

/**
 * What differs between two commits, paths from the top of the repository, in any order. Lines are counted as git counts them, except that
 * an attribute cannot make text binary: `*.ts binary` in a change would make its lines none, and a condition on their number false.
 */
export async function commitChanges(git: GitObjects, from: string, to: string, maxProbed = MAX_PROBED): Promise<Change[]> {
  const { raws, lines, uncounted } = withUncounted(await diff(git, ['--raw', '--numstat'], from, to));
  const asked = raws.filter((raw) => uncounted.has(raw.path) && hasLines(raw));
  const texts = asked.slice(maxProbed);
  for (const batch of batchesOf(asked.slice(0, maxProbed))) texts.push(...(await thoseThatAreText(git, batch)));
  for (const batch of batchesOf(texts)) for (const [path, counts] of await linesOf(git, from, to, batch)) lines.set(path, counts);
  return raws.flatMap((raw) => (raw.newBlob === undefined ? [] : (changeOf(raw, raw.newBlob, raw.newMode, lines.get(raw.path)) ?? [])));
}

/** The same without lines. */
export async function commitContents(git: GitObjects, from: string, to: string): Promise<Change[]> {
  const { raws } = parseDiff(await diff(git, ['--raw'], from, to));
  return raws.flatMap((raw) => (raw.newBlob === undefined ? [] : (changeOf(raw, raw.newBlob, raw.newMode, undefined) ?? [])));
}

/** Neither a submodule nor empty before and after. */
function hasLines({ oldMode, newMode, oldBlob, newBlob }: Raw): boolean {
  return oldMode !== '160000' && newMode !== '160000' && !(EMPTY_BLOBS.has(oldBlob) && EMPTY_BLOBS.has(newBlob));
}

function batchesOf(raws: readonly Raw[]): Raw[][] {
  const batches: Raw[][] = [];
  let letters = Infinity;
  for (const raw of raws) {
    letters += raw.path.length;
    if (letters > BATCH_LETTERS || batches.at(-1)?.length === BATCH_FILES) {
      batches.push([]);
      letters = raw.path.length;
    }
    batches.at(-1)?.push(raw);
  }
  return batches;
}

/**
 * Counts what the heads of the hunks say (`@@ -1,2 +3 @@`): with `--text` a patch is written whatever the attributes are, a count is not.
 * Every line of content has a letter before it, so none can pass for a head. A file that became a link, or the other way round, comes in
 * two parts.
 */
async function linesOf(git: GitObjects, from: string, to: string, raws: readonly Raw[]): Promise<Map<string, Lines>> {
  const paths = raws.map(({ path }) => path);
  // Git lists files in the order in which it shows them. Where it shows them, names are quoted: one could pass for the head of a part.
  const listed = parseDiff(await diff(git, ['--raw'], from, to, paths)).raws;
  const shown = listed.flatMap((raw) => (isOtherType(raw) ? [raw.path, raw.path] : [raw.path]));
  const patch = await diff(git, ['--patch', '--submodule=short', '--unified=0', '--text', '--no-color'], from, to, paths);
  const parts = patch.split(/^diff --git /m).slice(1);
  const counts = new Map<string, Lines>(paths.map((path) => [path, { added: 0, deleted: 0 }]));
  for (const [index, path] of shown.entries()) {
    const own = countLines(parts[index] ?? '');
    // A file that became a folder brings along what lies in there.
    const sum = counts.get(path);
    if (sum !== undefined) counts.set(path, { added: sum.added + own.added, deleted: sum.deleted + own.deleted });
  }
  return counts;
}

interface Lines {
  added: number;
  deleted: number;
}

function isOtherType({ oldMode, newMode }: Raw): boolean {
  return oldMode !== null && newMode !== null && oldMode.slice(0, 3) !== newMode.slice(0, 3);
}

function countLines(patch: string): Lines {
  let [added, deleted] = [0, 0];
  for (const [, before = '1', after = '1'] of patch.matchAll(/^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/gm)) {
    deleted += Number(before);
    added += Number(after);
  }
  return { added, deleted };
}

async function diff(git: GitObjects, format: readonly string[], from: string, to: string, paths: readonly string[] = []): Promise<string> {
  const specs = paths.map((path) => `:(top,literal)${path}`);
  const options = format.includes('--patch') ? RAW_DIFF.filter((option) => option !== '-z') : RAW_DIFF;
  return (await git.run(['diff-tree', ...options, ...format, from, to, '--', ...specs])).toString('utf8');
}

function withUncounted(output: string): ReturnType<typeof parseDiff> & { uncounted: ReadonlySet<string> } {
  // What git takes for binary has dashes in place of numbers (git-diff(1), `--numstat`).
  const uncounted = new Set(output.split('\0').flatMap((token) => (token.startsWith('-\t-\t') ? [token.slice(4)] : [])));
  return { ...parseDiff(output), uncounted };
}

async function thoseThatAreText(git: GitObjects, raws: readonly Raw[]): Promise<Raw[]> {
  const blobs = raws.map(({ oldBlob, newBlob }) => [oldBlob, newBlob].filter((blob): blob is string => typeof blob === 'string'));
  const contents = await git.contents(blobs.flat());
  let at = 0;
  return raws.filter((_raw, index) => {
    const own = contents.slice(at, (at += blobs[index]?.length ?? 0));
    return own.every((object) => object?.content.subarray(0, BINARY_PROBE_BYTES).includes(0) === false);
  });
}
