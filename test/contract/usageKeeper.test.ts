import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { silentLog } from '../../src/core/ports.ts';
import { startReceiver, type Receiver } from '../../src/node/usage/receiver.ts';
import { createReceiverKeeper, type ReceiverKeeper } from '../../src/node/usage/receiverKeeper.ts';

describe('the keeper of the receiver', () => {
  const open: ReceiverKeeper[] = [];
  afterEach(async () => {
    for (const keeper of open.splice(0)) await keeper.close();
  });

  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }

  /** A window: its keeper, and a promise of its receiver. */
  function openWindow(port: number, wanted: () => boolean): { keeper: ReceiverKeeper; listening: Promise<Receiver>; tries: () => number } {
    let tell: (receiver: Receiver) => void;
    let tried = 0;
    const listening = new Promise<Receiver>((resolve) => (tell = resolve));
    const keeper = createReceiverKeeper({
      wanted,
      async open() {
        tried += 1;
        const receiver = await startReceiver({ port, secret: 'secret', allowed: () => true, usage: { record: () => undefined } });
        tell(receiver);
        return receiver;
      },
      log: silentLog,
      interval: 10,
    });
    open.push(keeper);
    return { keeper, listening, tries: () => tried };
  }

  it('lets one window listen, and another take over when it ends', async () => {
    const port = await freePort();
    const [first, second] = [openWindow(port, () => true), openWindow(port, () => true)];
    await first.keeper.look();
    await first.listening;
    await second.keeper.look();
    assert.ok(second.tries() >= 1);
    await first.keeper.close();
    assert.equal((await second.listening).port, port);
  });

  it('starts nothing that nobody wants, and ends what nobody wants any more', async () => {
    const port = await freePort();
    let wanted = false;
    const { keeper, listening, tries } = openWindow(port, () => wanted);
    await keeper.look();
    assert.equal(tries(), 0);
    wanted = true;
    await keeper.look();
    await listening;
    wanted = false;
    await keeper.look();
    await assert.rejects(fetch(`http://127.0.0.1:${port}/v1/logs`));
    wanted = true;
    await keeper.close();
    await keeper.look();
    assert.equal(tries(), 1);
  });
});
