import { EVIDENCE_FOLDER } from '../../../core/workflow/changes.ts';
import type { Workflow } from '../../../core/workflow/definition.ts';
import { expectedPath, type ExpectationFacts } from '../../../core/workflow/expectations.ts';
import { looksLikeApproval } from '../../../core/workflow/verify/approvalMessage.ts';
import { readHeadStatus } from '../../git/headStatus.ts';
import type { HistoryCommit } from '../../git/history.ts';
import { textOf } from './policyAt.ts';
import type { Target } from './target.ts';

/** What expectations are judged by, as it is at the head. */
export async function readCheckedFacts(
  { git, gitDir, prefix, head, isCheckedOut }: Target,
  { workflow, branchSlug, history }: { workflow: Workflow; branchSlug: string; history: readonly HistoryCommit[] },
): Promise<Omit<ExpectationFacts, 'changes' | 'branchSlug'>> {
  const expected = workflow.steps.flatMap(({ expect }) => expect);
  const paths = [...new Set(expected.flatMap((one) => (one.kind === 'file' ? [expectedPath(one.path, branchSlug)] : [])))];
  const contents = await git.files(
    head,
    paths.map((path) => prefix + path),
  );
  const asksClean = expected.some(({ kind }) => kind === 'clean');
  return {
    files: Object.fromEntries(paths.map((path, index) => [path, textOf(contents[index])])),
    // A commit that is not checked out has nothing uncommitted about it.
    clean: !asksClean || !isCheckedOut || (await readHeadStatus(git.command, { prefix: '', gitDir })).clean,
    headSubject: expected.some(({ kind }) => kind === 'commit') ? await subjectOf(git, head, history, prefix) : null,
  };
}

/** Subject of the last commit that did something: those that only add records, or approve, say nothing about the work. */
async function subjectOf(git: Target['git'], head: string, history: readonly HistoryCommit[], prefix: string): Promise<string> {
  const commits = new Map(history.map((commit) => [commit.id, commit]));
  const isAboutWork = ({ paths, message }: HistoryCommit): boolean =>
    !looksLikeApproval(message) && (paths.length === 0 || paths.some((path) => !path.startsWith(`${prefix}${EVIDENCE_FOLDER}/`)));
  let at = head;
  for (let commit = commits.get(at); commit !== undefined; commit = commits.get(at)) {
    if (isAboutWork(commit)) break;
    at = commit.parents[0] ?? '';
  }
  const output = await git.command(['log', '-1', '--format=%s', '--no-show-signature', at === '' ? head : at]);
  return output.replace(/\n$/, '');
}
