import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cart } from '../src/cart.ts';

test('the same article twice is one line', () => {
  const cart = new Cart();
  cart.add('mug', 900);
  cart.add('mug', 900, 2);
  assert.deepEqual(cart.lines, [{ sku: 'mug', unitPrice: 900, quantity: 3 }]);
});

test('a discount applies to the whole cart', () => {
  const cart = new Cart();
  cart.add('mug', 900);
  cart.add('tea', 450, 2);
  cart.discount(10);
  assert.equal(cart.total, 1620);
});

test('a quantity below one is refused', () => {
  assert.throws(() => new Cart().add('mug', 900, 0), RangeError);
});
