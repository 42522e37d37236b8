import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { ReviewResult } from '../../src/core/ai/finding.ts';
import { parseModels } from '../../src/core/ai/models/config.ts';
import { branchSlug, runKey } from '../../src/core/workflow/branch.ts';
import { coverageOf, coveredChanges } from '../../src/core/workflow/coverage.ts';
import { changeDigest, stepDigest, workflowDigest } from '../../src/core/workflow/digests.ts';
import { EVIDENCE_SCHEMA, type EvidenceBody, toRecord } from '../../src/core/workflow/evidence.ts';
import { modelPin } from '../../src/core/workflow/modelPin.ts';
import { parseWorkflow } from '../../src/core/workflow/parse.ts';
import type { VerifyResult } from '../../src/core/workflow/verify/result.ts';
import type { ApprovalToSign, VerifyRequest } from '../../src/core/workflow/verify/service.ts';
import { openRepository } from '../../src/node/git/repository.ts';
import { createVerifier } from '../../src/node/workflow/verify/verifier.ts';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { repoAt, TEST_GIT_ENV, type TestRepo } from './gitRepo.ts';
import { writeProgram } from './program.ts';

/**
 * A team's repository, real down to the keys: Ada writes on a branch, Bob owns the code, Lena owns the workflow and may let steps be
 * skipped, Eve owns nothing. Made once, copied for each test.
 */

export const BRANCH = 'feat/checkout';
export const REPOSITORY = 'github.com/acme/shop';
/** A day after the commits of test repositories. */
export const NOW = Date.parse('2026-01-03T12:00:00Z');
export type Person = 'ada' | 'bob' | 'lena' | 'eve' | 'mallory';

const WORKFLOW_FILE = '.handrail/workflows/feature.yml';
export const WORKFLOW = `version: 1
id: feature
title: Feature or fix
on: { branches: ["feat/**"] }
evidence: tracked
vars:
  risky: changes.exists(f, glob(f, "src/auth/**"))
  large: lines.added + lines.deleted > 150
steps:
  - id: intent
    kind: manual
    title: State the problem
    expect: [{ file: "docs/notes/\${branch}.md", sections: [Problem] }]
  - id: tests
    kind: generate
    title: Write the tests
    needs: [intent]
    prompt: .github/prompts/tests.prompt.md
    expect: [{ changed: "test/**" }]
  - id: verify
    kind: command
    title: Run the tests
    needs: [tests]
    run: node check.cjs
    inputs: ["src/**", "test/**", check.cjs]
    protects: [check.cjs]
    expect: [{ exit: 0 }]
  - id: ai-review
    kind: review
    title: AI review
    needs: [verify]
    require: model
    independent-of: [tests]
    expect: [{ findings: { critical: 0, high: 0 } }]
  - id: threats
    kind: manual
    title: Threat notes
    when: vars.risky
    expect: [{ attest: Abuse cases are listed }]
  - id: size
    kind: manual
    title: Explain a large change
    when: vars.large
  - id: sign-off
    kind: approval
    title: An owner approves
    needs: [ai-review]
    inputs: ["**", "!.handrail/**", "!.github/**"]
    by: { any-of: [codeowners], not: [author, agent] }
waive: { require: reason, expires: 14d, by: { any-of: ["@lena"], not: [author] } }
`;

export const MODELS = `version: 1
models:
  reviewer: { provider: openai, model: careful-1 }
  cheap: { provider: openai, model: careless-1 }
roles: { review: reviewer }
`;

export const BASE_FILES: Readonly<Record<string, string>> = {
  [WORKFLOW_FILE]: WORKFLOW,
  '.handrail/models.yml': MODELS,
  '.handrail/dismissals.yml': 'version: 1\ndismissals: []\n',
  '.github/CODEOWNERS': '* @bob\n/.handrail/ @lena\n/.github/ @lena\n',
  '.github/prompts/tests.prompt.md': 'Write the tests first.\n',
  '.handrailignore': 'vendor/\n',
  'src/cart.ts': 'export const total = 1;\n',
  'src/auth/login.ts': 'export const login = 1;\n',
  'test/cart.test.ts': 'test();\n',
  'check.cjs': 'process.exit(0);\n',
  'README.md': '# Shop\n',
  'other.txt': 'other\n',
};

export interface World extends TestRepo {
  readonly runKey: string;
  /** Records of the branch, as they lie in the working tree. */
  records(): { path: string; body: EvidenceBody }[];
  recordOf(step: string): { path: string; body: EvidenceBody };
  /** A record of the step about the present content, as a person's, to be written or changed. */
  body(step: string, fields?: Partial<EvidenceBody>): Promise<EvidenceBody>;
  /** Writes a record with the id that its content has. Returns its path. */
  writeRecord(body: EvidenceBody): string;
  removeFile(path: string): void;
  /** Records the remaining steps as their people do, and commits. */
  redo(steps?: readonly string[]): Promise<void>;
  toSign(step: string, request?: Partial<VerifyRequest>): Promise<ApprovalToSign>;
  /** Signs an approval of the present head. */
  sign(step: string, person: Person, change?: Partial<SignOptions>): Promise<string>;
  verify(request?: Partial<VerifyRequest>, options?: { env?: Record<string, string>; now?: number }): Promise<VerifyResult>;
  /** Writes a file outside of the repository and returns its path. */
  outside(name: string, content: string): string;
  /** Folder with a `gh` that answers the given paths of the host's interface, for the PATH. */
  host(answers: Record<string, unknown>): Record<string, string>;
  as(person: Person, ...args: string[]): string;
}

export interface SignOptions {
  lines: string[];
  tag: string;
  at: string;
  /** Address that the signature claims to come from. */
  email: string;
}

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), 'handrail world-')));
process.on('exit', () => rmSync(FOLDER, { recursive: true, force: true, maxRetries: 5 }));

/** Whether this machine can sign with SSH keys, which git alone does not bring, and start a script that stands in for a program. */
export const hasSsh = process.platform !== 'win32' && spawnSync('ssh-keygen', ['-?']).error === undefined;

export function keyOf(person: Person): string {
  const path = join(FOLDER, 'keys', person);
  mkdirSync(dirname(path), { recursive: true });
  if (!readdirSync(dirname(path)).includes(person)) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', person, '-f', path]);
  }
  return path;
}

export function publicKeyOf(person: Person): string {
  if (!hasSsh) return `ssh-ed25519 ${person}`;
  return readFileSync(`${keyOf(person)}.pub`, 'utf8').trim();
}

function signers(): string {
  return [
    '# Whose signature counts',
    `@bob ${publicKeyOf('bob')}`,
    `@lena,lena@example.com ${publicKeyOf('lena')}`,
    `@ada,ada@example.com ${publicKeyOf('ada')}`,
    `@eve ${publicKeyOf('eve')}`,
    '',
  ].join('\n');
}

/** The base alone, with the branch switched to and nothing on it. */
export function createBase(files: Record<string, string> = {}): World {
  const root = mkdtempSync(join(FOLDER, 'repo-'));
  const repo = repoAt(root);
  repo.git('init', '--quiet', '--initial-branch=main');
  repo.git('config', 'handrail.shareEvidence', 'true');
  repo.write({ ...BASE_FILES, '.handrail/signers': signers(), ...files });
  repo.commit('Start');
  repo.git('switch', '--quiet', '-c', BRANCH);
  return worldAt(root);
}

/** What Ada does on her branch, every step of it, with records committed. Nobody has approved yet. */
export async function workThrough(world: World): Promise<void> {
  world.write({
    'docs/notes/feat-checkout.md': '# Checkout\n\n## Problem\n\nNo checkout.\n',
    'src/cart.ts': 'export const total = 2;\n',
    'test/cart.test.ts': 'test(2);\n',
  });
  world.commit('feat: checkout');
  await world.redo();
}

let template: Promise<string> | undefined;

/** A branch on which everything was done and Bob signed. */
export async function createWorld(): Promise<World> {
  template ??= (async () => {
    const world = createBase();
    await workThrough(world);
    await world.sign('sign-off', 'bob');
    return world.root;
  })();
  const root = mkdtempSync(join(FOLDER, 'repo-'));
  cpSync(await template, root, { recursive: true });
  return worldAt(root);
}

export function reviewBy(model: string, fields: Partial<ReviewResult> = {}): ReviewResult {
  return {
    model,
    ...(model === 'builtin' ? {} : { modelId: `${model}-id` }),
    findings: [],
    dismissed: [],
    coverage: [{ file: 'src/cart.ts', status: 'full' }],
    usage: { requests: 1, inputTokens: 1, outputTokens: 1, cachedTokens: 0, cacheHits: 0 },
    redactions: [],
    notices: [],
    ...fields,
  };
}

export function worldAt(root: string): World {
  const repo = repoAt(root);
  const key = runKey(BRANCH, null);
  const folder = join(root, '.handrail/evidence', key);
  const service = createWorkflowService({ root, env: {} });
  const verifier = (env: Record<string, string>, now: number) =>
    createVerifier({ root, env: { PATH: process.env['PATH'] ?? '', HOME: FOLDER, ...env }, clock: { now: () => now } });
  const request = (own: Partial<VerifyRequest>): VerifyRequest => ({
    repository: REPOSITORY,
    signal: new AbortController().signal,
    ...own,
  });
  const records = (): { path: string; body: EvidenceBody }[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => ({
        path: `.handrail/evidence/${key}/${name}`,
        body: JSON.parse(readFileSync(join(folder, name), 'utf8')) as EvidenceBody,
      }));
  const actAs = (person: Person, email: string, args: readonly string[]): string => {
    const identity = { GIT_AUTHOR_NAME: person, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: person, GIT_COMMITTER_EMAIL: email };
    const env = { ...process.env, ...TEST_GIT_ENV, ...identity };
    const signing = ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${keyOf(person)}`];
    return execFileSync('git', [...signing, ...args], { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  };
  const world: World = {
    ...repo,
    runKey: key,
    records,
    recordOf(step) {
      const found = records().filter(({ body }) => body.step === step);
      const [only] = found;
      if (only === undefined || found.length > 1) throw new Error(`${found.length} records of ${step}`);
      return only;
    },
    async body(id, fields = {}) {
      const { workflow } = parseWorkflow(readFileSync(join(root, WORKFLOW_FILE), 'utf8'), WORKFLOW_FILE);
      const step = workflow?.steps.find((one) => one.id === id);
      if (workflow === undefined || step === undefined) throw new Error(`no step ${id}`);
      const { config } = parseModels(readFileSync(join(root, '.handrail/models.yml'), 'utf8'));
      const prompt = step.kind === 'generate' ? readFileSync(join(root, step.prompt), 'utf8') : undefined;
      const { changes } = await (await openRepository(root)).state({ base: 'main' });
      return {
        schema: EVIDENCE_SCHEMA,
        run: key,
        step: id,
        stepDigest: stepDigest(step, { prompt, modelPin: modelPin(step, config) }),
        workflowDigest: workflowDigest(workflow),
        changeDigest: changeDigest(coveredChanges(changes, coverageOf(step, branchSlug(BRANCH)))),
        actor: { kind: 'human' },
        result: { outcome: 'done' },
        previous: null,
        ...fields,
      };
    },
    writeRecord(body) {
      const { id, ...content } = toRecord(body);
      const path = `.handrail/evidence/${key}/${id.slice('sha256:'.length)}.json`;
      repo.write({ [path]: `${JSON.stringify(content, undefined, 1)}\n` });
      return path;
    },
    removeFile: (path) => rmSync(join(root, path), { recursive: true }),
    async redo(steps = ['tests', 'verify', 'ai-review']) {
      if (steps.includes('tests'))
        await service.settleGenerate('tests', { model: 'writer', promptDigest: `sha256:${'1'.repeat(64)}` }, { actor: 'human' });
      const signal = new AbortController().signal;
      if (steps.includes('verify')) await service.run('verify', { actor: 'human', trusted: true, signal, onOutput() {} });
      if (steps.includes('ai-review')) await service.settleReview('ai-review', reviewBy('reviewer'), { actor: 'human' });
      for (const id of ['threats', 'size']) if (steps.includes(id)) await service.check(id, { actor: 'human' });
      repo.commit('Record what was done');
    },
    toSign: async (step, own = {}) => await verifier({}, NOW).approvalToSign(step, request(own)),
    async sign(step, person, change = {}) {
      const free = await wanted(step);
      // In the place of an earlier approval, where there is one.
      const first = free.tag.replace(/-\d+$/, '');
      const { lines, tag, at, email } = { ...free, tag: first, email: `${person}@example.com`, ...change };
      actAs(person, email, ['tag', '--force', '--sign', ...lines.flatMap((line) => ['-m', line]), tag, at]);
      return tag;
    },
    verify: async (own = {}, { env = {}, now = NOW } = {}) => await verifier(env, now).verify(request(own)),
    outside(name, content) {
      const place = mkdtempSync(join(FOLDER, 'outside-'));
      writeFileSync(join(place, name), content);
      return join(place, name);
    },
    host(answers) {
      const place = mkdtempSync(join(FOLDER, 'host-'));
      writeFileSync(join(place, 'answers.json'), JSON.stringify(answers));
      writeProgram(join(place, 'gh'), FAKE_GH);
      return { PATH: [place, process.env['PATH'] ?? ''].join(delimiter) };
    },
    as: (person, ...args) => actAs(person, `${person}@example.com`, args),
  };
  const wanted = async (step: string): Promise<{ lines: string[]; tag: string; at: string }> => {
    const { lines, tag, head } = await world.toSign(step);
    return { lines, tag, at: head };
  };
  return world;
}

/** Answers what it was told to, like the program of the host; a list ends with its first page. */
const FAKE_GH = `const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const path = process.argv.at(-1);
const answers = JSON.parse(readFileSync(join(__dirname, 'answers.json'), 'utf8'));
const page = Number(/[?&]page=(\\d+)/.exec(path)?.[1] ?? 1);
const answer = answers[path] ?? answers[path.replace(/\\?.*$/, '')];
if (answer === undefined || !process.argv.includes('github.com')) {
  console.error('gh: Not Found (HTTP 404)');
  process.exit(1);
}
console.log(JSON.stringify(Array.isArray(answer) ? answer.slice((page - 1) * 100, page * 100) : answer));
`;
