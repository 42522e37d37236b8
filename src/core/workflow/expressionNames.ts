/** Everything that an expression can use, each with what it is: for the checks, for completion, and for the reference. */

export const EXPRESSION_NAMES: Readonly<Record<string, string>> = {
  branch: 'Name of the branch; empty on a detached head',
  base: 'Branch that changes are counted against',
  changes: 'Paths changed since the merge base: added, modified, deleted',
  added: 'Paths that the branch adds',
  deleted: 'Paths that the branch deletes',
  lines: 'Changed lines: lines.added and lines.deleted',
  labels: 'Labels of the pull or merge request, in the CI of GitHub and GitLab; elsewhere none',
  vars: 'Expressions of the workflow itself, as vars.name',
  env: 'env.CI: whether this is CI',
};

/** Members of the names that have some. Those of `vars` are the workflow's own. */
export const EXPRESSION_MEMBERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  lines: { added: 'Lines that the branch adds', deleted: 'Lines that the branch deletes' },
  env: { CI: 'Whether this is CI' },
};

/** A function by how it is called. */
export interface ExpressionFunction {
  call: string;
  description: string;
}

export const EXPRESSION_FUNCTIONS: Readonly<Record<string, ExpressionFunction>> = {
  glob: { call: 'glob(path, pattern)', description: 'Whether a path matches a glob' },
  size: { call: 'size(x)', description: 'Length of a list or text' },
  has: { call: 'has(x.y)', description: 'Whether a member is there' },
  int: { call: 'int(x)', description: 'As a whole number' },
  double: { call: 'double(x)', description: 'As a number' },
  string: { call: 'string(x)', description: 'As text' },
  bool: { call: 'bool(x)', description: 'As true or false' },
};

/** What is called on a list or text. `of` says on which. */
export const EXPRESSION_METHODS: Readonly<Record<string, ExpressionFunction & { of: 'list' | 'text' | 'both' }>> = {
  exists: { of: 'list', call: 'exists(f, condition)', description: 'Whether the condition holds for some element' },
  all: { of: 'list', call: 'all(f, condition)', description: 'Whether the condition holds for every element' },
  exists_one: { of: 'list', call: 'exists_one(f, condition)', description: 'Whether the condition holds for exactly one element' },
  filter: { of: 'list', call: 'filter(f, condition)', description: 'The elements for which the condition holds' },
  map: { of: 'list', call: 'map(f, value)', description: 'A value made of each element' },
  size: { of: 'both', call: 'size()', description: 'Length of the list or text' },
  startsWith: { of: 'text', call: 'startsWith(text)', description: 'Whether the text begins so' },
  endsWith: { of: 'text', call: 'endsWith(text)', description: 'Whether the text ends so' },
  contains: { of: 'text', call: 'contains(text)', description: 'Whether it stands in the text' },
  lowerAscii: { of: 'text', call: 'lowerAscii()', description: 'In small letters' },
  upperAscii: { of: 'text', call: 'upperAscii()', description: 'In capital letters' },
  trim: { of: 'text', call: 'trim()', description: 'Without white space around it' },
  indexOf: { of: 'text', call: 'indexOf(text)', description: 'Where it stands first, from 0; -1 when nowhere' },
  lastIndexOf: { of: 'text', call: 'lastIndexOf(text)', description: 'Where it stands last, from 0; -1 when nowhere' },
  substring: { of: 'text', call: 'substring(start, end)', description: 'A part of the text' },
  split: { of: 'text', call: 'split(separator)', description: 'The parts between the separators' },
  join: { of: 'list', call: 'join(separator)', description: 'The elements as one text' },
};
