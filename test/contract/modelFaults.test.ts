import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Finding, ReviewResult } from '../../src/core/ai/finding.ts';
import type { ModelChunk } from '../../src/core/ai/provider.ts';
import { AnswerParser } from '../../src/core/ai/review/answer.ts';
import { exitCodeOf, failureOf, type HandrailError } from '../../src/core/errors.ts';
import { createEndpointConsent } from '../../src/node/ai/models/endpointConsent.ts';
import { createOpenAiProvider } from '../../src/node/ai/models/openai/openaiProvider.ts';

import { createCliRunner, type CliRunner } from '../support/cliRun.ts';
import { createTestRepo, type TestRepo } from '../support/gitRepo.ts';
import { ANSWER, FINDINGS, MODEL_FAULTS, type ModelFault } from '../support/modelFaults.ts';
import { startModelServer, type ModelServer } from '../support/modelServer.ts';

const REQUEST = { system: 'You review code.', user: 'a line', schema: { name: 'findings', schema: {} }, maxOutputTokens: 400 };
const TITLES = FINDINGS.map((finding) => finding.title);
const LIMITS = { timeout: 400, retries: 2 };

describe('what goes wrong with a model’s server', function () {
  this.timeout(60_000);
  let server: ModelServer;
  before(async () => {
    server = await startModelServer();
  });
  after(() => server.close());

  function answerWith(fault: Pick<ModelFault, 'replies'>): void {
    server.setScript({ replies: fault.replies });
    server.requests.length = 0;
  }

  for (const api of ['chat', 'responses'] as const) {
    describe(`the provider, over ${api}`, () => {
      async function ask(): Promise<{ titles: string[]; end?: string; said: string; failure?: HandrailError }> {
        const provider = createOpenAiProvider({
          name: 'n',
          model: 'm',
          baseURL: server.baseURL,
          key: undefined,
          api,
          limits: LIMITS,
          random: () => 0,
        });
        const parser = new AnswerParser();
        const titles = new Set<string>();
        const chunks: ModelChunk[] = [];
        let failure: HandrailError | undefined;
        try {
          for await (const chunk of provider.stream(REQUEST, new AbortController().signal)) {
            chunks.push(chunk);
            if (chunk.type === 'text') for (const { title } of parser.push(chunk.text)) titles.add(title);
          }
        } catch (error) {
          failure = failureOf(error) ?? assert.fail(String(error));
        }
        const ends = chunks.filter((chunk) => chunk.type === 'end');
        assert.ok(ends.length <= 1 && (ends.length === 0 || chunks.at(-1) === ends[0]), 'one end, and nothing behind it');
        const notices = chunks.flatMap((chunk) => (chunk.type === 'notice' ? [chunk.message] : []));
        return {
          titles: [...titles],
          said: [...notices, failure?.message].join('\n'),
          ...(ends[0] === undefined ? {} : { end: ends[0].reason }),
          ...(failure === undefined ? {} : { failure }),
        };
      }

      for (const fault of MODEL_FAULTS.filter(({ only }) => only === undefined || only === api)) {
        it(fault.name, async () => {
          answerWith(fault);
          const { titles, end, said, failure } = await ask();
          assert.deepEqual(titles, TITLES.slice(0, fault.kept));
          assert.equal(end, fault.end, said);
          assert.equal(failure?.reason, fault.fails, said);
          if (failure) assertPlain(failure);
          if (fault.says) assert.match(said, fault.says);
          assert.equal(server.requests.length, fault.requests ?? 1);
          await server.seen((request) => request.closedAt !== undefined, server.requests.length);
        });
      }
    });
  }

  it('takes no more of what has no end than an answer can be', async () => {
    for (const reply of [{ endlessComments: true }, { endlessLine: true }, { text: ANSWER, endless: true }]) {
      answerWith({ replies: [reply] });
      const provider = createOpenAiProvider({ name: 'n', model: 'm', baseURL: server.baseURL, key: undefined, limits: { retries: 0 } });
      const reading = (async () => {
        for await (const chunk of provider.stream(REQUEST, new AbortController().signal)) void chunk;
      })();
      await reading.catch(() => undefined);
      await server.seen((request) => request.closedAt !== undefined);
      // What the system holds for a connection comes on top.
      assert.ok((server.requests[0]?.written ?? 0) < 12_000_000, `${server.requests[0]?.written} bytes`);
    }
  });

  describe('the command line', () => {
    let cli: CliRunner;
    let repo: TestRepo;
    before(async () => {
      cli = createCliRunner();
      repo = createTestRepo({
        files: {
          'src/cart.go': 'package cart\n  let sum = 0;\n\n\n\n  return sum;\n',
          '.handrail/models.yml': `version: 1\nmodels:\n  ours: { provider: openai, baseURL: "${server.baseURL}", model: m, limits: { timeout: 1s, retries: 2 } }\nroles: { review: ours }\n`,
        },
      });
      await createEndpointConsent({ home: cli.home, root: repo.root }).confirm(server.origin);
    });
    after(() => {
      cli.remove();
      repo.remove();
    });

    async function review(): Promise<{
      code: number | null;
      document: Partial<ReviewResult> & { error?: { reason: string; message: string } };
      stderr: string;
    }> {
      const child = cli.start(['review', '--no-cache', 'src/cart.go', '--format', 'json'], { cwd: repo.root });
      let stdout = '';
      let stderr = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, document: JSON.parse(stdout) as Partial<ReviewResult>, stderr };
    }

    for (const fault of MODEL_FAULTS.filter(({ only }) => only !== 'responses')) {
      it(fault.name, async () => {
        answerWith(fault);
        const { code, document, stderr } = await review();
        const findings: readonly Finding[] = document.findings ?? [];
        assert.deepEqual(
          findings.map(({ title }) => title),
          TITLES.slice(0, fault.kept),
        );
        assert.ok(findings.every(({ anchor }) => anchor.status === 'exact'));
        assert.doesNotMatch(stderr, /\n\s+at |node_modules|Error:|undefined|\[object/);
        assert.equal(code, fault.fails === undefined ? 0 : exitCodeOf(fault.fails), stderr);
        assert.equal(document.error?.reason, fault.fails);
        const said = [...(document.notices ?? []), document.error?.message, stderr].join('\n');
        if (fault.says) assert.match(said, fault.says);
        if (fault.fails !== undefined) assert.match(stderr, /^handrail: .+[.:…`]\n?$/m);
        const whole = fault.end === 'stop';
        if (fault.end !== undefined)
          assert.deepEqual(
            document.coverage?.map(({ status }) => status),
            [whole ? 'full' : 'partial'],
          );
      });
    }
  });
});

/** A sentence and the next action, for people. */
function assertPlain({ message, hint }: HandrailError): void {
  for (const text of [message, hint ?? assert.fail(`no next action: ${message}`)]) {
    assert.match(text, /^[A-Zh].*[.…]$/su);
    assert.doesNotMatch(text, /undefined|\[object|\n|<|status code/u);
    assert.ok(text.length < 320, text);
  }
}
