import { readFileSync, statSync } from 'node:fs';
import {
  consentState,
  editorForbids,
  environmentForbids,
  parseConsent,
  type ConsentState,
  type StoredConsent,
} from '../../core/telemetry/consent.ts';
import { isRetention, RETENTION_DAYS } from '../../core/telemetry/catalogue.ts';
import { changedFields, RECORDED_DIGEST } from '../../core/telemetry/digest.ts';
import type { TelemetryPaths } from './paths.ts';
import { misplaced } from './place.ts';

/** A consent is a line; anything longer is not read. */
const LARGEST = 64 * 1024;

/**
 * What is decided and what forbids it, right now, for who works in these workspace folders. Creates nothing and never fails: what cannot
 * be read counts as off.
 */
export function readConsent(
  paths: TelemetryPaths,
  env: Readonly<Record<string, string | undefined>>,
  roots: readonly string[] = [],
): ConsentState {
  const forbidden = environmentForbids(env)
    ? 'environment'
    : (misplaced(paths, roots) ?? (editorForbids(env) || hasVeto(paths) ? 'editor' : undefined));
  return consentState(readStored(paths.consent), { catalogue: RECORDED_DIGEST, forbidden, changed: changedFields });
}

/** What the consent file holds. */
export function readStored(path: string): StoredConsent {
  try {
    const stats = statSync(path);
    // Anything but a file of ours, above all a pipe, on which reading would wait for ever.
    if (!stats.isFile() || stats.size > LARGEST) return { kind: 'damaged' };
    return parseConsent(readFileSync(path, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? { kind: 'none' } : { kind: 'unreadable' };
  }
}

/** Whether the editor forbids recording. What cannot be looked at forbids it too. */
export function hasVeto({ veto }: TelemetryPaths): boolean {
  try {
    return statSync(veto, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/** Days that events are kept. A choice that is damaged or out of range is none. */
export function readRetention({ retention }: TelemetryPaths): number {
  try {
    const stats = statSync(retention);
    if (!stats.isFile() || stats.size > LARGEST) return RETENTION_DAYS;
    const value: unknown = JSON.parse(readFileSync(retention, 'utf8'));
    const days = typeof value === 'object' && value !== null && 'days' in value ? value.days : undefined;
    return isRetention(days) ? days : RETENTION_DAYS;
  } catch {
    return RETENTION_DAYS;
  }
}
