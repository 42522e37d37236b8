import type { CommitFacts } from '../../core/workflow/verify/authors.ts';
import type { GitObjects } from './objects.ts';

/** A path as one commit left it. */
export interface Written {
  path: string;
  /** Object name, or null where the commit took it away. */
  blob: string | null;
}

export interface HistoryCommit extends CommitFacts {
  written: Written[];
}

/** Fields of a commit, each ended by a NUL, which none of them can hold (git-log(1), "PRETTY FORMATS"). Without the mail map, which a change could bring. */
const FIELDS = ['%H', '%P', '%T', '%ct', '%ae', '%ce', '%B'];

/**
 * The commits that one commit has and another has not, newest first, each with the paths that it writes; a merge with those that differ
 * from all its parents, so that what is smuggled into a merge is seen and what was merged is not.
 */
export async function readHistory(git: GitObjects, from: string, to: string): Promise<HistoryCommit[]> {
  const format = `--format=tformat:${FIELDS.map((field) => `${field}%x00`).join('')}`;
  const options = [
    '--raw',
    '-c',
    '-z',
    '--root',
    '--no-renames',
    '--no-abbrev',
    '--no-ext-diff',
    '--encoding=UTF-8',
    '--no-show-signature',
  ];
  const output = await git.run(['log', ...options, format, `${from}..${to}`, '--']);
  return parseHistory(output.toString('utf8'));
}

function parseHistory(output: string): HistoryCommit[] {
  const tokens = output.split('\0');
  const commits: HistoryCommit[] = [];
  let at = 0;
  while (at < tokens.length) {
    const id = (tokens[at] ?? '').trim();
    if (!/^[0-9a-f]{40,64}$/.test(id)) {
      at += 1;
      continue;
    }
    const [, parents = '', tree = '', time = '', authorEmail = '', committerEmail = '', message = ''] = tokens.slice(
      at,
      at + FIELDS.length,
    );
    at += FIELDS.length;
    const written: Written[] = [];
    for (; at < tokens.length; at += 2) {
      // An empty token ends the fields.
      if (tokens[at] === '' && written.length === 0) at += 1;
      const raw = /^\n?:+(.*)$/.exec(tokens[at] ?? '')?.[1];
      if (raw === undefined) break;
      const blob = raw.split(' ').at(-2) ?? '';
      written.push({ path: tokens[at + 1] ?? '', blob: /^0+$/.test(blob) ? null : blob });
    }
    commits.push({
      id,
      parents: parents === '' ? [] : parents.split(' '),
      tree,
      time: Number(time),
      authorEmail,
      committerEmail,
      message,
      paths: written.map(({ path }) => path),
      written,
    });
  }
  return commits;
}
