import * as vscode from 'vscode';
import { systemClock } from '../../node/clock.ts';
import { hasAgreed, sendDue } from '../../node/team/sendDue.ts';
import type { TelemetryStore } from '../../node/telemetry/consentStore.ts';
import type { Log } from '../../core/ports.ts';

const HOUR = 3600 * 1000;

/**
 * Contributes what is due, now and every hour, for a person who agreed to that before this window opened. For anyone else nothing
 * begins.
 */
export function followSharing(options: { home: string; telemetry: TelemetryStore; log: Log }): vscode.Disposable | undefined {
  if (!hasAgreed(options.home)) return undefined;
  const stop = new AbortController();
  let last: Promise<void> = Promise.resolve();
  const send = (): void => {
    if (!vscode.workspace.isTrusted || !vscode.env.isTelemetryEnabled) return;
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const roots = folders.map(({ uri }) => uri.fsPath);
    last = last.then(() => sendDue({ ...options, roots, env: process.env, clock: systemClock, signal: stop.signal }));
  };
  send();
  const timer = setInterval(send, HOUR);
  return new vscode.Disposable(() => {
    clearInterval(timer);
    stop.abort();
  });
}
