import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import type { TelemetryEvent } from '../../src/core/telemetry/catalogue.ts';
import { findCanaries } from '../support/canaries.ts';
import { createCliRunner, type CliRunner } from '../support/cliRun.ts';
import { otelClient } from '../support/otelClient.ts';

/** What assistants could send of a person and their work, wherever they could put it. */
const C = {
  prompt: 'canaryUsagePrompt q1w2',
  answer: 'canaryUsageAnswer e3r4',
  email: 'canary-usage-t5@example.com',
  session: 'canary-session-y6u7',
  account: 'canary-account-i8o9',
  path: '/home/canaryUser_p1/a2s3',
  model: 'gpt-canary-model-d4',
  tool: 'canaryTool_f5g6',
  error: 'canaryError h7j8',
  host: 'canary-host-k9l1',
  scope: 'canary-scope-z2x3',
} as const;

describe('handrail usage', function () {
  this.timeout(120_000);
  let cli: CliRunner;
  let person: string;
  let env: Record<string, string>;

  beforeEach(() => {
    cli = createCliRunner();
    person = realpathSync(mkdtempSync(join(tmpdir(), 'handrail person-')));
    env = { HOME: person, CLAUDE_CONFIG_DIR: '', CODEX_HOME: '', GEMINI_CLI_HOME: '' };
  });
  afterEach(() => {
    cli.remove();
    rmSync(person, { recursive: true, force: true });
  });

  const run = (args: string[], wanted: number): string => {
    const { code, stdout, stderr } = cli.run(['usage', ...args], { cwd: person, env });
    assert.equal(code, wanted, `${args.join(' ')}\n${stdout}\n${stderr}`);
    return stdout + stderr;
  };
  const turnOn = (): void => assert.equal(cli.run(['telemetry', 'on', '--yes'], { cwd: person, env }).code, 0);
  const events = (): TelemetryEvent[] => {
    const { stdout } = cli.run(['telemetry', 'show', '--format', 'json'], { cwd: person, env });
    return (JSON.parse(stdout) as { events: TelemetryEvent[] }).events;
  };

  /** Starts the receiver; resolves with its address once it listens. */
  async function receive(): Promise<{ child: ChildProcess; base: string; ended: Promise<number | null> }> {
    const child = cli.start(['usage', 'receive', '--port', '0'], { cwd: person, env });
    let said = '';
    const ended = once(child, 'close').then(([code]) => code as number | null);
    const base = await new Promise<string>((resolve, reject) => {
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const [, address] = /Listening on (\S+) /.exec(said) ?? [];
        if (address !== undefined) resolve(address);
      });
      void ended.then(() => reject(new Error(said)));
    });
    return { child, base, ended };
  }

  it('starts nothing, writes nothing and asks nothing while telemetry is off', () => {
    assert.match(run(['receive'], 2), /telemetry on/i);
    assert.match(run(['connect', 'claude-code', '--yes'], 2), /telemetry on/i);
    assert.equal(existsSync(join(cli.home, 'telemetry')), false);
    assert.equal(existsSync(join(person, '.claude')), false);
    turnOn();
    assert.match(run(['receive'], 2), /usage connect/);
    assert.match(run(['connect', 'claude-code'], 2), /--yes/);
    assert.match(run(['connect', 'claud-code', '--yes'], 2), /claude-code/);
    assert.match(run(['connect', 'copilot', '--yes'], 2), /Connect Assistants/);
    env['CLAUDECODE'] = '1';
    assert.match(run(['connect', 'claude-code', '--yes'], 2), /an agent cannot/);
    assert.equal(existsSync(join(cli.home, 'telemetry', 'assistants')), false);
  });

  it('connects each assistant by its own settings and leaves them as they were', () => {
    turnOn();
    const files = {
      'claude-code': ['.claude/settings.json', '{\n  "model": "opus" // mine\n}\n'],
      codex: ['.codex/config.toml', 'model = "gpt-5" # mine\n'],
      'gemini-cli': ['.gemini/settings.json', undefined],
    } as const;
    for (const [assistant, [file, text]] of Object.entries(files)) {
      const path = join(person, file);
      mkdirSync(join(path, '..'), { recursive: true });
      if (text !== undefined) writeFileSync(path, text, { mode: 0o640 });
      const said = run(['connect', assistant, '--yes', '--port', '45678'], 0);
      assert.match(said, /127\.0\.0\.1:45678/);
      const after = readFileSync(path, 'utf8');
      const [secret = ''] = /(?<=x-handrail-secret(?:=|" = ")|45678\/)[\w-]{22,}/.exec(after) ?? [];
      assert.ok(secret.length > 22, after);
      assert.ok(!said.includes(secret), 'the secret is not shown');
      if (text !== undefined) assert.equal(statSync(path).mode & 0o777, 0o640);
    }
    const kept = join(cli.home, 'telemetry', 'assistants');
    for (const name of readdirSync(kept)) assert.equal(statSync(join(kept, name)).mode & 0o777, 0o600, name);
    assert.match(run([], 0), /Claude Code, Codex, Gemini CLI/);
    assert.match(run(['connect', 'codex', '--yes', '--port', '45679'], 2), /send to port 45678/);
    for (const [assistant, [file, text]] of Object.entries(files)) {
      const path = join(person, file);
      const [secret = 'none'] = /(?<=x-handrail-secret" = "|45678\/)[\w-]{22,}/.exec(readFileSync(path, 'utf8')) ?? [];
      const said = run(['disconnect', assistant, '--yes'], 0);
      assert.ok(!said.includes(secret), 'the secret is not shown here either');
      assert.equal(existsSync(path) ? readFileSync(path, 'utf8') : undefined, text);
    }
    assert.equal(existsSync(kept), false, 'the secret goes with the last');
    assert.match(run(['disconnect', 'codex', '--yes'], 0), /not connected/);
  });

  it('undoes its part also after everything recorded was deleted', () => {
    turnOn();
    const path = join(person, '.claude', 'settings.json');
    mkdirSync(join(path, '..'));
    run(['connect', 'claude-code', '--yes'], 0);
    assert.equal(cli.run(['telemetry', 'purge', '--yes'], { cwd: person, env }).code, 0);
    assert.equal(existsSync(join(cli.home, 'telemetry')), false);
    assert.match(run(['status'], 0), /No assistant is connected.*\n.*usage disconnect claude-code/);
    run(['disconnect', 'claude-code', '--yes'], 0);
    assert.equal(existsSync(path), false);
    assert.doesNotMatch(run(['status'], 0), /disconnect/);
  });

  for (const encoding of ['json', 'protobuf'] as const) {
    it(`keeps figures of what the official exporters send in ${encoding}, and nothing else in any form`, async () => {
      turnOn();
      run(['connect', 'codex', '--yes'], 0);
      const { port: _port, secret } = JSON.parse(readFileSync(join(cli.home, 'telemetry', 'assistants', 'endpoint.json'), 'utf8')) as {
        port: number;
        secret: string;
      };
      const { child, base, ended } = await receive();
      const identity = { 'user.email': C.email, 'session.id': C.session, 'host.name': C.host, 'user.account_uuid': C.account };
      const content = {
        prompt: C.prompt,
        'gen_ai.input.messages': JSON.stringify([{ role: 'user', content: C.prompt }]),
        'gen_ai.output.messages': C.answer,
        response_text: C.answer,
        arguments: `{"path":"${C.path}"}`,
        output: gzipSync(C.answer).toString('base64'),
        tool_name: C.tool,
        'error.message': C.error,
        'conversation.id': C.session,
        ...identity,
      };
      const services = ['claude-code', 'codex_cli_rs', 'gemini-cli', 'copilot-chat', C.host];
      const clients = services.map((service, at) =>
        otelClient({ base, encoding, service, identity, headers: { 'x-handrail-secret': secret }, gzip: at % 2 === 0 }),
      );
      for (const client of clients) {
        client.counter('claude_code.token.usage', 5_000, { type: 'input', model: C.model, ...content });
        client.counter(C.scope, 1, content);
        client.histogram('gen_ai.client.token.usage', 300, { 'gen_ai.token.type': 'output', 'gen_ai.request.model': C.model, ...content });
        client.log(
          'codex.sse_event',
          { 'event.kind': 'response.completed', input_token_count: 9_000, model: C.model, ...content },
          C.prompt,
        );
        client.log('claude_code.api_request', { input_tokens: 7, output_tokens: 5, model: C.model, ...content }, C.prompt);
        client.log('gemini_cli.api_response', { input_token_count: 7, model: C.model, ...content }, C.answer);
        client.log('codex.user_prompt', content, C.prompt);
        client.log('gemini_cli.api_error', { status_code: 500, 'error.type': C.error, model: C.model, ...content }, C.error);
        client.span('chat', {
          'gen_ai.operation.name': 'chat',
          'gen_ai.usage.input_tokens': 5,
          'gen_ai.request.model': C.model,
          ...content,
        });
        client.span(C.tool, { 'gen_ai.operation.name': 'execute_tool', ...content });
        await client.flush();
      }
      for (const client of clients) await client.close();
      child.kill('SIGTERM');
      assert.equal(await ended, 130);

      const found = events();
      assert.ok(found.length >= 10, String(found.length));
      for (const source of ['claude-code', 'codex', 'gemini-cli', 'copilot', 'other'])
        assert.ok(
          found.some((event) => event.source === source),
          source,
        );
      assert.ok(found.some((event) => event.source === 'codex' && event.inputTokensBucket === '4k-16k' && event.modelFamily === 'gpt'));
      // The first call of the day at once, the other four in one sum, kept at the end.
      assert.ok(found.some((event) => event.source === 'codex' && event.inputTokensBucket === '16k-64k'));
      assert.ok(found.some(({ outcome, errorType }) => outcome === 'error' && errorType === 'unreachable'));
      assert.deepEqual(findCanaries(cli.home, { ...C, person }), []);
      assert.equal(existsSync(join(person, '.codex', 'config.toml')), true);
      assert.deepEqual(findCanaries(join(cli.home, 'telemetry', 'events'), { secret }), []);
    });
  }

  it('ends by itself once telemetry is off, and gives the port back', async () => {
    turnOn();
    run(['connect', 'codex', '--yes'], 0);
    const { secret } = JSON.parse(readFileSync(join(cli.home, 'telemetry', 'assistants', 'endpoint.json'), 'utf8')) as { secret: string };
    const { base, ended } = await receive();
    const send = async (): Promise<number> => {
      const body = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"codex.conversation_starts"}]}]}]}';
      const headers = { 'content-type': 'application/json', 'x-handrail-secret': secret };
      return (await fetch(`${base}/v1/logs`, { method: 'POST', headers, body })).status;
    };
    assert.equal(await send(), 200);
    assert.equal(cli.run(['telemetry', 'off'], { cwd: person, env }).code, 0);
    assert.equal(existsSync(join(cli.home, 'telemetry', 'assistants')), false, 'connecting is asked anew');
    assert.equal(await ended, 0);
    assert.equal(events().length, 1);
    await assert.rejects(send());
  });

  describe('import', () => {
    const NOW = '2026-11-27T12:00:00Z';

    function write(file: string, lines: readonly object[]): void {
      const path = join(person, file);
      mkdirSync(dirname(path), { recursive: true });
      appendFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    }

    const claude = (id: string, day: string, output: number): object => ({
      type: 'assistant',
      timestamp: `${day}T10:00:00.000Z`,
      requestId: `req_${id}`,
      cwd: C.path,
      message: {
        id,
        model: `claude-opus-${C.account}`,
        content: [{ type: 'text', text: C.answer }],
        usage: { input_tokens: 3000, output_tokens: output },
      },
    });
    const imported = (...more: string[]): unknown =>
      (JSON.parse(run(['import', '--format', 'json', ...more], 0)) as { imported: unknown }).imported;
    const told = (): string[] =>
      events().map(({ day, source, modelFamily, inputTokensBucket, outputTokensBucket }) =>
        [day, source, modelFamily, inputTokensBucket, outputTokensBucket].join(' '),
      );

    beforeEach(() => {
      env['HANDRAIL_NOW'] = NOW;
      turnOn();
      write('.claude/projects/-home-x/a.jsonl', [
        claude('old', '2026-06-01', 10),
        { type: 'user', message: { content: C.prompt } },
        claude('m1', '2026-11-20', 1),
        claude('m1', '2026-11-20', 900),
        claude('m2', '2026-11-20', 200),
      ]);
      write('.claude/projects/-home-x/sub/agents/b.jsonl', [claude('m2', '2026-11-20', 200), claude('m3', '2026-11-21', 5)]);
      const info = { total_token_usage: { total_tokens: 70 }, last_token_usage: { input_tokens: 60, output_tokens: 10 } };
      write('.codex/sessions/2026/11/20/rollout-x.jsonl', [
        { timestamp: `2026-11-20T10:00:00Z`, type: 'turn_context', payload: { model: 'gpt-5' } },
        { timestamp: `2026-11-20T10:00:01Z`, type: 'event_msg', payload: { type: 'token_count', info } },
      ]);
      const tokens = { input: 5000, output: 3, total: 5003 };
      write('.gemini/tmp/hash/chats/session-1.jsonl', [
        { sessionId: C.session, projectHash: 'x' },
        { id: 'g1', timestamp: '2026-11-20T10:00:00Z', type: 'gemini', model: 'gemini-3-pro', content: C.answer, tokens },
      ]);
    });

    it('records each call once, per day and family, and nothing that it was told', () => {
      const first = [
        { assistant: 'claude-code', files: 2, calls: 3, events: 2, days: 2, told: 0 },
        { assistant: 'codex', files: 1, calls: 1, events: 1, days: 1, told: 0 },
        { assistant: 'gemini-cli', files: 1, calls: 1, events: 1, days: 1, told: 0 },
      ];
      assert.deepEqual(imported('--dry-run'), first);
      assert.deepEqual(told(), []);
      assert.equal(existsSync(join(cli.home, 'telemetry', 'imported')), false);
      assert.deepEqual(imported(), first);
      const wanted = [
        '2026-11-20 claude-code claude 4k-16k 1k-4k',
        '2026-11-20 codex gpt 1-1k 1-1k',
        '2026-11-20 gemini-cli gemini 4k-16k 1-1k',
        '2026-11-21 claude-code claude 1k-4k 1-1k',
      ];
      assert.deepEqual(told().toSorted(), wanted);
      assert.match(run(['import'], 0), /Claude Code: nothing new\./);
      assert.deepEqual(told().toSorted(), wanted, 'the same again');
      write('.claude/projects/-home-x/a.jsonl', [claude('m4', '2026-11-21', 5)]);
      assert.match(run(['import'], 0), /Claude Code: 1 call on 1 day made 1 event\./);
      assert.equal(told().length, 5);
      const ids = { first: 'm1 req_m1', request: 'req_m2', gemini: 'session-1', project: '-home-x' };
      assert.deepEqual(findCanaries(join(cli.home, 'telemetry'), { ...C, ...ids, person }), []);
      for (const name of readdirSync(join(cli.home, 'telemetry', 'imported'))) {
        assert.equal(statSync(join(cli.home, 'telemetry', 'imported', name)).mode & 0o777, 0o600);
      }
      assert.equal(cli.run(['telemetry', 'purge', '--yes'], { cwd: person, env }).code, 0);
      assert.equal(existsSync(join(cli.home, 'telemetry')), false);
    });

    it('leaves the days to an assistant that reports itself', () => {
      env['HANDRAIL_NOW'] = '2026-11-21T00:00:00Z';
      run(['connect', 'claude-code', '--yes'], 0);
      env['HANDRAIL_NOW'] = NOW;
      const [found] = imported() as { calls: number; told: number }[];
      assert.deepEqual([found?.calls, found?.told], [2, 1]);
    });

    it('is refused while telemetry is off', () => {
      assert.equal(cli.run(['telemetry', 'off'], { cwd: person, env }).code, 0);
      assert.match(run(['import'], 2), /telemetry on/i);
      assert.equal(existsSync(join(cli.home, 'telemetry')), false);
    });
  });
});
