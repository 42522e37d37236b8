import { sha256Hex } from './digests.ts';

const MAX_SLUG = 60;

/**
 * A branch name as part of a file name: runs of anything but ASCII letters, digits, `.` and `_` become one `-`, at most 60
 * characters, never empty, never starting with a dot. Different branches may share a slug; see {@link branchKey}.
 */
export function branchSlug(branch: string): string {
  const slug = branch
    .replace(/[^A-Za-z0-9._]+/g, '-')
    .slice(0, MAX_SLUG)
    .replace(/^[-.]+|[-.]+$/g, '');
  return slug === '' ? 'branch' : slug;
}

/** Folder name of a branch's evidence: slug and the first six hex digits of the SHA-256 of the full name. */
export function branchKey(branch: string): string {
  return `${branchSlug(branch)}-${sha256Hex(branch).slice(0, 6)}`;
}

/** What a run is keyed by: the branch, or the commit on a detached head. `commit` is null in a repository without commits. */
export function runKey(branch: string | null, commit: string | null): string {
  return branchKey(branch ?? `detached/${commit?.slice(0, 12) ?? 'none'}`);
}
