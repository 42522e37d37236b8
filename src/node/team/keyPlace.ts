import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { gitIn } from '../git/gitCommand.ts';
import { placeOfRepository } from '../git/place.ts';

/** Where a team's new private key is kept unless somebody says otherwise: among the person's own data, outside of any repository. */
export function usualKeyPlace(home: string, team: string): string {
  return join(home, 'team-keys', `${team}.json`);
}

/**
 * Fails with `config` where the next commit could take the file along: in the working tree of any repository, unless git ignores it
 * there. The nearest folder that is there already decides.
 */
export async function requireUncommitted(path: string): Promise<void> {
  let folder = dirname(path);
  let rest = basename(path);
  while (!existsSync(folder) && dirname(folder) !== folder) {
    rest = `${basename(folder)}/${rest}`;
    folder = dirname(folder);
  }
  // A link may lead into a repository.
  folder = realpathSync(folder);
  if (placeOfRepository(folder) === '' || (await isIgnored(folder, rest))) return;
  throw new HandrailError('config', `${path} lies in a repository, whose next commit could take the private key along.`, {
    hint: 'Name a file outside of any repository, or have git ignore this one first.',
  });
}

async function isIgnored(folder: string, path: string): Promise<boolean> {
  const git = gitIn(folder);
  try {
    // Git's own folder is in no working tree, and what lies there is in no commit.
    if ((await git(['rev-parse', '--is-inside-work-tree'])).trim() === 'false') return true;
    return (await git(['check-ignore', '-z', '--stdin'], `./${path}\0`)) !== '';
  } catch {
    // What git cannot judge is not said to be safe.
    return false;
  }
}
