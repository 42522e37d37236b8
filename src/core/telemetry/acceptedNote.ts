import { jsonObject } from '../jsonObject.ts';
import type { Observation } from './observation.ts';
import { dayOf } from './week.ts';

/** What is kept of one acceptance until it is measured. Everything but the day and the kind of model is a keyed hash. */
export interface AcceptedNote {
  version: 1;
  /** Of the acceptance, in UTC. */
  day: string;
  /** The key of the hashes. */
  salt: string;
  /** Of the workspace folder. */
  root: string;
  /** Of the branch that it was accepted on; absent where there was none. */
  branch?: string;
  provider?: NonNullable<Observation['provider']>;
  /** Family of the model. */
  family?: string;
  files: readonly { path: string; lines: readonly string[] }[];
}

/** Days after which an acceptance is measured, and after which it is forgotten, measured or not. */
export const MEASURED_AFTER = 7;
export const FORGOTTEN_AFTER = 28;
/** Lines of one acceptance that are kept; of more, a sample. */
export const MOST_LINES = 500;
const MOST_FILES = 200;

const DAY = 24 * 3600 * 1000;

export function isDue(day: string, now: number): boolean {
  return day <= dayOf(now - MEASURED_AFTER * DAY);
}

export function isForgotten(day: string, now: number): boolean {
  return day < dayOf(now - FORGOTTEN_AFTER * DAY);
}

/** A note as it was written; undefined for anything else. Never throws. */
export function parseNote(text: string): AcceptedNote | undefined {
  const value = jsonObject(text);
  if (value === undefined) return undefined;
  const { version, day, salt, root, branch, provider, family, files } = value;
  if (
    version !== 1 ||
    typeof day !== 'string' ||
    !/^\d{4}-\d{2}-\d{2}$/u.test(day) ||
    typeof salt !== 'string' ||
    typeof root !== 'string' ||
    !isFiles(files)
  )
    return undefined;
  return {
    version,
    day,
    salt,
    root,
    files,
    ...(typeof branch === 'string' ? { branch } : {}),
    ...(isProvider(provider) ? { provider } : {}),
    ...(typeof family === 'string' ? { family } : {}),
  };
}

function isFiles(value: unknown): value is AcceptedNote['files'] {
  if (!Array.isArray(value) || value.length > MOST_FILES) return false;
  return value.every((file: unknown) => {
    if (typeof file !== 'object' || file === null) return false;
    const { path, lines } = file as Record<string, unknown>;
    return typeof path === 'string' && Array.isArray(lines) && lines.every((line) => typeof line === 'string');
  });
}

function isProvider(value: unknown): value is NonNullable<Observation['provider']> {
  return value === 'openai' || value === 'vscode' || value === 'command' || value === 'builtin';
}
