import { existsSync } from 'node:fs';

/** What a person can still undo, whatever the view shows: sharing also while it is paused, and what is kept also while it is off. */
export interface LeftState {
  /** An agreement, or something of the team of the folder in use that may be taken back. Its context key is `handrail.telemetryCanStop`. */
  canStop: boolean;
  /** Anything on this disk. Its context key is `handrail.telemetryCanDelete`. */
  canDelete: boolean;
}

/** Looks into the person's folder of telemetry, and loads something only where there is something. */
export async function leftIn(folder: string, root: string | undefined): Promise<LeftState> {
  if (!existsSync(folder)) return { canStop: false, canDelete: false };
  return { canStop: await canStop(folder, root), canDelete: true };
}

async function canStop(folder: string, root: string | undefined): Promise<boolean> {
  const { pathsIn } = await import('../../node/telemetry/paths.ts');
  const { sharing, contributions } = pathsIn(folder);
  if (existsSync(sharing)) {
    const { readSharing } = await import('../../node/team/sharingFiles.ts');
    if (readSharing(sharing).length > 0) return true;
  }
  if (root === undefined || !existsSync(contributions)) return false;
  const [{ hasContributions }, { teamOf }] = await Promise.all([
    import('../../node/team/contributionNames.ts'),
    import('../../node/team/teamFile.ts'),
  ]);
  const team = teamOf([root]);
  return team !== undefined && hasContributions(contributions, team);
}
