import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { branchKey } from '../../../src/core/workflow/branch.ts';
import { BRANCH, createBase, WORKFLOW, workThrough, type World } from '../verifyWorld.ts';
import { onHost, unsigned } from './approvals.ts';
import { coverTracks, edit, moveMain, type Scenario, WORKFLOW_PATH } from './scenario.ts';

const fine = (what: string, act: Scenario['act'], begin?: Scenario['begin']): Scenario => ({
  what,
  caught: [],
  act,
  ...(begin === undefined ? {} : { begin }),
});

async function doneOn(files: Record<string, string>): Promise<World> {
  const world = createBase(files);
  await workThrough(world);
  await world.sign('sign-off', 'bob');
  return world;
}

/** Review and approval are about the code only. */
const LIMITED = WORKFLOW.replace('    require: model\n', '    require: model\n    inputs: ["src/**"]\n').replace(
  'inputs: ["**", "!.handrail/**", "!.github/**"]',
  'inputs: ["src/**"]',
);

const LIST = Array.from({ length: 20 }, (_, index) => `export const item${index} = ${index};\n`).join('');

export const INNOCENT: readonly Scenario[] = [
  fine('Nothing: the branch as it was done', () => undefined),
  fine('A rebase onto a base that has moved, without changing content', (world) => {
    moveMain(world, { 'other.txt': 'moved on\n' });
    world.git('rebase', '--quiet', 'main');
  }),
  fine('A merge of the base that leaves covered files alone', (world) => {
    moveMain(world, { 'other.txt': 'moved on\n', 'new.txt': 'new\n' });
    world.git('merge', '--quiet', '--no-edit', 'main');
  }),
  fine(
    "The owner merges the base with the host's button, then approves",
    async (world) => {
      moveMain(world, { 'other.txt': 'moved on\n' });
      world.as('bob', 'merge', '--quiet', '--no-edit', 'main');
      await world.sign('sign-off', 'bob');
    },
    unsigned,
  ),
  fine(
    'The owner merges the base, which changed other lines of the same file, then approves',
    async (world) => {
      moveMain(world, { 'src/list.ts': `${LIST}// the end, as the base has it\n` });
      world.as('bob', 'merge', '--quiet', '--no-edit', 'main');
      await world.redo();
      await world.sign('sign-off', 'bob');
    },
    async () => {
      const world = createBase({ 'src/list.ts': LIST });
      world.write({ 'src/list.ts': `// the beginning, as the branch has it\n${LIST}` });
      await workThrough(world);
      return world;
    },
  ),
  fine(
    'The owner commits records, then approves',
    async (world) => {
      world.writeRecord(await world.body('tests', { previous: null, actor: { kind: 'agent' } }));
      world.git('add', '--all');
      world.as('bob', 'commit', '--quiet', '-m', 'Record');
      await world.sign('sign-off', 'bob');
    },
    unsigned,
  ),
  fine(
    'Line endings are written another way, and git makes them the same',
    (world) => {
      const path = join(world.root, 'src/cart.ts');
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n', '\r\n'));
      world.commit('Line endings');
    },
    async () => await doneOn({ '.gitattributes': '* text=auto\n' }),
  ),
  fine(
    'A file that nothing covers is renamed',
    (world) => {
      world.git('mv', 'other.txt', 'notes.txt');
      world.commit('Rename');
    },
    async () => await doneOn({ [WORKFLOW_PATH]: LIMITED }),
  ),
  fine('Records are formatted another way', (world) => {
    for (const { path, body } of world.records())
      world.write({ [path]: JSON.stringify(Object.fromEntries(Object.entries(body).toReversed())) });
    world.commit('Format');
  }),
  fine(
    'Records are committed after the approval',
    async (world) => {
      world.git('reset', '--quiet', '--mixed', 'HEAD~1');
      await world.sign('sign-off', 'bob');
      world.commit('Record what was done');
    },
    unsigned,
  ),
  fine('All commits are squashed into one', (world) => {
    world.git('reset', '--quiet', '--soft', 'main');
    world.commit('feat: checkout');
  }),
  fine(
    'The message of the last commit is amended',
    (world) => void world.git('commit', '--quiet', '--amend', '-m', 'Record all that was done'),
  ),
  fine('Comments, titles and reasons of the workflow change', async (world) => {
    edit(world, WORKFLOW_PATH, 'title: AI review', 'title: Review by a model # new\n    why: Two bugs went out.');
    await coverTracks(world);
  }),
  fine('The workflow becomes stricter', async (world) => {
    edit(world, WORKFLOW_PATH, 'critical: 0, high: 0', 'critical: 0, high: 0, medium: 0');
    edit2(world, WORKFLOW_PATH, 'not: [author, agent] }\nwaive', 'not: [author, agent, "@eve"] }\nwaive');
    await coverTracks(world);
  }),
  fine('A workflow is added behind the others', async (world) => {
    world.write({
      '.handrail/workflows/z.yml':
        'version: 1\nid: zed\ntitle: Z\non: { branches: ["z/**"] }\nsteps: [{ id: a, kind: manual, title: A }]\n',
    });
    await coverTracks(world);
  }),
  fine('The base relaxes its workflow meanwhile, and the branch knows nothing of it', (world) => {
    moveMain(world, { [WORKFLOW_PATH]: WORKFLOW.replace('    protects: [check.cjs]\n', '') });
  }),
  fine('The base rewords its workflow and adds a code owner meanwhile', (world) => {
    moveMain(world, {
      [WORKFLOW_PATH]: WORKFLOW.replace('title: AI review', 'title: Review'),
      '.github/CODEOWNERS': '* @bob\n/.handrail/ @lena\n/docs/api/ @eve\n',
    });
  }),
  fine(
    'A dismissal is taken out',
    async (world) => {
      world.write({ '.handrail/dismissals.yml': 'version: 1\ndismissals: []\n' });
      await coverTracks(world);
    },
    async () =>
      await doneOn({ '.handrail/dismissals.yml': 'version: 1\ndismissals:\n  - { fingerprint: 0123456789abcdef, reason: Fine }\n' }),
  ),
  fine('The price of a model is put in', async (world) => {
    edit(world, '.handrail/models.yml', 'model: careful-1', 'model: careful-1, price: { input: 1, output: 2, currency: USD }');
    await coverTracks(world);
  }),
  fine('The owner of the workflow signs a change that weakens it', async (world) => {
    edit(world, WORKFLOW_PATH, 'critical: 0, high: 0', 'critical: 0, high: 3');
    await coverTracks(world);
    await world.sign('@policy', 'lena');
  }),
  fine('The owner of the workflow approves a change that weakens it in a review on the host', async (world) => {
    edit(world, WORKFLOW_PATH, 'critical: 0, high: 0', 'critical: 0, high: 3');
    await coverTracks(world, { sign: false });
    return onHost(world, [{ login: 'lena' }, { login: 'bob' }]);
  }),
  fine(
    'The owner of the workflow signs a change that takes a step out',
    async (world) => {
      edit(world, WORKFLOW_PATH, /  - id: sign-off[\s\S]*?(?=waive:)/, '');
      await coverTracks(world, { sign: false });
      await world.sign('@policy', 'lena');
    },
    unsigned,
  ),
  fine('The owner of the policy signs another prompt', async (world) => {
    world.write({ '.github/prompts/tests.prompt.md': 'Write the tests first, and few.\n' });
    await coverTracks(world);
    await world.sign('@policy', 'lena');
  }),
  fine('A step is skipped with a reason, and who may let it be signs', async (world) => {
    const { path } = world.recordOf('ai-review');
    const previous = `sha256:${/([0-9a-f]{64})\.json$/.exec(path)?.[1]}`;
    world.writeRecord(
      await world.body('ai-review', { previous, result: { outcome: 'waived', reason: 'The server is down', expires: '2026-01-10' } }),
    );
    world.commit('Skip the review');
    await world.sign('ai-review', 'lena');
  }),
  fine('A step is skipped with a reason, and who may let it be approves the commit that says so on the host', async (world) => {
    const { path } = world.recordOf('ai-review');
    const previous = `sha256:${/([0-9a-f]{64})\.json$/.exec(path)?.[1]}`;
    world.writeRecord(
      await world.body('ai-review', { previous, result: { outcome: 'waived', reason: 'The server is down', expires: '2026-01-10' } }),
    );
    world.commit('Skip the review');
    return onHost(world, [{ login: 'lena' }, { login: 'bob' }]);
  }),
  fine('Approved in a review on the host', (world) => onHost(world, [{ login: 'bob' }]), unsigned),
  fine(
    'Approved on the host at an earlier commit of the same content, by somebody who only commented since',
    (world) => {
      return onHost(world, [
        { login: 'Bob', commit: world.git('rev-parse', 'HEAD~1') },
        { login: 'bob', state: 'COMMENTED', at: '2026-01-02T12:00:00Z' },
      ]);
    },
    unsigned,
  ),
  fine(
    'Approved on the host by a member of the team that owns the code',
    (world) => {
      return onHost(world, [{ login: 'bob' }], { teams: { 'orgs/acme/teams/owners/memberships/bob': { state: 'active' } } });
    },
    async () => {
      const world = createBase({ '.github/CODEOWNERS': '* @acme/owners\n' });
      await workThrough(world);
      return world;
    },
  ),
  fine(
    'Approved by a file of reviews that the job wrote outside of the checkout',
    (world) => {
      const review = { reviewer: '@bob', state: 'approved', commit: world.git('rev-parse', 'HEAD'), submitted: '2026-01-02T10:00:00Z' };
      const file = { schema: 'handrail.reviews/1', author: '@ada', reviews: [review] };
      return { request: { reviews: world.outside('reviews.json', JSON.stringify(file)) } };
    },
    unsigned,
  ),
  fine(
    'Approved by a signed commit',
    async (world) => {
      const { lines } = await world.toSign('sign-off');
      world.as('bob', 'commit', '--quiet', '--allow-empty', '--gpg-sign', '-m', lines.join('\n'));
    },
    unsigned,
  ),
  fine(
    'Approved by two owners, each for their part',
    async (world) => {
      world.write({ 'src/auth/login.ts': 'export const login = 2;\n' });
      world.commit('feat: login');
      await world.redo(['tests', 'verify', 'ai-review', 'threats']);
      return onHost(world, [{ login: 'bob' }, { login: 'lena' }]);
    },
    async () => {
      const world = createBase({ '.github/CODEOWNERS': '* @bob\n/src/auth/ @lena\n' });
      await workThrough(world);
      return world;
    },
  ),
  fine('A record that a later one replaced is taken out', async (world) => {
    const { path } = world.recordOf('ai-review');
    await world.redo(['ai-review']);
    world.removeFile(path);
    world.commit('Tidy up');
  }),
  fine('Two people do a step at the same time, one of them on older content', async (world) => {
    const { body } = world.recordOf('ai-review');
    world.writeRecord({ ...body, previous: null, changeDigest: `sha256:${'e'.repeat(64)}` });
    world.commit('Merge the work of two');
  }),
  fine(
    'Records of a branch that was merged into this one come along',
    async (world) => {
      const other = branchKey('feat/part');
      const path = world.writeRecord({ ...(await world.body('tests')), run: other });
      world.git('add', '--all');
      world.git('mv', path, path.replace(world.runKey, other).replace('evidence/', 'evidence/'));
      world.commit('Merge a part');
    },
    async () => {
      const world = await unsigned();
      world.write({ [`.handrail/evidence/${branchKey('feat/part')}/.gitkeep`]: '' });
      world.commit('Begin a part');
      await world.sign('sign-off', 'bob');
      return world;
    },
  ),
  fine('A note lies beside the records', (world) => {
    world.write({ [`.handrail/evidence/${world.runKey}/README.md`]: 'Written by Handrail.\n' });
    world.commit('Explain');
  }),
  fine('Files have names that are hard to read', async (world) => {
    world.write({ 'src/ü ñ\u{1F600}.ts': 'export {};\n', 'src/a\tb\nc.ts': 'export {};\n', 'src/$(id) \'x".ts': 'export {};\n' });
    await coverTracks(world);
  }),
  fine("The checkout is the host's merge of the branch into the base", (world) => {
    const head = world.git('rev-parse', 'HEAD');
    moveMain(world, { 'other.txt': 'moved on\n' });
    world.git('switch', '--quiet', '--detach', 'main');
    world.git('merge', '--quiet', '--no-ff', '--no-edit', BRANCH);
    const pull = {
      number: 7,
      base: { sha: world.git('rev-parse', 'main'), ref: 'main' },
      head: { sha: head, ref: BRANCH },
      user: { login: 'ada' },
    };
    return { env: { CI: 'true', GITHUB_EVENT_PATH: world.outside('event.json', JSON.stringify({ pull_request: pull })) } };
  }),
  fine('Only the base is checked out, and the head is named', (world) => {
    const head = world.git('rev-parse', 'HEAD');
    world.git('switch', '--quiet', 'main');
    return { request: { head, branch: BRANCH, base: 'main' } };
  }),
  fine('The command is run again, and its check went well', () => ({
    request: { rerun: { timeLimit: 60_000, passed: [], onOutput() {} } },
  })),
];

/** A second edit of a file that was edited and not committed yet. */
function edit2(world: World, path: string, from: string, to: string): void {
  const text = readFileSync(join(world.root, path), 'utf8');
  if (!text.includes(from)) throw new Error(`nothing to replace in ${path}`);
  world.write({ [path]: text.replace(from, to) });
}
