import assert from 'node:assert/strict';
import type { RawFinding } from '../../src/core/ai/finding.ts';
import { AnswerParser } from '../../src/core/ai/review/answer.ts';
import { createOpenAiProvider } from '../../src/node/ai/models/openai/openaiProvider.ts';
import { recordedAnswers } from '../support/answerCorpus.ts';
import { startModelServer, type ModelServer, type Reply } from '../support/modelServer.ts';

/** Recorded answers over the wire: every finding that was complete before a cut arrives, whichever API brings it in whatever pieces. */
describe('recorded answers over both APIs', function () {
  this.timeout(60_000);
  let server: ModelServer;
  before(async () => {
    server = await startModelServer();
  });
  after(() => server.close());

  async function read(api: 'chat' | 'responses', reply: Reply): Promise<{ findings: RawFinding[]; end: string | undefined }> {
    server.setScript({ replies: [reply] });
    const provider = createOpenAiProvider({ name: 'n', model: 'm', baseURL: server.baseURL, key: undefined, api });
    const parser = new AnswerParser();
    const findings: RawFinding[] = [];
    let end: string | undefined;
    for await (const chunk of provider.stream({ system: 's', user: 'u', maxOutputTokens: 4000 }, new AbortController().signal)) {
      if (chunk.type === 'text') findings.push(...parser.push(chunk.text));
      if (chunk.type === 'end') end = chunk.reason;
    }
    findings.push(...parser.finish().findings);
    return { findings: findings.toSorted((a, b) => (a.title < b.title ? -1 : 1)), end };
  }

  for (const [index, answer] of recordedAnswers().entries()) {
    for (const api of ['chat', 'responses'] as const) {
      it(`${answer.name}, ${api}`, async () => {
        const cuts = [answer.text.length, ...answer.ends.flatMap((end) => [end - 1, end])];
        for (const [turn, cut] of cuts.entries()) {
          const lineEnd = ([undefined, '\r\n', '\r'] as const)[(index + turn) % 3];
          const { findings, end } = await read(api, {
            text: answer.text,
            pieceLength: [1, 7, 64, 5000][(index + turn) % 4] ?? 12,
            oneByteChunks: turn === 0,
            ...(lineEnd === undefined ? {} : { framing: { lineEnd } }),
            ...(cut === answer.text.length ? {} : { cutAfter: cut }),
          });
          const complete = answer.findings.filter((_, position) => (answer.ends[position] ?? Infinity) <= cut);
          assert.deepEqual(
            findings,
            complete.toSorted((a, b) => (a.title < b.title ? -1 : 1)),
            `cut at ${cut}`,
          );
          assert.equal(end, cut === answer.text.length ? 'stop' : 'cut-off');
        }
      });
    }
  }
});
