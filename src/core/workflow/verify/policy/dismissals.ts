import type { TeamDismissal } from '../../../ai/review/dismissalsFile.ts';
import { isSame, notice, type PolicyChange, relaxed } from './change.ts';

/**
 * What a change of `dismissals.yml` does. A finding that is dismissed now, or for longer, or in more places, is relaxed: a change must not
 * dismiss what was found in it. Taking a dismissal out, or ending it earlier, is stricter; a reason is words.
 */
export function compareDismissals(before: readonly TeamDismissal[], after: readonly TeamDismissal[]): PolicyChange[] {
  const left = [...before];
  const changes: PolicyChange[] = [];
  for (const now of after) {
    const at = left.findIndex((old) => keyOf(old) === keyOf(now));
    const old = at < 0 ? undefined : left.splice(at, 1)[0];
    if (old === undefined) changes.push(relaxed(`The finding ${nameOf(now)} is dismissed now.`));
    else if (!isSame(meaningOf(old), meaningOf(now))) changes.push(relaxed(`The dismissal of ${nameOf(now)} covers something else.`));
    else if ((now.expires ?? '9999') > (old.expires ?? '9999')) changes.push(relaxed(`The dismissal of ${nameOf(now)} lasts longer.`));
    else if (!isSame(old, now)) changes.push(notice(`The dismissal of ${nameOf(now)} has another reason, or ends earlier.`));
  }
  return [...changes, ...left.map((gone) => notice(`The finding ${nameOf(gone)} is not dismissed any more.`))];
}

function keyOf({ fingerprint, file }: TeamDismissal): string {
  return JSON.stringify([fingerprint, file]);
}

/** What a dismissal is found by. */
function meaningOf({ rule, quote, symbol, title }: TeamDismissal): unknown {
  return [rule ?? null, quote ?? null, symbol ?? null, title ?? null];
}

function nameOf({ title, fingerprint, file }: TeamDismissal): string {
  return `${title === undefined ? fingerprint.slice(0, 12) : `"${title}"`}${file === undefined ? '' : ` in ${file}`}`;
}
