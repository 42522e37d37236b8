import { failureOf, HandrailError } from '../../core/errors.ts';
import type { TeamTransport } from '../../core/team/teamFile.ts';
import type { ContributionFile, EarlierRevision } from './contributionFiles.ts';
import { readTeamLedger } from './teamLedger.ts';
import { openTransport, type TransportOptions } from './transports/transport.ts';

/** Taking back what was contributed, from where it was sent to. */

/** `gone`: nothing of it is there. `left`: it stays, since it is released, or was given to a collector. Else why it could not be reached. */
export type TakenBack = 'gone' | 'left' | HandrailError;

/**
 * Takes back every revision of the week. Only the team's ledger says what is released: a calendar cannot know, and to take back what was
 * released elsewhere changes nothing there.
 */
export async function takeBack(file: ContributionFile, options: TransportOptions): Promise<TakenBack> {
  if (isReleased(file, options.root)) return 'left';
  let all: TakenBack = 'gone';
  for (const revision of revisionsOf(file)) {
    const one = await takeBackOne(file.week, revision, options);
    if (all === 'gone' || (all === 'left' && one !== 'gone')) all = one;
  }
  return all;
}

/** Whether the ledger that the folder's team shows its people has a release with the week. */
export function isReleased({ team, week }: Pick<ContributionFile, 'team' | 'week'>, root: string): boolean {
  const entries = readTeamLedger(root, team)?.entries ?? [];
  return entries.some(({ window }) => window.from <= week && week <= window.to);
}

/** Every revision of a week that may have arrived somewhere, the last one first. */
export function revisionsOf({ way, name, at, envelope, earlier = [] }: ContributionFile): EarlierRevision[] {
  return [{ way, name, sent: envelope === undefined, ...(at === undefined ? {} : { at }) }, ...earlier];
}

async function takeBackOne(week: string, { way, name, sent, at }: EarlierRevision, options: TransportOptions): Promise<TakenBack> {
  // What was tried may have arrived in spite of a failure, so it is taken back as well; what was never tried is nowhere.
  const isNowhere = !sent && at === undefined;
  try {
    const transport = await openTransport(wayOf(way), options);
    // The same name, or a relative path, leads elsewhere from another folder, and there it would seem to be gone.
    if (at !== undefined && transport.target !== at) return elsewhere(at, transport.target);
    return (await transport.withdraw(week, name)) || isNowhere ? 'gone' : 'left';
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return isNowhere ? 'gone' : failure;
  }
}

function elsewhere(at: string, target: string): HandrailError {
  return new HandrailError('unreachable', `It was sent to ${at}, and from this folder the way leads to ${target}.`, {
    hint: 'Say it in the folder that it was shared from.',
  });
}

function wayOf({ kind, to }: ContributionFile['way']): TeamTransport {
  switch (kind) {
    case 'folder':
      return { kind, path: to };
    case 'git':
      return { kind, remote: to };
    case 'otlp':
      return { kind, url: to };
  }
}
