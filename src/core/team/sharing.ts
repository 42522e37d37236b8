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
}

/** Reads a stored record. What is not exactly one is none: sharing needs a clear yes. */
export function parseSharing(text: string): SharingRecord | undefined {
  const value = jsonObject(text);
  if (value === undefined) return undefined;
  const { version, team, day, automatic, assistants, config } = value;
  const isRecord =
    version === SHARING_VERSION &&
    typeof team === 'string' &&
    TEAM_NAME.test(team) &&
    typeof day === 'string' &&
    isPlausible(Date.parse(day)) &&
    typeof automatic === 'boolean' &&
    typeof assistants === 'boolean' &&
    typeof config === 'string';
  return isRecord ? { version, team, day, automatic, assistants, config } : undefined;
}

export type SharingState =
  | { sharing: true; since: string; automatic: boolean }
  | {
      sharing: false;
      /** `changed`: the team's file is another one than was agreed to. `recording`: nothing may be recorded, so nothing is shared either. */
      because: 'not-agreed' | 'changed' | 'recording';
      since?: string;
    };

/** Whether contributions may leave: only while recording is on, and only to exactly what was agreed to. */
export function sharingState(
  record: SharingRecord | undefined,
  { config, recording }: { config: string; recording: boolean },
): SharingState {
  if (record === undefined) return { sharing: false, because: 'not-agreed' };
  const { day: since, automatic } = record;
  if (!recording) return { sharing: false, because: 'recording', since };
  return record.config === config ? { sharing: true, since, automatic } : { sharing: false, because: 'changed', since };
}
