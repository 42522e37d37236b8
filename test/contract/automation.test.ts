import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AutomationResult } from '../../src/core/workflow/automation/automation.ts';
import { claimRun } from '../../src/node/workflow/automation/runClaim.ts';
import { modelEnvironment } from '../support/chosenModel.ts';
import { createCliRunner, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { gone } from '../support/gone.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';
import { isAlive } from '../support/processes.ts';

/**
 * A step that says who it is, waits at its gate, and then takes effect: one line in a file outside the repository. A gate may be one of a
 * certain run, so that what an earlier one left behind waits for ever; with the folder it ends.
 */
const STEP = `
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const at = (name) => join(process.env.STEPS, name);
const id = process.env.HANDRAIL_STEP;
writeFileSync(at('pid-' + id), String(process.pid));
const gate = new Int32Array(new SharedArrayBuffer(4));
while (!existsSync(at('go-' + id + process.env.RUN)) && !existsSync(at('go'))) {
  if (!existsSync(process.env.STEPS)) process.exit(1);
  Atomics.wait(gate, 0, 0, 5);
}
appendFileSync(at('effects'), id + '\\n');
const failures = existsSync(at('fails-' + id)) ? Number(readFileSync(at('fails-' + id), 'utf8')) : 0;
const tries = readFileSync(at('effects'), 'utf8').split('\\n').filter((line) => line === id).length;
console.log('try', tries);
process.exit(tries <= failures ? 1 : 0);
`;

/** Ten steps: a chain with two places where several may run side by side. */
const GRAPH: Record<string, string[]> = {
  one: [],
  two: ['one'],
  three: ['one'],
  four: ['two', 'three'],
  five: ['four'],
  six: ['five'],
  seven: ['five'],
  eight: ['five'],
  nine: ['six', 'seven', 'eight'],
  ten: ['nine'],
};

const stepOf = (id: string, needs: string[], more = ''): string =>
  `  - { id: ${id}, kind: command, title: Step ${id}, needs: [${needs.join(', ')}], run: 'node "$STEPS/step.cjs"'${more} }\n`;
const workflowOf = (steps: string): string => `version: 1\nid: feature\ntitle: Feature\non: { branches: ["feat/**"] }\nsteps:\n${steps}`;
const TEN = workflowOf(
  Object.entries(GRAPH)
    .map(([id, needs]) => stepOf(id, needs))
    .join(''),
);

/** Waits for a state of another process. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

interface Started {
  child: ChildProcess;
  /** Everything it wrote so far. */
  output: () => string;
  exit: Promise<number | null>;
}

type Document = AutomationResult & { log: string };

describe('a run of several steps on the command line', function () {
  this.timeout(120_000);
  let cli: CliRunner;
  let repo: TestRepo;
  let steps: string;
  before(() => (cli = createCliRunner()));
  after(() => cli.remove());
  beforeEach(() => (steps = realpathSync(mkdtempSync(join(tmpdir(), 'handrail steps-')))));
  afterEach(() => {
    repo.remove();
    rmSync(steps, { recursive: true, force: true, maxRetries: 5 });
  });
  const begin = (workflow: string): void => {
    writeFileSync(join(steps, 'step.cjs'), STEP);
    repo = createTestRepo({ files: { '.handrail/workflows/feature.yml': workflow, 'a.txt': 'a\n' }, branch: 'feat/x' });
    repo.write({ 'a.txt': 'b\n' });
  };
  const options = (round = '') => ({ cwd: repo.root, env: { STEPS: steps, RUN: round } });
  const run = (...args: string[]): CliResult => cli.run(args, options());
  const start = (...args: string[]): Started => startRound('', ...args);
  const startRound = (round: string, ...args: string[]): Started => startWith(options(round).env, ...args);
  const startWith = (env: Record<string, string>, ...args: string[]): Started => {
    const child = cli.start(args, { cwd: repo.root, env });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return { child, output: () => text, exit: new Promise((resolve) => child.once('close', resolve)) };
  };
  const open = (gate = 'go'): void => writeFileSync(join(steps, gate), '');
  const effects = (): string[] =>
    existsSync(join(steps, 'effects')) ? readFileSync(join(steps, 'effects'), 'utf8').split('\n').filter(Boolean) : [];
  const documentOf = ({ stdout }: CliResult): Document => JSON.parse(stdout) as Document;
  /** What a killed run leaves waiting at its gates dies with it, as it would with the machine. */
  const endStrays = async (): Promise<void> => {
    for (const name of readdirSync(steps).filter((file) => file.startsWith('pid-'))) {
      const pid = Number(readFileSync(join(steps, name), 'utf8'));
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await gone(pid);
      rmSync(join(steps, name));
    }
  };

  it('killed at every step boundary, goes on from the records and repeats no effect', async () => {
    begin(TEN);
    for (const id of Object.keys(GRAPH)) {
      open(`go-${id}${id}`);
      const { child, output, exit } = startRound(id, 'run', '--until', 'ten', '--trust', '--jobs', '3');
      await until(`${id} is recorded`, () => output().includes(`✓ ${id} `));
      child.kill('SIGKILL');
      await exit;
      await endStrays();
      assert.equal(effects().at(-1), id);
    }
    assert.deepEqual(effects(), Object.keys(GRAPH), 'each step took effect exactly once');
    const last = run('--format', 'json', 'run', '--until', 'ten');
    assert.equal(last.code, 0, last.stderr);
    assert.deepEqual([documentOf(last).ended, documentOf(last).performed], ['reached', []]);
    assert.deepEqual([documentOf(last).status.done, documentOf(last).status.total], [10, 10]);
    const log = readFileSync(documentOf(last).log, 'utf8');
    assert.equal(log.match(/run begins/g)?.length, 11);
    assert.match(log, /^\S+Z \d+ one started attempt=1\/1$/m);
  });

  it('repeats a step that was killed in its middle, which no record calls done', async () => {
    begin(workflowOf(stepOf('one', []) + stepOf('two', ['one'])));
    const { child, exit } = start('run', '--all', '--trust');
    await until('one has begun', () => existsSync(join(steps, 'pid-one')));
    child.kill('SIGKILL');
    await exit;
    await endStrays();
    open();
    assert.equal(run('run', '--all').code, 0);
    assert.deepEqual(effects(), ['one', 'two']);
  });

  it('does no step twice when two run at once', async () => {
    begin(TEN);
    const one = start('run', '--all', '--trust');
    await until('the first step has begun', () => existsSync(join(steps, 'pid-one')));
    const other = start('--format', 'json', 'run', '--until', 'ten');
    await until('the other waits', () => other.output().includes(`Another run of this workflow is under way (process ${one.child.pid})`));
    open();
    assert.deepEqual([await one.exit, await other.exit], [0, 0]);
    assert.deepEqual(effects().toSorted(), Object.keys(GRAPH).toSorted());
  });

  it('waits for a step that somebody performs by hand', async () => {
    begin(workflowOf(stepOf('one', []) + stepOf('two', ['one'])));
    const byHand = start('run', 'one', '--trust');
    await until('one has begun', () => existsSync(join(steps, 'pid-one')));
    const all = start('run', '--all');
    await until('the run waits', () => all.output().includes('performed by another process'));
    open();
    assert.deepEqual([await byHand.exit, await all.exit], [0, 0]);
    assert.deepEqual(effects(), ['one', 'two']);
  });

  it('tries again, goes on after a failure where a step says so, and keeps what needs it back', () => {
    begin(
      workflowOf(
        stepOf('flaky', [], ', retry: 2') +
          stepOf('loose', [], ', continue-on-failure: true') +
          stepOf('free', ['flaky']) +
          stepOf('bound', ['loose']),
      ),
    );
    open();
    writeFileSync(join(steps, 'fails-flaky'), '2');
    writeFileSync(join(steps, 'fails-loose'), '9');
    const result = run('--format', 'json', 'run', '--all', '--trust', '--jobs', '1');
    assert.equal(result.code, 1);
    const { ended, performed, left, status } = documentOf(result);
    assert.equal(ended, 'failed');
    assert.deepEqual(
      performed.map(({ id, outcome, attempts, exitCode }) => [id, outcome, attempts, exitCode]),
      [
        ['flaky', 'done', 3, 0],
        ['loose', 'failed', 1, 1],
        ['free', 'done', 1, 0],
      ],
    );
    assert.deepEqual(
      left.map(({ id }) => id),
      ['bound'],
    );
    assert.deepEqual(
      status.steps.map(({ state }) => state),
      ['done', 'failed', 'done', 'blocked'],
    );
    assert.match(result.stderr, /^flaky \| try 1$/m, 'with --format json the output goes to stderr, each line with its step');
    // Asked again, what failed is tried again, and nothing else.
    writeFileSync(join(steps, 'fails-loose'), '0');
    assert.equal(run('run', '--all').code, 0);
    assert.deepEqual(effects().slice(-2), ['loose', 'bound']);
  });

  it('stops at people and at what a model would write, says so, and does nothing in a dry run', () => {
    begin(
      workflowOf(
        stepOf('one', []) +
          '  - { id: write, kind: generate, title: Write it, needs: [one], prompt: p.prompt.md }\n' +
          '  - { id: ok, kind: approval, title: Owner approves, needs: [one], by: { any-of: ["@team/owners"] } }\n' +
          stepOf('ship', ['ok', 'write']),
      ),
    );
    repo.write({ 'p.prompt.md': 'Write a line.\n' });
    open();
    const dry = run('--format', 'json', 'run', '--until', 'ship', '--dry-run');
    assert.equal(dry.code, 0, dry.stderr);
    assert.partialDeepStrictEqual(JSON.parse(dry.stdout), {
      dryRun: true,
      waves: [['one']],
      waitingFor: [{ id: 'write' }, { id: 'ok', by: ['@team/owners'] }],
      left: [{ id: 'ship', needs: ['ok', 'write'] }],
    });
    assert.match(run('run', '--until', 'ship', '--dry-run', '--apply').stdout, /Would be asked:\n {2}write {2}what p\.prompt\.md asks for/);
    assert.deepEqual(effects(), []);
    assert.equal(existsSync(join(repo.root, '.git/handrail/runs')), false, 'a dry run writes nothing');

    assert.equal(run('run', '--until', 'ship').code, 2, 'nobody trusted the commands');
    const result = run('run', '--until', 'ship', '--trust');
    assert.equal(result.code, 1);
    assert.match(result.stdout, /Waiting for people; 1 step was performed\.[\s\S]*ok {2}Owner approves · approval by @team\/owners/);
    assert.match(result.stdout, /Goes on where it stopped: handrail run --until ship/);
    assert.deepEqual(effects(), ['one']);
  });

  it('ends cleanly when it is interrupted, and goes on later', async () => {
    begin(workflowOf(stepOf('one', []) + stepOf('two', ['one'])));
    const { child, exit, output } = start('run', '--all', '--trust');
    await until('one has begun', () => existsSync(join(steps, 'pid-one')));
    child.kill('SIGINT');
    assert.equal(await exit, 130);
    assert.match(output(), /Cancelled; 1 step was performed|○ one {2}cancelled/);
    open();
    assert.equal(run('run', '--all').code, 0);
    assert.deepEqual(effects(), ['one', 'two']);
  });

  it('leaves nothing running behind when somebody presses Ctrl-C again', async () => {
    const stubborn = 'trap "" INT TERM; echo $$ > "$STEPS/pid-one"; while [ -d "$STEPS" ]; do sleep 0.1; done';
    begin(workflowOf(`  - { id: one, kind: command, title: One, run: '${stubborn}' }\n`));
    const { child, exit } = start('run', '--all', '--trust');
    await until('one has begun', () => existsSync(join(steps, 'pid-one')));
    const pid = Number(readFileSync(join(steps, 'pid-one'), 'utf8'));
    const pressing = setInterval(() => child.kill('SIGINT'), 50);
    assert.equal(await exit, 130);
    clearInterval(pressing);
    await gone(pid);
  });

  describe('with a model', () => {
    const NOTE = 'note.md\n<<<<<<< SEARCH\n=======\nA line.\n>>>>>>> REPLACE\n';
    const write = '  - { id: write, kind: generate, title: Write it, prompt: p.prompt.md }\n';
    let server: ModelServer;
    beforeEach(async () => (server = await startModelServer({ replies: [{ text: NOTE }] })));
    afterEach(() => server.close());
    const withModel = (...args: string[]): Started => {
      const model = modelEnvironment(server);
      return startWith({ ...options().env, ...model }, ...args);
    };

    it('runs no command that nobody trusted, also one that only applies to what a step wrote', async () => {
      begin(workflowOf(write + stepOf('later', ['write'], `, when: 'changes.exists(f, glob(f, "note.md"))'`)));
      repo.write({ 'p.prompt.md': 'Write a line.\n' });
      open();
      const { exit, output } = withModel('run', '--all', '--apply');
      assert.equal(await exit, 2, output());
      assert.match(output(), /not trusted/);
      assert.equal(existsSync(join(repo.root, 'note.md')), true, 'what was asked for is there');
      assert.deepEqual(effects(), []);
      assert.equal(await withModel('run', '--all', '--apply', '--trust').exit, 0);
      assert.deepEqual(effects(), ['later']);
    });

    it('writes nothing on a branch that was checked out while the model wrote', async () => {
      begin(workflowOf(write));
      repo.write({ 'p.prompt.md': 'Write a line.\n' });
      server.setScript({ replies: [{ text: NOTE, interval: 400 }] });
      const { exit, output } = withModel('run', '--all', '--apply');
      await server.seen(() => true, 1);
      repo.git('switch', '--quiet', '--create', 'feat/other');
      assert.equal(await exit, 2, output());
      assert.match(output(), /branch was (?:switched|checked out)/);
      assert.equal(existsSync(join(repo.root, 'note.md')), false);
      assert.equal((JSON.parse(run('--format', 'json', 'status').stdout) as { done: number }).done, 0);
    });
  });

  it('says what does not go together', () => {
    begin(TEN);
    for (const [args, said] of [
      [['run'], /needs STEP, --until STEP or --all/],
      [['run', 'one', '--all'], /one and --all do not go together/],
      [['run', '--until', 'ten', '--all'], /--until and --all do not go together/],
      [['run', 'one', '--dry-run'], /--dry-run goes with --until STEP or --all.*handrail run --until one --dry-run/],
      [['run', '--all', '--jobs', '0'], /--jobs "0" is not a number from 1 to 8/],
      [['run', '--until', 'tem'], /has no step "tem".*Did you mean ten/],
    ] as const) {
      const { code, stderr } = run(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr.replaceAll('\n', ' '), said);
    }
  });
});

describe('the claim of a run', () => {
  let folder: string;
  beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail claim-')))));
  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const claim = (signal = new AbortController().signal, onWaiting: (pid: number) => void = () => undefined) =>
    claimRun({ folder: join(folder, 'automation'), signal, onWaiting });

  it('is held by one at a time, however many come at once', async function () {
    this.timeout(30_000);
    let held = 0;
    let most = 0;
    const waited = new Set<number>();
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const lease = await claim(undefined, (pid) => waited.add(pid));
        most = Math.max(most, ++held);
        await new Promise(setImmediate);
        held--;
        await lease.release();
      }),
    );
    assert.equal(most, 1);
    assert.deepEqual([...waited], [process.pid]);
    assert.deepEqual(readdirSync(join(folder, 'automation')), []);
  });

  it('of a process that is gone counts for nothing, and waiting for a living one can be called off', async () => {
    mkdirSync(join(folder, 'automation'));
    const mark = { pid: 2 ** 22 + 1, start: 'long ago', host: hostname() };
    writeFileSync(join(folder, 'automation', 'running.json'), JSON.stringify(mark));
    const lease = await claim();
    assert.match(
      readFileSync(join(folder, 'automation', 'running.json'), 'utf8'),
      new RegExp(`"pid":${process.pid},`),
      'no longer the dead one',
    );
    const abort = new AbortController();
    await assert.rejects(
      claim(abort.signal, () => abort.abort()),
      { reason: 'cancelled' },
    );
    await lease.release();
    await lease.release();
  });
});

describe('the log of runs', () => {
  it('stays small', async () => {
    const { openRunLog } = await import('../../src/node/workflow/automation/runLog.ts');
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail log-')));
    try {
      const path = join(folder, 'deep', 'run.log');
      const note = openRunLog(path, { now: () => 0 });
      note('first');
      assert.equal(readFileSync(path, 'utf8'), `1970-01-01T00:00:00.000Z ${process.pid} first\n`);
      appendFileSync(path, `${'x'.repeat(99)}\n`.repeat(3_000));
      openRunLog(path, { now: () => 0 })('last');
      const kept = readFileSync(path, 'utf8');
      assert.ok(kept.length < 130_000);
      assert.match(kept, /^x{99}\n[\s\S]* last\n$/);
      // Where nothing can be written, the work goes on.
      mkdirSync(join(folder, 'taken', 'run.log'), { recursive: true });
      openRunLog(join(folder, 'taken', 'run.log'), { now: () => 0 })('lost');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
