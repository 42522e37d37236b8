import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What was sent to the server, whole. */
export interface Received {
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A server on this machine that keeps what it is sent, and answers as it is told. */
export interface PostServer {
  readonly url: string;
  readonly received: Received[];
  answer: { status: number; headers?: Record<string, string>; body?: string };
  close(): Promise<void>;
}

export async function startPostServer(): Promise<PostServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(post.answer.status, post.answer.headers).end(post.answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const post: PostServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: { status: 200, body: '{}' },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return post;
}
