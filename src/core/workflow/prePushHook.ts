/**
 * The pre-push hook (githooks(5), "pre-push"): looks at a branch before it is pushed, with approvals left for later. It lives on the
 * person's machine, holds nothing up when it cannot tell, and `git push --no-verify` goes past it. What counts is decided in CI.
 */

const HEAD = '#!/bin/sh';

/** Leads from the top of the repository to the folder of `.handrail/`, with `/` at its end; empty at the top. */
export function prePushHookScript(folder: string): string {
  const at = folder === '' ? '' : ` --cwd ${quoted(folder.replace(/\/$/, ''))}`;
  return `${HEAD}
# Written by handrail init --pre-push-hook: says what the branch still lacks before it is pushed.
# git push --no-verify goes past it, and without this file nothing is looked at.
command -v handrail >/dev/null 2>&1 || exit 0
default="$(git symbolic-ref --quiet "refs/remotes/$1/HEAD")"
result=0
while read -r local_ref local_commit remote_ref remote_commit; do
  case "$remote_ref" in "refs/heads/\${default#"refs/remotes/$1/"}") continue ;; refs/heads/*) ;; *) continue ;; esac
  # A branch that is deleted has no commit.
  case "$local_commit" in *[!0]*) ;; *) continue ;; esac
  handrail${at} verify --head "$local_commit" --branch "\${remote_ref#refs/heads/}" --without-approvals </dev/null >&2
  # Only a clear no holds the push up.
  if [ "$?" -eq 1 ]; then result=1; fi
done
if [ "$result" -eq 1 ]; then echo 'handrail: nothing was pushed. To push all the same: git push --no-verify' >&2; fi
exit "$result"
`;
}

/** A word of the shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
