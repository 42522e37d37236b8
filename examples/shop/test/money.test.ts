import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAmount, parseAmount, percentOf } from '../src/money.ts';

test('amounts are read as whole cents', () => {
  assert.equal(parseAmount('12'), 1200);
  assert.equal(parseAmount('12.5'), 1250);
  assert.equal(parseAmount('0.05'), 5);
  assert.throws(() => parseAmount('12,50'), RangeError);
});

test('amounts are written with two decimals', () => {
  assert.equal(formatAmount(5), '0.05');
  assert.equal(formatAmount(-1250), '-12.50');
});

test('percentages are rounded to whole cents', () => {
  assert.equal(percentOf(999, 10), 100);
});
