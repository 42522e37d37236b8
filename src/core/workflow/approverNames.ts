/** Names of approvers that stand for people who are known from elsewhere, in words. */
const ROLES: ReadonlyMap<string, string> = new Map([
  ['codeowners', 'the code owners'],
  ['author', 'the authors'],
]);

/** Those whom a rule names, as the object of a sentence: `the code owners`, `@lena`. */
export function approverNames(names: readonly string[]): string[] {
  return names.map((name) => ROLES.get(name.toLowerCase()) ?? name);
}
