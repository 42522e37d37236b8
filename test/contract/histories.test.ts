import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { failureOf } from '../../src/core/errors.ts';
import type { WorkflowService } from '../../src/core/workflow/service.ts';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { createTestRepo, repoAt, type TestRepo } from '../support/gitRepo.ts';
import { type Changed, type Kind, NaiveRun, type NaiveStep, NOTE, visible } from '../support/naivePlan.ts';

const FILE = '.handrail/workflows/w.yml';
const FILES = ['src/a.txt', 'src/b.txt', 'docs/d.txt', NOTE, 'other.txt'];
const KINDS: Kind[] = ['word', 'plain', 'note', 'source', 'command', 'review', 'approval', 'generate'];
const HUMAN = { actor: 'human' } as const;

/** Something that happens to a repository or to a step; numbers pick among what is there. */
type Op =
  | { op: 'edit' | 'remove' | 'mainEdit'; file: number; content: number }
  | { op: 'commit' | 'stage' | 'amend' | 'undoCommit' | 'rebase' | 'merge' | 'rename' | 'break' | 'away' | 'worktree' }
  | { op: 'words' | 'demand'; step: number }
  | { op: 'do' | 'undo' | 'skip' | 'skipAndUndo'; step: number; findings: number };

const index = fc.nat(20);
const opArb: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constantFrom('edit' as const, 'remove' as const, 'mainEdit' as const), file: index, content: fc.nat(2) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constantFrom(
        ...(['commit', 'stage', 'amend', 'undoCommit', 'rebase', 'merge', 'rename', 'break', 'away', 'worktree'] as const),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('words' as const, 'demand' as const), step: index }) },
  {
    weight: 10,
    arbitrary: fc.record({
      op: fc.constantFrom(...(['do', 'do', 'do', 'undo', 'skip', 'skipAndUndo'] as const)),
      step: index,
      findings: fc.nat(1),
    }),
  },
);
/** Steps of different kinds, most of which need few others, apply to every change and are about all of it. */
const stepsArb: fc.Arbitrary<NaiveStep[]> = fc
  .tuple(
    fc.shuffledSubarray(KINDS, { minLength: 4, maxLength: 6 }),
    fc.array(
      fc.record({
        needs: fc.oneof({ weight: 2, arbitrary: fc.constant<number[]>([]) }, { weight: 1, arbitrary: fc.subarray([0, 1, 2, 3, 4]) }),
        inputs: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom('src', 'docs') }),
        when: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom('src', 'docs') }),
      }),
      { minLength: 6, maxLength: 6 },
    ),
  )
  .map(([kinds, drafts]) =>
    kinds.map((kind, i) => {
      const { needs = [], inputs, when } = drafts[i] ?? {};
      return {
        id: `s${i}`,
        kind,
        title: `Step ${i}`,
        needs: needs.filter((need) => need < i).map((need) => `s${need}`),
        ...(inputs === undefined ? {} : { inputs }),
        ...(when === undefined ? {} : { when }),
        demand: 0,
      };
    }),
  );

/** What of a kind the file says; `demand` changes its meaning. */
const BODY: Record<Kind, (demand: number) => string> = {
  word: (demand) => `kind: manual, expect: [{ attest: "Word ${demand}" }]`,
  // The number of an expectation that always holds.
  plain: (demand) => `kind: manual, expect: [{ attest: "Plain ${demand}" }]`,
  note: (demand) => `kind: manual, expect: [{ file: ${NOTE} }${', { file: check.mjs }'.repeat(demand)}]`,
  source: (demand) => `kind: manual, expect: [{ changed: "src/**" }${', { changed: "{src/**,x}" }'.repeat(demand)}]`,
  command: (demand) => `kind: command, run: "node check.mjs ${demand}", expect: [{ exit: 0 }]`,
  review: (demand) => `kind: review, role: r${demand}, expect: [{ findings: { high: 0 } }]`,
  approval: (demand) => `kind: approval, by: { any-of: ["@a${demand}"] }`,
  generate: (demand) => `kind: generate, prompt: p.prompt.md, role: r${demand}`,
};

function workflowOf(steps: readonly NaiveStep[]): string {
  const lines = steps.map(({ id, kind, title, needs, inputs, when, demand }) => {
    const parts = [`id: ${id}`, `title: ${JSON.stringify(title)}`, BODY[kind](demand)];
    if (needs.length > 0) parts.push(`needs: [${needs.join(', ')}]`);
    if (inputs !== undefined) parts.push(`inputs: ["${inputs}/**"]`);
    if (when !== undefined) parts.push(`when: 'changes.exists(f, glob(f, "${when}/**"))'`);
    return `  - { ${parts.join(', ')} }\n`;
  });
  return `version: 1\nid: w\ntitle: W\nsteps:\n${lines.join('')}`;
}

/** One repository with a run, and beside it the naive telling of it. */
class World {
  readonly repo: TestRepo;
  readonly steps: NaiveStep[];
  readonly run = new NaiveRun();
  readonly done: string[] = [];
  /** A window that stays open all the time. */
  readonly #window: WorkflowService;
  #main: TestRepo;
  #names = 0;

  constructor(steps: readonly NaiveStep[]) {
    this.steps = steps.map((step) => ({ ...step }));
    const check = "import { existsSync } from 'node:fs';\nprocess.exit(existsSync('broken.txt') ? 1 : 0);\n";
    const files = Object.fromEntries(FILES.filter((path) => path !== NOTE).map((path) => [path, `${path}\n`.repeat(9)]));
    this.repo = createTestRepo({
      files: { ...files, 'check.mjs': check, 'p.prompt.md': 'Do it.\n', [FILE]: workflowOf(this.steps) },
      branch: 'feat/x',
    });
    const place = join(dirname(this.repo.root), `${this.repo.root.split('/').at(-1)}-main`);
    this.repo.git('worktree', 'add', '--quiet', place, 'main');
    this.#main = repoAt(place);
    this.#window = createWorkflowService({ root: this.repo.root, env: {} });
  }

  remove(): void {
    this.#main.remove();
    this.repo.remove();
  }

  /** Every file that differs between where the branch began and what lies there. */
  changed(): Changed {
    const { git, root } = this.repo;
    const base = git('merge-base', 'HEAD', 'main');
    const before = new Map(
      git('ls-tree', '-r', '--name-only', base)
        .split('\n')
        .map((path) => [path, git('show', `${base}:${path}`)] as const),
    );
    const now = new Map(filesIn(root).map((path) => [path, readFileSync(join(root, path), 'utf8').replace(/\n$/, '')] as const));
    const paths = [...new Set([...before.keys(), ...now.keys()])];
    return new Map(
      paths.flatMap((path) => {
        const pair = [before.get(path) ?? null, now.get(path) ?? null] as const;
        return pair[0] === pair[1] ? [] : [[path, pair] as const];
      }),
    );
  }

  has = (path: string): boolean => existsSync(join(this.repo.root, path));

  async compare(): Promise<void> {
    const wanted = this.run.states(this.steps, this.changed(), this.has);
    for (const service of [this.#window, createWorkflowService({ root: this.repo.root, env: {} })]) {
      const status = await service.status();
      assert.deepEqual(
        Object.fromEntries(status.steps.map(({ id, state }) => [id, state])),
        wanted,
        `after ${this.done.join('; ')}\n${workflowOf(this.steps)}\n${JSON.stringify(status.steps, undefined, 1)}`,
      );
    }
  }

  async apply(op: Op): Promise<void> {
    this.done.push(JSON.stringify(op));
    const { repo } = this;
    const isClean = repo.git('status', '--porcelain') === '';
    const pick = (number: number): string => FILES[number % FILES.length] ?? NOTE;
    switch (op.op) {
      case 'edit':
        return repo.write({ [pick(op.file)]: `${op.content}\n${`${pick(op.file)}\n`.repeat(9)}` });
      case 'remove':
        return rmSync(join(repo.root, pick(op.file)), { force: true });
      case 'mainEdit': {
        const path = op.file % 2 === 0 ? 'other.txt' : 'docs/d.txt';
        this.#main.write({ [path]: `${`${path}\n`.repeat(9)}main ${op.content}\n` });
        return this.#main.commit('Main');
      }
      case 'commit':
        return repo.commit('feat: work');
      case 'stage':
        return void repo.git('add', '--all');
      case 'amend':
        return this.#hasOwnCommit() ? void repo.git('commit', '--quiet', '--amend', '--allow-empty', '-m', 'feat: amended') : undefined;
      case 'undoCommit':
        return this.#hasOwnCommit() ? void repo.git('reset', '--quiet', '--soft', 'HEAD~1') : undefined;
      case 'rebase':
        return isClean ? this.#orAbort('rebase', '--quiet', 'main') : undefined;
      case 'merge':
        return isClean ? this.#orAbort('merge', '--quiet', '--no-edit', 'main') : undefined;
      case 'rename': {
        const [path] = filesIn(repo.root).filter((one) => one.startsWith('src/'));
        return path === undefined ? undefined : void repo.git('mv', '-f', '-k', path, `src/renamed${(this.#names += 1)}.txt`);
      }
      case 'break':
        if (this.has('broken.txt')) rmSync(join(repo.root, 'broken.txt'));
        else repo.write({ 'broken.txt': 'broken\n' });
        return undefined;
      case 'away':
        if (!isClean) return undefined;
        repo.git('switch', '--quiet', '-c', `feat/away${(this.#names += 1)}`, 'main');
        await createWorkflowService({ root: repo.root, env: {} }).status();
        await this.#window.status();
        return void repo.git('switch', '--quiet', 'feat/x');
      case 'worktree':
        // The records outlive the worktree that they were written in.
        return void repo.git('worktree', 'prune');
      case 'words':
      case 'demand': {
        const step = this.steps[op.step % this.steps.length];
        assert.ok(step);
        if (op.op === 'words') step.title = `Words ${(this.#names += 1)}`;
        else step.demand += 1;
        return repo.write({ [FILE]: workflowOf(this.steps) });
      }
      case 'skipAndUndo':
        await this.#act({ ...op, op: 'skip' });
        return this.#act({ ...op, op: 'undo' });
      default:
        return this.#act(op);
    }
  }

  #hasOwnCommit(): boolean {
    const { git } = this.repo;
    return (
      git('rev-list', '--count', '--no-merges', 'main..HEAD') !== '0' && git('rev-list', '--parents', '-1', 'HEAD').split(' ').length === 2
    );
  }

  #orAbort(...args: string[]): void {
    try {
      this.repo.git('-c', 'commit.gpgSign=false', ...args);
    } catch {
      this.repo.git(args[0] ?? '', '--abort');
    }
  }

  /** Does something to a step. Whether it is refused is foretold, too. */
  async #act(op: Extract<Op, { findings: number }>): Promise<void> {
    const step = this.steps[op.step % this.steps.length];
    assert.ok(step);
    const changed = this.changed();
    const state = this.run.states(this.steps, changed, this.has)[step.id] ?? '';
    const service = op.findings === 0 ? this.#window : createWorkflowService({ root: this.repo.root, env: {} });
    const isOpen = state !== 'blocked' && state !== 'skipped';
    if (op.op === 'undo') {
      await service.uncheck(step.id, HUMAN);
      if (['done', 'stale', 'waived', 'failed'].includes(state)) this.run.did(step, 'reopened', changed);
    } else if (op.op === 'skip') {
      if (await this.#succeeds(service.waive(step.id, { ...HUMAN, reason: 'small' }), state !== 'skipped' && state !== 'done')) {
        this.run.did(step, 'waived', changed);
      }
    } else if (step.kind === 'command') {
      const work = service.run(step.id, { ...HUMAN, trusted: true, signal: new AbortController().signal, onOutput() {} });
      if (await this.#succeeds(work, isOpen)) this.run.did(step, this.has('broken.txt') ? 'failed' : 'done', changed);
    } else if (step.kind === 'review') {
      const found = { critical: 0, high: op.findings, medium: 0, low: 0, info: 0 };
      const finding = {
        id: 'f',
        file: 'x',
        severity: 'high',
        category: 'bug',
        title: 't',
        message: 'm',
        quote: 'q',
        source: 'model',
      } as const;
      const usage = { requests: 1, inputTokens: 0, outputTokens: 0, cachedTokens: 0, cacheHits: 0 };
      const findings = found.high > 0 ? [{ ...finding, anchor: { status: 'unanchored' as const, confidence: 0 } }] : [];
      const result = { model: 'm', findings, dismissed: [], coverage: [], redactions: [], notices: [], usage };
      if (await this.#succeeds(service.settleReview(step.id, result, HUMAN), isOpen)) this.run.did(step, 'done', changed, op.findings);
    } else {
      const isAllowed = isOpen && visible(step, changed, this.has) !== false;
      if (await this.#succeeds(service.check(step.id, HUMAN), isAllowed)) this.run.did(step, 'done', changed);
    }
  }

  async #succeeds(work: Promise<unknown>, wanted: boolean): Promise<boolean> {
    const failure = await work.then(
      () => undefined,
      (error: unknown) => failureOf(error) ?? assert.fail(String(error)),
    );
    assert.equal(failure === undefined, wanted, `${failure?.message ?? 'nothing was refused'} after ${this.done.join('; ')}`);
    return wanted;
  }
}

/** All files below a folder but git's, relative to it. */
function filesIn(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (name === '.git') return [];
    return statSync(join(root, path)).isDirectory() ? filesIn(root, path) : [path];
  });
}

/**
 * States of generated workflows over generated histories of real repositories, against a telling of them that knows neither records
 * nor digests. `HANDRAIL_SEED` repeats a run; without it one seed is new every time.
 */
describe('states of a run, whatever happens to the repository', function () {
  this.timeout(600_000);
  const given = process.env['HANDRAIL_SEED'];
  const seeds = given === undefined ? [1, 2026, Date.now() % 2_147_483_647] : [Number(given)];
  for (const seed of seeds) {
    it(`are what a naive model says (HANDRAIL_SEED=${seed})`, async () => {
      await fc.assert(
        fc.asyncProperty(stepsArb, fc.array(opArb, { minLength: 8, maxLength: 14 }), async (steps, ops) => {
          const world = new World(steps);
          try {
            // Some work, and as many steps settled as can be: what follows has something to outdate.
            const begun: Op[] = steps.map((_, step) => ({ op: 'do', step, findings: 0 }));
            await world.apply({ op: 'edit', file: 0, content: 1 });
            await world.apply({ op: 'edit', file: 3, content: 1 });
            for (const op of begun) await world.apply(op);
            await world.compare();
            for (const op of ops) {
              await world.apply(op);
              await world.compare();
            }
          } finally {
            world.remove();
          }
        }),
        { seed, numRuns: 8, endOnFailure: true },
      );
    });
  }
});
