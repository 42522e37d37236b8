/** The path that `to` means in a file, both relative to the workspace folder; undefined when it leads out of it. */
export function resolveWithin(file: string, to: string): string | undefined {
  const segments = file.split('/').slice(0, -1);
  for (const segment of to.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.join('/');
}
