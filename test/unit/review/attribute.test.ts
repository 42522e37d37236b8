import assert from 'node:assert/strict';
import { fileOf } from '../../../src/core/ai/review/attribute.ts';
import { prepared, rawFinding } from './support.ts';

describe('the file a finding is about', () => {
  it('is the one named, however it is written, else the one that holds the quote, else the first', async () => {
    const asked = await prepared(
      { path: 'src/cart.ts', text: 'total();\n' },
      { path: 'src/other/cart.ts', text: 'other();\n' },
      { path: 'src/pay.ts', text: 'pay();\n' },
    );
    const found = (file: string, quote = ''): string | undefined => fileOf(rawFinding({ file, quote }), asked)?.unit.path;
    for (const name of ['src/pay.ts', './src/pay.ts', 'b/src/pay.ts', 'pay.ts', '/repo/src/pay.ts', 'src\\pay.ts'])
      assert.equal(found(name), 'src/pay.ts', name);
    assert.equal(found('cart.ts', 'other();'), 'src/other/cart.ts', 'two end so, and one holds the quote');
    assert.equal(found('', 'pay();'), 'src/pay.ts');
    assert.equal(found('../../etc/passwd', 'nowhere();'), 'src/cart.ts');
    assert.equal(fileOf(rawFinding(), []), undefined);
    const [cart] = asked;
    assert.ok(cart);
    assert.equal(fileOf(rawFinding({ file: 'src/pay.ts' }), [cart], asked)?.unit.path, 'src/pay.ts', 'named, though not asked about');
    assert.equal(
      fileOf(rawFinding({ file: 'src/pay.ts', quote: 'total();' }), [cart], asked)?.unit.path,
      'src/pay.ts',
      'named, though another holds the quote',
    );
    assert.equal(fileOf(rawFinding({ file: 'pay.ts' }), [cart], asked)?.unit.path, 'src/cart.ts');
  });
});
