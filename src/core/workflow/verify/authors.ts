import { namesOfEmail, type PersonName } from './names.ts';

/** A commit of the change, as git stores it. */
export interface CommitFacts {
  id: string;
  parents: string[];
  tree: string;
  /** Seconds since the Unix epoch, as the committer says. */
  time: number;
  authorEmail: string;
  committerEmail: string;
  message: string;
  /** Paths that it changes: for a merge those that git would have merged otherwise. From the top of the repository. */
  paths: string[];
}

/** Everyone who wrote something of the change: authors, committers, co-authors of the given commits. Folded names; a commit's own words for them, so claims. */
export function authorNames(commits: readonly CommitFacts[]): Set<PersonName> {
  const names = new Set<PersonName>();
  for (const { authorEmail, committerEmail, message } of commits) {
    for (const email of [authorEmail, committerEmail, ...coAuthors(message)]) for (const name of namesOfEmail(email)) names.add(name);
  }
  return names;
}

function coAuthors(message: string): string[] {
  return message.split('\n').flatMap((line) => {
    const email = /^\s*co-authored-by:[^<]*<([^<>]+)>\s*$/i.exec(line)?.[1];
    return email === undefined ? [] : [email];
  });
}
