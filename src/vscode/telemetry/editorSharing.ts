import * as vscode from 'vscode';
import { systemClock } from '../../node/clock.ts';
import { hasAgreed, sayingOnce, sendDue } from '../../node/team/sendDue.ts';
import type { TelemetryStore } from '../../node/telemetry/consentStore.ts';
import { telemetryPaths } from '../../node/telemetry/paths.ts';
import type { Log } from '../../core/ports.ts';
import { defectText } from '../log.ts';
import { PersonalSecret } from './personalSecret.ts';
import { unhurried } from './unhurried.ts';

export interface FollowedSharing {
  home: string;
  telemetry: TelemetryStore;
  log: Log;
  secrets: vscode.SecretStorage;
}

/**
 * Contributes what is due, some random while after the window opened and about every hour, for a person who agreed to that. For anyone
 * else nothing begins.
 */
export function followSharing({ secrets, ...options }: FollowedSharing): vscode.Disposable | undefined {
  if (!hasAgreed(options.home)) return undefined;
  const place = new PersonalSecret(secrets, telemetryPaths(options.home).secret);
  const stop = new AbortController();
  const log = sayingOnce(options.log);
  let last: Promise<void> = Promise.resolve();
  const sendNow = async (roots: readonly string[]): Promise<void> => {
    try {
      // Two secrets would count one person twice; the person is told when they share.
      if (await place.isTwofold()) return;
      const secret = await place.read();
      await sendDue({ ...options, log, roots, env: process.env, clock: systemClock, signal: stop.signal, secret: () => secret });
    } catch (error) {
      log.warn(`Nothing was contributed: ${defectText(error)}`);
    }
  };
  const send = (): void => {
    if (!vscode.workspace.isTrusted || !vscode.env.isTelemetryEnabled) return;
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const roots = folders.map(({ uri }) => uri.fsPath);
    last = last.then(() => sendNow(roots));
  };
  const looking = unhurried(send);
  return new vscode.Disposable(() => {
    looking.dispose();
    stop.abort();
  });
}
