import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Finding } from '../../src/core/ai/finding.ts';
import type { ModelChunk } from '../../src/core/ai/provider.ts';
import { createEndpointConsent } from '../../src/node/ai/models/endpointConsent.ts';
import { environmentKeys } from '../../src/node/ai/models/keys/environmentKeys.ts';
import { createOpenAiProvider } from '../../src/node/ai/models/openai/openaiProvider.ts';
import { createReviewService } from '../../src/node/ai/reviewService.ts';
import { createCliRunner, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { ANSWER, FINDINGS } from '../support/modelFaults.ts';
import { startModelServer, type ModelServer, type Reply } from '../support/modelServer.ts';

/** Whoever cancels pays for nothing any more: the connection is closed within half a second, whatever the request is waiting for. */
const SOON = 500;
const REQUEST = { system: 's', user: 'u', maxOutputTokens: 1e6 };
const isText = (chunk: ModelChunk): boolean => chunk.type === 'text';

describe('cancelling', function () {
  this.timeout(60_000);
  let server: ModelServer;
  beforeEach(async () => {
    server = await startModelServer();
  });
  afterEach(() => server.close());

  describe('a request', () => {
    /** Cancels once `when` has come; milliseconds until the stream ended with `cancelled`. */
    async function cancelled(baseURL: string, when: (next: Promise<ModelChunk>) => Promise<unknown>): Promise<number> {
      const cancel = new AbortController();
      const provider = createOpenAiProvider({ name: 'n', model: 'm', baseURL, key: undefined, random: () => 0 });
      const arrived = Promise.withResolvers<ModelChunk>();
      const reading = (async () => {
        for await (const chunk of provider.stream(REQUEST, cancel.signal)) arrived.resolve(chunk);
      })();
      await Promise.race([when(arrived.promise), reading]);
      const started = performance.now();
      cancel.abort();
      await assert.rejects(reading, { name: 'HandrailError', reason: 'cancelled' });
      return performance.now() - started;
    }

    const phases: Record<string, { reply: Reply; when?: (next: Promise<ModelChunk>) => Promise<unknown> }> = {
      'while the server says nothing': { reply: { hang: 'connect' } },
      'within the headers': { reply: { hang: 'headers' } },
      'before the first event': { reply: { endlessComments: true } },
      'between two events': { reply: { text: 'on and on ', endless: true, interval: 20 }, when: (next) => next.then(isText) },
      'in a flood of events': { reply: { text: 'on and on ', endless: true }, when: (next) => next.then(isText) },
      'when the stream has stalled': { reply: { text: 'half', hang: 'body' }, when: (next) => next.then(isText) },
      'within a line that does not end': {
        reply: { text: 'half', pieceLength: 4, hang: 'body', rawEvent: 'x'.repeat(1000) },
        when: (next) => next.then(isText),
      },
      'behind the end, when the stream stays open': {
        reply: { text: 'all', hang: 'finish', noDone: true },
        when: (next) => next.then(isText),
      },
    };
    for (const [phase, { reply, when }] of Object.entries(phases)) {
      it(`closes the connection ${phase}`, async () => {
        server.setScript({ replies: [reply] });
        const took = await cancelled(server.baseURL, when ?? (() => server.seen(() => true)));
        const ended = Date.now();
        await server.seen((request) => request.closedAt !== undefined);
        assert.ok(took < SOON, `the caller waited for ${took} ms`);
        assert.ok((server.requests[0]?.closedAt ?? Infinity) - ended < SOON, 'the server waited');
        assert.equal(server.requests[0]?.aborted, true);
      });
    }

    it('ends while the connection is made, and nothing of the request leaves', async () => {
      // Takes the connection and never answers the handshake. The platform itself closes such a connection, after some seconds.
      const mute = createServer();
      const connected = Promise.withResolvers<Socket>();
      let received = '';
      mute.on('connection', (socket) => {
        socket.on('error', () => undefined).on('data', (bytes) => (received += bytes.toString('latin1')));
        connected.resolve(socket);
      });
      mute.listen(0, '127.0.0.1');
      await once(mute, 'listening');
      try {
        const took = await cancelled(`https://127.0.0.1:${(mute.address() as AddressInfo).port}/v1`, () => connected.promise);
        assert.ok(took < SOON, `${took} ms`);
        assert.doesNotMatch(received, /POST|completions/);
      } finally {
        (await connected.promise).destroy();
        mute.close();
      }
    });

    it('ends in the pause before another attempt, and makes none', async () => {
      server.setScript({ replies: [{ status: 429, headers: { 'retry-after': '30' } }] });
      const took = await cancelled(server.baseURL, (next) => next.then((chunk) => chunk.type === 'notice'));
      assert.ok(took < SOON, `${took} ms`);
      assert.equal(server.requests.length, 1);
    });

    it('does not begin when it was cancelled before', async () => {
      const provider = createOpenAiProvider({ name: 'n', model: 'm', baseURL: server.baseURL, key: undefined });
      await assert.rejects(
        async () => {
          for await (const chunk of provider.stream(REQUEST, AbortSignal.abort())) void chunk;
        },
        { reason: 'cancelled' },
      );
      assert.equal(server.requests.length, 0);
    });
  });

  describe('a review on the command line', () => {
    let cli: CliRunner;
    let repo: TestRepo;
    before(() => {
      cli = createCliRunner();
    });
    after(() => cli.remove());
    beforeEach(async () => {
      const file = 'package cart\n  let sum = 0;\n\n\n\n  return sum;\n';
      repo = createTestRepo({
        files: {
          'src/cart.go': file,
          'src/long.go': file.padEnd(30_000, '// filler\n'),
          '.handrail/models.yml': `version: 1\nmodels:\n  ours: { provider: openai, baseURL: "${server.baseURL}", model: m, limits: { contextTokens: 8192 } }\nroles: { review: ours }\n`,
        },
      });
      await createEndpointConsent({ home: cli.home, root: repo.root }).confirm(server.origin);
    });
    afterEach(() => repo.remove());

    /** Interrupts the process once `when` has come, as Ctrl-C does. */
    async function interrupted(
      paths: string[],
      when: (shown: (text: string) => Promise<void>) => Promise<unknown>,
    ): Promise<{ code: number | null; stdout: string; stderr: string; at: number; took: number }> {
      const child = cli.start(['review', ...paths], { cwd: repo.root });
      const output = { stdout: '', stderr: '' };
      const waiting = new Set<() => void>();
      for (const name of ['stdout', 'stderr'] as const) {
        child[name]?.setEncoding('utf8').on('data', (text: string) => {
          output[name] += text;
          for (const look of waiting) look();
        });
      }
      const closed = once(child, 'close') as Promise<[number | null]>;
      const shown = (text: string): Promise<void> =>
        new Promise((resolve) => {
          const look = (): void => {
            if (output.stdout.includes(text)) resolve();
          };
          waiting.add(look);
          look();
        });
      await Promise.race([when(shown), closed]);
      const at = Date.now();
      child.kill('SIGINT');
      const [code] = await closed;
      return { code, ...output, at, took: Date.now() - at };
    }

    async function kept(): Promise<Finding[]> {
      return await createReviewService({
        root: repo.root,
        home: cli.home,
        env: {},
        keys: environmentKeys({}),
        trusted: () => true,
        environmentIsChoice: true,
      }).findings();
    }

    it('closes the connection, and shows and keeps what was found', async () => {
      const first = ANSWER.slice(0, ANSWER.indexOf('\n') + 1);
      server.setScript({ replies: [{ text: `${first}{"file":`, hang: 'body' }] });
      const { code, stdout, stderr, at } = await interrupted(['src/cart.go'], (shown) => shown(FINDINGS[0]?.title ?? ''));
      assert.equal(code, 130);
      assert.match(stdout, /Münzen als Gleitkomma[^]*The finding above was made before the review ended early/);
      assert.equal(stderr.trim(), 'handrail: Interrupted.');
      await server.seen((request) => request.closedAt !== undefined);
      assert.ok((server.requests[0]?.closedAt ?? Infinity) - at < SOON, 'the connection stayed open');
      assert.deepEqual(
        (await kept()).map(({ title }) => title),
        [FINDINGS[0]?.title],
      );
    });

    for (const [phase, reply] of Object.entries<Reply>({
      'while the server says nothing': { hang: 'connect' },
      'in a flood of events': { text: 'on and on ', endless: true, interval: 2 },
    })) {
      it(`closes the connection ${phase}`, async () => {
        server.setScript({ replies: [reply] });
        const { code, stderr, at } = await interrupted(['src/cart.go'], () =>
          server.seen((request) => request.path.endsWith('/completions')),
        );
        assert.equal(code, 130, stderr);
        await server.seen((request) => request.closedAt !== undefined);
        assert.ok((server.requests[0]?.closedAt ?? Infinity) - at < SOON, 'the connection stayed open');
      });
    }

    it('ends in the pause before another attempt, and makes none', async () => {
      server.setScript({ replies: [{ status: 429, headers: { 'retry-after': '30' } }] });
      const { code, took } = await interrupted(['src/cart.go'], () => server.seen((request) => request.closedAt !== undefined));
      assert.equal(code, 130);
      assert.ok(took < 3000, `it left after ${took} ms`);
      assert.equal(server.requests.length, 1);
    });

    it('asks nothing more between two requests', async () => {
      server.setScript({ replies: [{ text: ANSWER }, { hang: 'connect' }] });
      const { code } = await interrupted(['src/cart.go', 'src/long.go'], () => server.seen(() => true, 2));
      assert.equal(code, 130);
      const before = server.requests.length;
      await server.seen((request) => request.closedAt !== undefined, before);
      assert.equal(server.requests.length, before);
      assert.ok((await kept()).length > 0, 'what the first request found is kept');
    });
  });
});
