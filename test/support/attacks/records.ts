import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { branchKey } from '../../../src/core/workflow/branch.ts';
import { changeDigest } from '../../../src/core/workflow/digests.ts';
import { BRANCH, createBase, NOW, reviewBy, WORKFLOW, workThrough, type World } from '../verifyWorld.ts';
import { TEST_GIT_ENV } from '../gitRepo.ts';
import { onHost, unsigned } from './approvals.ts';
import { beginMerge, coverTracks, green, type Scenario, WORKFLOW_PATH } from './scenario.ts';

const DAY_MS = 86_400_000;
const day = (offset: number): string => new Date(NOW + offset * DAY_MS).toISOString().slice(0, 10);

/** A branch that touches what takes threat notes, with nothing said about them. */
async function risky(): Promise<World> {
  const world = createBase();
  world.write({ 'src/auth/login.ts': 'export const login = 2;\n' });
  await workThrough(world);
  await world.sign('sign-off', 'bob');
  return world;
}

/** A step is skipped with a reason; what was signed before stays. */
async function waive(world: World, step: string, fields: { reason?: string; expires?: string | undefined } = {}): Promise<void> {
  const before = world
    .records()
    .filter(({ body }) => body.step === step)
    .at(-1);
  const previous = before === undefined ? null : `sha256:${/([0-9a-f]{64})\.json$/.exec(before.path)?.[1]}`;
  world.writeRecord(
    await world.body(step, { previous, result: { outcome: 'waived', reason: 'The server is down', expires: day(10), ...fields } }),
  );
  world.commit('Skip a step');
}

/** Replaces the review's record by another one. */
function replaceReview(world: World, change: (body: ReturnType<World['recordOf']>['body']) => ReturnType<World['recordOf']>['body']): void {
  const { path, body } = world.recordOf('ai-review');
  world.removeFile(path);
  // In one commit with the work, so that no history tells.
  world.writeRecord(change(body));
  world.git('reset', '--quiet', '--soft', 'main');
  world.commit('feat: checkout');
}

const rewritten = (world: World, text: (before: string) => string | Buffer): void => {
  const { path } = world.recordOf('ai-review');
  writeFileSync(join(world.root, path), text(readFileSync(join(world.root, path), 'utf8')));
  world.commit('Edit a record');
};

/** Points a submodule that is not checked out at another commit. */
function moveSubmodule(world: World, digit: string): void {
  mkdirSync(join(world.root, 'lib'), { recursive: true });
  world.git('update-index', '--add', '--cacheinfo', `160000,${digit.repeat(40)},lib`);
  world.git('-c', 'commit.gpgSign=false', 'commit', '--quiet', '-m', 'chore: move lib');
}

const OTHER_BRANCH = 'feat/other';

export const RECORD_ATTACKS: readonly Scenario[] = [
  {
    what: 'A record is edited',
    caught: ['bad-record', 'missing-evidence ai-review'],
    says: /was edited/,
    act: (world) =>
      rewritten(world, (text) => text.replace('"high": 0', '"high": 0, "low": 0').replace('"medium": 0,\n', '"medium": 1,\n')),
  },
  {
    what: 'A record is copied from another step',
    caught: ['bad-record ai-review'],
    says: /about the step tests/,
    act(world) {
      const { stepDigest } = world.recordOf('tests').body;
      replaceReview(world, (body) => ({ ...body, stepDigest }));
    },
  },
  {
    what: 'A record is copied from another branch',
    caught: ['bad-record', 'missing-evidence threats'],
    says: /belongs to another run/,
    begin: risky,
    async act(world) {
      const path = world.writeRecord({ ...(await world.body('threats')), run: branchKey(OTHER_BRANCH) });
      if (!path.includes(world.runKey)) throw new Error('not in this branch');
      world.commit('Copy a record');
    },
  },
  {
    what: 'Records lie in the folder of a branch whose name has the same slug',
    caught: ['missing-evidence threats'],
    begin: risky,
    async act(world) {
      const sibling = branchKey('feat-checkout');
      const path = world.writeRecord({ ...(await world.body('threats')), run: sibling });
      mkdirSync(join(world.root, '.handrail/evidence', sibling), { recursive: true });
      renameSync(join(world.root, path), join(world.root, path.replace(world.runKey, sibling)));
      world.commit('Copy a record');
    },
  },
  {
    what: 'Records of an earlier branch of the same name, which the base holds by now, stand for this one',
    caught: ['missing-evidence threats'],
    async begin() {
      const world = createBase();
      const empty = changeDigest([]);
      world.writeRecord({ ...(await world.body('threats')), changeDigest: empty });
      world.git('switch', '--quiet', 'main');
      world.commit('Merge the earlier branch');
      world.git('switch', '--quiet', '--force-create', BRANCH);
      world.write({ 'src/auth/login.ts': 'export const login = 2;\n' });
      await workThrough(world);
      await world.sign('sign-off', 'bob');
      return world;
    },
    act() {},
  },
  {
    what: 'A record is deleted',
    caught: ['missing-evidence ai-review'],
    says: /was deleted/,
    act(world) {
      world.removeFile(world.recordOf('ai-review').path);
      world.commit('Tidy up');
    },
  },
  {
    what: 'A record that takes a step back is deleted, so that the one before it counts again',
    caught: ['missing-evidence ai-review'],
    says: /was deleted/,
    async act(world) {
      const done = world.recordOf('ai-review');
      const previous = `sha256:${/([0-9a-f]{64})\.json$/.exec(done.path)?.[1]}`;
      const path = world.writeRecord(await world.body('ai-review', { previous, result: { outcome: 'reopened' } }));
      world.commit('Take the review back');
      world.removeFile(path);
      world.commit('Tidy up');
    },
  },
  {
    what: 'A record is duplicated under another name',
    caught: ['bad-record'],
    says: /was edited|another digest/,
    act(world) {
      const { path } = world.recordOf('ai-review');
      world.write({ [path.replace(/[0-9a-f]{64}(?=\.json)/, 'f'.repeat(64))]: readFileSync(join(world.root, path), 'utf8') });
      world.commit('Count twice');
    },
  },
  {
    what: 'A record is duplicated under its name in capitals, which is the same file elsewhere',
    caught: ['bad-record'],
    says: /count twice/,
    act(world) {
      const { path } = world.recordOf('ai-review');
      const [hex = ''] = /[0-9a-f]{64}(?=\.json)/.exec(path) ?? [];
      world.write({ [path.replace(hex, hex.toUpperCase())]: readFileSync(join(world.root, path), 'utf8') });
      world.commit('Count twice');
    },
  },
  {
    what: 'What was reviewed is edited after the review, and the owner approves only what is new',
    caught: ['stale-evidence verify', 'stale-evidence ai-review'],
    async act(world) {
      world.write({ 'src/cart.ts': 'export const total = 666;\n' });
      world.commit('fix: typo');
      await world.sign('sign-off', 'bob');
    },
  },
  {
    what: 'The built-in reviewer settles a review that requires a model',
    caught: ['unmet-expectation ai-review'],
    says: /requires a model/,
    act: (world) =>
      replaceReview(world, ({ model: _model, modelId: _id, promptDigest: _prompt, ...body }) => ({ ...body, provider: 'builtin' })),
  },
  {
    what: 'Another model reviews than the one that the base pins',
    caught: ['unmet-expectation ai-review'],
    says: /done by cheap/,
    act: (world) => replaceReview(world, (body) => ({ ...body, model: 'cheap' })),
  },
  {
    what: 'A model reviews its own work',
    caught: ['unmet-expectation ai-review'],
    says: /its own work/,
    act(world) {
      const tests = world.recordOf('tests');
      world.removeFile(tests.path);
      world.writeRecord({ ...tests.body, model: 'reviewer' });
      world.git('reset', '--quiet', '--soft', 'main');
      world.commit('feat: checkout');
    },
  },
  {
    what: 'A model reviews its own work under another name for it',
    caught: ['unmet-expectation ai-review'],
    says: /its own work/,
    act(world) {
      const tests = world.recordOf('tests');
      world.removeFile(tests.path);
      world.writeRecord({ ...tests.body, modelId: reviewBy('reviewer').modelId ?? '' });
      world.git('reset', '--quiet', '--soft', 'main');
      world.commit('feat: checkout');
    },
  },
  {
    what: 'The review found more than the workflow allows',
    caught: ['unmet-expectation ai-review'],
    says: /2 open high findings/,
    act: (world) =>
      replaceReview(world, (body) => ({
        ...body,
        result: {
          outcome: 'done',
          findings: { critical: 0, high: 2, medium: 0, low: 0, info: 0 },
          coverage: { full: 1, partial: 0, skipped: 0 },
        },
      })),
  },
  {
    what: 'Somebody writes a record of a review that names no reviewer',
    caught: ['forged-evidence ai-review'],
    says: /names no reviewer/,
    act: (world) => replaceReview(world, ({ provider: _provider, ...body }) => body),
  },
  {
    what: 'Somebody writes a record of a command that names no exit code',
    caught: ['forged-evidence verify'],
    says: /names no exit code/,
    act(world) {
      const { path, body } = world.recordOf('verify');
      world.removeFile(path);
      world.writeRecord({ ...body, result: { outcome: 'done' } });
      world.git('reset', '--quiet', '--soft', 'main');
      world.commit('feat: checkout');
    },
  },
  {
    what: "An agent gives a person's word",
    caught: ['forged-evidence threats'],
    says: /An agent confirms/,
    begin: risky,
    async act(world) {
      world.writeRecord(await world.body('threats', { actor: { kind: 'agent' } }));
      world.commit('Confirm');
    },
  },
  {
    what: 'Nobody gives the word that a step asks for',
    caught: ['missing-evidence threats'],
    begin: risky,
    act() {},
  },
  {
    what: 'An agent skips a step',
    caught: ['forged-evidence ai-review'],
    says: /An agent skips/,
    async act(world) {
      await waiveAs(world, 'agent');
      await world.sign('ai-review', 'lena');
    },
  },
  {
    what: 'A waiver is over',
    caught: ['expired-waiver ai-review'],
    says: /skipped until 2026-01-13/,
    async act(world) {
      await waive(world, 'ai-review');
      await world.sign('ai-review', 'lena');
      return { now: NOW + 30 * DAY_MS };
    },
  },
  {
    what: 'A waiver that is committed in a merge is over',
    caught: ['expired-waiver ai-review'],
    says: /skipped until 2026-01-16/,
    async act(world) {
      beginMerge(world);
      await waive(world, 'ai-review', { expires: undefined });
      await world.sign('ai-review', 'lena');
      return { now: NOW + 30 * DAY_MS };
    },
  },
  {
    what: 'A record that takes a step back is brought by a merge, and deleted',
    caught: ['missing-evidence ai-review'],
    says: /was deleted/,
    async act(world) {
      const done = world.recordOf('ai-review');
      const previous = `sha256:${/([0-9a-f]{64})\.json$/.exec(done.path)?.[1]}`;
      const reopened = await world.body('ai-review', { previous, result: { outcome: 'reopened' } });
      beginMerge(world);
      const path = world.writeRecord(reopened);
      world.commit('Merge branch main');
      world.removeFile(path);
      world.commit('Tidy up');
    },
  },
  {
    what: 'A waiver lasts longer than the workflow allows',
    caught: ['bad-record ai-review'],
    says: /last day that is allowed/,
    async act(world) {
      await waive(world, 'ai-review', { expires: day(60) });
      await world.sign('ai-review', 'lena');
    },
  },
  {
    what: 'A waiver lasts longer than 90 days where the workflow says nothing',
    caught: ['bad-record ai-review'],
    says: /last day that is allowed/,
    async begin() {
      const world = createBase({ [WORKFLOW_PATH]: WORKFLOW.replace('expires: 14d, ', '') });
      await workThrough(world);
      await world.sign('sign-off', 'bob');
      return world;
    },
    async act(world) {
      await waive(world, 'ai-review', { expires: day(200) });
      await world.sign('ai-review', 'lena');
    },
  },
  {
    what: 'A waiver is stretched by a commit that says it comes from the future',
    caught: ['bad-record ai-review'],
    says: /last day that is allowed/,
    async act(world) {
      await waive(world, 'ai-review', { expires: day(400) });
      const env = { ...process.env, ...TEST_GIT_ENV, GIT_COMMITTER_DATE: `${Math.floor((NOW + 390 * DAY_MS) / 1000)} +0000` };
      execFileSync('git', ['commit', '--quiet', '--amend', '--no-edit'], { cwd: world.root, env });
      await world.sign('ai-review', 'lena');
    },
  },
  {
    what: 'A step is skipped without anyone who may let it be',
    caught: ['unauthorised-approval ai-review'],
    says: /without the approval of @lena: nobody has approved/,
    act: async (world) => await waive(world, 'ai-review'),
  },
  {
    what: 'A step is skipped with the approval of somebody who may not',
    caught: ['unauthorised-approval ai-review'],
    says: /@bob is none of @lena/,
    async act(world) {
      await waive(world, 'ai-review');
      await world.sign('ai-review', 'bob');
    },
  },
  {
    what: 'A waiver is added after the review that would have to have seen it',
    caught: ['stale-evidence ai-review'],
    says: /before the waiver/,
    async act(world) {
      const commit = world.git('rev-parse', 'HEAD');
      await waive(world, 'ai-review');
      return onHost(world, [
        { login: 'lena', commit },
        { login: 'bob', commit },
      ]);
    },
  },
  {
    what: 'An approval is skipped by who may skip other steps only',
    caught: ['unauthorised-approval sign-off'],
    says: /@lena is none of the code owners/,
    begin: unsigned,
    async act(world) {
      await waive(world, 'sign-off');
      await world.sign('sign-off', 'lena');
    },
  },
  {
    what: "A record holds keys that are none of a record's",
    caught: ['bad-record', 'missing-evidence ai-review'],
    says: /is not a record/,
    act: (world) => rewritten(world, (text) => text.replace('{', '{ "approved": true,')),
  },
  {
    what: 'A record names a key twice, so that two readers read two things',
    caught: ['bad-record', 'missing-evidence ai-review'],
    says: /names a key twice/,
    act: (world) => rewritten(world, (text) => text.replace('{', '{ "step": "sign-off",')),
  },
  {
    what: 'A committed record holds a time, to seem older than it is',
    caught: ['bad-record', 'missing-evidence threats'],
    says: /holds a time/,
    begin: risky,
    async act(world) {
      world.writeRecord(await world.body('threats', { time: 1 }));
      world.commit('Confirm');
    },
  },
  {
    what: 'A committed record says that a command is running',
    caught: ['bad-record', 'missing-evidence threats'],
    says: /never committed/,
    begin: risky,
    async act(world) {
      world.writeRecord(await world.body('threats', { result: { outcome: 'running' } }));
      world.commit('Confirm');
    },
  },
  {
    what: 'A record is of a form that is not known',
    caught: ['bad-record', 'missing-evidence ai-review'],
    says: /is not a record/,
    act: (world) => rewritten(world, (text) => text.replace('handrail.evidence/1', 'handrail.evidence/9')),
  },
  {
    what: 'A record is gigantic',
    caught: ['bad-record', 'missing-evidence ai-review'],
    says: /too large/,
    act: (world) => rewritten(world, (text) => text.replace('{', `{${' '.repeat(200_000)}`)),
  },
  {
    what: 'A record is no text',
    caught: ['bad-record', 'missing-evidence ai-review'],
    says: /not UTF-8/,
    act: (world) => rewritten(world, () => Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
  },
  {
    what: 'A record is a symbolic link',
    caught: ['bad-record', 'missing-evidence ai-review'],
    says: /is a symbolic link/,
    act(world) {
      const { path } = world.recordOf('ai-review');
      world.write({ 'elsewhere.json': readFileSync(join(world.root, path), 'utf8') });
      world.removeFile(path);
      symlinkSync('../../../elsewhere.json', join(world.root, path));
      world.git('reset', '--quiet', '--soft', 'main');
      world.commit('feat: checkout');
      world.git('rm', '--quiet', '--cached', 'elsewhere.json');
      world.git('commit', '--quiet', '--amend', '--no-edit');
    },
  },
  {
    what: 'A record is an executable file',
    caught: ['bad-record', 'missing-evidence ai-review'],
    says: /an executable file/,
    act(world) {
      chmodSync(join(world.root, world.recordOf('ai-review').path), 0o755);
      world.commit('Change the mode');
    },
  },
  {
    what: 'The evidence folder is a symbolic link',
    caught: ['bad-record', 'missing-evidence tests', 'missing-evidence verify', 'missing-evidence ai-review'],
    says: /is a symbolic link/,
    act(world) {
      world.removeFile('.handrail/evidence');
      symlinkSync('/tmp', join(world.root, '.handrail/evidence'));
      world.git('reset', '--quiet', '--soft', 'main');
      world.commit('feat: checkout');
    },
  },
  {
    what: 'The evidence of the branch is a submodule',
    caught: ['bad-record', 'missing-evidence tests', 'missing-evidence verify', 'missing-evidence ai-review'],
    says: /a submodule/,
    act(world) {
      const head = world.git('rev-parse', 'HEAD');
      world.git('reset', '--quiet', '--soft', 'main');
      world.git('rm', '--quiet', '-r', '--cached', '.handrail/evidence');
      world.git('update-index', '--add', '--cacheinfo', `160000,${head},.handrail/evidence/${world.runKey}`);
      world.git('-c', 'commit.gpgSign=false', 'commit', '--quiet', '-m', 'feat: checkout');
    },
  },
  {
    what: 'Code is hidden in the evidence folder, which no review covers',
    caught: ['bad-record'],
    says: /covered by no review/,
    act(world) {
      world.write({ [`.handrail/evidence/${world.runKey}/helper.js`]: 'process.exit();\n' });
      world.commit('Add a helper');
    },
  },
  {
    what: 'Code is hidden in the evidence folder of another branch, under the name of a record',
    caught: ['bad-record'],
    says: /not valid JSON/,
    act(world) {
      world.write({ [`.handrail/evidence/${branchKey(OTHER_BRANCH)}/${'a'.repeat(64)}.json`]: 'process.exit();\n' });
      world.commit('Add a helper');
    },
  },
  {
    what: 'An attribute makes text binary, so that a large change counts no lines',
    caught: ['missing-evidence size'],
    begin: green,
    async act(world) {
      world.write({ '.gitattributes': '*.ts binary\n', 'src/large.ts': 'export {};\n'.repeat(300) });
      await coverTracks(world);
    },
  },
  {
    what: 'An attribute makes text binary, and hundreds of files stand before the large one',
    caught: ['missing-evidence size'],
    begin: green,
    async act(world) {
      const many = (name: string, text: string): [string, string][] =>
        Array.from({ length: 600 }, (_, index) => [`a/${name}${index}`, text] as const);
      const files = Object.fromEntries([...many('empty', ''), ...many('image', 'a\0b')]);
      world.write({ '.gitattributes': '* -diff\n', 'src/large.ts': 'export {};\n'.repeat(300), ...files });
      await coverTracks(world);
    },
  },
  {
    what: 'A submodule is moved after the approval, and `.gitmodules` says to ignore that',
    caught: ['stale-evidence ai-review', 'stale-evidence sign-off'],
    async begin() {
      const world = createBase({ '.gitmodules': '[submodule "lib"]\n\tpath = lib\n\turl = ./lib\n\tignore = all\n' });
      world.git('switch', '--quiet', 'main');
      moveSubmodule(world, 'a');
      world.git('switch', '--quiet', '--force-create', BRANCH);
      await workThrough(world);
      await world.sign('sign-off', 'bob');
      return world;
    },
    act: (world) => moveSubmodule(world, 'b'),
  },
  {
    what: 'A label is what makes a step apply, and the job is run again with the event of before it was put on',
    caught: ['missing-evidence threats'],
    async begin() {
      const world = createBase({ [WORKFLOW_PATH]: WORKFLOW.replace('when: vars.risky', 'when: "\'security\' in labels"') });
      await workThrough(world);
      await world.sign('sign-off', 'bob');
      return world;
    },
    act(world) {
      const { env } = onHost(world, [], { labels: ['security'] });
      const event = world.outside('event.json', JSON.stringify({ pull_request: { number: 7, labels: [] } }));
      return { request: { pullRequest: 7 }, env: { ...env, GITHUB_EVENT_PATH: event } };
    },
  },
  {
    what: 'A filter shows the working tree as it was reviewed, and the commit holds something else',
    caught: ['stale-evidence verify', 'stale-evidence ai-review', 'stale-evidence sign-off'],
    act(world) {
      const reviewed = readFileSync(join(world.root, 'src/cart.ts'), 'utf8');
      world.write({ 'src/cart.ts': 'export const total = 666;\n', '.gitattributes': '' });
      world.commit('fix: typo');
      world.write({ '.gitattributes': '*.ts filter=hide\n', 'src/cart.ts': reviewed });
      world.git('config', 'filter.hide.clean', "sed 's/2;/666;/'");
    },
  },
  {
    what: 'A note that a step expects is a link to a file outside of the repository',
    caught: ['unmet-expectation intent', 'stale-evidence ai-review'],
    async act(world) {
      const note = 'docs/notes/feat-checkout.md';
      world.removeFile(note);
      symlinkSync(world.outside('note.md', '## Problem\n'), join(world.root, note));
      world.commit('Link the note');
      await world.sign('sign-off', 'bob');
    },
  },
  {
    what: 'The base is moved back, so that other commits seem to be part of the branch',
    caught: ['stale-evidence ai-review', 'unauthorised-approval sign-off'],
    says: /counted from this base/,
    async begin() {
      const world = createBase();
      world.git('switch', '--quiet', 'main');
      world.write({ 'other.txt': 'moved on\n' });
      world.commit('Other work');
      world.git('switch', '--quiet', '--force-create', BRANCH);
      await workThrough(world);
      await world.sign('sign-off', 'bob');
      return world;
    },
    act: (world) => ({ request: { base: world.git('rev-parse', 'main~1') } }),
  },
  {
    what: 'A command fails when it is run again, whatever its record says',
    caught: ['unmet-expectation verify', 'stale-evidence ai-review'],
    says: /exit code 3/,
    async act(world) {
      world.write({ 'check.cjs': 'process.exit(3);\n' });
      world.commit('Break it');
      await world.sign('sign-off', 'bob');
      return { request: { rerun: { timeLimit: 60_000, passed: [], onOutput() {} } } };
    },
  },
  {
    what: 'The check of a command failed in CI, whatever its record says',
    caught: ['unmet-expectation verify'],
    says: /failure/,
    act: () => ({ request: { checks: { verify: 'failure' } } }),
  },
];

async function waiveAs(world: World, kind: 'agent' | 'machine'): Promise<void> {
  const { path } = world.recordOf('ai-review');
  const previous = `sha256:${/([0-9a-f]{64})\.json$/.exec(path)?.[1]}`;
  world.writeRecord(
    await world.body('ai-review', { previous, actor: { kind }, result: { outcome: 'waived', reason: 'In a hurry', expires: day(5) } }),
  );
  world.commit('Skip a step');
}
