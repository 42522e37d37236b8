import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readTeamLedger, TEAM_LEDGER } from '../teamLedger.ts';
import { teamOf } from '../teamFile.ts';

/**
 * The last week of which nothing counts any more, by the ledger that the folder's team commits; '' where none is. A release whose file was
 * lost is made again from its contributions, so weeks from the first of those on are not among them. Never fails.
 */
export function releasedUntil(root: string): string {
  const team = teamOf([root]);
  const entries = (team === undefined ? undefined : readTeamLedger(root, team))?.entries ?? [];
  const folder = join(root, dirname(TEAM_LEDGER));
  const lost = entries.findIndex(({ release }) => !existsSync(join(folder, `${release}.json`)));
  return (lost < 0 ? entries : entries.slice(0, lost)).at(-1)?.window.to ?? '';
}
