import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cart } from '../src/cart.ts';
import { checkout } from '../src/checkout.ts';
import { PracticeGateway } from '../src/payments/gateway.ts';
import { Stock } from '../src/stock.ts';

test('an order is charged once and takes the stock', async () => {
  const [cart, stock, gateway] = [new Cart(), new Stock({ mug: 5 }), new PracticeGateway()];
  cart.add('mug', 900, 2);
  const order = await checkout('ida', cart, stock, gateway);
  assert.equal(order.receipt.amount, 1800);
  assert.deepEqual(gateway.charges, [{ customer: 'ida', amount: 1800 }]);
  assert.equal(stock.available('mug'), 3);
});

test('nothing stays reserved when one article is missing', async () => {
  const [cart, stock] = [new Cart(), new Stock({ mug: 5, tea: 0 })];
  cart.add('mug', 900);
  cart.add('tea', 450);
  await assert.rejects(checkout('ida', cart, stock, new PracticeGateway()), /Only 0 of tea left/);
  assert.equal(stock.available('mug'), 5);
});
