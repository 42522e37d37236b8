import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { skipByPath, skipByText } from '../../src/core/ai/review/collect.ts';
import { addedLines, diffHunks, type Hunk } from '../../src/core/ai/review/hunks.ts';
import { splitLines } from '../../src/core/ai/review/lines.ts';

/** One file of a commit. */
export interface Version {
  oldText: string;
  newText: string;
  /** Where a real commit changed it. */
  path?: string;
  commit?: string;
}

/** A quote whose place is known. Lines count from 1. */
export interface AnchorCase {
  lines: string[];
  hunks: Hunk[];
  quote: string[];
  truth: number;
  /** Where a model says it is. */
  claim: number | undefined;
}

/** Context lines of the hunks, as `git diff` shows them. */
const CONTEXT = 3;
/** How far off a claimed line may be; every distance is equally likely. */
const CLAIM_ERROR = 5;
const SOURCES = ['openai/src', 'zod/src', 'yaml/dist', 'knip/dist', 'mocha/lib', 'diff/libesm', 'simple-git/dist/src'];

export type Random = () => number;

/** Mulberry32: small, seeded, good enough to pick cases. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** Every file a commit of this repository changed, newest first, as a review would read it. */
export function repositoryVersions(root: string, maxCommits: number): Version[] {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
  const commits = git('log', '--no-merges', `--max-count=${maxCommits}`, '--format=%H').split('\n').filter(Boolean);
  const versions: Version[] = [];
  for (const commit of commits) {
    const raw = git('diff-tree', '--root', '-r', '-z', '--no-commit-id', '--no-renames', '--diff-filter=AM', commit).split('\0');
    for (let index = 0; index + 1 < raw.length; index += 2) {
      const [, , oldBlob = '', newBlob = ''] = (raw[index] ?? '').split(' ');
      const path = raw[index + 1] ?? '';
      if (skipByPath(path) !== undefined || !/\.(?:ts|mjs|js|py|md|json|yml)$/u.test(path)) continue;
      const newText = git('cat-file', 'blob', newBlob);
      if (skipByText(newText) !== undefined) continue;
      versions.push({ oldText: /^0+$/u.test(oldBlob) ? '' : git('cat-file', 'blob', oldBlob), newText, path, commit });
    }
  }
  return versions;
}

/** Sources of installed packages: real code, whoever runs this. */
export function packageSources(modules: string): string[] {
  return SOURCES.flatMap((source) => sourceFiles(join(modules, source)))
    .sort()
    .map((path) => readFileSync(path, 'utf8'))
    .filter((text) => text.length > 1500 && skipByText(text) === undefined);
}

function sourceFiles(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|js|mjs)$/u.test(name) && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name));
}

/**
 * A made-up commit whose result is the real file: stretches of it were missing before, or read differently. So the added lines
 * are code that somebody wrote in that place.
 */
export function inventCommit(newText: string, random: Random): Version {
  const lines = splitLines(newText);
  const old: string[] = [];
  const edits = new Map<number, number>();
  for (let count = 1 + below(random, 5); count > 0; count--)
    edits.set(below(random, lines.length), 1 + below(random, random() < 0.7 ? 8 : 40));
  for (let index = 0; index < lines.length; index++) {
    const length = edits.get(index);
    if (length === undefined) {
      old.push(lines[index] ?? '');
      continue;
    }
    // A third of the edits replace what was there instead of adding.
    if (random() < 0.33) for (const line of lines.slice(index, index + length)) old.push(line.replace(/[A-Za-z]{4,}/u, 'previous'));
    index += length - 1;
  }
  return { oldText: old.join('\n'), newText: lines.join('\n') };
}

/** Quotes of `length` added lines that begin with a line of code, at random places, with a claimed line that is off. */
export function quotesOf(version: Version, length: number, count: number, random: Random): AnchorCase[] {
  const hunks = diffHunks(version.oldText, version.newText, CONTEXT);
  const lines = splitLines(version.newText);
  const added = addedLines(hunks);
  const starts = [...added].filter((line) => {
    for (let next = line; next < line + length; next++) if (!added.has(next)) return false;
    return /[\p{L}\p{N}]/u.test(lines[line - 1] ?? '');
  });
  return Array.from({ length: starts.length === 0 ? 0 : count }, () => {
    const truth = starts[below(random, starts.length)] ?? 1;
    const claim = Math.max(1, truth + below(random, 2 * CLAIM_ERROR + 1) - CLAIM_ERROR);
    return { lines, hunks, quote: lines.slice(truth - 1, truth - 1 + length), truth, claim };
  });
}
