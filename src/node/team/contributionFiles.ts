import { join } from 'node:path';
import { z } from 'zod';
import { jsonObject } from '../../core/jsonObject.ts';
import { TEAM_NAME } from '../../core/telemetry/catalogue.ts';
import { startOfWeek } from '../../core/telemetry/week.ts';
import { createFileAtomic, writeFileAtomic } from '../atomicFile.ts';
import { contributionName } from './contributionNames.ts';
import { asEnvelope, type Envelope } from './envelope.ts';
import { makeLast, ownFilesIn, removeOwnFile } from './ownFiles.ts';

/** What this device knows of a week that it contributed, or that waits: so that nothing leaves twice, and can be taken back. */
export interface ContributionFile {
  version: 1;
  team: string;
  week: string;
  revision: number;
  /** What its revisions are known by as one person's; missing in notes of earlier versions. */
  token?: string;
  /** Whether usage of assistants that belongs to no team was to be in it; then no other team has that of this week. */
  assistants?: true;
  /** Digest of the cells, to see whether there is anything new. */
  cells: string;
  /** Weeks of the team's windows, which say until when it can be taken back. */
  window: number;
  /** How and where it travels. */
  way: { kind: 'folder' | 'git' | 'otlp'; to: string };
  /** Chosen at random; tells where it is. */
  name: string;
  /** The place that it was sent to, or tried to: names of remotes and relative paths lead elsewhere from another folder. */
  at?: string;
  /** Present while it waits. */
  envelope?: Envelope;
  /** Where revisions before this one may still be, so that all of them can be taken back. */
  earlier?: readonly EarlierRevision[];
}

export interface EarlierRevision extends Pick<ContributionFile, 'way' | 'name' | 'at'> {
  /** Whether it is known to have arrived. */
  sent: boolean;
}

const way = z.strictObject({ kind: z.enum(['folder', 'git', 'otlp']), to: z.string().min(1) });
const name = z.string().regex(/^[0-9a-f]{16}$/);
const at = z.string().min(1).optional();

const fileSchema = z.strictObject({
  version: z.literal(1),
  team: z.string().regex(TEAM_NAME),
  week: z.string().refine((week) => startOfWeek(week) !== undefined),
  revision: z.int().min(1),
  token: z.string().min(1).optional(),
  assistants: z.literal(true).optional(),
  cells: z.string(),
  window: z.int().min(1).max(52),
  way,
  name,
  at,
  envelope: z.unknown().optional(),
  earlier: z.array(z.strictObject({ way, name, at, sent: z.boolean() })).optional(),
});

/** Every file of the team, first week first. What is none of ours counts as none. */
export function readContributions(folder: string, team: string): ContributionFile[] {
  return readAllContributions(folder).filter((file) => file.team === team);
}

/** The same of every team. */
export function readAllContributions(folder: string): ContributionFile[] {
  return ownFilesIn(folder).flatMap(({ name, text }) => {
    const file = parseContributionFile(text);
    return file !== undefined && name === contributionName(file) ? [file] : [];
  });
}

/** Begins a week that nothing left of yet. Returns false where another process has begun it. */
export async function beginContribution(folder: string, file: ContributionFile): Promise<boolean> {
  await makeLast(folder);
  try {
    await createFileAtomic(join(folder, contributionName(file)), textOf(file), { makeFolder: false });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Where everything was deleted meanwhile, nothing comes back. */
export async function replaceContribution(folder: string, file: ContributionFile): Promise<void> {
  try {
    await writeFileAtomic(join(folder, contributionName(file)), textOf(file), { makeFolder: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Whether the file of a week is there and tells nothing, so that it may be replaced. One of a later version tells more than we know. */
export function isDamaged(folder: string, week: Pick<ContributionFile, 'team' | 'week'>): boolean {
  const found = ownFilesIn(folder).find(({ name }) => name === contributionName(week));
  if (found === undefined) return false;
  const version = jsonObject(found.text)?.['version'];
  return parseContributionFile(found.text) === undefined && !(typeof version === 'number' && version > 1);
}

export function removeContribution(folder: string, file: Pick<ContributionFile, 'team' | 'week'>): void {
  removeOwnFile(join(folder, contributionName(file)));
}

function textOf(file: ContributionFile): string {
  return `${JSON.stringify(file)}\n`;
}

function parseContributionFile(text: string): ContributionFile | undefined {
  const parsed = fileSchema.safeParse(jsonObject(text));
  if (!parsed.success) return undefined;
  const { envelope: kept, earlier, at: place, token, assistants, ...file } = parsed.data;
  const envelope = asEnvelope(kept);
  return {
    ...file,
    ...(token === undefined ? {} : { token }),
    ...(assistants === undefined ? {} : { assistants }),
    ...placed(place),
    ...(envelope === undefined ? {} : { envelope }),
    ...(earlier === undefined ? {} : { earlier: earlier.map(({ at: where, ...one }) => ({ ...one, ...placed(where) })) }),
  };
}

function placed(place: string | undefined): { at?: string } {
  return place === undefined ? {} : { at: place };
}
