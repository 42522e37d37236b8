/** A word as a POSIX shell takes it: as it is when nothing in it means anything to a shell, else in single quotes. */
export function shellWord(text: string): string {
  return /^[\w.@%+=:,/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
