import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Ends a process and everything in its group. The process must have been started `detached` (except on Windows, where the tree is
 * found by its parents). A group that is gone already is fine.
 */
export function killTree({ pid }: Pick<ChildProcess, 'pid'>, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}
