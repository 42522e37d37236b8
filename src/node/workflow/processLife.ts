import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/** Enough to tell later whether this very process still lives: a number alone may have gone to another process. */
export interface ProcessMark {
  pid: number;
  /** When the process started, as the system tells it; empty where it does not. */
  start: string;
  host: string;
}

export async function markOf(pid: number): Promise<ProcessMark> {
  return { pid, start: (await startOf(pid)) ?? '', host: hostname() };
}

/** How often a process says that it still runs, and after which silence it counts as gone where nothing else tells. Milliseconds. */
export const BEAT = 20_000;
const LONGEST_SILENCE = 6 * BEAT;

/**
 * Whether the marked process still runs. `silence` is the time since it last said so (milliseconds): it decides where the process
 * cannot be asked, as on another machine or in another container, or where its number may stand for another process by now.
 */
export async function isAlive(mark: ProcessMark, silence = 0): Promise<boolean> {
  if (mark.host !== hostname()) return silence < LONGEST_SILENCE;
  if (!exists(mark.pid)) return false;
  if (mark.start === '') return silence < LONGEST_SILENCE;
  const start = await startOf(mark.pid);
  return start === undefined || start === mark.start;
}

export function parseMark(text: string): ProcessMark | undefined {
  try {
    const value = JSON.parse(text) as Partial<ProcessMark> | null;
    const isMark = typeof value?.pid === 'number' && typeof value.start === 'string' && typeof value.host === 'string';
    return isMark ? { pid: value.pid as number, start: value.start as string, host: value.host as string } : undefined;
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Linux: boot and field 22 of proc_pid_stat(5). Elsewhere what `ps` says. Windows has no cheap answer; there the number decides. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
    return stdout.trim() || undefined;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field, the program's name in parentheses, may hold spaces and parentheses itself.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  // A zombie has ended, whatever its parent makes of it.
  return fields?.[19] === undefined || fields[0] === 'Z' ? undefined : `${boot.trim()} ${fields[19]}`;
}
