import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { RAW_DIFF } from './commitChanges.ts';
import { rawsByCommit } from './commitRaws.ts';
import type { GitObjects } from './objects.ts';
import { parseDiff, type Raw } from './readChanges.ts';

interface Merge {
  id: string;
  parents: readonly string[];
}

/** Merges that are looked at one by one, by making them anew or by comparing. Of further ones all that differs from a parent is theirs. */
const LIMITS = { remade: 200, compared: 200 };

/**
 * What each merge writes itself, by commit: the paths that differ from what git makes of its parents, with those in which they conflict.
 * Where git cannot tell (it is older than 2.38, or there are more than two parents), those that are not what the one parent that changed
 * them has; where that is not clear either, or beyond the limits, those that differ from any parent.
 */
export async function readMerges(git: GitObjects, commits: readonly Merge[], { remade, compared } = LIMITS): Promise<Map<string, Raw[]>> {
  const merges = commits.filter(({ parents }) => parents.length > 1);
  const found = new Map<string, Raw[]>();
  if (merges.length === 0) return found;
  const rest = merges.slice(Math.max(remade, compared)).map(({ id }) => id);
  for (const [id, raws] of await rawsByCommit(git, rest, ['-m'])) found.set(id, [...byPath(raws).values()]);
  const scratch = await mkdtemp(join(tmpdir(), 'handrail-merge-'));
  try {
    const isReady = await prepareScratch(git, scratch, merges[0]?.id ?? '');
    for (const [index, merge] of merges.slice(0, Math.max(remade, compared)).entries()) {
      const precise = isReady && index < remade ? await byRemaking(git, scratch, merge) : undefined;
      found.set(merge.id, precise ?? (await byComparing(git, merge)));
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return found;
}

/**
 * A repository of its own over the same objects: what git makes there leaves nothing behind, and neither attributes nor merge drivers of
 * the checkout have a say in it.
 */
async function prepareScratch(git: GitObjects, scratch: string, name: string): Promise<boolean> {
  try {
    const objects = (await git.run(['rev-parse', '--path-format=absolute', '--git-path', 'objects'])).toString('utf8').replace(/\n$/, '');
    const format = name.length === 64 ? 'sha256' : 'sha1';
    await git.run(['init', '--bare', '--quiet', '--template=', `--object-format=${format}`, scratch]);
    await writeFile(join(scratch, 'objects/info/alternates'), `${objects}\n`);
    return true;
  } catch {
    return false;
  }
}

/** Settings of the person that change what git makes of a merge. */
const PLAIN_MERGE = [
  `core.attributesFile=${devNull}`,
  'merge.default=text',
  'merge.renames=true',
  'merge.directoryRenames=conflict',
  'merge.renormalize=false',
].flatMap((setting) => ['-c', setting]);

async function byRemaking(git: GitObjects, scratch: string, { id, parents }: Merge): Promise<Raw[] | undefined> {
  const [ours, theirs, ...more] = parents;
  if (ours === undefined || theirs === undefined || more.length > 0) return undefined;
  const there = ['--git-dir', scratch, ...PLAIN_MERGE];
  try {
    // Format: git-merge-tree(1), "OUTPUT". It fails quietly where there are conflicts, which it lists behind the tree.
    const output = await git.command([...there, 'merge-tree', '--write-tree', '--no-messages', '-z', ours, theirs]);
    const [tree = '', ...conflicts] = output.split('\0');
    if (!/^[0-9a-f]{40,64}$/.test(tree)) return undefined;
    const differing = parseDiff((await git.run([...there, 'diff-tree', ...RAW_DIFF, '--raw', tree, id, '--'])).toString('utf8')).raws;
    const resolved = new Set(conflicts.flatMap((line) => /^\d{6} [0-9a-f]+ [123]\t([^]+)$/.exec(line)?.[1] ?? []));
    for (const { path } of differing) resolved.delete(path);
    if (resolved.size === 0) return differing;
    // Left as git left it in the middle of a conflict, which is a decision as well.
    const kept = [...(await differencesFrom(git, parents, id)).values()].filter(({ path }) => resolved.has(path));
    return [...differing, ...kept];
  } catch {
    return undefined;
  }
}

async function byComparing(git: GitObjects, { id, parents }: Merge): Promise<Raw[]> {
  const different = await differencesFrom(git, parents, id);
  const bases = await git.command(['merge-base', ...(parents.length > 2 ? ['--octopus'] : []), '--all', ...parents]);
  const [base = '', ...others] = bases.split('\n').filter((line) => line !== '');
  if (base === '' || others.length > 0) return [...different.values()];
  const sides = await Promise.all(parents.map(async (parent) => byPath(await rawChanges(git, base, parent))));
  const merged = byPath(await rawChanges(git, base, id));
  return [...different.values()].filter(({ path }) => {
    const changed = new Set(sides.flatMap((side) => contentOf(side.get(path)) ?? []));
    const [only] = changed;
    return changed.size > 1 || contentOf(merged.get(path)) !== only;
  });
}

/** Everything in which a merge differs from any of its parents. */
async function differencesFrom(git: GitObjects, parents: readonly string[], id: string): Promise<Map<string, Raw>> {
  const all = await Promise.all(parents.map(async (parent) => await rawChanges(git, parent, id)));
  return byPath(all.flat());
}

async function rawChanges(git: GitObjects, from: string, to: string): Promise<Raw[]> {
  return parseDiff((await git.run(['diff-tree', ...RAW_DIFF, '--raw', from, to, '--'])).toString('utf8')).raws;
}

function byPath(raws: readonly Raw[]): Map<string, Raw> {
  return new Map(raws.map((raw) => [raw.path, raw]));
}

function contentOf(raw: Raw | undefined): string | undefined {
  return raw === undefined ? undefined : `${raw.newMode} ${raw.newBlob}`;
}
