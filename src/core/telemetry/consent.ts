import { jsonObject } from '../jsonObject.ts';
import type { FieldName } from './catalogue.ts';
import { isPlausible } from './week.ts';

/** Whether recording is allowed, from what is stored beside the events. Pure; `src/node/telemetry/consentFiles.ts` reads and writes. */

export const CONSENT_VERSION = 1;

/** What a person decided, as it is stored. A day, never a time. */
export interface ConsentRecord {
  version: typeof CONSENT_VERSION;
  recording: boolean;
  /** The day of the decision, in UTC. */
  day: string;
  /** Digest of what was agreed to be recorded, see `digest.ts`. */
  catalogue: string;
  /** The same field by field; missing in older records. */
  fields?: Readonly<Record<string, string>>;
}

export type StoredConsent =
  /** Never asked, or everything was deleted. */
  | { kind: 'none' }
  | { kind: 'record'; record: ConsentRecord }
  /** Not a consent: edited, cut off, or a folder. */
  | { kind: 'damaged' }
  /** Written by a later version of Handrail. */
  | { kind: 'newer' }
  /** There, but the system does not let us read it. */
  | { kind: 'unreadable' };

/**
 * What keeps recording from happening, whatever the person chose: a variable, the editor's own setting, or that what is stored need not
 * be theirs, because it lies in a workspace or repository or belongs to another user of the machine.
 */
export type Forbidden = 'environment' | 'editor' | Misplaced;
export type Misplaced = 'workspace' | 'owner';

export type ConsentState =
  | { recording: true; since: string }
  | {
      recording: false;
      because: 'never-on' | 'off' | 'forbidden' | 'catalogue-changed' | 'damaged' | 'newer' | 'unreadable';
      /** Also set when the person turned it off, or never turned it on. */
      forbidden?: Forbidden;
      /** Day of the decision, when there was one. */
      since?: string;
      /** With `catalogue-changed`: the fields that are new or different since, where that is known. */
      changed?: readonly FieldName[];
    };

/** Reads a stored consent. What is not exactly one counts as damaged, never as on. */
export function parseConsent(text: string): StoredConsent {
  const value = jsonObject(text);
  if (value === undefined) return { kind: 'damaged' };
  const { version, recording, day, catalogue, fields } = value;
  if (typeof version === 'number' && version > CONSENT_VERSION) return { kind: 'newer' };
  const isRecord =
    version === CONSENT_VERSION &&
    typeof recording === 'boolean' &&
    typeof day === 'string' &&
    isPlausible(Date.parse(day)) &&
    typeof catalogue === 'string' &&
    (fields === undefined || isFields(fields));
  if (!isRecord) return { kind: 'damaged' };
  return { kind: 'record', record: { version, recording, day, catalogue, ...(fields === undefined ? {} : { fields }) } };
}

function isFields(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((digest) => typeof digest === 'string')
  );
}

export interface ConsentSurroundings {
  /** Digest of what would be recorded now. */
  catalogue: string;
  forbidden: Forbidden | undefined;
  /** What is new or different since a consent for these fields. */
  changed?(agreed: Readonly<Record<string, string>>): readonly FieldName[];
}

/** Whether events are recorded. Only an undamaged consent to exactly this catalogue that nothing forbids allows it. */
export function consentState(stored: StoredConsent, { catalogue, forbidden, changed }: ConsentSurroundings): ConsentState {
  const veto = forbidden === undefined ? {} : { forbidden };
  if (stored.kind === 'none') return { recording: false, because: 'never-on', ...veto };
  if (stored.kind !== 'record') return { recording: false, because: stored.kind, ...veto };
  const { recording, day, catalogue: agreed, fields } = stored.record;
  if (!recording) return { recording: false, because: 'off', since: day, ...veto };
  if (forbidden !== undefined) return { recording: false, because: 'forbidden', forbidden, since: day };
  if (agreed !== catalogue) {
    const names = fields === undefined ? undefined : changed?.(fields);
    return { recording: false, because: 'catalogue-changed', since: day, ...(names === undefined ? {} : { changed: names }) };
  }
  return { recording: true, since: day };
}

/** Whether the environment forbids recording: `HANDRAIL_TELEMETRY=off`, or `DO_NOT_TRACK` set. It can never turn recording on. */
export function environmentForbids(env: Readonly<Record<string, string | undefined>>): boolean {
  const own = env['HANDRAIL_TELEMETRY']?.trim().toLowerCase();
  if (own !== undefined && ['off', '0', 'false', 'no'].includes(own)) return true;
  const common = env['DO_NOT_TRACK']?.trim().toLowerCase();
  return common !== undefined && common !== '' && common !== '0' && common !== 'false';
}

/**
 * Set to `off` in the editor's own terminals while the editor's telemetry setting forbids recording. Beside the veto that is kept with
 * a decision, because where nothing was decided nothing may be kept, and a decision may be made in the terminal itself.
 */
export const EDITOR_VETO_VARIABLE = 'HANDRAIL_EDITOR_TELEMETRY';

/** Whether the editor whose terminal this is forbids recording. */
export function editorForbids(env: Readonly<Record<string, string | undefined>>): boolean {
  return env[EDITOR_VETO_VARIABLE] === 'off';
}
