import http from 'node:http';
import net from 'node:net';

/**
 * Stands between the browser and the VS Code server and answers `/mint-key`, the half of the secret storage's key that the
 * plain server does not hand out (without it, secrets live in memory only). Everything else is passed through unread.
 * `token`, when given, has to be in the cookie that the server set, and only requests to this very address are served.
 */
export async function startProxy({ port = 0, upstream, key, token }) {
  let own = [];
  const known = (request) => own.includes(request.headers.host ?? '');
  const server = http.createServer((request, response) => {
    if (!known(request)) return void response.writeHead(403).end();
    if (new URL(request.url ?? '/', 'http://localhost').pathname.replace(/\/+/g, '/') === '/mint-key') {
      const allowed = token === undefined || (request.headers.cookie ?? '').split(/;\s*/).includes(`vscode-tkn=${token}`);
      return void (allowed ? response.writeHead(200).end(key) : response.writeHead(403).end());
    }
    const forward = http.request(
      { host: '127.0.0.1', port: upstream, method: request.method, path: request.url, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      },
    );
    forward.on('error', () => response.destroy());
    response.on('close', () => forward.destroy());
    request.pipe(forward);
  });
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    if (!known(request)) return socket.destroy();
    const headers = request.rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
    const onward = net.connect(upstream, '127.0.0.1', () => {
      onward.write(`${request.method} ${request.url} HTTP/${request.httpVersion}\r\n${headers}\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.setNoDelay(true);
    socket.setNoDelay(true);
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    socket.on('close', () => onward.destroy());
    onward.on('close', () => socket.destroy());
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const actual = server.address().port;
  own = [`127.0.0.1:${actual}`, `localhost:${actual}`];
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: actual, stop };
}
