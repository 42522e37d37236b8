import { join } from 'node:path';

/**
 * What telemetry keeps in the person's own folder. Every file holds one fact and is written whole without being read before, so that
 * several processes never undo each other's decisions. While telemetry is off and nothing is kept, the folder does not exist.
 */
export interface TelemetryPaths {
  folder: string;
  /** What the person decided. */
  consent: string;
  /** Exists while the editor's own telemetry setting forbids recording. */
  veto: string;
  /** How long events are kept, when the person chose it. */
  retention: string;
  /** The day on which something kept was over first, until a second one says so; see `saidDays.ts`. */
  overSince: string;
  /** The same of something kept that is ahead of the clock. */
  aheadSince: string;
  /** One NDJSON file per ISO week and process. */
  events: string;
  /** What was accepted and is measured a week later; one file an acceptance. */
  accepted: string;
  /** What the person agreed to share, one file a team. */
  sharing: string;
  /** The person's secret, once this device was linked. */
  secret: string;
  /** The private half of a request to be linked. */
  linkRequest: string;
  /** What was contributed or waits to be, one file a team and week. */
  contributions: string;
  /** Which assistants are connected, and the secret that they send with. */
  assistants: string;
  /** By which hashes imported usage is known again. */
  imported: string;
}

/** Paths below the person's own folder (`handrailHome`). */
export function telemetryPaths(home: string): TelemetryPaths {
  return pathsIn(join(home, 'telemetry'));
}

/** Paths in the folder that telemetry keeps everything in. */
export function pathsIn(folder: string): TelemetryPaths {
  return {
    folder,
    consent: join(folder, 'consent.json'),
    veto: join(folder, 'editor-veto'),
    retention: join(folder, 'retention.json'),
    overSince: join(folder, 'over-since'),
    aheadSince: join(folder, 'ahead-since'),
    events: join(folder, 'events'),
    accepted: join(folder, 'accepted'),
    sharing: join(folder, 'sharing'),
    secret: join(folder, 'secret'),
    linkRequest: join(folder, 'link-request.json'),
    contributions: join(folder, 'contributions'),
    assistants: join(folder, 'assistants'),
    imported: join(folder, 'imported'),
  };
}
