import assert from 'node:assert/strict';
import { createTraffic } from '../../../src/node/ai/models/routing/traffic.ts';

const NEVER = new AbortController().signal;
/** Lets everything that can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the traffic of a process', () => {
  it('lets so many requests run at once, and the others in turn', async () => {
    const traffic = createTraffic();
    const order: number[] = [];
    const enter = async (i: number) => {
      const leave = await traffic.enter('k', 2, NEVER);
      order.push(i);
      return leave;
    };
    const entered = [0, 1, 2, 3].map(enter);
    await settle();
    assert.deepEqual(order, [0, 1]);
    const first = await entered[0];
    first?.();
    first?.();
    await settle();
    assert.deepEqual(order, [0, 1, 2], 'one place was given back, once');
    (await entered[1])?.();
    await settle();
    assert.deepEqual(order, [0, 1, 2, 3]);
    await traffic.enter('other', 1, NEVER);
    for (const one of entered.slice(2)) (await one)();
    const again = await traffic.enter('k', 1, NEVER);
    again();
  });

  it('gives a place to whoever waited, not to who comes just then', async () => {
    const traffic = createTraffic();
    const leave = await traffic.enter('k', 1, NEVER);
    const order: string[] = [];
    const waiting = traffic.enter('k', 1, NEVER).then((next) => (order.push('waited'), next));
    leave();
    const late = traffic.enter('k', 1, NEVER).then((next) => (order.push('late'), next));
    (await waiting)();
    (await late)();
    assert.deepEqual(order, ['waited', 'late']);
  });

  it('lets go of who cancels while waiting, and passes the place on', async () => {
    const traffic = createTraffic();
    const leave = await traffic.enter('k', 1, NEVER);
    const cancel = new AbortController();
    const waiting = traffic.enter('k', 1, cancel.signal);
    const behind = traffic.enter('k', 1, NEVER);
    cancel.abort();
    await assert.rejects(waiting, { name: 'HandrailError', reason: 'cancelled' });
    leave();
    (await behind)();
    await assert.rejects(
      (async () => {
        const busy = await traffic.enter('k', 1, NEVER);
        await traffic.enter('k', 1, cancel.signal).finally(busy);
      })(),
      { reason: 'cancelled' },
    );
  });

  it('tells when money in use has been accounted for', async () => {
    const traffic = createTraffic();
    assert.equal(traffic.nextAccount('k'), undefined);
    const one = traffic.useMoney('k');
    const other = traffic.useMoney('k');
    const account = traffic.nextAccount('k');
    one();
    await account;
    assert.ok(traffic.nextAccount('k'), 'the other still runs');
    other();
    assert.equal(traffic.nextAccount('k'), undefined);
  });
});
