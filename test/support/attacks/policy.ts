import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { BRANCH, createBase, createWorld, MODELS, publicKeyOf, WORKFLOW, workThrough, type World } from '../verifyWorld.ts';
import { onHost } from './approvals.ts';
import { coverTracks, edit, type Scenario, WORKFLOW_PATH } from './scenario.ts';

/** Weakens the workflow, then does everything that the weaker one demands, with Bob's approval of it. */
function weakened(what: string, from: string | RegExp, to: string, says: RegExp, caught: string[] = ['workflow-changed']): Scenario {
  return {
    what,
    caught,
    says,
    async act(world) {
      edit(world, WORKFLOW_PATH, from, to);
      await coverTracks(world);
    },
  };
}

/** The same where nobody can do the branch's steps any more under what is left. */
function undone(what: string, from: string | RegExp, to: string, says: RegExp): Scenario {
  return {
    what,
    caught: ['workflow-changed', 'stale-evidence ai-review'],
    says,
    async act(world) {
      edit(world, WORKFLOW_PATH, from, to);
      await coverTracks(world, { redo: false });
    },
  };
}

/** Changes a file of the policy beside the workflow. */
function changed(what: string, files: Record<string, string>, caught: string[], says: RegExp): Scenario {
  return {
    what,
    caught,
    says,
    async act(world) {
      world.write(files);
      await coverTracks(world);
    },
  };
}

const SIGN_OFF = /  - id: sign-off[\s\S]*?(?=waive:)/;
const DISMISSAL = 'version: 1\ndismissals:\n  - fingerprint: 0123456789abcdef\n    reason: Looks fine\n';

/** The branch on a base with more in its policy. */
async function doneOn(files: Record<string, string>): Promise<World> {
  const world = createBase(files);
  await workThrough(world);
  await world.sign('sign-off', 'bob');
  return world;
}

/** The branch on a base in which a file of the policy is a link to one that is none. */
async function linkedBase(files: Record<string, string>): Promise<World> {
  const world = createBase();
  world.git('switch', '--quiet', 'main');
  Object.entries(files).forEach(([path, text], index) => {
    world.write({ [`linked/${index}`]: text });
    world.removeFile(path);
    symlinkSync(
      `${path
        .split('/')
        .slice(1)
        .map(() => '..')
        .join('/')}/linked/${index}`,
      join(world.root, path),
    );
  });
  world.commit('Link');
  world.git('switch', '--quiet', '--force-create', BRANCH);
  await workThrough(world);
  await world.sign('sign-off', 'bob');
  return world;
}

const SECOND = WORKFLOW.replace('id: feature\n', 'id: second\n').replace('branches: ["feat/**"]', 'branches: ["fix/**"]');

export const POLICY_ATTACKS: readonly Scenario[] = [
  weakened('A step is taken out of the workflow', SIGN_OFF, '', /sign-off of workflow feature is gone/),
  weakened('A ceiling of findings is raised', 'critical: 0, high: 0', 'critical: 0, high: 9', /allows more findings/, [
    'stale-evidence ai-review',
    'workflow-changed',
  ]),
  weakened('A severity is left out of the ceilings', 'critical: 0, high: 0', 'critical: 0', /allows more findings/, [
    'stale-evidence ai-review',
    'workflow-changed',
  ]),
  weakened('An expected section is left out', 'sections: [Problem]', 'sections: [Checkout]', /no longer expects the sections/),
  weakened('What a step needs is left out', 'needs: [ai-review]', 'needs: []', /no longer names ai-review in needs/),
  undone(
    'A step applies under a condition from now on',
    'title: AI review\n',
    'title: AI review\n    when: "false"\n',
    /only under a condition/,
  ),
  weakened('A condition is another one', 'when: vars.risky', 'when: vars.large', /under another condition/),
  weakened('A variable behind a condition is another one', 'src/auth/**', 'src/nothing/**', /variable risky/),
  weakened('A command is replaced by one that succeeds', 'run: node check.cjs', 'run: "true"', /runs another command/),
  weakened('A step covers fewer files', 'inputs: ["src/**", "test/**", check.cjs]', 'inputs: ["test/**"]', /covers other files/),
  weakened(
    'A step covers fewer files by an exclusion',
    'check.cjs]\n    protects',
    'check.cjs, "!src/auth/**"]\n    protects',
    /covers other files/,
  ),
  weakened('What a step protects is left out', '    protects: [check.cjs]\n', '', /check.cjs in protects/),
  weakened('A review no longer requires a model', '    require: model\n', '', /no longer requires a model/, [
    'stale-evidence ai-review',
    'workflow-changed',
  ]),
  weakened('A review may be done by the model that wrote', '    independent-of: [tests]\n', '', /independent-of/, [
    'stale-evidence ai-review',
    'workflow-changed',
  ]),
  weakened('A review names another role', 'title: AI review\n', 'title: AI review\n    role: quick\n', /another role/, [
    'stale-evidence ai-review',
    'workflow-changed',
  ]),
  weakened(
    'A review reads less than the branch',
    'title: AI review\n',
    'title: AI review\n    scope: working\n',
    /only the scope working/,
    ['stale-evidence ai-review', 'workflow-changed'],
  ),
  weakened('An approval is made a step to tick', /kind: approval([\s\S]*?)    inputs: .*\n    by: .*\n/, 'kind: manual$1', /kind manual/),
  weakened('More people may approve', 'any-of: [codeowners]', 'any-of: [codeowners, "@eve"]', /also be approved by @eve/),
  weakened('The author may approve', 'not: [author, agent]', 'not: [agent]', /keeps out author/),
  weakened('More people may let steps be skipped', 'any-of: ["@lena"]', 'any-of: ["@lena", "@ada"]', /also be approved by @ada/),
  weakened('Waivers last longer', 'expires: 14d', 'expires: 90d', /may last longer/),
  weakened('Anyone may let steps be skipped', ', by: { any-of: ["@lena"], not: [author] }', '', /given by anyone/),
  weakened('Evidence is kept on each machine from now on', 'evidence: tracked', 'evidence: local', /on each machine/, [
    'workflow-changed',
    'stale-evidence ai-review',
  ]),
  undone('The workflow is for other branches', 'feat/**', 'nothing/**', /followed by other branches/),
  undone('The workflow is for all branches but this one', '["feat/**"]', '["feat/**", "!feat/checkout"]', /followed by other branches/),
  undone('The workflow is broken, so that nobody can follow it', 'version: 1', 'version: 1\nversions: 2', /cannot be read/),
  {
    what: 'The workflow is deleted',
    caught: ['workflow-changed', 'stale-evidence ai-review'],
    says: /is gone/,
    async act(world) {
      world.removeFile(WORKFLOW_PATH);
      world.commit('Tidy up');
      await world.sign('sign-off', 'bob');
    },
  },
  {
    what: 'The workflow is a link to a weaker one from now on',
    caught: ['workflow-changed'],
    says: /is gone/,
    async act(world) {
      world.removeFile(WORKFLOW_PATH);
      world.write({ 'docs/weak.yml': WORKFLOW.replace(SIGN_OFF, '') });
      symlinkSync('../../docs/weak.yml', join(world.root, WORKFLOW_PATH));
      await coverTracks(world, { sign: false });
      await world.sign('sign-off', 'bob');
    },
  },
  {
    what: 'The folder of the policy is a link from now on',
    caught: ['workflow-changed', 'stale-evidence ai-review', 'stale-evidence sign-off'],
    says: /is gone/,
    act(world) {
      world.git('mv', '.handrail/workflows', 'elsewhere');
      symlinkSync('../elsewhere', join(world.root, '.handrail/workflows'));
      world.commit('Move');
    },
  },
  {
    what: 'A new workflow comes before the one that the branch follows',
    caught: ['workflow-changed', 'stale-evidence ai-review'],
    says: /comes before feature/,
    async act(world) {
      world.write({
        '.handrail/workflows/0.yml': 'version: 1\nid: zero\ntitle: Nothing\nsteps: [{ id: a, kind: manual, title: Nothing }]\n',
      });
      await coverTracks(world, { redo: false });
    },
  },
  {
    what: 'Another file takes the id of the workflow',
    caught: ['workflow-changed', 'stale-evidence ai-review'],
    says: /sign-off of workflow feature is gone/,
    async act(world) {
      world.write({ '.handrail/workflows/a.yml': WORKFLOW.replace(SIGN_OFF, '') });
      await coverTracks(world, { redo: false });
    },
  },
  {
    what: 'A workflow that every branch follows is made a part of another one, so that none does',
    caught: ['workflow-changed', 'stale-evidence ai-review'],
    says: /no branch follows it by itself/,
    begin: async () => await doneOn({ [WORKFLOW_PATH]: WORKFLOW.replace('on: { branches: ["feat/**"] }\n', '') }),
    async act(world) {
      world.write({
        '.handrail/workflows/z.yml': 'version: 1\nid: zed\ntitle: Z\non: { branches: ["z/**"] }\nextends: [feature.yml]\nsteps: []\n',
      });
      await coverTracks(world, { redo: false });
    },
  },
  {
    what: 'The order of the workflows is turned around by their names',
    caught: ['workflow-changed', 'stale-evidence ai-review'],
    says: /another place among/,
    begin: async () => await doneOn({ '.handrail/workflows/second.yml': SECOND }),
    async act(world) {
      world.git('mv', '.handrail/workflows/second.yml', '.handrail/workflows/a-second.yml');
      await coverTracks(world, { redo: false });
    },
  },
  {
    what: 'A part that the workflow extends is weakened',
    caught: ['workflow-changed'],
    says: /sign-off of workflow feature is gone/,
    begin: async () =>
      await doneOn({
        '.handrail/workflows/parts/base.yml': WORKFLOW.replace('id: feature', 'id: base'),
        [WORKFLOW_PATH]: 'version: 1\nid: feature\ntitle: Feature\nextends: [parts/base.yml]\nsteps: []\n',
      }),
    async act(world) {
      edit(world, '.handrail/workflows/parts/base.yml', SIGN_OFF, '');
      await coverTracks(world);
    },
  },
  changed(
    'The review is pointed at a weaker model',
    { '.handrail/models.yml': MODELS.replace('review: reviewer', 'review: cheap') },
    ['models-changed', 'stale-evidence ai-review'],
    /role review is cheap now/,
  ),
  changed(
    'The model behind a name is another one',
    { '.handrail/models.yml': MODELS.replace('careful-1', 'careless-1') },
    ['models-changed', 'stale-evidence ai-review'],
    /model of the model reviewer/,
  ),
  changed(
    'The model that reviews is asked at another address',
    { '.handrail/models.yml': MODELS.replace('model: careful-1', 'model: careful-1, baseURL: "https://models.example.com/v1"') },
    ['models-changed'],
    /baseURL of the model reviewer/,
  ),
  {
    what: 'The models are no longer pinned',
    caught: ['models-changed', 'stale-evidence ai-review'],
    says: /models are gone/,
    async act(world) {
      world.write({ '.handrail/models.yml': 'version: 1\nmodels: broken\n' });
      world.commit('feat: more');
      await world.redo(['tests', 'verify', 'ai-review']);
      await world.sign('sign-off', 'bob');
    },
  },
  changed(
    'A finding of the change is dismissed in it',
    { '.handrail/dismissals.yml': DISMISSAL },
    ['dismissals-changed'],
    /is dismissed now/,
  ),
  {
    what: 'A dismissal that would end is made to last',
    caught: ['dismissals-changed'],
    says: /lasts longer/,
    begin: async () => await doneOn({ '.handrail/dismissals.yml': `${DISMISSAL}    expires: "2026-02-01"\n` }),
    async act(world) {
      edit(world, '.handrail/dismissals.yml', '2026-02-01', '2029-02-01');
      await coverTracks(world);
    },
  },
  {
    what: 'A prompt of the workflow is rewritten',
    caught: ['workflow-changed', 'stale-evidence tests'],
    says: /tests.prompt.md, is changed/,
    async act(world) {
      world.write({ '.github/prompts/tests.prompt.md': 'Write no tests.\n' });
      await coverTracks(world);
    },
  },
  changed('A file is hidden from reviews', { '.handrailignore': 'vendor/\nsrc/\n' }, ['workflow-changed'], /no review reads/),
  changed(
    'The lock of remote workflows is changed',
    { '.handrail/workflows.lock': 'other: digest\n' },
    ['workflow-changed'],
    /The lock of remote/,
  ),
  changed(
    'A key is added to the allowed signers',
    { '.handrail/signers': `@bob ${publicKeyOf('bob')}\n@bob ${publicKeyOf('mallory')}\n` },
    ['workflow-changed'],
    /allowed signers/,
  ),
  changed('Code owners are changed', { '.github/CODEOWNERS': '* @bob @ada\n' }, ['workflow-changed'], /code owners/),
  {
    what: 'The workflow is weakened and approved by an owner of the code, who does not own the workflow',
    caught: ['workflow-changed', 'stale-evidence ai-review'],
    says: /have @lena approve it/,
    async act(world) {
      edit(world, WORKFLOW_PATH, 'critical: 0, high: 0', 'critical: 0, high: 9');
      await coverTracks(world);
      await world.sign('@policy', 'bob');
    },
  },
  {
    what: 'The workflow is weakened and approved by its owner, who wrote the change',
    caught: ['workflow-changed', 'stale-evidence ai-review'],
    begin: createWorld,
    async act(world) {
      edit(world, WORKFLOW_PATH, 'critical: 0, high: 0', 'critical: 0, high: 9');
      world.git('add', '--all');
      world.as('lena', 'commit', '--quiet', '-m', 'Allow more');
      await coverTracks(world);
      await world.sign('@policy', 'lena');
    },
  },
  {
    what: 'The workflow is weakened further after its owner approved a change of it',
    caught: ['workflow-changed', 'workflow-changed', 'stale-evidence ai-review'],
    async act(world) {
      edit(world, WORKFLOW_PATH, 'critical: 0, high: 0', 'critical: 0, high: 9');
      world.commit('Allow more');
      await world.sign('@policy', 'lena');
      edit(world, WORKFLOW_PATH, 'needs: [ai-review]', 'needs: []');
      await coverTracks(world);
    },
  },
  {
    what: 'The workflow of the base is a link, and what it leads to is weakened',
    caught: ['workflow-changed'],
    says: /sign-off of workflow feature is gone/,
    begin: async () => await linkedBase({ [WORKFLOW_PATH]: WORKFLOW }),
    async act(world) {
      edit(world, 'linked/0', SIGN_OFF, '');
      await coverTracks(world);
    },
  },
  {
    what: 'The workflow of the base is a link, its owner approves, and what it leads to is weakened then',
    caught: ['workflow-changed'],
    says: /sign-off of workflow feature is gone/,
    begin: async () => await linkedBase({ [WORKFLOW_PATH]: WORKFLOW }),
    async act(world) {
      const commit = world.git('rev-parse', 'HEAD');
      edit(world, 'linked/0', SIGN_OFF, '');
      await coverTracks(world);
      return onHost(world, [{ login: 'lena', commit }]);
    },
  },
  {
    what: 'A prompt of the base is a link, and what it leads to is rewritten',
    caught: ['workflow-changed', 'stale-evidence tests'],
    says: /tests.prompt.md, is changed/,
    begin: async () => await linkedBase({ '.github/prompts/tests.prompt.md': 'Write the tests first.\n' }),
    async act(world) {
      world.write({ 'linked/0': 'Write no tests.\n' });
      await coverTracks(world);
    },
  },
  {
    what: 'The allowed signers of the base are a link, and what it leads to is changed',
    caught: ['workflow-changed'],
    says: /allowed signers/,
    begin: async () => await linkedBase({ '.handrail/signers': `@bob ${publicKeyOf('bob')}\n` }),
    async act(world) {
      world.write({ 'linked/0': `@bob ${publicKeyOf('bob')}\n@bob ${publicKeyOf('mallory')}\n` });
      await coverTracks(world);
    },
  },
  {
    what: 'A tag is called like the base, and stands at a weaker policy',
    caught: ['workflow-changed'],
    says: /sign-off of workflow feature is gone/,
    async act(world) {
      edit(world, WORKFLOW_PATH, SIGN_OFF, '');
      await coverTracks(world);
      world.git('tag', 'main', 'HEAD');
      return { request: { base: 'main' } };
    },
  },
];
