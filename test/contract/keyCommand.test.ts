import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { KeyStore } from '../../src/core/ai/service.ts';
import type { HandrailError } from '../../src/core/errors.ts';
import { commandKeys } from '../../src/node/ai/models/keys/commandKeys.ts';
import { environmentKeys } from '../../src/node/ai/models/keys/environmentKeys.ts';
import { layeredKeys } from '../../src/node/ai/models/keys/layeredKeys.ts';
import { writeProgram } from '../support/program.ts';

const ORIGIN = 'https://api.openai.com';
const SECRET = 'sk-printed-4711';

describe('a command that prints a key', function () {
  this.timeout(20_000);
  let folder: string;
  let root: string;
  let home: string;
  let bin: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'handrail keys-')));
    [root, home, bin] = ['workspace', 'home', 'bin'].map((name) => join(folder, name)) as [string, string, string];
    for (const one of [root, home, bin]) mkdirSync(one, { mode: 0o700 });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  /** A program in `where` that runs this script of Node, and notes each run. */
  function program(name: string, script: string, where = bin): string {
    const path = join(where, name);
    const body = `require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'runs'))}, 'x');\n${script}`;
    writeProgram(path, body);
    return path;
  }
  const runs = (): number => {
    try {
      return readFileSync(join(folder, 'runs'), 'utf8').length;
    } catch {
      return 0;
    }
  };
  function names(commands: unknown, mode = 0o600): void {
    writeFileSync(join(home, 'keys.json'), typeof commands === 'string' ? commands : JSON.stringify(commands));
    chmodSync(join(home, 'keys.json'), mode);
  }
  const keys = (over: { env?: Record<string, string>; patience?: number; root?: string } = {}): KeyStore =>
    commandKeys({ root, home, env: { PATH: bin, ...over.env }, ...over });
  const prints = (text: string) => `process.stdout.write(${JSON.stringify(text)})`;

  async function failure(store = keys()): Promise<HandrailError> {
    return await store.get(ORIGIN).then(
      () => assert.fail('it was to fail'),
      (error: HandrailError) => {
        assert.equal(error.name, 'HandrailError', String(error.stack));
        assert.ok(error.hint);
        assert.doesNotMatch(JSON.stringify([error.message, error.hint, error.stack, String(error.cause)]), new RegExp(SECRET));
        return error;
      },
    );
  }

  it('runs when its key is needed, once in a process, and for its own origin only', async () => {
    names({ [ORIGIN]: { command: ['vault', 'read', 'a b', '$HOME', '*'] } });
    program('vault', `if (process.argv.slice(2).join('|') !== 'read|a b|$HOME|*') process.exit(1);\n${prints(`${SECRET}\n`)}`);
    const store = keys();
    assert.deepEqual(await store.origins?.(), [ORIGIN]);
    assert.deepEqual([await store.has?.(ORIGIN), await store.has?.('https://evil.example')], [true, false]);
    assert.equal(await store.get('https://evil.example'), undefined);
    assert.equal(runs(), 0, 'to know of a key is not to fetch it');
    assert.deepEqual(await Promise.all([store.get(ORIGIN), store.get(ORIGIN)]), [SECRET, SECRET]);
    assert.equal(await store.get(ORIGIN), SECRET);
    assert.equal(runs(), 1);
    store.refused?.(ORIGIN);
    assert.equal(await store.get(ORIGIN), SECRET);
    assert.equal(runs(), 2, 'a key that was refused is fetched again');
    assert.doesNotMatch(readFileSync(join(home, 'keys.json'), 'utf8'), new RegExp(SECRET), 'it is written nowhere');
  });

  it('is read again when the person names another', async () => {
    names({ [ORIGIN]: { command: [program('one', prints('first'))] } });
    const store = keys();
    assert.equal(await store.get(ORIGIN), 'first');
    names({ [ORIGIN]: { command: [program('two', prints('second'))] } });
    assert.equal(await store.get(ORIGIN), 'second');
    names({});
    assert.equal(await store.get(ORIGIN), undefined);
  });

  it('gets no terminal, no input, no folder of the repository, and nothing of ours', async () => {
    const facts = `{cwd: process.cwd(), tty: process.stdin.isTTY === true, path: process.env.PATH, key: process.env.OPENAI_API_KEY ?? ''}`;
    names({
      [ORIGIN]: {
        command: [
          program(
            'facts',
            `process.stdin.resume().on('end', () => process.stdout.write(Buffer.from(JSON.stringify(${facts})).toString('base64')))`,
          ),
        ],
      },
    });
    const env = { PATH: [join(root, 'node_modules', '.bin'), bin].join(delimiter), OPENAI_API_KEY: 'sk-other' };
    const told = JSON.parse(Buffer.from((await keys({ env }).get(ORIGIN)) ?? '', 'base64').toString()) as Record<string, unknown>;
    assert.deepEqual(told, { cwd: home, tty: false, path: bin, key: '' });
  });

  it('comes after what the environment holds', async () => {
    names({ [ORIGIN]: { command: [program('p', prints('printed'))] }, 'https://other.example': { command: [join(bin, 'p')] } });
    const both = layeredKeys(environmentKeys({ OPENAI_API_KEY: 'from-env' }), keys());
    assert.equal(await both.get(ORIGIN), 'from-env');
    assert.equal(await both.get('https://other.example'), 'printed');
    assert.deepEqual([await both.has?.(ORIGIN), await both.has?.('https://none.example')], [true, false]);
    assert.deepEqual(await both.origins?.(), [ORIGIN, 'https://other.example']);
    both.refused?.('https://other.example');
    assert.equal(await both.get('https://other.example'), 'printed');
    assert.equal(runs(), 2);
  });

  const bad: [what: string, script: string, said: RegExp][] = [
    [
      'ends with a failure',
      `${prints(SECRET)}; process.stderr.write(${JSON.stringify(SECRET)}); process.exitCode = 3`,
      /\(vault\) ended with code 3\.$/,
    ],
    ['prints nothing', prints(' \n'), /printed nothing/],
    ['prints several lines', prints(`${SECRET}\nSigned in.\n`), /printed 2 lines instead of one/],
    ['prints words', prints(`the key is ${SECRET}`), /printed something that cannot be a key/],
    ['prints without end', `for (;;) require('node:fs').writeSync(1, 'x'.repeat(10000))`, /printed far more than a key/],
    ['is ended', `process.kill(process.pid, 'SIGKILL')`, /was ended by a signal/],
  ];
  for (const [what, script, said] of bad) {
    it(`is told about when it ${what}, without what it printed, and is tried again`, async () => {
      names({ [ORIGIN]: { command: [program('vault', script)] } });
      const store = keys();
      const error = await failure(store);
      assert.equal(error.reason, 'no-key');
      assert.match(error.message, said);
      program('vault', prints(SECRET));
      assert.equal(await store.get(ORIGIN), SECRET);
    });
  }

  it('is ended, with what it started, when it hangs', async () => {
    const started = join(folder, 'started');
    const child = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }).pid`;
    const script = `require('node:fs').writeFileSync(${JSON.stringify(started)}, String(${child})); setInterval(() => {}, 1000)`;
    names({ [ORIGIN]: { command: [program('vault', script)] } });
    assert.match((await failure(keys({ patience: 1000 }))).message, /did not end within 1 s/);
    const pid = Number(readFileSync(started, 'utf8'));
    const isThere = (): boolean => {
      try {
        // A zombie of this machine's init still counts as there, but has no command line.
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
      } catch {
        return false;
      }
    };
    while (isThere()) await new Promise((resolve) => setImmediate(resolve));
  });

  it('is never one that the repository brings, nor one that is not there', async () => {
    const own = program('vault', prints(SECRET), root);
    symlinkSync(own, join(bin, 'linked'));
    for (const command of [[own], [join(bin, 'linked')], ['vault'], ['./vault'], ['linked'], [join(folder, 'gone')], ['gone']]) {
      names({ [ORIGIN]: { command } });
      const error = await failure(keys({ env: { PATH: [root, bin].join(delimiter) } }));
      assert.equal(error.reason, 'config', command.join(' '));
    }
    assert.equal(runs(), 0);
  });

  describe('the file', () => {
    it('is refused while others can change it', async function () {
      if (process.getuid === undefined) return this.skip();
      const command = { [ORIGIN]: { command: [program('p', prints(SECRET))] } };
      for (const mode of [0o620, 0o602, 0o666]) {
        names(command, mode);
        const error = await failure();
        assert.deepEqual([error.reason, /chmod 600/.test(error.hint ?? '')], ['config', true], mode.toString(8));
      }
      names(command, 0o644);
      chmodSync(home, 0o777);
      assert.match((await failure()).hint ?? '', /chmod 700/);
      chmodSync(home, 0o755);
      assert.equal(runs(), 0);
      assert.equal(await keys().get(ORIGIN), SECRET, 'to be read by others is no danger');
    });

    it('is refused in the workspace', async () => {
      names({ [ORIGIN]: { command: [program('p', prints(SECRET))] } });
      assert.match((await failure(keys({ root: dirname(home) }))).message, /lies in this workspace/);
    });

    const wrong: [string, RegExp][] = [
      ['{', /is not valid JSON/],
      ['[]', /is not of the form/],
      ['{"https://api.openai.com": "op read"}', /at "https:\/\/api\.openai\.com"/],
      ['{"https://api.openai.com": {"command": "op read"}}', /"command"/],
      ['{"https://api.openai.com": {"command": []}}', /"command"/],
      ['{"https://api.openai.com": {"command": ["op"], "shell": true}}', /is not of the form/],
      ['{"https://api.openai.com/v1": {"command": ["op"]}}', /has to be written as "https:\/\/api\.openai\.com"/],
      ['{"https://API.openai.com": {"command": ["op"]}}', /has to be written as/],
      ['{"http://api.openai.com": {"command": ["op"]}}', /unencrypted/],
      ['{"openai": {"command": ["op"]}}', /is not the base address/],
    ];
    for (const [text, said] of wrong) {
      it(`is explained: ${text}`, async () => {
        names(text);
        const error = await failure();
        assert.equal(error.reason, 'config');
        assert.match(error.message, said);
        assert.equal(error.location?.path, join(home, 'keys.json'));
      });
    }

    it('need not be there', async () => {
      assert.equal(await keys().get(ORIGIN), undefined);
      assert.deepEqual(await keys().origins?.(), []);
      assert.equal(await commandKeys({ root, home: join(folder, 'gone'), env: {} }).get(ORIGIN), undefined);
    });
  });
});
