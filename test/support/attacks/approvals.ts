import { execFileSync } from 'node:child_process';
import { BRANCH, createBase, createWorld, publicKeyOf, WORKFLOW, workThrough, type World } from '../verifyWorld.ts';
import { beginMerge, coverTracks, edit, green, moveMain, type Scenario, type Verifying, WORKFLOW_PATH } from './scenario.ts';

const PULL = 'repos/acme/shop/pulls/7';

/** The branch with everything done and no signature. */
export async function unsigned(): Promise<World> {
  const world = await createWorld();
  removeTags(world);
  return world;
}

/** A branch that is done, on another base. */
async function doneOn(files: Record<string, string>): Promise<World> {
  const world = createBase(files);
  await workThrough(world);
  return world;
}

/** A base that keeps its code owners at the top. */
async function rootOwners(): Promise<World> {
  const world = createBase({ CODEOWNERS: '* @bob\n.github/ @lena\n' });
  world.git('switch', '--quiet', 'main');
  world.removeFile('.github/CODEOWNERS');
  world.commit('Move the owners');
  world.git('switch', '--quiet', '--force-create', BRANCH);
  await workThrough(world);
  return world;
}

function removeTags(world: World): void {
  for (const tag of world.git('tag', '--list').split('\n')) if (tag !== '') world.git('tag', '--delete', tag);
}

interface HostReview {
  login: string;
  state?: string;
  type?: string;
  commit?: string;
  at?: string;
}

/** What the host says about pull request 7, and how `verify` is asked then. */
export function onHost(
  world: World,
  reviews: readonly HostReview[],
  {
    author = 'ada',
    accounts = {},
    teams = {},
    labels = [],
  }: { author?: string; accounts?: Record<string, string>; teams?: Record<string, unknown>; labels?: readonly string[] } = {},
): Verifying {
  const head = world.git('rev-parse', 'HEAD');
  const env = world.host({
    [PULL]: { user: { login: author }, labels: labels.map((name) => ({ name })) },
    [`${PULL}/commits`]: Object.entries(accounts).map(([sha, login]) => ({ sha, author: { login }, committer: null })),
    [`${PULL}/reviews`]: reviews.map(({ login, state = 'APPROVED', type = 'User', commit = head, at = '2026-01-02T10:00:00Z' }, id) => ({
      id,
      user: { login, type },
      state,
      commit_id: commit,
      submitted_at: at,
    })),
    ...teams,
  });
  return { env, request: { pullRequest: 7 } };
}

async function replaced(world: World, from: RegExp, to: string): Promise<string[]> {
  const { lines } = await world.toSign('sign-off');
  const changed = lines.map((line) => line.replace(from, to));
  if (changed.join() === lines.join()) throw new Error('nothing to replace in what is signed');
  return changed;
}

/** Writes a tag object as it is and points a ref at it. */
function writeTag(world: World, name: string, content: string): void {
  const object = execFileSync('git', ['hash-object', '-t', 'tag', '-w', '--stdin'], { cwd: world.root, input: content, encoding: 'utf8' });
  world.git('update-ref', `refs/tags/${name}`, object.trim());
}

function tagText(world: World, tag: string): string {
  return `${world.git('cat-file', 'tag', tag)}\n`;
}

const TWO_APPROVALS = WORKFLOW.replace(
  'waive:',
  '  - id: legal\n    kind: approval\n    title: Legal agrees\n    by: { any-of: ["@bob"], not: [author] }\nwaive:',
);

export const APPROVAL_ATTACKS: readonly Scenario[] = [
  { what: 'Nobody approves', caught: ['missing-evidence sign-off'], begin: unsigned, act() {} },
  {
    what: 'A forged approval: somebody writes a record that a person approved',
    caught: ['unauthorised-approval sign-off'],
    says: /record alone/,
    begin: unsigned,
    async act(world) {
      world.writeRecord(await world.body('sign-off'));
      world.commit('Approve');
    },
  },
  {
    what: 'An agent writes the record of an approval',
    caught: ['forged-evidence sign-off'],
    says: /An agent approves/,
    async act(world) {
      world.writeRecord(await world.body('sign-off', { actor: { kind: 'agent' } }));
      world.commit('Approve');
    },
  },
  {
    what: 'A script writes the record of an approval',
    caught: ['forged-evidence sign-off'],
    says: /A script approves/,
    async act(world) {
      world.writeRecord(await world.body('sign-off', { actor: { kind: 'machine' } }));
      world.commit('Approve');
    },
  },
  {
    what: 'The author signs the approval',
    caught: ['unauthorised-approval sign-off'],
    says: /@ada took part/,
    begin: async () => await doneOn({ '.github/CODEOWNERS': '* @bob @ada\n' }),
    act: async (world) => void (await world.sign('sign-off', 'ada')),
  },
  {
    what: 'The author signs with a name of a person that the mail map gives to the commits',
    caught: ['unauthorised-approval sign-off'],
    says: /@ada took part/,
    begin: async () => await doneOn({ '.github/CODEOWNERS': '* @bob @ada\n' }),
    async act(world) {
      world.write({ '.mailmap': 'Eve <eve@example.com> <ada@example.com>\n' });
      await coverTracks(world, { sign: false });
      await world.sign('sign-off', 'ada');
    },
  },
  {
    what: 'The author signs with a second account, whose tag says who made it',
    caught: ['unauthorised-approval sign-off'],
    says: /@eve took part/,
    begin: async () => await doneOn({ '.github/CODEOWNERS': '* @bob @eve\n' }),
    act: async (world) => void (await world.sign('sign-off', 'eve', { email: 'ada@example.com' })),
  },
  {
    what: 'Somebody who owns nothing signs',
    caught: ['unauthorised-approval sign-off'],
    says: /@eve is none of the code owners/,
    begin: unsigned,
    act: async (world) => void (await world.sign('sign-off', 'eve')),
  },
  {
    what: 'A stranger signs in the name of an owner',
    caught: ['unauthorised-approval sign-off'],
    says: /do not name/,
    begin: unsigned,
    act: async (world) => void (await world.sign('sign-off', 'mallory', { email: 'bob@example.com' })),
  },
  {
    what: 'A stranger adds a key to the allowed signers in the same change',
    caught: ['workflow-changed', 'unauthorised-approval sign-off'],
    says: /do not name/,
    async act(world) {
      edit(world, '.handrail/signers', '# Whose', `@bob ${publicKeyOf('mallory')}\n# Whose`);
      await coverTracks(world, { sign: false });
      await world.sign('sign-off', 'mallory');
    },
  },
  {
    what: 'The author makes somebody a code owner in the same change, who then approves',
    caught: ['workflow-changed', 'unauthorised-approval sign-off'],
    says: /CODEOWNERS, is changed/,
    async act(world) {
      world.write({ '.github/CODEOWNERS': '* @eve\n' });
      await coverTracks(world, { sign: false });
      await world.sign('sign-off', 'eve');
    },
  },
  {
    what: 'Another file of code owners is put where the host looks first',
    caught: ['workflow-changed', 'unauthorised-approval sign-off'],
    begin: async () => await rootOwners(),
    async act(world) {
      world.write({ '.github/CODEOWNERS': '* @eve\n' });
      await coverTracks(world, { sign: false });
      await world.sign('sign-off', 'eve');
    },
  },
  {
    what: 'An owner approves a part of the change only, and other files have other owners',
    caught: ['unauthorised-approval sign-off'],
    says: /none of its owners \(@lena\) has approved src\/auth\/login.ts/,
    begin: async () => await doneOn({ '.github/CODEOWNERS': '* @bob\n/src/auth/ @lena\n' }),
    async act(world) {
      world.write({ 'src/auth/login.ts': 'export const login = 2;\n' });
      world.commit('feat: login');
      await world.redo(['tests', 'verify', 'ai-review', 'threats']);
      await world.sign('sign-off', 'bob');
    },
  },
  {
    what: 'A signature is replayed for another step',
    caught: ['unauthorised-approval legal'],
    says: /under another name/,
    begin: async () => await doneOn({ [WORKFLOW_PATH]: TWO_APPROVALS }),
    async act(world) {
      const tag = await world.sign('sign-off', 'bob');
      const { tag: legal } = await world.toSign('legal');
      world.git('update-ref', `refs/tags/${legal}`, world.git('rev-parse', `refs/tags/${tag}`));
    },
  },
  {
    what: 'An owner is made to sign one step under the tag of another',
    caught: ['unauthorised-approval legal'],
    says: /is an approval of sign-off/,
    begin: async () => await doneOn({ [WORKFLOW_PATH]: TWO_APPROVALS }),
    async act(world) {
      await world.sign('sign-off', 'bob');
      const { lines } = await world.toSign('sign-off');
      await world.sign('legal', 'bob', { lines });
    },
  },
  {
    what: 'A signature is replayed from another repository',
    caught: ['unauthorised-approval sign-off'],
    says: /github.com\/acme\/other/,
    begin: unsigned,
    act: async (world) => void (await world.sign('sign-off', 'bob', { lines: await replaced(world, /acme\/shop/, 'acme/other') })),
  },
  {
    what: 'A signature is replayed for other content, under the tag of that content',
    caught: ['unauthorised-approval sign-off'],
    says: /under another name/,
    async act(world) {
      const [tag = ''] = world.git('tag', '--list').split('\n');
      world.write({ 'src/cart.ts': 'export const total = 3;\n' });
      await coverTracks(world, { sign: false });
      const { tag: present } = await world.toSign('sign-off');
      world.git('update-ref', `refs/tags/${present}`, world.git('rev-parse', `refs/tags/${tag}`));
    },
  },
  {
    what: 'An owner is made to sign the digest of other content than the commit holds that the signature names',
    caught: ['unauthorised-approval sign-off'],
    says: /signed another content/,
    begin: unsigned,
    async act(world) {
      const good = world.git('rev-parse', 'HEAD');
      world.write({ 'src/cart.ts': 'export const total = 3;\n' });
      await coverTracks(world, { sign: false });
      await world.sign('sign-off', 'bob', { lines: await replaced(world, /^head: .*/, `head: ${good}`), at: good });
    },
  },
  {
    what: 'A signature names another commit than the one that its tag stands at',
    caught: ['unauthorised-approval sign-off'],
    says: /another commit than/,
    begin: unsigned,
    act: async (world) => void (await world.sign('sign-off', 'bob', { at: 'HEAD~1' })),
  },
  {
    what: 'The text of a tag is changed after it was signed',
    caught: ['unauthorised-approval sign-off'],
    says: /does not hold/,
    async act(world) {
      const [old = ''] = world.git('tag', '--list').split('\n');
      const before = await world.toSign('sign-off');
      const signed = tagText(world, old);
      world.write({ 'src/cart.ts': 'export const total = 3;\n' });
      await coverTracks(world, { sign: false });
      const after = await world.toSign('sign-off');
      const forged = before.lines.reduce((text, line, index) => text.replace(line, after.lines[index] ?? ''), signed);
      writeTag(world, after.tag, forged.replace(/^object .*/, `object ${after.head}`).replace(`tag ${old}`, `tag ${after.tag}`));
    },
  },
  {
    what: 'A tag has the text of an approval and no signature',
    caught: ['unauthorised-approval sign-off'],
    says: /is not signed/,
    begin: unsigned,
    async act(world) {
      const { lines, tag, head } = await world.toSign('sign-off');
      world.git('tag', '--annotate', ...lines.flatMap((line) => ['-m', line]), tag, head);
    },
  },
  {
    what: "A tag is signed with the host's own key (web-flow signs merges with PGP)",
    caught: ['unauthorised-approval sign-off'],
    says: /no other counts/,
    begin: unsigned,
    async act(world) {
      const { lines, tag, head } = await world.toSign('sign-off');
      const pgp = '-----BEGIN PGP SIGNATURE-----\n\nwsFcBAABCAAQBQJ=\n-----END PGP SIGNATURE-----\n';
      const headers = `object ${head}\ntype commit\ntag ${tag}\ntagger GitHub <noreply@github.com> 1767323045 +0000\n\n`;
      writeTag(world, tag, `${headers}${lines.join('\n')}\n${pgp}`);
    },
  },
  {
    what: "The base's signers name the host's own account, and its key signs",
    caught: ['unauthorised-approval sign-off'],
    says: /do not name/,
    begin: async () =>
      await doneOn({ '.handrail/signers': `@web-flow,@bob ${publicKeyOf('mallory')}\n`, '.github/CODEOWNERS': '* @bob @web-flow\n' }),
    act: async (world) => void (await world.sign('sign-off', 'mallory')),
  },
  {
    what: 'A key whose time is over signs',
    caught: ['unauthorised-approval sign-off'],
    says: /does not hold/,
    begin: async () => await doneOn({ '.handrail/signers': `@bob valid-before="20200101" ${publicKeyOf('bob')}\n` }),
    act: async (world) => void (await world.sign('sign-off', 'bob')),
  },
  {
    what: 'A signed text holds more than an approval',
    caught: ['unauthorised-approval sign-off'],
    says: /belongs to no approval/,
    begin: unsigned,
    async act(world) {
      const { lines } = await world.toSign('sign-off');
      await world.sign('sign-off', 'bob', { lines: [...lines, 'and: everything else'] });
    },
  },
  {
    what: "An owner's rebase signs the author's commit that has the text of an approval",
    caught: ['unauthorised-approval sign-off'],
    says: /another commit than/,
    begin: unsigned,
    async act(world) {
      const { lines } = await world.toSign('sign-off');
      world.git('commit', '--allow-empty', '--quiet', '-m', lines.join('\n'));
      world.git('switch', '--quiet', 'main');
      world.write({ 'other.txt': 'moved on\n' });
      world.commit('Other work');
      world.git('switch', '--quiet', '-');
      world.as('bob', 'rebase', '--quiet', '--empty=keep', '--gpg-sign', 'main');
    },
  },
  {
    what: 'A signed commit with the text of an approval changes something itself',
    caught: ['stale-evidence verify', 'stale-evidence ai-review', 'unauthorised-approval sign-off'],
    says: /changes something itself/,
    begin: unsigned,
    async act(world) {
      const { lines } = await world.toSign('sign-off');
      world.write({ 'src/cart.ts': 'export const total = 3;\n' });
      world.git('add', '--all');
      world.as('bob', 'commit', '--quiet', '--gpg-sign', '-m', lines.join('\n'));
    },
  },
  {
    what: 'A bot approves the pull request',
    caught: ['missing-evidence sign-off'],
    begin: unsigned,
    act: (world) => onHost(world, [{ login: 'bob[bot]', type: 'Bot' }]),
  },
  {
    what: 'A bot that passes for a user approves',
    caught: ['missing-evidence sign-off'],
    begin: unsigned,
    act: (world) => onHost(world, [{ login: 'bob[bot]', type: 'User' }]),
  },
  {
    what: 'An approval was dismissed on the host',
    caught: ['missing-evidence sign-off'],
    begin: unsigned,
    act: (world) => onHost(world, [{ login: 'bob', state: 'DISMISSED' }]),
  },
  {
    what: 'Who approved asks for changes later',
    caught: ['missing-evidence sign-off'],
    begin: unsigned,
    act: (world) =>
      onHost(world, [
        { login: 'bob', state: 'CHANGES_REQUESTED', at: '2026-01-02T11:00:00Z' },
        { login: 'bob', at: '2026-01-02T10:00:00Z' },
      ]),
  },
  {
    what: 'Who opened the pull request approves it',
    caught: ['unauthorised-approval sign-off'],
    says: /@bob took part/,
    begin: unsigned,
    act: (world) => onHost(world, [{ login: 'bob' }], { author: 'bob' }),
  },
  {
    what: 'A co-author approves',
    caught: ['unauthorised-approval sign-off'],
    says: /@Bob took part/,
    begin: unsigned,
    async act(world) {
      world.write({ 'src/cart.ts': 'export const total = 3;\n' });
      world.commit('feat: more\n\nCo-authored-by: Bob <12+Bob@users.noreply.github.com>');
      await world.redo();
      return onHost(world, [{ login: 'Bob' }]);
    },
  },
  {
    what: 'Whose account is behind a commit under another address approves',
    caught: ['unauthorised-approval sign-off'],
    says: /@bob took part/,
    begin: unsigned,
    act: (world) => onHost(world, [{ login: 'bob' }], { accounts: { [world.git('rev-parse', 'HEAD~1')]: 'bob' } }),
  },
  {
    what: "A committer of an author's patch approves",
    caught: ['unauthorised-approval sign-off'],
    says: /@bob took part/,
    begin: async () => await doneOn({ '.handrail/signers': `@bob,bob@example.com ${publicKeyOf('bob')}\n` }),
    async act(world) {
      world.write({ 'src/cart.ts': 'export const total = 3;\n' });
      world.git('add', '--all');
      world.as('bob', 'commit', '--quiet', '--author', 'Ada <ada@example.com>', '-m', 'feat: more');
      await world.redo();
      await world.sign('sign-off', 'bob');
    },
  },
  {
    what: 'A review on an older commit with other content',
    caught: ['stale-evidence sign-off'],
    says: /what it covers was changed since/,
    begin: unsigned,
    async act(world) {
      const commit = world.git('rev-parse', 'HEAD');
      world.write({ 'src/cart.ts': 'export const total = 3;\n' });
      await coverTracks(world, { sign: false });
      return onHost(world, [{ login: 'bob', commit }]);
    },
  },
  {
    what: 'A file of another owner is added after the approval',
    caught: ['stale-evidence verify', 'stale-evidence ai-review', 'stale-evidence sign-off'],
    says: /bob approved commit [0-9a-f]{12}, and what it covers was changed since/,
    begin: async () => await doneOn({ '.github/CODEOWNERS': '* @bob\n/src/auth/ @lena\n/.handrail/ @lena\n' }),
    act: async (world) => {
      await world.sign('sign-off', 'bob');
      world.write({ 'src/auth/login.ts': 'export const login = 2;\n', 'src/cart.ts': 'export const total = 3;\n' });
      world.commit('feat: more');
      await world.redo(['threats']);
    },
  },
  {
    what: 'A review on a commit that is not in the clone',
    caught: ['stale-evidence sign-off'],
    says: /not in this clone/,
    begin: unsigned,
    act: (world) => onHost(world, [{ login: 'bob', commit: 'a'.repeat(40) }]),
  },
  {
    what: "An account whose name only looks like an owner's (a Kelvin sign for a K) approves",
    caught: ['unauthorised-approval sign-off'],
    says: /is none of the code owners/,
    begin: async () => await doneOn({ '.github/CODEOWNERS': '* @kim\n' }),
    act: (world) => onHost(world, [{ login: '\u212Aim' }]),
  },
  {
    what: "An owner's team is claimed by somebody whom the host does not know in it",
    caught: ['unauthorised-approval sign-off'],
    says: /@eve is none of the code owners/,
    begin: async () => await doneOn({ '.github/CODEOWNERS': '* @acme/owners\n' }),
    act: (world) => onHost(world, [{ login: 'eve' }], { teams: { 'orgs/acme/teams/owners/memberships/bob': { state: 'active' } } }),
  },
  {
    what: 'The content is changed after the approval',
    caught: ['stale-evidence verify', 'stale-evidence ai-review', 'stale-evidence sign-off'],
    act(world) {
      world.write({ 'src/cart.ts': 'export const total = 666;\n' });
      world.commit('fix: typo');
    },
  },
  {
    what: 'Content is smuggled into the merge of the base after the approval',
    caught: ['stale-evidence verify', 'stale-evidence ai-review', 'stale-evidence sign-off'],
    act(world) {
      beginMerge(world);
      world.write({ 'src/cart.ts': 'export const total = 666;\n' });
      world.commit('Merge branch main');
    },
  },
  {
    what: 'An owner smuggles content into the merge of the base, then approves',
    caught: ['unauthorised-approval sign-off'],
    says: /@bob took part/,
    begin: unsigned,
    async act(world) {
      beginMerge(world);
      world.write({ 'src/cart.ts': 'export const total = 3;\n' });
      world.git('add', '--all');
      world.as('bob', 'commit', '--quiet', '-m', 'Merge branch main');
      await world.redo();
      await world.sign('sign-off', 'bob');
    },
  },
  {
    what: 'An owner merges the base and throws away what it brought, then approves',
    caught: ['unauthorised-approval sign-off'],
    says: /@bob took part/,
    begin: unsigned,
    async act(world) {
      moveMain(world, { 'other.txt': 'mended\n' });
      world.as('bob', 'merge', '--quiet', '--no-edit', '--strategy', 'ours', 'main');
      await world.redo();
      await world.sign('sign-off', 'bob');
    },
  },
  {
    what: "An owner merges the base and takes the branch's side where they conflict, then approves",
    caught: ['unauthorised-approval sign-off'],
    says: /@bob took part/,
    begin: unsigned,
    async act(world) {
      moveMain(world, { 'src/cart.ts': 'export const total = 10;\n' });
      world.as('bob', 'merge', '--quiet', '--no-edit', '--strategy-option', 'ours', 'main');
      await world.redo();
      await world.sign('sign-off', 'bob');
    },
  },
  {
    what: 'The owner of the workflow merges the base and throws away a step that it brought, then approves',
    caught: ['workflow-changed', 'missing-evidence legal'],
    says: /Step legal of workflow feature is gone/,
    begin: unsigned,
    async act(world) {
      const legal = '  - id: legal\n    kind: approval\n    title: Legal agrees\n    by: { any-of: ["@eve"] }\nwaive:';
      moveMain(world, { [WORKFLOW_PATH]: WORKFLOW.replace('waive:', legal) });
      world.as('lena', 'merge', '--quiet', '--no-edit', '--strategy', 'ours', 'main');
      await world.redo();
      await world.sign('sign-off', 'bob');
      await world.sign('@policy', 'lena');
    },
  },
  {
    what: 'An owner commits in an encoding in which git cannot read the names, then approves',
    caught: ['unauthorised-approval sign-off'],
    says: /@bob took part/,
    begin: unsigned,
    async act(world) {
      world.write({ 'src/cart.ts': 'export const total = 3;\n' });
      world.git('add', '--all');
      world.as('bob', '-c', 'i18n.commitEncoding=IBM037', 'commit', '--quiet', '-m', 'feat: more');
      await world.redo();
      await world.sign('sign-off', 'bob');
    },
  },
  {
    what: 'A co-author is named in such an encoding, and approves',
    caught: ['unauthorised-approval sign-off'],
    says: /@bob took part/,
    begin: unsigned,
    async act(world) {
      world.write({ 'src/cart.ts': 'export const total = 3;\n' });
      world.git('add', '--all');
      const message = 'feat: more\n\nCo-authored-by: Bob <bob@users.noreply.github.com>';
      world.git('-c', 'i18n.commitEncoding=IBM037', 'commit', '--quiet', '-m', message);
      await world.redo();
      await world.sign('sign-off', 'bob');
    },
  },
  {
    what: 'A replacement object shows the approved commit under the name of another',
    caught: ['stale-evidence verify', 'stale-evidence ai-review', 'stale-evidence sign-off'],
    begin: green,
    act(world) {
      const approved = world.git('rev-parse', 'HEAD');
      world.write({ 'src/cart.ts': 'export const total = 666;\n' });
      world.commit('fix: typo');
      world.git('replace', world.git('rev-parse', 'HEAD'), approved);
    },
  },
  {
    what: "A graft hides the commit with the author's name",
    caught: ['unauthorised-approval sign-off'],
    says: /@ada took part/,
    begin: async () => await doneOn({ '.github/CODEOWNERS': '* @bob @ada\n' }),
    async act(world) {
      await world.sign('sign-off', 'ada');
      world.write({ '.git/info/grafts': `${world.git('rev-parse', 'HEAD')} ${world.git('rev-parse', 'main')}\n` });
    },
  },
];
