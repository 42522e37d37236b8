import { existsSync } from 'node:fs';
import { failureOf } from '../../core/errors.ts';
import type { Log } from '../../core/ports.ts';
import { telemetryPaths } from '../telemetry/paths.ts';
import { Contributor, type ContributorOptions } from './contributor.ts';
import { TEAM_FILE } from './teamFile.ts';

export interface SendDueOptions extends Omit<ContributorOptions, 'root'> {
  /** Workspace folders that the person trusts. */
  roots: readonly string[];
  signal: AbortSignal;
  log: Log;
}

const MOST_REMEMBERED = 100;

/** A log for what is tried every hour: a warning that was given already is not given again. */
export function sayingOnce(log: Log): Log {
  const said = new Set<string>();
  return {
    info: (message) => log.info(message),
    error: (message) => log.error(message),
    warn: (message) => {
      if (said.has(message)) return;
      if (said.size >= MOST_REMEMBERED) said.clear();
      said.add(message);
      log.warn(message);
    },
  };
}

/** Whether the person ever agreed to share with anybody. Looks, and does nothing else. */
export function hasAgreed(home: string): boolean {
  return existsSync(telemetryPaths(home).sharing);
}

/**
 * Sends what leaves by itself now, of the teams of these folders that the person agreed to share with. Never fails: what finds no way
 * out waits on this machine, and the log says why.
 */
export async function sendDue({ roots, signal, log, ...options }: SendDueOptions): Promise<void> {
  if (!hasAgreed(options.home)) return;
  for (const root of roots) {
    try {
      const { queued, failed = [] } = await new Contributor({ ...options, root }).send({ due: true, signal });
      for (const { week, failure } of queued) log.warn(`The contribution of ${week} waits on this machine: ${failure.message}`);
      for (const { week, failure } of failed) log.warn(`The contribution of ${week} was not sent: ${failure.message}`);
    } catch (error) {
      const failure = failureOf(error);
      // A folder of no team, or one whose file is being edited.
      if (failure?.reason === 'not-found' || failure?.reason === 'cancelled') continue;
      log.warn(`Nothing was contributed by ${TEAM_FILE}: ${failure?.message ?? 'it failed for an unknown reason'}`);
    }
  }
}
