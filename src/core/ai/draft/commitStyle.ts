/** How a repository's commits are worded, as its last ones show. */
export interface CommitStyle {
  /** Subjects begin with a type, `feat(cart): …` (Conventional Commits 1.0.0). */
  conventional: boolean;
  /** Types in use, the most frequent first. */
  types: readonly string[];
}

/** `type(scope)!: ` of Conventional Commits. */
const TYPE = /^([a-z][a-z0-9-]{1,15})(?:\([^()\n]{1,60}\))?!?: \S/u;
/** What git and code hosts write themselves says nothing about people. */
const MADE_BY_TOOLS = /^(?:Merge (?:branch|pull request|remote-tracking|tag|commit)\b|Revert "|fixup! |squash! |amend! )/u;

/** Subjects that people wrote, the newest first. */
export function writtenSubjects(subjects: readonly string[]): string[] {
  return subjects.map((subject) => subject.trim()).filter((subject) => subject !== '' && !MADE_BY_TOOLS.test(subject));
}

/** A repository uses types where at least half of the last subjects have one. */
export function commitStyle(subjects: readonly string[]): CommitStyle {
  const written = writtenSubjects(subjects);
  const types = written.flatMap((subject) => TYPE.exec(subject)?.[1] ?? []);
  const counts = [...Map.groupBy(types, (type) => type)].map(([type, some]) => ({ type, count: some.length }));
  return {
    conventional: types.length > 0 && types.length * 2 >= written.length,
    types: counts.toSorted((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1)).map(({ type }) => type),
  };
}
