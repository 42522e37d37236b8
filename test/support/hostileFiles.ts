/** Files as large as are read at all, each made to cost a parser as much as it can. */

/** The largest file that is read. Characters. */
export const SIZE = 131_072;

const HEAD = 'version: 1\nid: w\ntitle: W\nsteps:\n';
const ONE_STEP = 'version: 1\nid: w\ntitle: W\nsteps: [{ id: a, kind: manual, title: A }]\n';

/** The head, and after it as many pieces as fit. */
function fill(head: string, piece: (index: number) => string): string {
  const parts = [head];
  let length = head.length;
  for (let index = 0; ; index += 1) {
    const part = piece(index);
    length += part.length;
    if (length > SIZE) return parts.join('');
    parts.push(part);
  }
}

/** An ordinary file of that size, to compare with. */
export const ORDINARY = fill(
  HEAD,
  (i) => `  - id: s${i}\n    kind: command\n    title: Step ${i}\n    why: Because.\n    run: npm test\n    expect: [{ exit: 0 }]\n`,
);

/** What it is, the text, and the first problem of it as a workflow: line, column and the beginning of the message; none when it is valid. */
export const HOSTILE: readonly (readonly [name: string, text: string, problem: string | undefined])[] = [
  ['thousands of steps', fill(HEAD, (i) => `  - {id: s${i},kind: manual,title: x}\n`), undefined],
  [
    'more than fits',
    `${HEAD}${Array.from({ length: 10_000 }, (_, i) => `  - {id: s${i},kind: manual,title: x}\n`).join('')}`,
    '1:1 The file is larger than 128 KiB.',
  ],
  ['a megabyte', `# ${'x'.repeat(1_000_000)}\n${ONE_STEP}`, '1:1 The file is larger than 128 KiB.'],
  ['needs that lead nowhere', fill(HEAD, (i) => `  - {id: s${i},kind: manual,title: x,needs: [t${i}]}\n`), '5:43 There is no step "t0".'],
  ['one long chain', fill(HEAD, (i) => `  - {id: s${i},kind: manual,title: x,needs: [s${i + 1}]}\n`), ' There is no step "s'],
  ['one id for all', fill(HEAD, () => '  - {id: s,kind: manual,title: x}\n'), '6:10 Another step is called "s" already.'],
  [
    'thousands of needs',
    `${HEAD}  - {id: a,kind: manual,title: x,needs: [${Array(40_000).fill('b').join(',')}]}\n`,
    '1:1 The file expands to too many values.',
  ],
  ['thousands of variables', fill(`${ONE_STEP}vars:\n`, (i) => `  v${i}: "true"\n`), '6:3 "vars" must hold at most 200 variables.'],
  ['variables in one chain', fill(`${ONE_STEP}vars:\n`, (i) => `  v${i}: vars.v${i + 1}\n`), '6:3 "vars" must hold at most 200 variables.'],
  ['conditions that are none', fill(HEAD, (i) => `  - {id: s${i},kind: manual,title: x,when: "a${i}"}\n`), '5:42 Unknown name a0.'],
  [
    'thousands of conditions',
    fill(HEAD, (i) => `  - {id: s${i},kind: manual,title: x,when: 'changes.exists(f, glob(f, "s${i}"))'}\n`),
    undefined,
  ],
  [
    'one endless condition',
    `${HEAD}  - {id: a,kind: manual,title: x,when: '${Array(15_000).fill('true').join(' && ')}'}\n`,
    '5:41 The expression is longer than 10000 characters.',
  ],
  [
    'a condition of parentheses',
    `${HEAD}  - {id: a,kind: manual,title: x,when: '${'('.repeat(9_000)}'}\n`,
    '5:41 The expression is too large.',
  ],
  ['unknown keys', fill(ONE_STEP, (i) => `k${i}: 1\n`), '5:1 Unknown key "k0".'],
  ['one key again and again', fill(ONE_STEP, () => 'on: 1\n'), '6:1 The key appears twice in the same mapping.'],
  ['tabs', fill('a:\n', () => '\tb: c\n'), '2:1 Tabs are not allowed as indentation.'],
  ['quotes', '"'.repeat(SIZE), '1:3 Unexpected double-quoted-scalar at node end.'],
  ['aliases of nothing', fill('', () => '*a '), '1:4 Unexpected alias at node end.'],
  [
    'aliases of aliases',
    `x0: &x0 [a]\n${Array.from({ length: 3_000 }, (_, i) => `x${i + 1}: &x${i + 1} [*x${i}, *x${i}, *x${i}]`).join('\n')}`,
    '9:20 The file expands to too many values.',
  ],
  ['documents', fill('', () => '---\na: 1\n'), '3:1 The file holds several YAML documents.'],
  ['blank lines', '\n'.repeat(SIZE), '1:1 The file must be a mapping, not empty.'],
  ['carriage returns', fill('version: 1\r', () => '# x\r'), '1:11 A line ends with a carriage return alone'],
  ['open braces', '{'.repeat(SIZE), '1:1 The file is nested too deeply.'],
  ['lists in lists on a line', fill('', () => `${'- '.repeat(63)}a\n`), '1:1 The file expands to too many values.'],
  ['lists in lists in lists', fill('', () => `${'- '.repeat(64)}a\n`), '1:1 The file is nested too deeply.'],
  ['ever deeper mappings', Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''), '66:66 The file is nested too deeply.'],
  ['empty lists', `a: [${'[],'.repeat(40_000)}`, ' A bracket is not closed'],
  ['one long line', `${HEAD}  - {id: a,kind: manual,title: ${'x'.repeat(130_000)}}\n`, undefined],
  ['one long key', `${'x'.repeat(130_000)}: 1\n`, '1:1 The : indicator must be at most 1024 chars'],
  [
    'thousands of globs',
    `${HEAD}  - {id: a,kind: manual,title: x,inputs: [${Array(19_000).fill('"]"').join(',')}]}\n`,
    '5:43 The glob has an unbalanced ].',
  ],
  [
    'globs of braces',
    `${HEAD}  - {id: a,kind: manual,title: x,inputs: [${Array(120)
      .fill(`"${'{a,b}'.repeat(199)}"`)
      .join(',')}]}\n`,
    '5:43 The glob expands to more than 200 alternatives',
  ],
  [
    'expectations of nothing',
    `${HEAD}  - {id: a,kind: manual,title: x,expect: [${Array(6_000).fill('{claen: 1}').join(',')}]}\n`,
    '5:44 Unknown key "claen".',
  ],
  ['steps without a kind', fill(HEAD, (i) => `  - {id: s${i},title: x,foo: y}\n`), '5:6 The key "kind" is missing.'],
  ['characters of two units', fill(HEAD, (i) => `  - {id: s${i},kind: manual,title: "𝒳𝒳é"}\n`), undefined],
];
