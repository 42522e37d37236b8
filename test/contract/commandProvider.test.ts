import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { assistantOf, type Assistant, type AssistantId } from '../../src/core/ai/models/assistants.ts';
import type { ModelChunk, ModelRequest } from '../../src/core/ai/provider.ts';
import { createCommandProvider } from '../../src/node/ai/assistants/commandProvider.ts';
import { createTestAssistants, type TestAssistants } from '../support/assistants.ts';
import { createCliRunner, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { isAlive } from '../support/processes.ts';

const PRESETS = [
  ['claude-code', 'claude'],
  ['codex', 'codex'],
  ['gemini-cli', 'gemini'],
] as const;
const REQUEST: ModelRequest = { system: 'You review code.', user: 'Look at @/etc/passwd\nand this: é 😀', maxOutputTokens: 1000 };
const NEVER = new AbortController().signal;

function preset(id: AssistantId): Assistant {
  return assistantOf(id) ?? assert.fail(id);
}

/** Waits for a state, as long as the test may run. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(10);
}

describe('assistants in print mode', function () {
  this.timeout(60_000);
  let assistants: TestAssistants;
  let temporary: string;

  beforeEach(() => {
    assistants = createTestAssistants();
    temporary = join(assistants.folder, 'tmp');
    mkdirSync(temporary);
  });
  afterEach(() => {
    assert.deepEqual(readdirSync(temporary), [], 'no folder of a run is left behind');
    assistants.remove();
  });

  function provider(
    id: AssistantId,
    env: Record<string, string> = {},
    over: { limits?: { start?: number; idle?: number }; wanted?: string } = {},
  ) {
    const assistant = preset(id);
    return createCommandProvider({
      assistant,
      executable: assistants.executable(assistant.command as 'claude'),
      name: id,
      model: id,
      env: { ...assistants.env, ...env },
      temporary,
      ...over,
    });
  }

  async function ask(
    id: AssistantId,
    env: Record<string, string> = {},
    over: { limits?: { start?: number; idle?: number }; wanted?: string } = {},
    request: ModelRequest = REQUEST,
    signal: AbortSignal = NEVER,
  ): Promise<{ chunks: ModelChunk[]; text: string; end: string | undefined; notices: string[] }> {
    const chunks: ModelChunk[] = [];
    for await (const chunk of provider(id, env, over).stream(request, signal)) chunks.push(chunk);
    return {
      chunks,
      text: chunks.flatMap((chunk) => (chunk.type === 'text' ? [chunk.text] : [])).join(''),
      end: chunks.flatMap((chunk) => (chunk.type === 'end' ? [chunk.reason] : [])).join(' '),
      notices: chunks.flatMap((chunk) => (chunk.type === 'notice' ? [chunk.message] : [])),
    };
  }

  for (const [id, command] of PRESETS) {
    describe(id, () => {
      it('answers in pieces, with usage and end', async () => {
        const long = `{"findings":[],"note":"${'wörds '.repeat(40)}"}`;
        const { chunks, text, end } = await ask(id, { STAND_IN_ANSWER: long });
        assert.equal(text, long);
        assert.equal(end, 'stop');
        assert.equal(chunks.filter((chunk) => chunk.type === 'text').length > 1, id !== 'codex');
        const usage = chunks.find((chunk) => chunk.type === 'usage');
        assert.deepEqual([usage?.inputTokens, usage?.outputTokens, usage?.cachedTokens], [900, 120, 300]);
        assert.deepEqual(usage?.cost, id === 'claude-code' ? { amount: 0.0125, currency: 'USD' } : undefined);
      });

      it('gets the text over stdin alone, in an empty folder, without our key', async () => {
        const env = { OPENAI_API_KEY: 'sk-mine', OPENAI_BASE_URL: 'https://other.example/v1', HANDRAIL_MODEL: 'x', GIT_DIR: '/repo/.git' };
        await ask(id, { ...env, ANTHROPIC_API_KEY: 'theirs', HTTPS_PROXY: 'http://127.0.0.1:9' }, { wanted: 'the-model' });
        const [run] = assistants.runs();
        assert.ok(run);
        assert.ok(run.stdin.endsWith(REQUEST.user));
        assert.ok([run.stdin, ...run.files].some((text) => text.includes(REQUEST.system)));
        assert.doesNotMatch(run.args.join(' '), /review|passwd/);
        assert.equal(run.args[run.args.indexOf('--model') + 1], 'the-model');
        assert.deepEqual(run.listing, id === 'gemini-cli' ? ['.gemini'] : []);
        assert.ok(run.cwd.startsWith(temporary) && run.env['PWD'] === run.cwd);
        for (const name of Object.keys(env)) assert.equal(run.env[name], undefined, name);
        assert.equal(run.env['ANTHROPIC_API_KEY'], 'theirs');
        assert.equal(run.env['HTTPS_PROXY'], 'http://127.0.0.1:9');
      });

      it('says that it is not signed in, and how to', async () => {
        const hint = { 'claude-code': /claude.*\/login/, codex: /codex login/, 'gemini-cli': /gemini.*\/auth/ }[id];
        await assert.rejects(ask(id, { STAND_IN: 'not-signed-in' }), { reason: 'unauthorised', hint, message: /is not signed in/ });
      });

      it('is ended when it says nothing, and keeps what had arrived when it falls silent later', async () => {
        await assert.rejects(ask(id, { STAND_IN: 'hang' }, { limits: { start: 300 } }), {
          reason: 'timeout',
          hint: new RegExp(`\`${command}\``),
        });
        await until(() => assistants.runs().every(({ pid }) => !isAlive(pid)));
        const { text, end, notices } = await ask(id, { STAND_IN: 'hang-midway', STAND_IN_ANSWER: 'half' }, { limits: { idle: 1000 } });
        assert.deepEqual([text, end], ['half', 'cut-off']);
        assert.match(notices.at(-1) ?? '', /stopped answering.*kept/);
      });

      it('is told apart from other programs of its name', async () => {
        await assert.rejects(ask(id, { STAND_IN: 'binary' }), { reason: 'bad-response', message: /not text/ });
        await assert.rejects(ask(id, { STAND_IN: 'latin' }), { reason: 'bad-response', message: /not text/ });
        await assert.rejects(ask(id, { STAND_IN: 'huge' }), { reason: 'bad-response', message: /far more/ });
        await assert.rejects(ask(id, { STAND_IN: 'nothing' }), { reason: 'bad-response', message: /without an answer/ });
      });

      it('may answer in plain text, after a banner, or in one piece', async () => {
        assert.deepEqual((await ask(id, { STAND_IN: 'plain', STAND_IN_ANSWER: '{"findings":[]}' })).text, '{"findings":[]}\n');
        assert.equal((await ask(id, { STAND_IN: 'banner', STAND_IN_ANSWER: 'words' })).text, 'words');
        assert.equal((await ask(id, { STAND_IN: 'lingers', STAND_IN_ANSWER: 'words' })).text, 'words');
        await until(() => assistants.runs().every(({ pid }) => !isAlive(pid)));
      });

      it('costs at most the rest of an answer that breaks off', async () => {
        for (const mode of ['cut-off', 'dies']) {
          const { text, end, notices } = await ask(id, { STAND_IN: mode, STAND_IN_ANSWER: '{"findings":[' });
          assert.deepEqual([text, end], ['{"findings":[', 'cut-off'], mode);
          assert.match(notices.join(' '), /kept/);
        }
        const { end, text } = await ask(id, { STAND_IN: 'endless' }, {}, { ...REQUEST, maxOutputTokens: 500 });
        assert.equal(end, 'length');
        assert.ok(text.length < 20_000);
      });
    });
  }

  it('switches tools, projects and servers off', async () => {
    mkdirSync(join(assistants.folder, '.codex'));
    const toml =
      'model = "x"\n[mcp_servers.files]\ncommand = "npx"\n[mcp_servers.files.env]\nA = "b"\n[ mcp_servers."other" ]\nurl = "u"\n';
    writeFileSync(join(assistants.folder, '.codex', 'config.toml'), toml);
    for (const [id] of PRESETS) await ask(id);
    const [claude, codex, gemini] = assistants.runs();
    assert.equal(claude?.args[claude.args.indexOf('--tools') + 1], '');
    assert.equal(claude.args[claude.args.indexOf('--setting-sources') + 1], 'user');
    assert.ok(claude.args.includes('--strict-mcp-config'));
    assert.equal(claude.env['CLAUDE_CODE_DISABLE_ATTACHMENTS'], '1');
    assert.equal(codex?.args[codex.args.indexOf('--sandbox') + 1], 'read-only');
    for (const off of ['features.shell_tool=false', 'mcp_servers.files.enabled=false', 'mcp_servers.other.enabled=false'])
      assert.ok(codex.args.includes(off), off);
    assert.equal(codex.args.at(-1), '-');
    assert.ok(gemini);
    assert.deepEqual((gemini.settings as { tools: unknown }).tools, { core: [] });
    assert.equal(gemini.args[gemini.args.indexOf('--extensions') + 1], 'none');
  });

  it('takes a whole message where nothing is streamed', async () => {
    assert.equal((await ask('claude-code', { STAND_IN: 'whole', STAND_IN_ANSWER: 'words' })).text, 'words');
  });

  it('recognises a question, which nobody can answer', async () => {
    await assert.rejects(ask('claude-code', { STAND_IN: 'question' }, { limits: { idle: 1000 } }), {
      reason: 'timeout',
      message: /asks a question.*use this API key\? \[y\/N\]/,
      hint: /`claude` on a terminal/,
    });
    await assert.rejects(ask('codex', { STAND_IN: 'terminal' }), { reason: 'bad-response', message: /Cannot ask/ });
  });

  it('says that a limit of the account is reached', async () => {
    for (const id of ['claude-code', 'codex'] as const)
      await assert.rejects(ask(id, { STAND_IN: 'limited' }), {
        reason: 'rate-limited',
        message: /usage limit.*5 PM/,
        hint: /choose another model/,
      });
  });

  it('survives one that does not read its input', async () => {
    const { end } = await ask('claude-code', { STAND_IN: 'deaf' }, {}, { ...REQUEST, user: 'x'.repeat(2_000_000) });
    assert.equal(end, 'stop');
  });

  it('shows one line of what it said, without keys, and asks for an update where options are unknown', async () => {
    await assert.rejects(ask('claude-code', { STAND_IN: 'says-key' }), {
      reason: 'bad-response',
      message: /^Claude Code failed: boom … second line\.$/,
    });
    await assert.rejects(ask('gemini-cli', { STAND_IN: 'quiet' }), { message: /exit code 3/, hint: /`gemini`/ });
    await assert.rejects(ask('claude-code', { STAND_IN: 'old-version' }), { reason: 'bad-request', hint: /Update Claude Code/ });
  });

  it('does not wait for what it leaves running behind it', async () => {
    const pids = join(assistants.folder, 'pids');
    const { text, end } = await ask('codex', { STAND_IN: 'daemon', STAND_IN_PIDS: pids, STAND_IN_ANSWER: 'words' });
    const pid = Number(readFileSync(pids, 'utf8'));
    // It left the group, so it is nobody's to end; the answer comes all the same.
    assert.ok(isAlive(pid));
    process.kill(pid, 'SIGKILL');
    assert.deepEqual([text.trim(), end], ['words', 'stop']);
  }).timeout(30_000);

  it('may write a line as long as all that it may write', async () => {
    // Where each piece costs as much as all before it, this takes half a minute.
    const { end } = await ask('gemini-cli', { STAND_IN: 'one-line' }, {}, { ...REQUEST, maxOutputTokens: 10_000 });
    assert.equal(end, 'length');
  }).timeout(15_000);

  it('says so when its executable is being replaced', async () => {
    const path = join(assistants.folder, 'updating');
    writeFileSync(path, '#!/bin/sh\necho x\n', { mode: 0o755 });
    const writer = openSync(path, 'r+');
    try {
      const busy = createCommandProvider({
        assistant: preset('codex'),
        executable: path,
        name: 'codex',
        model: 'codex',
        env: {},
        temporary,
      });
      await assert.rejects(
        async () => {
          for await (const chunk of busy.stream(REQUEST, NEVER)) assert.fail(chunk.type);
        },
        { reason: 'config', message: /Codex could not be started: .*ETXTBSY/ },
      );
    } finally {
      closeSync(writer);
    }
  });

  it('says so when it cannot be started', async () => {
    writeFileSync(join(assistants.folder, 'broken'), '#!/no/such/interpreter\n', { mode: 0o755 });
    const broken = createCommandProvider({
      assistant: preset('codex'),
      executable: join(assistants.folder, 'broken'),
      name: 'codex',
      model: 'codex',
      env: {},
      temporary,
    });
    await assert.rejects(async () => {
      for await (const chunk of broken.stream(REQUEST, NEVER)) assert.fail(chunk.type);
    }, /could not be started/);
  });

  it('is ended with everything it started within half a second of being cancelled', async () => {
    const pids = join(assistants.folder, 'pids');
    const abort = new AbortController();
    const running = ask('claude-code', { STAND_IN: 'stubborn', STAND_IN_PIDS: pids }, {}, REQUEST, abort.signal);
    const outcome = assert.rejects(running, { reason: 'cancelled' });
    await until(() => existsSync(pids) && readFileSync(pids, 'utf8').split(' ').length === 2);
    const [own = 0, child = 0] = readFileSync(pids, 'utf8').split(' ').map(Number);
    assert.ok(isAlive(own) && isAlive(child));
    abort.abort();
    await outcome;
    await until(() => !isAlive(own) && !isAlive(child));
    await assert.rejects(ask('codex', {}, {}, REQUEST, abort.signal), { reason: 'cancelled' });
  });

  it('is ended when the reader stops in the middle', async () => {
    for await (const chunk of provider('gemini-cli', { STAND_IN: 'endless' }).stream(REQUEST, NEVER)) if (chunk.type === 'text') break;
    await until(() => assistants.runs().every(({ pid }) => !isAlive(pid)));
  });
});

describe('assistants on the command line', function () {
  this.timeout(120_000);
  let assistants: TestAssistants;
  let repo: TestRepo;
  let cli: CliRunner;

  beforeEach(() => {
    assistants = createTestAssistants();
    repo = createTestRepo({ files: { 'src/a.txt': 'one\n' } });
    cli = createCliRunner();
    repo.write({ 'src/a.txt': 'one\nif (a = b) return;\n' });
  });
  afterEach(() => {
    cli.remove();
    repo.remove();
    assistants.remove();
  });

  const run = (args: string[], env: Record<string, string> = {}) => {
    const git = process.env['PATH'] ?? '';
    return cli.run(args, { cwd: repo.root, env: { ...assistants.env, PATH: `${assistants.env['PATH']}:${git}`, ...env } });
  };
  const FINDING = {
    file: 'src/a.txt',
    line: 2,
    quote: 'if (a = b) return;',
    severity: 'high',
    category: 'bug',
    title: 'Assignment in a condition',
    message: 'It assigns instead of comparing.',
    replacement: null,
  };

  it('are listed, confirmed once, and review', () => {
    const listed = run(['models']);
    assert.match(listed.stdout, /Claude Code on this machine, which sends text to its own service\s+handrail models confirm claude-code/);
    const refused = run(['review', '--scope', 'working', '--model', 'claude-code']);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(
      refused.stderr,
      /Nobody has agreed yet that code of this workspace goes to Claude Code on this machine.*confirm claude-code/,
    );
    assert.deepEqual(assistants.runs(), []);
    const confirmed = run(['models', 'confirm', 'claude-code']);
    assert.equal(confirmed.code, 0, confirmed.stderr);
    assert.match(confirmed.stdout, /may now go to Claude Code on this machine/);
    assert.match(run(['models']).stdout, /Claude Code on this machine.*\(in use\)/);
    const reviewed = run(['review', '--scope', 'working', '--format', 'json'], {
      STAND_IN_ANSWER: JSON.stringify({ findings: [FINDING] }),
    });
    assert.equal(reviewed.code, 0, reviewed.stderr);
    const result = JSON.parse(reviewed.stdout) as { model: string; findings: { title: string; startLine: number }[] };
    assert.deepEqual([result.model, result.findings[0]?.title, result.findings[0]?.startLine], ['claude-code', FINDING.title, 2]);
    assert.match(run(['models']).stdout, /\* claude-code\s+–\s+1 .*0\.0125 USD/);
    const preview = run(['review', '--scope', 'working', '--dry-run', '--no-cache']);
    assert.match(preview.stdout, /1 request to Claude Code on this machine/);
    assert.equal(assistants.runs().length, 1);
  });

  it('are not found in the repository, and not by a relative PATH', () => {
    const bin = join(repo.root, 'node_modules', '.bin');
    repo.write({ 'node_modules/.bin/claude': readFileSync(assistants.executable('claude'), 'utf8') });
    const env = { PATH: `${bin}:.:node_modules/.bin:${join(process.execPath, '..')}:/usr/bin:/bin` };
    const answered = run(['review', '--scope', 'working', '--model', 'claude-code'], env);
    assert.equal(answered.code, 2);
    assert.match(answered.stderr, /`claude`\) is not on the PATH.*Install it/);
    assert.doesNotMatch(run(['models'], env).stdout, /claude-code/);
  });

  it('follow the person’s own file, which is explained when it is damaged', () => {
    writeFileSync(join(cli.home, 'assistants.json'), JSON.stringify({ codex: { path: '/no/such/codex', model: 'gpt-z' } }));
    assert.match(
      run(['review', '--model', 'codex']).stderr,
      /\/no\/such\/codex, which your settings name for Codex, is not an executable file/,
    );
    const own = { path: assistants.executable('codex'), model: 'gpt-z' };
    writeFileSync(join(cli.home, 'assistants.json'), JSON.stringify({ codex: own }));
    assert.equal(run(['models', 'confirm', 'codex']).code, 0);
    assert.equal(run(['review', '--scope', 'working', '--model', 'codex']).code, 0);
    assert.ok(assistants.runs()[0]?.args.includes('gpt-z'));
    writeFileSync(join(cli.home, 'assistants.json'), JSON.stringify({ codex: { ...own, timeout: '1s' } }));
    const hung = run(['review', '--scope', 'working', '--model', 'codex', '--no-cache'], { STAND_IN: 'hang' });
    assert.equal(hung.code, 3);
    assert.match(hung.stderr, /Codex stopped answering/);
    for (const damage of [
      '{',
      '[]',
      '{"claude":{}}',
      '{"codex":{"path":"codex"}}',
      '{"codex":{"model":"--help"}}',
      '{"codex":{"timeout":"9"}}',
    ]) {
      writeFileSync(join(cli.home, 'assistants.json'), damage);
      const told = run(['review', '--model', 'codex']);
      assert.equal(told.code, 2, damage);
      assert.match(told.stderr, /assistants\.json.* (?:not valid|Correct)/, damage);
    }
  });

  it('cannot be chosen by the repository', () => {
    repo.write({ '.handrail/models.yml': 'version: 1\nmodels:\n  r: { provider: command, model: rm }\nroles: { review: r }\n' });
    const told = run(['review', '--scope', 'working']);
    assert.equal(told.code, 2);
    assert.match(
      told.stderr,
      /\.handrail\/models\.yml:3:18: The provider "command" cannot be chosen by a repository\..*confirm claude-code/,
    );
    repo.write({
      '.handrail/models.yml': 'version: 1\nmodels:\n  claude-code: { provider: openai, model: m, baseURL: "https://x.example" }\n',
    });
    assert.match(run(['models', 'confirm', 'claude-code']).stderr, /stands for an assistant/);
    assert.deepEqual(assistants.runs(), []);
  });

  it('need the editor for its language models', () => {
    repo.write({ '.handrail/models.yml': 'version: 1\nmodels:\n  r: { provider: vscode }\nroles: { review: r }\n' });
    const told = run(['review', '--scope', 'working']);
    assert.equal(told.code, 2);
    assert.match(told.stderr, /"r" is a language model of the editor.*--model/);
    const listed = run(['models']);
    assert.equal(listed.code, 0, listed.stderr);
    assert.match(listed.stdout, /cannot ask.*\n[\s\S]*confirm claude-code/);
  });

  it('end with the command line when it is interrupted', async () => {
    assert.equal(run(['models', 'confirm', 'gemini-cli']).code, 0);
    const pids = join(assistants.folder, 'pids');
    const env = {
      ...assistants.env,
      PATH: `${assistants.env['PATH']}:${process.env['PATH'] ?? ''}`,
      STAND_IN: 'stubborn',
      STAND_IN_PIDS: pids,
    };
    const child = cli.start(['review', '--scope', 'working'], { cwd: repo.root, env });
    const ended = once(child, 'close');
    await until(() => existsSync(pids) && readFileSync(pids, 'utf8').split(' ').length === 2);
    const both = readFileSync(pids, 'utf8').split(' ').map(Number);
    child.kill('SIGINT');
    const [code] = (await ended) as [number];
    assert.equal(code, 130);
    await until(() => both.every((pid) => !isAlive(pid)));
  });
});
