import { RAW_DIFF } from './commitChanges.ts';
import type { GitObjects } from './objects.ts';
import { parseDiff, type Raw } from './readChanges.ts';

/** What commits change, by commit. A merge has nothing here, or with `-m` what differs from each of its parents (git-diff-tree(1), `--stdin`). */
export async function rawsByCommit(git: GitObjects, ids: readonly string[], options: readonly string[] = []): Promise<Map<string, Raw[]>> {
  const found = new Map<string, Raw[]>();
  if (ids.length === 0) return found;
  const output = await git.run(['diff-tree', '--stdin', '--root', ...options, ...RAW_DIFF, '--raw'], `${ids.join('\n')}\n`);
  const tokens = output.toString('utf8').split('\0');
  let [id, start] = ['', 0];
  const end = (at: number): void => {
    if (id !== '') found.set(id, [...(found.get(id) ?? []), ...parseDiff(tokens.slice(start, at).join('\0')).raws]);
  };
  for (let at = 0; at < tokens.length; at += 1) {
    // Each change is followed by its path, whatever that looks like.
    if (tokens[at]?.startsWith(':') === true) at += 1;
    else if (/^[0-9a-f]{40,64}$/.test(tokens[at] ?? '')) {
      end(at);
      [id, start] = [tokens[at] ?? '', at + 1];
    }
  }
  end(tokens.length);
  return found;
}
