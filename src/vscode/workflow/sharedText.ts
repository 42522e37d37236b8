import type { LockMode, LockUpdate, SharedFile } from '../../node/workflow/shared/sharedWorkflows.ts';
import type { Localiser } from './words.ts';

/** What people read before and after shared workflows are fetched. */

/** What is to be done next about the files: lock what is not locked, else fetch what is not here, else look for newer versions. */
export function modeFor(files: readonly SharedFile[]): LockMode {
  if (files.some(({ commit }) => commit === undefined)) return 'add';
  return files.some(({ isHere }) => !isHere) ? 'fetch' : 'update';
}

/** Those of the files that would be asked for. */
export function wanted(files: readonly SharedFile[], mode: LockMode): SharedFile[] {
  return mode === 'update' ? [...files] : files.filter(({ isHere }) => !isHere);
}

/** The question before anything is fetched: what, from where, and what becomes of it. */
export function fetchQuestion(l10n: Localiser, files: readonly SharedFile[], mode: LockMode): { message: string; detail: string } {
  const places = new Map<string, string[]>();
  for (const { source } of files) {
    const lines = places.get(source.url) ?? [];
    lines.push(l10n.t('    {0} at {1}', source.path, source.version));
    places.set(source.url, lines);
  }
  const listed = [...places].flatMap(([url, lines]) => [url, ...lines]);
  const lock =
    mode === 'fetch'
      ? l10n.t('The content has to be what the lock says.')
      : l10n.t('Their commit and content are written to .handrail/lock.yml, for you to review and commit.');
  return {
    message: mode === 'update' ? l10n.t('Look for newer versions of shared workflows?') : l10n.t('Fetch shared workflows?'),
    detail: [...listed, '', lock, l10n.t('Nothing of them runs by being fetched.')].join('\n'),
  };
}

/** The outcome in a sentence or two. */
export function fetchOutcome(l10n: Localiser, { changes, fetched }: LockUpdate): string {
  const moved = changes.filter(({ from, to }) => from !== null && to !== null);
  if (moved.length > 0) {
    const [first] = moved;
    return l10n.t(
      '{0} moved from {1} to {2}. Look at what changed there before you commit the lock.',
      first?.source ?? '',
      short(first?.from),
      short(first?.to),
    );
  }
  if (changes.length > 0) return l10n.t('The lock of shared workflows was written. Review and commit it.');
  return fetched.length > 0 ? l10n.t('Shared workflows were fetched.') : l10n.t('Shared workflows are as they were.');
}

function short(commit: string | null | undefined): string {
  return commit?.slice(0, 12) ?? '';
}
