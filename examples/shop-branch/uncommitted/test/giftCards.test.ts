import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cart } from '../src/cart.ts';
import { checkout } from '../src/checkout.ts';
import { PracticeGateway } from '../src/payments/gateway.ts';
import { issue, redeem, type CardStore, type GiftCard } from '../src/payments/giftCards.ts';
import { Stock } from '../src/stock.ts';

function memoryStore(): CardStore {
  const cards = new Map<string, GiftCard>();
  return {
    find: (code) => Promise.resolve(cards.get(code)),
    save: (card) => {
      cards.set(card.code, card);
      return Promise.resolve();
    },
  };
}

test('a card is issued with an amount and pays for an order up to its balance', async () => {
  const store = memoryStore();
  await issue(store, 'SNOW-1', 'digital', '20.00', '2027-12-31');
  assert.equal(await redeem(store, 'SNOW-1', 1500, '2026-12-01'), 1500);
  assert.equal(await redeem(store, 'SNOW-1', 1500, '2026-12-02'), 500);
});

test('what a card does not cover is charged as before', async () => {
  const [store, cart, gateway] = [memoryStore(), new Cart(), new PracticeGateway()];
  await issue(store, 'SNOW-2', 'digital', '5.00', '2027-12-31');
  cart.add('mug', 900);
  await checkout('ida', cart, new Stock({ mug: 1 }), gateway, { store, code: 'SNOW-2', today: '2026-12-01' });
  assert.deepEqual(gateway.charges, [{ customer: 'ida', amount: 400 }]);
});

test('an expired card pays nothing', async () => {
  const store = memoryStore();
  await issue(store, 'SNOW-3', 'digital', '5.00', '2025-12-31');
  assert.equal(await redeem(store, 'SNOW-3', 900, '2026-12-01'), 0);
});
