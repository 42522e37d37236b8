#!/usr/bin/env node
/**
 * Stands in for an installed assistant: named `claude`, `codex` or `gemini` (by a link), it speaks that one's print format as documented
 * and misbehaves as `STAND_IN` says. What it was asked, and how, is written to the file of `STAND_IN_LOG`, one JSON line a run.
 *
 * Formats: https://code.claude.com/docs/en/headless, https://developers.openai.com/codex/noninteractive,
 * https://geminicli.com/docs/cli/headless
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const kind = basename(process.argv[1], '.mjs');
const args = process.argv.slice(2);
const mode = process.env.STAND_IN ?? '';
const answer = process.env.STAND_IN_ANSWER ?? '{"findings":[]}';
const line = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const after = (flag) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);

const stdin = mode === 'deaf' ? '' : readFileSync(0, 'utf8');
const files = ['--system-prompt-file'].flatMap((flag) => (after(flag) === undefined ? [] : [readFileSync(after(flag), 'utf8')]));
if (process.env.STAND_IN_LOG !== undefined) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('STAND_IN')));
  const settings = existsSync('.gemini/settings.json') ? JSON.parse(readFileSync('.gemini/settings.json', 'utf8')) : undefined;
  const run = { kind, args, stdin, files, cwd: process.cwd(), listing: readdirSync('.'), env, settings, pid: process.pid };
  appendFileSync(process.env.STAND_IN_LOG, `${JSON.stringify(run)}\n`);
}

const pieces = (text) => text.match(/[\s\S]{1,40}/g) ?? [];
const usage = { input_tokens: 900, output_tokens: 120 };

const begin = {
  claude: () => line({ type: 'system', subtype: 'init', session_id: 's', model: after('--model') ?? 'claude-sonnet', tools: [] }),
  codex: () => (line({ type: 'thread.started', thread_id: 't' }), line({ type: 'turn.started' })),
  gemini: () => {
    line({ type: 'init', timestamp: '2026-01-02T03:04:05Z', session_id: 's', model: 'auto' });
    line({ type: 'message', timestamp: '2026-01-02T03:04:05Z', role: 'user', content: stdin });
  },
};
const say = {
  claude: (text) => {
    for (const piece of pieces(text))
      line({ type: 'stream_event', event: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece } } });
  },
  codex: (text) => line({ type: 'item.completed', item: { id: 'item_1', type: 'agent_message', text } }),
  gemini: (text) => {
    for (const piece of pieces(text)) line({ type: 'message', timestamp: 'x', role: 'assistant', content: piece, delta: true });
  },
};
const end = {
  claude: (text) => {
    line({ type: 'assistant', message: { role: 'assistant', content: [{ type: 'text', text }] }, session_id: 's' });
    line({
      type: 'result',
      subtype: 'success',
      is_error: false,
      result: text,
      total_cost_usd: 0.0125,
      session_id: 's',
      usage: {
        ...usage,
        input_tokens: 100,
        cache_creation_input_tokens: 500,
        cache_read_input_tokens: 300,
      },
    });
  },
  codex: () => line({ type: 'turn.completed', usage: { ...usage, cached_input_tokens: 300 } }),
  gemini: () => line({ type: 'result', timestamp: 'x', status: 'success', stats: { ...usage, total_tokens: 1020, cached: 300 } }),
};
const fail = {
  claude: (message) => {
    line({ type: 'result', subtype: 'success', is_error: true, result: message, usage: {}, session_id: 's' });
    process.exitCode = 1;
  },
  codex: (message) => {
    line({ type: 'turn.failed', error: { message } });
    process.exitCode = 1;
  },
  gemini: (message) => {
    line({ type: 'result', timestamp: 'x', status: 'error', error: { type: 'FatalAuthenticationError', message }, stats: {} });
    process.exitCode = 41;
  },
};
const AUTHENTICATION = {
  claude: 'Invalid API key · Please run /login',
  codex: 'unexpected status 401 Unauthorized: Missing bearer or basic authentication in header',
  gemini: 'Manual authorization is required but the current session is non-interactive.',
};

const forever = () => setInterval(() => undefined, 60_000);

const MODES = {
  '': () => (begin[kind](), say[kind](answer), end[kind](answer)),
  deaf: () => (begin[kind](), say[kind](answer), end[kind](answer)),
  banner: () => (console.log('Loaded cached credentials.'), MODES['']()),
  whole: () => (begin[kind](), end[kind](answer)),
  lingers: () => (MODES[''](), forever()),
  hang: forever,
  'hang-midway': () => (begin[kind](), say[kind](answer), forever()),
  stubborn: () => {
    process.on('SIGTERM', () => undefined);
    const child = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: 'inherit' });
    writeFileSync(process.env.STAND_IN_PIDS, `${process.pid} ${child.pid}`);
    begin[kind]();
    forever();
  },
  daemon: () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit', detached: true });
    child.unref();
    writeFileSync(process.env.STAND_IN_PIDS, String(child.pid));
    console.log(answer);
  },
  question: () => (process.stderr.write('Do you want to use this API key? [y/N] '), forever()),
  terminal: () => {
    try {
      openSync('/dev/tty', 'r+');
      forever();
    } catch (error) {
      process.stderr.write(`Cannot ask: ${error.message}\n`);
      process.exitCode = 1;
    }
  },
  'not-signed-in': () => (begin[kind](), fail[kind](AUTHENTICATION[kind])),
  limited: () => (begin[kind](), fail[kind]("You've hit your usage limit. Try again at 5 PM.")),
  'says-key': () => (process.stderr.write('boom sk-ant-api03-AbCdEfGhIjKlMnOp\nsecond line\n'), (process.exitCode = 1)),
  quiet: () => (process.exitCode = 3),
  nothing: () => undefined,
  'old-version': () => (process.stderr.write("error: unknown option '--tools'\n"), (process.exitCode = 1)),
  binary: () => process.stdout.write(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 0xff, 0xfe, 10])),
  latin: () => process.stdout.write(Buffer.from([0xe9, 0xff, 0xfe, 0xe9, 10])),
  huge: () => {
    const rest = () => {
      while (process.stdout.write(`${'x'.repeat(65_535)}\n`));
      process.stdout.once('drain', rest);
    };
    rest();
  },
  'one-line': () => process.stdout.write('x'.repeat(40_000_000)),
  endless: () => {
    begin[kind]();
    const rest = () => (say[kind]('y'.repeat(4000)), setImmediate(rest));
    rest();
  },
  plain: () => console.log(answer),
  'cut-off': () => (begin[kind](), say[kind](answer), process.stdout.write('{"type":"resu')),
  dies: () => (begin[kind](), say[kind](answer), process.stderr.write('connection lost\n'), (process.exitCode = 1)),
};
MODES[mode]();
