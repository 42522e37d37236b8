import { approverNames } from '../approverNames.ts';
import type { Approvers } from '../definition.ts';
import type { CodeOwners } from './codeowners.ts';
import { foldName, type PersonName } from './names.ts';

/** Someone who approved something, and by what that is known. */
export interface Approver {
  /** All names the person is known by, teams included, folded. */
  names: ReadonlySet<PersonName>;
  /** Names that the person's own words claim, such as the address in a tag: they may speak against an approval, never for it. */
  claims?: ReadonlySet<PersonName>;
  /** What people call them: `@ada`. */
  label: string;
  /** `signature` and `host` are proof, `file` is what somebody handed to `verify`. */
  source: 'signature' | 'host' | 'file';
}

export interface ApprovalRules {
  owners: CodeOwners;
  /** Everyone who took part in the change, folded. */
  authors: ReadonlySet<PersonName>;
}

export type Ruling = { counts: Approver[] } | { because: string };

/**
 * Whether these people together approve. One that `any-of` names is enough; where only `codeowners` fits, each file of the change that has
 * owners needs one of its own among them, as on the hosts, and one of them has to own something. Who took part in the change counts only
 * where `any-of` says `author`, and nobody counts whom `not` names.
 *
 * `paths` are what is approved, from the top of the repository.
 */
export function rule(by: Approvers, approvers: readonly Approver[], paths: readonly string[], { owners, authors }: ApprovalRules): Ruling {
  if (approvers.length === 0) return { because: 'nobody has approved' };
  const wanted = new Set(by.anyOf.map(foldName));
  const unwanted = new Set(by.not.map(foldName));
  const allowed: Approver[] = [];
  let because = '';
  for (const approver of approvers) {
    const objection = objectionTo(approver, { wanted, unwanted, paths, owners, authors });
    if (objection === undefined) allowed.push(approver);
    else because ||= objection;
  }
  if (allowed.length === 0) return { because };
  const named = allowed.find(({ names }) => [...names].some((name) => wanted.has(name)));
  if (named !== undefined) return { counts: [named] };
  const own = allowed.filter((approver) => wanted.has('author') && isOneOf(approver, authors));
  if (own.length > 0) return { counts: own };
  return ruleByOwnership(allowed, paths, owners);
}

/** Whether somebody is one of those who may approve these paths, if not all of them alone. */
export function mayApprove(by: Approvers, approver: Approver, paths: readonly string[], { owners, authors }: ApprovalRules): boolean {
  const [wanted, unwanted] = [new Set(by.anyOf.map(foldName)), new Set(by.not.map(foldName))];
  return objectionTo(approver, { wanted, unwanted, paths, owners, authors }) === undefined;
}

/** Those whom a rule names, as the object of a sentence: `the code owners, @lena`. */
export function namedIn({ anyOf }: Approvers): string {
  return approverNames(anyOf).join(', ');
}

/** Whether one person may approve a change of this file: somebody who owns it on base, or anything where nobody owns it, and took no part in the change. */
export function isOwnerBesideAuthor(approver: Approver, path: string, { owners, authors }: ApprovalRules): boolean {
  if (tookPart(approver, authors)) return false;
  return owners.groupsOf(path).length > 0 ? owners.owns(approver.names, path) : isOneOf(approver, owners.everyone);
}

interface Objecting extends ApprovalRules {
  wanted: ReadonlySet<PersonName>;
  unwanted: ReadonlySet<PersonName>;
  paths: readonly string[];
}

function objectionTo(approver: Approver, { wanted, unwanted, paths, owners, authors }: Objecting): string | undefined {
  const { label, names } = approver;
  if (tookPart(approver, authors) && (!wanted.has('author') || unwanted.has('author'))) return `${label} took part in the change`;
  if (isOneOf(approver, unwanted)) return `${label} is one of those who may not approve it`;
  const isOwner = ownsSomething(approver, paths, owners);
  if (unwanted.has('codeowners') && isOwner) return `${label} is a code owner, who may not approve it`;
  const isWanted =
    isOneOf(approver, wanted) || (wanted.has('codeowners') && isOwner) || (wanted.has('author') && isOneOf(approver, authors));
  if (isWanted) return undefined;
  if (wanted.has('codeowners') && owners.everyone.size === 0) return 'the base has no CODEOWNERS, so nobody is a code owner';
  return `${[...names][0] === undefined ? 'somebody unknown' : label} is none of ${approverNames([...wanted]).join(', ')}`;
}

/** Owns one of the files, or anything at all where nobody owns any of them. */
function ownsSomething({ names }: Approver, paths: readonly string[], owners: CodeOwners): boolean {
  if (paths.some((path) => owners.owns(names, path))) return true;
  return paths.every((path) => owners.groupsOf(path).length === 0) && [...names].some((name) => owners.everyone.has(name));
}

function ruleByOwnership(allowed: readonly Approver[], paths: readonly string[], owners: CodeOwners): Ruling {
  const counts = new Set<Approver>();
  for (const path of paths) {
    for (const group of owners.groupsOf(path)) {
      const owner = allowed.find(({ names }) => group.some((name) => names.has(name)));
      if (owner === undefined) return { because: `none of its owners (${group.join(', ')}) has approved ${path}` };
      counts.add(owner);
    }
  }
  return { counts: counts.size > 0 ? [...counts] : [...allowed].slice(0, 1) };
}

function isOneOf({ names }: Approver, people: ReadonlySet<PersonName>): boolean {
  return [...names].some((name) => people.has(name));
}

function tookPart({ names, claims = new Set() }: Approver, authors: ReadonlySet<PersonName>): boolean {
  return [...names, ...claims].some((name) => authors.has(name));
}
