import { jsonObject } from '../jsonObject.ts';
import { TEAM_NAME } from '../telemetry/catalogue.ts';
import { isPlausible } from '../telemetry/week.ts';

/** Whether a person shares figures with a team: a second choice beside recording. Pure; `src/node/team/sharingFiles.ts` reads and writes. */

export const SHARING_VERSION = 1;

/** What a person agreed to, for one team. A day, never a time. */
export interface SharingRecord {
  version: typeof SHARING_VERSION;
  team: string;
  /** Of the decision, in UTC. */
  day: string;
  /** Whether contributions leave by themselves; else only when the person says so each time. */
  automatic: boolean;
  /** Whether usage of other assistants that belongs to no team goes to this one. Of one team at most. */
  assistants: boolean;
  /** Digest of the `telemetry.yml` that was agreed to, `sha256:…`. */
  config: string;
  /** Digest of what the listed counters were then; an agreement without it is asked for once more. */
  registry?: string;
  /** Head of the team's ledger then; null, or absent in older records, while nothing was released. */
  ledger?: string | null;
  /** Where the way led then, without what signs in: every place that was agreed to, such as that of each clone. Absent in older records. */
  to?: readonly string[];
}

/** Reads a stored record. What is not exactly one is none: sharing needs a clear yes. */
export function parseSharing(text: string): SharingRecord | undefined {
  const value = jsonObject(text);
  if (value === undefined) return undefined;
  const { version, team, day, automatic, assistants, config, registry, ledger = null, to } = value;
  const isRecord =
    version === SHARING_VERSION &&
    typeof team === 'string' &&
    TEAM_NAME.test(team) &&
    typeof day === 'string' &&
    isPlausible(Date.parse(day)) &&
    typeof automatic === 'boolean' &&
    typeof assistants === 'boolean' &&
    typeof config === 'string' &&
    (registry === undefined || typeof registry === 'string') &&
    (ledger === null || typeof ledger === 'string') &&
    (to === undefined || (Array.isArray(to) && to.every((place) => typeof place === 'string')));
  if (!isRecord) return undefined;
  return {
    version,
    team,
    day,
    automatic,
    assistants,
    config,
    ledger,
    ...(registry === undefined ? {} : { registry }),
    ...(to === undefined ? {} : { to: to as string[] }),
  };
}

export type SharingState =
  | { sharing: true; since: string; automatic: boolean }
  | {
      sharing: false;
      /**
       * `changed`: the team's file, or what its counters are, is not what was agreed to. `ledger`: what the team has released was changed otherwise than by adding
       * to it. `elsewhere`: the way leads to a place that was not agreed to. `recording`: nothing may be recorded, so nothing is shared either.
       */
      because: 'not-agreed' | 'changed' | 'ledger' | 'elsewhere' | 'recording';
      since?: string;
    };

/** Whether contributions may leave: only while recording is on, and only to exactly what was agreed to. */
export function sharingState(
  record: SharingRecord | undefined,
  {
    config,
    registry,
    recording,
    leadsTo,
    hasGrown,
  }: {
    config: string;
    registry: string;
    recording: boolean;
    /** Where the way leads now; undefined while that is not asked, or cannot be told. */
    leadsTo?: string | undefined;
    hasGrown(head: string | null): boolean;
  },
): SharingState {
  if (record === undefined) return { sharing: false, because: 'not-agreed' };
  const { day: since, automatic } = record;
  if (!recording) return { sharing: false, because: 'recording', since };
  if (record.config !== config || record.registry !== registry) return { sharing: false, because: 'changed', since };
  if (leadsTo !== undefined && record.to?.includes(leadsTo) !== true) return { sharing: false, because: 'elsewhere', since };
  return hasGrown(record.ledger ?? null) ? { sharing: true, since, automatic } : { sharing: false, because: 'ledger', since };
}
