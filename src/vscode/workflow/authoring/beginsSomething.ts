/** Letters are among them because the editor takes YAML's keys and values for text, in which it does not ask by itself. */
export const TRIGGERS: readonly string[] = ' :-[{/."\'*$,abcdefghijklmnopqrstuvwxyz'.split('');

/** Whether a character that was just typed can have begun something: a word in the middle of a sentence has not. */
export function beginsSomething(before: string, trigger: string | undefined): boolean {
  if (trigger === undefined) return true;
  if (trigger === ' ') return /(?:^[ \t]*|[:,\-[{(]|&&|\|\||[=<>!+])[ \t]+$/.test(before);
  return !/[a-z]/.test(trigger) || /(?:^|[\s"'[{,./:!(-])[A-Za-z_]{1,2}$/.test(before);
}
