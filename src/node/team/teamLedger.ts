import { chainProblems, emptyLedger, type Ledger } from '../../core/team/release/ledger.ts';
import { parseLedger } from '../../core/team/release/ledgerFile.ts';
import { failureOf } from '../../core/errors.ts';
import { workspaceFiles } from '../workspaceFiles.ts';

/** Where a team that commits its releases has their ledger. */
export const TEAM_LEDGER = '.handrail/releases/ledger.json';

/**
 * The ledger that a folder's team shows its people: an empty one where there is none, undefined where it is damaged or of another team.
 * Never fails.
 */
export function readTeamLedger(root: string, team: string): Ledger | undefined {
  try {
    const text = workspaceFiles(root).readText(TEAM_LEDGER);
    if (text === undefined) return emptyLedger(team);
    const ledger = parseLedger(text);
    return ledger?.team === team && chainProblems(ledger).length === 0 ? ledger : undefined;
  } catch (error) {
    if (failureOf(error) === undefined) throw error;
    return undefined;
  }
}
