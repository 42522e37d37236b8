import { type Change, type ChangeSet, toChangeSet } from '../../../core/workflow/changes.ts';
import { CoveredParts } from '../../../core/workflow/coverage.ts';
import { changeDigest } from '../../../core/workflow/digests.ts';
import { approvalTag, looksLikeApproval, parseApproval } from '../../../core/workflow/verify/approvalMessage.ts';
import type { ApprovedContent, Candidate } from '../../../core/workflow/verify/candidates.ts';
import { namesOfEmail } from '../../../core/workflow/verify/names.ts';
import type { HostReviews } from '../../../core/workflow/verify/reviews.ts';
import { namesOfSamePerson, type Signer } from '../../../core/workflow/verify/signers.ts';
import { commitContents } from '../../git/commitChanges.ts';
import type { HistoryCommit } from '../../git/history.ts';
import type { GitObjects } from '../../git/objects.ts';
import { type ReadSigned, readSignedCommit, readSignedTag } from '../../git/signedObject.ts';
import { evidenceOf } from './evidenceAtHead.ts';
import type { SignatureCheck } from './sshKeygen.ts';

/** Approvals of a change, wherever they stand: signed tags and commits, reviews. Whether one counts for a step is judged elsewhere. */
export interface FoundApprovals {
  candidates: Candidate[];
  /** By step: why something that means to be an approval is none. */
  rejected: Map<string, string[]>;
}

export interface ApprovalSearch {
  git: GitObjects;
  /** What could be approved by signature (steps that are approvals or waived, the policy), with the digest that it has now. */
  digests: ReadonlyMap<string, string>;
  signers: readonly Signer[];
  check: SignatureCheck;
  /** Commits of the change. */
  history: readonly HistoryCommit[];
  reviews: readonly { source: 'host' | 'file'; reviews: HostReviews }[];
  contents: ContentReader;
}

export async function findApprovals(search: ApprovalSearch): Promise<FoundApprovals> {
  const found: FoundApprovals = { candidates: [], rejected: new Map() };
  for (const signed of [...(await readTags(search)), ...(await readCommits(search))]) await addSigned(signed, search, found);
  for (const { source, reviews } of search.reviews) {
    for (const { names, label, commit } of reviews.approvals) {
      found.candidates.push({
        approver: { names: namesOfSamePerson(names, search.signers), label, source },
        commit,
        ...(await contentOf(commit, search)),
      });
    }
  }
  return found;
}

interface SignedThing {
  /** What it is, to begin a sentence with. */
  what: string;
  /** Step that it is put down as an approval of. */
  step: string | undefined;
  read: ReadSigned;
  /** Whether it passes for an approval of the present content. */
  isPresent: boolean;
  /** Commit that it stands at. */
  commit: string;
}

/** Only tags that are about this change: each approved change of the past has left some, too. */
async function readTags({ git, digests, history }: ApprovalSearch): Promise<SignedThing[]> {
  const patterns = [...digests.keys()].map((step) => `refs/tags/handrail/${step}/`);
  const format = '--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objectname)';
  const listed = patterns.length === 0 ? '' : await git.command(['for-each-ref', format, ...patterns]);
  const present = [...digests].map(([step, digest]) => approvalTag(step, digest));
  const own = new Set(history.map(({ id }) => id));
  const tags = listed.split('\n').flatMap((line) => {
    const [ref = '', type, object, target = ''] = line.split('\0');
    const name = ref.slice('refs/tags/'.length);
    const isAbout = own.has(target) || present.some((prefix) => name.startsWith(prefix));
    return type === 'tag' && object !== undefined && isAbout ? [{ name, object }] : [];
  });
  const contents = await git.contents(tags.map(({ object }) => object));
  return tags.map(({ name }, index): SignedThing => {
    const read = readSignedTag(contents[index]?.content ?? Buffer.alloc(0));
    const step = /^handrail\/([^/]+)\//.exec(name)?.[1];
    const commit = 'problem' in read ? '' : (read.object ?? '');
    // A ref can be made to point at a tag that was made under another name.
    const isItself = 'problem' in read || read.tag === name;
    const isPresent = present.some((prefix) => name.startsWith(prefix));
    return { what: `The tag ${name}`, step, isPresent, commit, read: isItself ? read : { problem: 'was made under another name' } };
  });
}

/** An approval may be a commit, too, which changes nothing and stands on what it approves. */
async function readCommits({ git, history }: ApprovalSearch): Promise<SignedThing[]> {
  const commits = history.filter(({ message }) => looksLikeApproval(message));
  const contents = await git.contents(commits.map(({ id }) => id));
  return commits.map(({ id, parents, paths, message }, index): SignedThing => {
    const said = parseApproval(message);
    const step = 'problem' in said ? undefined : said.step;
    const read: ReadSigned =
      parents.length !== 1 || paths.length > 0
        ? { problem: 'changes something itself' }
        : readSignedCommit(contents[index]?.content ?? Buffer.alloc(0));
    return { what: `The commit ${id.slice(0, 12)}`, step, isPresent: true, commit: parents[0] ?? '', read };
  });
}

async function addSigned(
  { what, step, isPresent, read, commit }: SignedThing,
  search: ApprovalSearch,
  found: FoundApprovals,
): Promise<void> {
  const message = 'problem' in read ? read : parseApproval(read.message);
  const said = 'problem' in message ? step : message.step;
  const reject = (problem: string): void => {
    const key = step ?? said;
    if (key !== undefined && isPresent) found.rejected.set(key, [...(found.rejected.get(key) ?? []), `${what} ${problem}`]);
  };
  if ('problem' in read) return reject(read.problem);
  if ('problem' in message) return reject(`counts for nothing: ${message.problem}`);
  if (step !== undefined && message.step !== step) return reject(`is an approval of ${message.step}`);
  if (message.head !== commit) return reject('names another commit than the one it stands at');
  const signer = await search.check.signerOf(read, search.signers);
  if ('problem' in signer) return reject(signer.problem);
  const names = namesOfSamePerson(signer.names, search.signers);
  const claims = new Set(namesOfEmail(read.maker));
  const label = signer.names[0] ?? '';
  found.candidates.push({
    approver: { names: new Set([...names, ...signer.names]), claims, label, source: 'signature' },
    signed: message,
    commit,
    ...(await contentOf(commit, search)),
  });
}

async function contentOf(commit: string, { contents }: ApprovalSearch): Promise<{ content?: ApprovedContent }> {
  const content = await contents.at(commit);
  return content === undefined ? {} : { content };
}

/** What other commits of this repository hold of a change. */
export interface ContentReader {
  /** Undefined for a commit that is not in this clone, or that has nothing in common with the base. */
  at(commit: string): Promise<ApprovedContent | undefined>;
}

export interface ContentOptions {
  git: GitObjects;
  /** Way from the top to the workspace folder. */
  prefix: string;
  /** Tip of the base. */
  baseTip: string;
  isPolicy(path: string): boolean;
  /** Object name of a file of evidence at the head, by path from the workspace folder. */
  evidenceAtHead: ReadonlyMap<string, string>;
}

/** Reads commits once each. */
export function createContentReader(options: ContentOptions): ContentReader {
  const known = new Map<string, Promise<ApprovedContent | undefined>>();
  return {
    at(commit) {
      const before = known.get(commit);
      if (before !== undefined) return before;
      const reading = readContent(commit, options);
      known.set(commit, reading);
      return reading;
    },
  };
}

async function readContent(
  commit: string,
  { git, prefix, baseTip, isPolicy, evidenceAtHead }: ContentOptions,
): Promise<ApprovedContent | undefined> {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return undefined;
  const [object] = await git.contents([commit]);
  if (object?.type !== 'commit') return undefined;
  const from = (await git.command(['merge-base', commit, baseTip])).trim();
  if (from === '') return undefined;
  const changes = await commitContents(git, from, commit);
  const parts = new CoveredParts(inWorkspace(changes, prefix, from));
  const evidence = new Map(changes.flatMap((change) => evidenceOf(change, prefix)).map(({ path, object: blob }) => [path, blob]));
  return {
    digestOf: (coverage) => parts.get(coverage).digest,
    policyDigest: policyDigestOf(changes, isPolicy),
    holds: (path) => evidence.has(path) && evidence.get(path) === evidenceAtHead.get(path),
  };
}

/** The part of a change that lies in the workspace folder, relative to it. */
export function inWorkspace(changes: readonly Change[], prefix: string, mergeBase: string): ChangeSet {
  const own = changes.flatMap((change) => (change.path.startsWith(prefix) ? [{ ...change, path: change.path.slice(prefix.length) }] : []));
  return toChangeSet(mergeBase, own);
}

/** Digest of what a change does to the policy; paths count from the top. */
export function policyDigestOf(changes: readonly Change[], isPolicy: (path: string) => boolean): string {
  return changeDigest(
    toChangeSet(
      null,
      changes.filter(({ path }) => isPolicy(path)),
    ).entries,
  );
}
