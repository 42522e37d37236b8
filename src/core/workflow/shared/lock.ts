import { z } from 'zod';
import { grammarProblems } from '../../yaml/grammarProblems.ts';
import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';
import { problemAt } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { parseSource } from './source.ts';

export interface LockEntry {
  /** As `extends` names it. */
  source: string;
  /** What the version stood for when it was locked. */
  commit: string;
  /** See `contentDigest`. */
  digest: string;
}

const entry = z.strictObject({
  source: z.string().describe('The file as extends names it'),
  commit: z
    .string()
    .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'must be a whole commit: 40 or 64 hexadecimal digits')
    .describe('What its version stood for when it was locked'),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits')
    .describe("SHA-256 of the file's content"),
});

/** The grammar of `.handrail/lock.yml`. */
export const lockSchema = z.strictObject({
  version: z.literal(1),
  extends: z.array(entry).describe('One entry a file, sorted by source'),
});

/** Reads the lock. Never throws. Without `entries` it cannot be relied on. `used`, when known, are the sources that workflows extend. */
export function parseLock(text: string, used?: ReadonlySet<string>): { entries?: LockEntry[]; problems: Problem[] } {
  const file = parseLocatedYaml(text);
  if (file.broken) return { problems: file.problems };
  const parsed = lockSchema.safeParse(file.value);
  const problems = [...file.problems, ...grammarProblems(lockSchema, file, parsed)];
  if (!parsed.success) return { problems };
  const report = (index: number, key: string, message: string, hint: string, severity: Problem['severity'] = 'error') =>
    problems.push({ ...problemAt(file.text, file.spanOf(['extends', index, key]), 'bad-value', message, hint), severity });
  const commits = new Map<string, string>();
  const seen = new Set<string>();
  let before = '';
  let isSorted = true;
  parsed.data.extends.forEach(({ source, commit }, index) => {
    const read = parseSource(source);
    if ('message' in read) return void report(index, 'source', read.message, read.hint);
    const version = `${read.url} ${read.version}`;
    const other = commits.get(version);
    commits.set(version, other ?? commit);
    if (other !== undefined && other !== commit) {
      report(index, 'commit', `Another file of this version is locked to ${other.slice(0, 12)}.`, 'Run handrail validate --update-lock.');
    }
    if (seen.has(source)) report(index, 'source', 'The file is locked twice.', 'Keep one of the two.');
    else if (source < before && isSorted) {
      report(index, 'source', 'The entries are not sorted by source.', 'Run handrail validate --lock.', 'warning');
      isSorted = false;
    }
    seen.add(source);
    if (used?.has(source) === false) {
      report(index, 'source', 'No workflow extends it any more.', 'Run handrail validate --lock.', 'warning');
    }
    before = source;
  });
  return problems.some(({ severity }) => severity === 'error') ? { problems } : { entries: parsed.data.extends, problems };
}

const HEAD = `# Which shared workflows are followed, in which version. Written by handrail validate --lock and --update-lock; review it like code.
version: 1
`;

/** The file of these entries: sorted, the same for the same entries. */
export function lockText(entries: readonly LockEntry[]): string {
  if (entries.length === 0) return `${HEAD}extends: []\n`;
  const items = entries
    .toSorted((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : 0))
    // JSON strings are YAML, and need no rules about quoting.
    .map(
      ({ source, commit, digest }) =>
        `  - source: ${JSON.stringify(source)}\n    commit: ${JSON.stringify(commit)}\n    digest: ${digest}\n`,
    );
  return `${HEAD}extends:\n${items.join('')}`;
}
