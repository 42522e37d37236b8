import { appendFile, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelCall } from '../../../../core/ai/models/health.ts';
import { timeOf, type Hold, type JournalLine } from '../../../../core/ai/models/journal.ts';

/**
 * What is noted about calls of models, on this machine only: JSON lines in `<home>/state/model-health/<month>.jsonl`. Lines are short and
 * appended with O_APPEND in one write, so that several processes can share a file, whose order is then the same for all of them; a torn
 * line is skipped. A month is deleted when none of its lines counts any more.
 */
export interface HealthJournal {
  /** Fails when the folder cannot be written. */
  append(line: JournalLine): Promise<void>;
  /** Lines of requests made since then, in the order of the file. What cannot be read is left out. */
  read(since: number): Promise<JournalLine[]>;
}

/** Milliseconds that lines may stand in another order than their times: a call is noted when it ends, with the time when it began. */
const DISORDER = 3600_000;
/** Bytes read at a time, from the end of a file backwards. */
const CHUNK = 65_536;
const MONTH_FILE = /^\d{4}-\d{2}\.jsonl$/;

/** `lifetime`: milliseconds that lines count. */
export function createHealthJournal(options: { home: string; lifetime: number; now(): number }): HealthJournal {
  const { now, lifetime } = options;
  const folder = join(options.home, 'state', 'model-health');
  return {
    async append(line) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // A process that died while it wrote has left no end of its line; the empty line before ours keeps the two apart.
      await appendFile(join(folder, `${month(timeOf(line))}.jsonl`), `\n${textOf(line)}\n`, { mode: 0o600 });
      await forget(folder, month(now() - lifetime));
    },
    async read(since) {
      const files = (await readdir(folder).catch(() => [])).filter((file) => MONTH_FILE.test(file) && file.slice(0, 7) >= month(since));
      const texts = await Promise.all(files.toSorted().map((file) => readBack(join(folder, file), since - DISORDER).catch(() => '')));
      return texts.flatMap((text) => text.split('\n').flatMap(parseLine)).filter((line) => timeOf(line) >= since);
    },
  };
}

async function forget(folder: string, beforeMonth: string): Promise<void> {
  const old = (await readdir(folder)).filter((file) => MONTH_FILE.test(file) && file.slice(0, 7) < beforeMonth);
  await Promise.all(old.map((file) => rm(join(folder, file), { force: true })));
}

/** The end of a file, from the first line on that is older than `since`: a day of a busy month is a small part of it. */
async function readBack(path: string, since: number): Promise<string> {
  const file = await open(path);
  try {
    const pieces: Buffer[] = [];
    for (let end = (await file.stat()).size; end > 0;) {
      const start = Math.max(0, end - CHUNK);
      const piece = Buffer.alloc(end - start);
      const { bytesRead } = await file.read(piece, 0, piece.length, start);
      pieces.unshift(piece.subarray(0, bytesRead));
      end = start;
      const first = firstLine(pieces[0]?.toString('utf8') ?? '');
      if (first !== undefined && timeOf(first) < since) break;
    }
    return Buffer.concat(pieces).toString('utf8');
  } finally {
    await file.close();
  }
}

/** The first whole line; what stands before the first line break may be the end of one. */
function firstLine(text: string): JournalLine | undefined {
  return text.split('\n').slice(1, 20).flatMap(parseLine)[0];
}

function textOf(line: JournalLine): string {
  if (line.kind === 'hold') {
    const { id, ...rest } = line.hold;
    return JSON.stringify({ hold: id, ...rest });
  }
  if (line.kind === 'release') return JSON.stringify({ release: line.id, at: line.at });
  return JSON.stringify({ ...line.call, ...(line.settles === undefined ? {} : { settles: line.settles }) });
}

function parseLine(text: string): JournalLine[] {
  if (text === '') return [];
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null;
    if (value === null || !Number.isFinite(value['at'])) return [];
    if (typeof value['release'] === 'string') return [{ kind: 'release', id: value['release'], at: value['at'] as number }];
    if (!['name', 'model', 'origin'].every((key) => typeof value[key] === 'string')) return [];
    if (typeof value['hold'] === 'string') {
      const { hold: id, ...rest } = value;
      if (!Number.isFinite(rest['amount']) || typeof rest['currency'] !== 'string') return [];
      return [{ kind: 'hold', hold: { id, ...rest } as unknown as Hold }];
    }
    const numbers = ['latency', 'inputTokens', 'outputTokens', 'cachedTokens'].map((key) => value[key]);
    if (!numbers.every((n) => Number.isFinite(n)) || typeof value['outcome'] !== 'string') return [];
    const { settles, ...call } = value;
    return [{ kind: 'call', call: call as unknown as ModelCall, ...(typeof settles === 'string' ? { settles } : {}) }];
  } catch {
    return [];
  }
}

/** `2026-11`, in UTC. */
function month(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}
