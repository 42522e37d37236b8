/**
 * Names of people and teams, as CODEOWNERS writes them: `@user`, `@org/team`, `name@example.com`. Hosts take them without regard to case.
 * Only ASCII letters are folded: Unicode folds the Kelvin sign to `k`, so that another account would pass for a person.
 */

export type PersonName = string;

/** The same for names that a host takes for the same. */
export function foldName(name: string): PersonName {
  return name.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Whether a text is such a name. */
export function isName(text: string): boolean {
  return /^(?:@[A-Za-z0-9][\w.-]*(?:\/[\w.-]+)*|[^\s@<>(),;:"*?!]+@[A-Za-z0-9][A-Za-z0-9.-]*)$/.test(text);
}

export function isTeam(name: PersonName): boolean {
  return name.startsWith('@') && name.includes('/');
}

/** Who a host signs merges as: it confirms that somebody pressed a button, not who approves. */
const HOSTS: ReadonlySet<PersonName> = new Set(['noreply@github.com', '@web-flow', '@github', '@ghost']);

export function isHostItself(name: PersonName): boolean {
  return HOSTS.has(name);
}

/** Accounts of programs: `name[bot]` on GitHub. */
export function isBotLogin(login: string): boolean {
  return /\[bot\]$/i.test(login);
}

/**
 * What an e-mail address of a commit says about its person: the address, and the account where a host made the address up
 * (`1234+ada@users.noreply.github.com`). Nothing for the host's own.
 */
export function namesOfEmail(email: string): PersonName[] {
  const folded = foldName(email);
  if (folded === '' || isHostItself(folded)) return [];
  const account = /^(?:\d+[+-])?([a-z0-9][\w.-]*)@users\.noreply\.[a-z0-9.-]+$/.exec(folded)?.[1];
  return account === undefined ? [folded] : [folded, `@${account}`];
}
