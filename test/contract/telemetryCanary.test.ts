import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { COUNTERS } from '../../src/core/telemetry/counters.ts';
import { parseEvent } from '../../src/core/telemetry/event.ts';
import { asEnvelope, open, seal } from '../../src/node/team/envelope.ts';
import { newTeamKey, type TeamKey } from '../../src/node/team/keys.ts';
import { disguises, findCanaries } from '../support/canaries.ts';
import { createCliRunner, hasTerminal, runOnTerminal, type CliResult, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';

/** Texts that occur nowhere else, each in one place that a careless recorder would take something from. */
const CANARIES = {
  branch: 'feat/Canary-Branch-q7x1',
  path: 'src/CanaryPath-w8y2.ts',
  content: 'canaryContent_e9z3',
  secret: 'canarySecret_r1a4',
  prompt: 'canaryPrompt t2b5',
  promptFile: 'canaryPromptFile y3c6',
  answer: 'canaryAnswer_u4d7',
  finding: 'canaryFinding i5e8',
  user: 'Canary User o6f9',
  login: 'canarylogin-p7g1',
  email: 'canary-mail-a8h2@example.com',
  host: 'canary-host-s9j3',
  model: 'canary-model-d1k4',
  entry: 'canary-entry-f2l5',
  key: 'sk-canary-key-g3m6',
  workflow: 'canary-workflow-h4n7',
  step: 'canary-step-j5p8',
  title: 'Canary Title k6q9',
  reason: 'canaryReason l7r1',
  serverError: 'canaryServerError z8s2',
  output: 'canaryOutput_x9t3',
  commit: 'Canary Commit c1u4',
} as const;
const C = CANARIES;

const WORKFLOW = `version: 1
id: ${C.workflow}
title: ${C.title}
steps:
  - { id: ${C.step}, kind: manual, title: ${C.title} 1 }
  - { id: run-it, kind: command, title: ${C.title} 2, run: "echo ${C.output}" }
  - { id: fail-it, kind: command, title: ${C.title} 3, run: "echo ${C.output} && exit 3" }
  - { id: look, kind: review, title: ${C.title} 4, scope: working }
  - { id: make, kind: generate, title: ${C.title} 5, prompt: .handrail/prompts/make.prompt.md }
  - { id: word, kind: approval, title: ${C.title} 6, by: { any-of: [author] } }
`;

function teamFile(publicKey: string, way: { folder: string } | { git: string } | { otlp: string }): string {
  const counters = COUNTERS.map(({ name }) => name).join(', ');
  return `version: 1\nteam: shop\nk: 5\npublicKey: "${publicKey}"\ntransport: ${JSON.stringify(way)}\ncounters: [${counters}]\nsteps: [run-it]\n`;
}

const CODE = `// ${C.content}\nexport function isStaff(code: string): boolean {\n  return code.toUpperCase() === '${C.secret}';\n}\n`;

const FINDINGS = JSON.stringify({
  findings: [
    {
      file: C.path,
      line: 3,
      severity: 'high',
      category: 'bug',
      title: C.finding,
      message: C.finding,
      quote: `  return code.toUpperCase() === '${C.secret}';`,
    },
  ],
});
const BLOCK = `${C.answer}\n\nsrc/made.ts\n<<<<<<< SEARCH\n=======\nexport const made = '${C.answer}';\n>>>>>>> REPLACE\n`;

describe('what telemetry stores', function () {
  this.timeout(240_000);
  let cli: CliRunner;
  let repo: TestRepo;
  let server: ModelServer;
  let env: Record<string, string>;
  let key: TeamKey;
  let sent: string;

  before(async () => {
    cli = createCliRunner();
    key = await newTeamKey();
    sent = realpathSync(mkdtempSync(join(tmpdir(), 'handrail sent-')));
    mkdirSync(join(sent, 'share'));
    repo = createTestRepo({
      files: {
        'README.md': '# Shop\n',
        '.handrail/workflows/own.yml': WORKFLOW,
        '.handrail/telemetry.yml': teamFile(key.publicKey, { folder: join(sent, 'share') }),
        '.handrail/prompts/make.prompt.md': `${C.promptFile}\n`,
      },
      branch: C.branch,
    });
    repo.git('config', 'user.name', C.user);
    repo.git('config', 'user.email', C.email);
    repo.git('commit', '--quiet', '--allow-empty', '--message', C.commit);
    repo.write({ [C.path]: CODE });
    server = await startModelServer({ models: [C.model] });
    repo.write({
      '.handrail/models.yml': `version: 1\nmodels:\n  ${C.entry}:\n    provider: openai\n    model: ${C.model}\n    baseURL: ${server.baseURL}\nroles: { review: ${C.entry}, generate: ${C.entry} }\n`,
    });
    env = { OPENAI_API_KEY: C.key, OPENAI_BASE_URL: server.baseURL, USER: C.login, LOGNAME: C.login, HOSTNAME: C.host, EMAIL: C.email };
  });
  after(async () => {
    await server.close();
    cli.remove();
    repo.remove();
    rmSync(sent, { recursive: true, force: true });
  });

  /** What only this machine knows. */
  const places = (): Record<string, string> => ({
    home: cli.home,
    root: repo.root,
    origin: server.origin,
    commitId: repo.git('rev-parse', 'HEAD').slice(0, 12),
  });

  /** Runs beside this process, which is the server that the run talks to. */
  async function run(args: string[], wanted: number): Promise<CliResult> {
    const child = cli.start(args, { cwd: repo.root, env });
    let [stdout, stderr] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, wanted, `${args.join(' ')}\n${stdout}\n${stderr}`);
    return { code, stdout, stderr };
  }

  it('holds nothing of what was worked on, in no encoding', async () => {
    await run(['telemetry', 'on', '--yes'], 0);
    await run(['models', 'confirm', C.entry], 0);
    server.setScript({ models: [C.model], replies: [{ text: FINDINGS }] });
    const review = await run(['review', '--scope', 'working', '--format', 'json'], 0);
    const { findings } = JSON.parse(review.stdout) as { findings: { id: string; title: string }[] };
    const found = findings.find(({ title }) => title === C.finding) ?? assert.fail(review.stdout);
    await run(['dismiss', found.id, '--reason', C.reason], 0);
    await run(['run', 'look'], 0);
    server.setScript({ models: [C.model], replies: [{ status: 400, error: { message: C.serverError } }] });
    await run(['review', '--scope', 'working', '--no-cache'], 3);
    server.setScript({ models: [C.model], replies: [{ text: BLOCK }] });
    await run(['generate', '--instruction', C.prompt, '--file', C.path, '--apply'], 0);
    rmSync(join(repo.root, 'src/made.ts'));
    await run(['generate', '--step', 'make', '--apply'], 0);
    rmSync(join(repo.root, 'src/made.ts'));
    await run(['generate', '--step', 'make'], 0);
    await run(['check', C.step], 0);
    await run(['run', 'run-it', '--trust'], 0);
    await run(['run', 'fail-it', '--trust'], 1);
    if (hasTerminal)
      assert.equal(runOnTerminal(cli, ['check', 'word'], { cwd: repo.root, env: { ...env, HANDRAIL_ACTOR: 'human' } }).code, 0);

    // Everything that could be said was said, so that the search has something to find.
    const shown = JSON.parse((await run(['telemetry', 'show', '--format', 'json'], 0)).stdout) as { events: object[]; torn: number };
    const events = shown.events.map((event) => parseEvent(JSON.stringify(event)) ?? assert.fail(JSON.stringify(event)));
    const operations = ['command', 'generate', 'manual', 'review', ...(hasTerminal ? ['approval'] : [])].toSorted();
    assert.deepEqual([...new Set(events.map(({ operation }) => operation))].toSorted(), operations);
    assert.ok(events.some(({ modelFamily }) => modelFamily === 'other'));
    assert.ok(events.some(({ errorType }) => errorType === 'bad-request'));
    assert.ok(events.some(({ findingsDismissed }) => findingsDismissed === 1));
    assert.ok(events.some(({ findingsBySeverity }) => findingsBySeverity?.high === 1));
    const generations = events.filter(({ operation, workflowStepKind }) => operation === 'generate' && workflowStepKind === undefined);
    assert.deepEqual(generations.map(({ outcome, modelFamily }) => [outcome, modelFamily]).toSorted(), [
      ['accepted', 'other'],
      ['accepted', 'other'],
      ['completed', 'other'],
    ]);

    const machine = hostname().length >= 8 ? { machine: hostname() } : {};
    assert.deepEqual(findCanaries(join(cli.home, 'telemetry'), { ...CANARIES, ...machine, ...places() }), []);
    const { content, secret, prompt, promptFile, answer, finding, output, key: apiKey } = CANARIES;
    // Beside telemetry the figures about models stay on this machine; they hold names of models, and no content either.
    assert.deepEqual(findCanaries(cli.home, { content, secret, prompt, promptFile, answer, finding, output, key: apiKey }), []);
  });

  it('is shared as sums only, which hold nothing of it either', async () => {
    const later = new Date(Date.now() + 7 * 24 * 3600 * 1000).toISOString();
    const shared = async (...args: string[]): Promise<CliResult> => {
      env['HANDRAIL_NOW'] = later;
      return run(['telemetry', ...args, '--format', 'json'], 0);
    };
    await shared('link', '--yes');
    const preview = await shared('preview');
    await shared('contribute', '--yes');
    const [name = ''] = readdirSync(join(sent, 'share'));
    const envelope = asEnvelope(JSON.parse(readFileSync(join(sent, 'share', name), 'utf8'))) ?? assert.fail(name);
    const opened = await open(envelope, key);
    assert.ok('contribution' in opened);
    const counted = opened.contribution.counters.map(({ counter }) => counter);
    for (const counter of ['review.runs', 'review.findings', 'generate.outcomes', 'steps.completed', 'models.calls']) {
      assert.ok(counted.includes(counter), counter);
    }
    writeFileSync(join(sent, 'opened.json'), JSON.stringify(opened.contribution));
    writeFileSync(join(sent, 'preview.json'), preview.stdout);
    const everything = { ...CANARIES, ...places() };
    assert.deepEqual(findCanaries(sent, everything), []);
    assert.deepEqual(findCanaries(join(cli.home, 'telemetry'), everything), []);

    // What is made of it at the lead's, with the seal open; of one person alone there would be nothing.
    for (let others = 0; others < 5; others += 1) {
      const contribution = { ...opened.contribution, token: randomBytes(16).toString('base64url') };
      writeFileSync(join(sent, 'share', `${randomBytes(8).toString('hex')}.json`), JSON.stringify(await seal(contribution, key.publicKey)));
    }
    writeFileSync(join(sent, 'key.json'), JSON.stringify(key));
    const over = new Date(Date.now() + 8 * 7 * 24 * 3600 * 1000).toISOString();
    env['HANDRAIL_NOW'] = over;
    await run(
      ['team', 'release', '--in', join(sent, 'share'), '--out', join(sent, 'releases'), '--key', join(sent, 'key.json'), '--prove'],
      0,
    );
    assert.ok(readdirSync(join(sent, 'releases')).length >= 2);
    assert.deepEqual(findCanaries(sent, everything), []);
  });

  it('leaves by git and to a collector without a trace of it, byte for byte', async () => {
    env['HANDRAIL_NOW'] = new Date(Date.now() + 7 * 24 * 3600 * 1000).toISOString();
    const by = async (way: Parameters<typeof teamFile>[1]): Promise<void> => {
      await run(['telemetry', 'contribute', '--off'], 0);
      repo.write({ '.handrail/telemetry.yml': teamFile(key.publicKey, way) });
      await run(['telemetry', 'contribute', '--yes'], 0);
    };
    const bare = join(sent, 'team.git');
    repo.git('init', '--quiet', '--bare', bare);
    repo.git('remote', 'add', 'figures', bare);
    await by({ git: 'figures' });
    const [ref = ''] = repo.git('--git-dir', bare, 'for-each-ref', '--format=%(refname)').split('\n');
    assert.match(ref, /^refs\/handrail\//);
    // The object as it was pushed is compressed, so it is looked at as it is.
    writeFileSync(join(sent, 'blob'), repo.git('--git-dir', bare, 'cat-file', 'blob', ref));
    // Its path is where the test put it, and the collection of a remote names the folder that it is fetched from.
    assert.deepEqual(findCanaries(sent, { ...CANARIES, home: cli.home, root: repo.root, origin: server.origin }), []);

    const requests: Buffer[] = [];
    const collector = createServer((socket) => {
      socket.on('data', (chunk) => {
        requests.push(chunk);
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}');
      });
      socket.on('error', () => undefined);
    });
    collector.listen(0, '127.0.0.1');
    await once(collector, 'listening');
    try {
      await by({ otlp: `http://127.0.0.1:${(collector.address() as AddressInfo).port}` });
    } finally {
      collector.close();
    }
    const bytes = Buffer.concat(requests);
    assert.match(bytes.toString('latin1'), /^POST \/v1\/logs[^]*handrail\.envelope\/1/);
    writeFileSync(join(sent, 'request'), bytes);
    const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
    assert.notEqual(body[0], 0x1f, 'a body that is packed would have to be unpacked first');
    assert.deepEqual(findCanaries(sent, { ...CANARIES, ...places() }), []);
  });

  it('would have been found in every disguise', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail canary-')));
    try {
      for (const [name, text] of Object.entries(CANARIES)) {
        for (const { how, bytes } of disguises(text)) {
          const place = join(folder, 'events');
          mkdirSync(place);
          writeFileSync(join(place, 'a.ndjson'), Buffer.from(`{"x":"${bytes}"}`, 'latin1'));
          assert.ok(
            findCanaries(folder, { [name]: text }).some((hit) => hit.includes(how)),
            `${name} ${how}`,
          );
          rmSync(place, { recursive: true });
        }
      }
      // As other programs write them, not as the search does.
      const around = Buffer.from(`ab${C.model}xyz`);
      for (const [file, text] of Object.entries({
        base64: around.toString('base64'),
        'base64-1': around.subarray(1).toString('base64'),
        'base64-2': around.subarray(2).toString('base64'),
        base64url: around.toString('base64url'),
        hex: around.toString('hex').toUpperCase(),
      })) {
        writeFileSync(join(folder, file), text);
        assert.notDeepEqual(findCanaries(folder, { model: C.model }), [], file);
        rmSync(join(folder, file));
      }
      writeFileSync(join(folder, `${C.login}.ndjson`), '');
      assert.notDeepEqual(findCanaries(folder, { login: C.login }), [], 'the name of a file');
      assert.deepEqual(findCanaries(folder, { branch: C.branch }), []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
