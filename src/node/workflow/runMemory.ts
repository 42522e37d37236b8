import { readFileSync, statSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { EvidenceRecord } from '../../core/workflow/evidence.ts';
import type { WhenStatus } from '../../core/workflow/plan.ts';
import { TEMPORARY_PREFIX } from '../atomicFile.ts';
import { stamp } from '../git/fingerprint.ts';
import type { RepositoryMemory } from '../git/memory.ts';
import { placeOfRepository } from '../git/place.ts';
import type { HandrailFiles } from './loader.ts';

/**
 * What one look at a run leaves for the next process, so that `handrail status` does not parse, check and compare again what stayed as it
 * was. Every part of it is believed only while what it was made from is the same, by content or by stamp, and it may be missing or
 * damaged: the answer is the same, later. Only what looks reads it; what runs or records something starts from the files.
 */
export interface RunMemory {
  files?: RememberedFiles;
  /** By path of the workflow file. */
  facts?: Record<string, RememberedWorkflow>;
  /** By path of the record's file. */
  records?: Record<string, { stamp: string; record: EvidenceRecord }>;
  repository?: RepositoryMemory;
}

/** A result, and what was asked for it: what, about which path, and the digest of the answer. */
export interface RememberedFiles {
  observations: { question: 'text' | 'exists' | 'list' | 'shared'; about: string; answer: string }[];
  result: HandrailFiles;
}

export interface RememberedWorkflow {
  digest: string;
  /** By step; the digest holds for this context. */
  steps: Record<string, { context: string; digest: string }>;
  /** By condition; the answer holds for facts of this digest. */
  conditions: Record<string, { facts: string; status: WhenStatus }>;
}

/** More than this takes longer to read than to find again. Bytes. */
const MAX_SIZE = 8 * 1024 * 1024;

/** Where the memory of a folder's run is kept, for one version of the program. */
export interface RunMemoryFile {
  read(): RunMemory;
  /** Never fails: it is a help and no more. */
  write(memory: RunMemory): Promise<void>;
}

/**
 * The memory file of a folder, `handrail/cache/run.json` in git's own folder of the worktree; undefined where there is no repository, and
 * for a `program` that runs from its sources, which may be edited between two runs.
 */
export function openRunMemory(root: string, program: string): RunMemoryFile | undefined {
  const gitDir = gitDirOf(root);
  if (gitDir === undefined || program.endsWith('.ts')) return undefined;
  return runMemoryAt(join(gitDir, 'handrail', 'cache', 'run.json'), `${program} ${stamp(program)} ${root}`);
}

/** `key` changes with whatever makes older memory worthless. */
export function runMemoryAt(path: string, key: string): RunMemoryFile {
  let last: string | undefined;
  return {
    read() {
      try {
        if (statSync(path).size > MAX_SIZE) return {};
        last = readFileSync(path, 'utf8');
        const stored = JSON.parse(last) as { key?: unknown; memory?: RunMemory } | null;
        return stored?.key === key && typeof stored.memory === 'object' ? stored.memory : {};
      } catch {
        return {};
      }
    },
    async write(memory) {
      const text = JSON.stringify({ key, memory });
      if (text === last || text.length > MAX_SIZE) return;
      // Not flushed to the disk: after a power cut a part of it is no JSON.
      const temporary = join(dirname(path), `${TEMPORARY_PREFIX}run-${process.pid}`);
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(temporary, text);
        await rename(temporary, path);
      } catch {
        await rm(temporary, { force: true }).catch(() => undefined);
      }
    },
  };
}

/** Git's own folder of the worktree around a folder, read from `.git` (gitrepository-layout(5)), without git. */
function gitDirOf(root: string): string | undefined {
  const place = placeOfRepository(root).replace(/ \d+ \d+$/, '');
  if (place === '') return undefined;
  try {
    if (statSync(place).isDirectory()) return place;
    const target = /^gitdir: (.+)$/m.exec(readFileSync(place, 'utf8'))?.[1]?.trim();
    return target === undefined ? undefined : resolve(dirname(place), target);
  } catch {
    return undefined;
  }
}
