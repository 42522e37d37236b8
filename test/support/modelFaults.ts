import type { RawFinding } from '../../src/core/ai/finding.ts';
import type { Reply } from './modelServer.ts';

/**
 * What goes wrong between a client and a model's server, and what has to come of it. The same table is held against the provider and
 * against the command line.
 */
export interface ModelFault {
  name: string;
  /** The server's answers in order; the last one repeats. */
  replies: Reply[];
  /** How many of {@link FINDINGS} arrive, in order. */
  kept: number;
  /** How the answer ends; absent when the request fails. */
  end?: 'stop' | 'length' | 'filtered' | 'cut-off';
  /** Reason of the failure. */
  fails?:
    | 'rate-limited'
    | 'unauthorised'
    | 'unreachable'
    | 'redirect'
    | 'model-not-found'
    | 'bad-request'
    | 'bad-response'
    | 'timeout'
    | 'too-large';
  /** In the failure's sentence, or in a notice. */
  says?: RegExp;
  /** Requests that the server sees; one when absent. */
  requests?: number;
  /** Only over this API, whose form it is about. */
  only?: 'chat' | 'responses';
}

export const FINDINGS: readonly RawFinding[] = [
  {
    file: 'src/cart.go',
    line: 2,
    severity: 'high',
    category: 'bug',
    title: 'Münzen als Gleitkomma',
    message: 'Prices add up with "rounding" errors {here}.',
    quote: '  let sum = 0;',
  },
  { file: 'src/cart.go', line: 6, severity: 'low', category: 'bug', title: 'Zweites 🪙', message: 'No check.', quote: '  return sum;' },
];

/** Both findings, one a line. */
export const ANSWER = FINDINGS.map((finding) => `${JSON.stringify(finding)}\n`).join('');
/** Length of the first. */
const FIRST = ANSWER.indexOf('\n') + 1;
/** Offset within the second. */
const WITHIN = ANSWER.indexOf('"Zweites') + 3;

const chunk = (delta: unknown, more: object = {}): string =>
  JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null }], ...more });
const eventStream = (text: string): string =>
  `data: ${chunk({ content: text })}\n\ndata: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`;
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
const html = '<!doctype html><title>Sign in</title><form>Password</form>';
const limited = (headers: Record<string, string>): Reply => ({ status: 429, headers, error: { message: 'Slow down.' } });
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toUTCString();

export const MODEL_FAULTS: readonly ModelFault[] = [
  // How it may be written without being wrong.
  { name: 'one byte at a time', replies: [{ text: ANSWER, oneByteChunks: true, pieceLength: 200 }], kept: 2, end: 'stop' },
  { name: 'one character an event, slowly', replies: [{ text: ANSWER, pieceLength: 20, interval: 10 }], kept: 2, end: 'stop' },
  { name: 'CRLF', replies: [{ text: ANSWER, framing: { lineEnd: '\r\n' } }], kept: 2, end: 'stop' },
  {
    name: 'CRLF, one byte at a time',
    replies: [{ text: ANSWER, framing: { lineEnd: '\r\n' }, oneByteChunks: true, pieceLength: 200 }],
    kept: 2,
    end: 'stop',
  },
  { name: 'CR alone', replies: [{ text: ANSWER, framing: { lineEnd: '\r' } }], kept: 2, end: 'stop' },
  { name: 'a mark of byte order', replies: [{ text: ANSWER, framing: { bom: true }, pieceLength: 4000 }], kept: 2, end: 'stop' },
  { name: 'fields beside the data', replies: [{ text: ANSWER, framing: { fields: true } }], kept: 2, end: 'stop' },
  { name: 'data over several lines', replies: [{ text: ANSWER, framing: { lines: true } }], kept: 2, end: 'stop' },
  { name: 'comments in between', replies: [{ text: ANSWER, comment: 'keep-alive' }], kept: 2, end: 'stop' },
  { name: 'everything in one event', replies: [{ text: ANSWER, pieceLength: 1e6 }], kept: 2, end: 'stop' },
  { name: 'compressed', replies: [{ text: ANSWER, gzip: 'true' }], kept: 2, end: 'stop' },
  {
    name: 'HTTP/1.0, ended by closing',
    replies: [{ wire: latin1(`HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${eventStream(ANSWER)}`) }],
    kept: 2,
    end: 'stop',
    only: 'chat',
  },
  {
    name: 'empty choices and deltas of null',
    replies: [
      {
        text: ANSWER,
        before: [
          JSON.stringify({ choices: [] }),
          JSON.stringify({}),
          JSON.stringify({ choices: null }),
          'null',
          JSON.stringify({ choices: [{ index: 0, delta: null }] }),
          chunk({ content: null }),
          chunk({ role: 'assistant', content: '', reasoning_content: 'Hm.' }),
          chunk({ content: ['no', 'text'] }),
        ],
      },
    ],
    kept: 2,
    end: 'stop',
    only: 'chat',
  },
  { name: 'everything that closes, twice', replies: [{ text: ANSWER, closeTwice: true }], kept: 2, end: 'stop' },
  { name: 'no [DONE]', replies: [{ text: ANSWER, noDone: true }], kept: 2, end: 'stop' },
  { name: 'a hang behind the end', replies: [{ text: ANSWER, hang: 'finish' }], kept: 2, end: 'stop' },
  { name: 'a hang behind the end, without [DONE]', replies: [{ text: ANSWER, hang: 'finish', noDone: true }], kept: 2, end: 'stop' },
  {
    name: 'JSON instead of a stream',
    replies: [
      { body: JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: ANSWER }, finish_reason: 'stop' }] }) },
    ],
    kept: 2,
    end: 'stop',
    only: 'chat',
  },

  // Damage to an answer that began.
  { name: 'a cut within a finding', replies: [{ text: ANSWER, cutAfter: WITHIN }], kept: 1, end: 'cut-off', says: /kept/ },
  {
    name: 'a cut within a line',
    replies: [{ text: ANSWER, pieceLength: FIRST, cutWithin: 'Zweites' }],
    kept: 1,
    end: 'cut-off',
    says: /kept/,
  },
  {
    name: 'a cut within a character',
    replies: [{ text: ANSWER, pieceLength: FIRST, cutWithin: '🪙' }],
    kept: 1,
    end: 'cut-off',
    says: /kept/,
  },
  { name: 'an end without any mark', replies: [{ text: ANSWER, finish: 'none', noDone: true }], kept: 2, end: 'cut-off', only: 'chat' },
  { name: 'the limit of tokens', replies: [{ text: ANSWER.slice(0, WITHIN), finish: 'length' }], kept: 1, end: 'length' },
  { name: 'a content filter', replies: [{ text: ANSWER.slice(0, WITHIN), finish: 'content_filter' }], kept: 1, end: 'filtered' },
  { name: 'bytes that are no UTF-8', replies: [{ text: ANSWER, invalidUtf8: true, pieceLength: 1e6 }], kept: 2, end: 'stop' },
  {
    name: 'an error within the stream',
    replies: [{ text: ANSWER, rawEvent: '{"error":{"message":"overloaded"}}' }],
    kept: 2,
    end: 'cut-off',
    says: /kept/,
  },
  { name: 'an event that is no JSON', replies: [{ text: ANSWER, rawEvent: '{"choices":[{' }], kept: 2, end: 'cut-off', says: /kept/ },
  {
    name: 'silence within the answer',
    replies: [{ text: ANSWER, hang: 'body' }],
    kept: 2,
    end: 'cut-off',
    says: /stopped answering.*kept/,
  },
  { name: 'an answer without an end', replies: [{ text: ANSWER, endless: true }], kept: 2, end: 'length', says: /far more/ },

  // No answer at all.
  {
    name: '429 with seconds, then an answer',
    replies: [limited({ 'retry-after': '0.1' }), { text: ANSWER }],
    kept: 2,
    end: 'stop',
    says: /Trying again/,
    requests: 2,
  },
  {
    name: '429 with a date in the past',
    replies: [limited({ 'retry-after': inDays(-1) }), { text: ANSWER }],
    kept: 2,
    end: 'stop',
    requests: 2,
  },
  {
    name: '429 with a date far ahead',
    replies: [limited({ 'retry-after': inDays(2) })],
    kept: 0,
    fails: 'rate-limited',
    says: /asks to wait 2 days/,
  },
  {
    name: '429 with an absurd wait',
    replies: [limited({ 'retry-after': '99999999999' })],
    kept: 0,
    fails: 'rate-limited',
    says: /no more requests/,
  },
  {
    name: '429 with a negative wait, then an answer',
    replies: [limited({ 'retry-after': '-5' }), { text: ANSWER }],
    kept: 2,
    end: 'stop',
    requests: 2,
  },
  {
    name: '429 with nonsense, then an answer',
    replies: [limited({ 'retry-after': 'soon' }), { text: ANSWER }],
    kept: 2,
    end: 'stop',
    requests: 2,
  },
  { name: '429 for ever', replies: [limited({ 'retry-after-ms': '1' })], kept: 0, fails: 'rate-limited', requests: 3 },
  {
    name: '500 and 503, then an answer',
    replies: [{ status: 500, headers: { 'retry-after-ms': '1' } }, { status: 503, headers: { 'retry-after-ms': '1' } }, { text: ANSWER }],
    kept: 2,
    end: 'stop',
    requests: 3,
  },
  {
    name: '502 with a page of HTML',
    replies: [{ status: 502, body: html.repeat(500), headers: { 'content-type': 'text/html', 'retry-after-ms': '1' } }],
    kept: 0,
    fails: 'bad-response',
    says: /502/,
    requests: 3,
  },
  {
    name: '500 without a body',
    replies: [{ status: 500, body: '', headers: { 'retry-after-ms': '1' } }],
    kept: 0,
    fails: 'bad-response',
    says: /500/,
    requests: 3,
  },
  { name: '400 that explains nothing', replies: [{ status: 400, body: '' }], kept: 0, fails: 'bad-request', requests: 3 },
  { name: '413', replies: [{ status: 413 }], kept: 0, fails: 'too-large', says: /does not fit/ },
  { name: '401', replies: [{ status: 401 }], kept: 0, fails: 'unauthorised', says: /key/ },
  {
    name: 'a page of HTML with status 200',
    replies: [{ status: 200, body: html, headers: { 'content-type': 'text/html' } }],
    kept: 0,
    fails: 'bad-response',
    says: /text\/html/,
  },
  {
    name: 'a page of HTML that calls itself a stream',
    replies: [{ status: 200, body: html, headers: { 'content-type': 'text/event-stream' } }],
    kept: 0,
    fails: 'bad-response',
    says: /empty answer/,
  },
  {
    name: 'JSON of something else',
    replies: [{ status: 200, body: '{"status":"ok"}' }],
    kept: 0,
    fails: 'bad-response',
    says: /application\/json/,
  },
  {
    name: 'an error in JSON with status 200',
    replies: [{ status: 200, body: '{"error":{"message":"No endpoint for this model.","code":404}}' }],
    kept: 0,
    fails: 'bad-response',
    says: /No endpoint for this model/,
  },
  {
    name: 'nothing in the stream',
    replies: [{ status: 200, body: '', headers: { 'content-type': 'text/event-stream' } }],
    kept: 0,
    fails: 'bad-response',
    says: /empty answer/,
  },
  {
    name: 'an error as the first event',
    replies: [{ rawEvent: '{"error":{"message":"The engine is overloaded."}}' }],
    kept: 0,
    fails: 'bad-response',
    says: /engine is overloaded/,
    requests: 3,
  },
  {
    name: 'an event of the kind error',
    replies: [
      {
        status: 200,
        body: 'event: error\ndata: {"message":"The engine is overloaded."}\n\n',
        headers: { 'content-type': 'text/event-stream' },
      },
    ],
    kept: 0,
    fails: 'bad-response',
    says: /engine is overloaded/,
    requests: 3,
  },
  {
    name: 'a response that failed',
    replies: [
      {
        rawEvent: JSON.stringify({
          type: 'response.failed',
          response: { error: { code: 'server_error', message: 'The engine is overloaded.' } },
        }),
      },
    ],
    kept: 0,
    fails: 'bad-response',
    says: /engine is overloaded/,
    requests: 3,
    only: 'responses',
  },
  {
    name: 'an error among the events of a response',
    replies: [{ rawEvent: JSON.stringify({ type: 'error', code: 'server_error', message: 'The engine is overloaded.', param: null }) }],
    kept: 0,
    fails: 'bad-response',
    says: /engine is overloaded/,
    requests: 3,
    only: 'responses',
  },
  {
    name: 'a response in JSON instead of a stream',
    replies: [
      {
        body: JSON.stringify({
          status: 'completed',
          output: [{ type: 'reasoning' }, { type: 'message', content: [{ type: 'output_text', text: ANSWER }] }],
        }),
      },
    ],
    kept: 2,
    end: 'stop',
    only: 'responses',
  },
  { name: 'a claim to be compressed', replies: [{ text: ANSWER, gzip: 'lie' }], kept: 0, fails: 'bad-response', says: /compress/ },
  {
    name: 'a cut within the headers',
    replies: [{ wire: 'HTTP/1.1 200 OK\r\ncontent-ty' }],
    kept: 0,
    fails: 'unreachable',
    says: /closed the connection/,
    requests: 3,
  },
  { name: 'a connection that closes at once', replies: [{ wire: '' }], kept: 0, fails: 'unreachable', requests: 3 },
  { name: 'something that is not HTTP', replies: [{ wire: 'SSH-2.0-OpenSSH_9.9\r\n' }], kept: 0, fails: 'bad-response', says: /HTTP/ },
  { name: 'silence before the headers', replies: [{ hang: 'connect' }], kept: 0, fails: 'timeout', says: /stopped answering/ },
  { name: 'silence within the headers', replies: [{ hang: 'headers' }], kept: 0, fails: 'timeout', says: /stopped answering/ },
  { name: 'silence before the first event', replies: [{ hang: 'body' }], kept: 0, fails: 'timeout', says: /stopped answering/ },
  {
    name: 'comments without an end',
    replies: [{ endlessComments: true }],
    kept: 0,
    fails: 'bad-response',
    says: /far more than an answer/,
  },
  { name: 'a line without an end', replies: [{ endlessLine: true }], kept: 0, fails: 'bad-response', says: /far more than an answer/ },
  {
    name: 'a single event of ten megabytes',
    replies: [{ text: 'x'.repeat(1e7), pieceLength: 1e7 }],
    kept: 0,
    fails: 'bad-response',
    says: /far more than an answer/,
  },
  ...[301, 302, 303, 307, 308].map((status): ModelFault => ({
    name: `a redirect (${status})`,
    replies: [{ status, headers: { location: 'http://127.0.0.1:1/v1/chat/completions' } }],
    kept: 0,
    fails: 'redirect',
    says: /redirects elsewhere/,
  })),
];
