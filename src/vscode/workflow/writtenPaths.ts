/**
 * What a file event says about a run: the paths that were written, none of them where only what is looked at in any case can differ,
 * undefined where nothing follows. `path` is relative to the workspace folder.
 *
 * What git writes for itself is told by its own watchers, but for submodules, whose git folders lie in `modules/` or in place.
 * A repository inside this one comes or goes with its `.git`.
 */
export function writtenPaths(path: string): readonly string[] | undefined {
  const [, outer, inner] = /^(.*?)(?:^|\/)\.git(?:$|\/)(.*)/.exec(path) ?? [];
  if (outer === undefined || inner === undefined) return [path];
  if (outer === '') return /^modules\/.*(\/HEAD|\/refs\/.*)$/.test(inner) ? [] : undefined;
  if (inner === '') return [path];
  return /^(HEAD|refs\/.*)$/.test(inner) ? [] : undefined;
}
