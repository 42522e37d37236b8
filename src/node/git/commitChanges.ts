import type { Change } from '../../core/workflow/changes.ts';
import type { GitObjects } from './objects.ts';
import { changeOf, parseDiff, type Raw } from './readChanges.ts';

const BARE = ['-r', '-z', '--no-abbrev', '--no-renames', '--no-ext-diff', '--no-textconv'];
const BINARY_PROBE_BYTES = 8_000;
/** Contents that are looked at to tell whether they are text. */
const MAX_PROBED = 500;

/**
 * What differs between two commits, paths from the top of the repository, in any order. Lines are counted as git counts them, except that
 * an attribute cannot make text binary: `*.ts binary` in a change would make its lines none, and a condition on their number false.
 */
export async function commitChanges(git: GitObjects, from: string, to: string): Promise<Change[]> {
  const { raws, lines, uncounted } = withUncounted(await diff(git, ['--raw', '--numstat'], from, to));
  const texts = await thoseThatAreText(
    git,
    raws.filter(({ path }) => uncounted.has(path)),
  );
  for (const path of texts) lines.set(path, linesOf(await diff(git, ['--patch', '--unified=0', '--text', '--no-color'], from, to, [path])));
  return raws.flatMap((raw) => (raw.newBlob === undefined ? [] : (changeOf(raw, raw.newBlob, raw.newMode, lines.get(raw.path)) ?? [])));
}

/** The same without lines. */
export async function commitContents(git: GitObjects, from: string, to: string): Promise<Change[]> {
  const { raws } = parseDiff(await diff(git, ['--raw'], from, to));
  return raws.flatMap((raw) => (raw.newBlob === undefined ? [] : (changeOf(raw, raw.newBlob, raw.newMode, undefined) ?? [])));
}

/** Counts what the heads of the hunks say (`@@ -1,2 +3 @@`): with `--text` a patch is written whatever the attributes are, a count is not. */
function linesOf(patch: string): { added: number; deleted: number } {
  let [added, deleted] = [0, 0];
  for (const [, before = '1', after = '1'] of patch.matchAll(/^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/gm)) {
    deleted += Number(before);
    added += Number(after);
  }
  return { added, deleted };
}

async function diff(git: GitObjects, format: readonly string[], from: string, to: string, paths: readonly string[] = []): Promise<string> {
  const specs = paths.map((path) => `:(top,literal)${path}`);
  return (await git.run(['diff-tree', ...BARE, ...format, from, to, '--', ...specs])).toString('utf8');
}

function withUncounted(output: string): ReturnType<typeof parseDiff> & { uncounted: ReadonlySet<string> } {
  // What git takes for binary has dashes in place of numbers (git-diff(1), `--numstat`).
  const uncounted = new Set(output.split('\0').flatMap((token) => (token.startsWith('-\t-\t') ? [token.slice(4)] : [])));
  return { ...parseDiff(output), uncounted };
}

async function thoseThatAreText(git: GitObjects, raws: readonly Raw[]): Promise<string[]> {
  const probed = raws.filter(({ oldMode, newMode }) => oldMode !== '160000' && newMode !== '160000').slice(0, MAX_PROBED);
  const blobs = probed.map(({ oldBlob, newBlob }) => [oldBlob, newBlob].filter((blob): blob is string => typeof blob === 'string'));
  const contents = await git.contents(blobs.flat());
  let at = 0;
  return probed.flatMap(({ path }, index) => {
    const own = contents.slice(at, (at += blobs[index]?.length ?? 0));
    return own.every((object) => object?.content.subarray(0, BINARY_PROBE_BYTES).includes(0) === false) ? [path] : [];
  });
}
