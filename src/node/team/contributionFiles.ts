import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { jsonObject } from '../../core/jsonObject.ts';
import { TEAM_NAME } from '../../core/telemetry/catalogue.ts';
import { startOfWeek } from '../../core/telemetry/week.ts';
import { createFileAtomic, writeFileAtomic } from '../atomicFile.ts';
import { asEnvelope, type Envelope } from './envelope.ts';
import { makeLast, ownFilesIn } from './ownFiles.ts';

/** What this device knows of a week that it contributed, or that waits: so that nothing leaves twice, and can be taken back. */
export interface ContributionFile {
  version: 1;
  team: string;
  week: string;
  revision: number;
  /** Digest of the cells, to see whether there is anything new. */
  cells: string;
  /** Weeks of the team's windows, which say until when it can be taken back. */
  window: number;
  /** How and where it travels. */
  way: { kind: 'folder' | 'git' | 'otlp'; to: string };
  /** Chosen at random; tells where it is. */
  name: string;
  /** Present while it waits. */
  envelope?: Envelope;
}

const fileSchema = z.strictObject({
  version: z.literal(1),
  team: z.string().regex(TEAM_NAME),
  week: z.string().refine((week) => startOfWeek(week) !== undefined),
  revision: z.int().min(1),
  cells: z.string(),
  window: z.int().min(1).max(52),
  way: z.strictObject({ kind: z.enum(['folder', 'git', 'otlp']), to: z.string().min(1) }),
  name: z.string().regex(/^[0-9a-f]{16}$/),
  envelope: z.unknown().optional(),
});

/** Every file of the team, first week first. What is none of ours counts as none. */
export function readContributions(folder: string, team: string): ContributionFile[] {
  return ownFilesIn(folder).flatMap(({ name, text }) => {
    const file = parseContributionFile(text);
    return file?.team === team && name === nameOf(file) ? [file] : [];
  });
}

/** Begins a week that nothing left of yet. Returns false where another process has begun it. */
export async function beginContribution(folder: string, file: ContributionFile): Promise<boolean> {
  await makeLast(folder);
  try {
    await createFileAtomic(join(folder, nameOf(file)), textOf(file));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

export async function replaceContribution(folder: string, file: ContributionFile): Promise<void> {
  await writeFileAtomic(join(folder, nameOf(file)), textOf(file));
}

export function removeContribution(folder: string, file: Pick<ContributionFile, 'team' | 'week'>): void {
  rmSync(join(folder, nameOf(file)), { force: true });
}

function nameOf({ team, week }: Pick<ContributionFile, 'team' | 'week'>): string {
  return `${week}-${team}.json`;
}

function textOf(file: ContributionFile): string {
  return `${JSON.stringify(file)}\n`;
}

function parseContributionFile(text: string): ContributionFile | undefined {
  const parsed = fileSchema.safeParse(jsonObject(text));
  if (!parsed.success) return undefined;
  const { envelope: kept, ...file } = parsed.data;
  const envelope = asEnvelope(kept);
  return envelope === undefined ? file : { ...file, envelope };
}
