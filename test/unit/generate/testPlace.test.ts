import assert from 'node:assert/strict';
import { testPlaceOf } from '../../../src/core/ai/generate/testPlace.ts';

const place = (file: string, others: string[]): string | undefined => testPlaceOf(file, [file, ...others])?.path;

describe('the place of tests', () => {
  const existing: [string, string, string[], string][] = [
    ['beside the file', 'src/cart.ts', ['src/cart.test.ts', 'src/other.test.ts'], 'src/cart.test.ts'],
    ['in a mirrored folder', 'src/shop/cart.ts', ['test/unit/shop/cart.test.ts', 'test/unit/cart.test.ts'], 'test/unit/shop/cart.test.ts'],
    ['in __tests__', 'src/cart.tsx', ['src/__tests__/cart.tsx'], 'src/__tests__/cart.tsx'],
    ['as a spec', 'app/cart.js', ['app/cart.spec.js'], 'app/cart.spec.js'],
    ['in Python', 'shop/cart.py', ['tests/test_cart.py', 'tests/test_other.py'], 'tests/test_cart.py'],
    ['in Go', 'pkg/cart/cart.go', ['pkg/cart/cart_test.go', 'pkg/shop/cart_test.go'], 'pkg/cart/cart_test.go'],
    ['in Java', 'src/main/java/a/b/Cart.java', ['src/test/java/a/b/CartTest.java'], 'src/test/java/a/b/CartTest.java'],
    ['in C#', 'src/Shop/Cart.cs', ['tests/Shop.Tests/CartTests.cs'], 'tests/Shop.Tests/CartTests.cs'],
    ['in Ruby', 'app/models/user.rb', ['spec/models/user_spec.rb'], 'spec/models/user_spec.rb'],
  ];
  for (const [what, file, others, expected] of existing) {
    it(`is the test that exists, ${what}`, () => {
      const found = testPlaceOf(file, [file, ...others]);
      assert.equal(found?.path, expected);
      assert.equal(found.exists, true);
    });
  }

  const likeOthers: [string, string, string[], string][] = [
    ['beside', 'src/cart.ts', ['src/price.ts', 'src/price.test.ts'], 'src/cart.test.ts'],
    ['with the name that is used', 'src/a/cart.ts', ['src/b/price.ts', 'src/b/price.spec.ts'], 'src/a/cart.spec.ts'],
    ['mirrored', 'src/core/ai/cart.ts', ['src/core/price.ts', 'test/unit/core/price.test.ts'], 'test/unit/core/ai/cart.test.ts'],
    ['in a flat folder', 'src/cart.ts', ['src/price.ts', 'test/price.test.ts'], 'test/cart.test.ts'],
    ['in a folder whose tests tell of nothing', 'src/cart.ts', ['test/unit/odd.test.ts'], 'test/unit/cart.test.ts'],
    ['in __tests__', 'src/a/cart.ts', ['src/a/price.ts', 'src/a/__tests__/price.ts'], 'src/a/__tests__/cart.ts'],
    [
      'in each package',
      'packages/b/src/cart.ts',
      ['packages/a/src/price.ts', 'packages/a/test/price.test.ts'],
      'packages/b/test/cart.test.ts',
    ],
    ['in Python', 'shop/api/cart.py', ['shop/price.py', 'tests/test_price.py'], 'tests/api/test_cart.py'],
    [
      'in Java',
      'src/main/java/a/Cart.java',
      ['src/main/java/b/Price.java', 'src/test/java/b/PriceTests.java'],
      'src/test/java/a/CartTests.java',
    ],
    ['in Elixir', 'lib/shop/cart.ex', ['lib/shop/price.ex', 'test/shop/price_test.exs'], 'test/shop/cart_test.exs'],
    ['in JavaScript beside TypeScript', 'src/cart.js', ['src/price.ts', 'src/price.test.ts'], 'src/cart.test.js'],
  ];
  for (const [what, file, others, expected] of likeOthers) {
    it(`follows the other tests, ${what}`, () => {
      const found = testPlaceOf(file, [file, ...others]);
      assert.equal(found?.path, expected);
      assert.equal(found.exists, false);
      assert.ok(others.includes(found.example ?? ''), 'shows one');
    });
  }

  const customs: [string, string][] = [
    ['src/cart.ts', 'src/cart.test.ts'],
    ['shop/cart.py', 'tests/test_cart.py'],
    ['src/shop/cart.py', 'tests/shop/test_cart.py'],
    ['pkg/cart.go', 'pkg/cart_test.go'],
    ['src/main/kotlin/a/Cart.kt', 'src/test/kotlin/a/CartTest.kt'],
    ['app/models/user.rb', 'spec/models/user_spec.rb'],
    ['src/Cart.php', 'tests/CartTest.php'],
    ['lib/cart.dart', 'test/cart_test.dart'],
    ['lib/shop/cart.ex', 'test/shop/cart_test.exs'],
    ['src/Cart.vue', 'src/Cart.test.ts'],
  ];
  for (const [file, expected] of customs) {
    it(`goes by the language's custom without any test: ${file}`, () => {
      const found = testPlaceOf(file, [file, 'README.md', 'docs/index.md']);
      assert.equal(found?.path, expected);
      assert.equal(found.example, undefined);
    });
  }

  it('takes no test of another file with the same name', () => {
    assert.equal(place('src/a/index.ts', ['src/b/index.test.ts', 'src/b/index.ts']), 'src/a/index.test.ts');
    assert.equal(place('src/shop/cart.ts', ['test/admin/reports/archive/cart.test.ts']), 'test/cart.test.ts');
  });

  it('has none for a test, and none where no custom is known', () => {
    assert.equal(testPlaceOf('src/cart.test.ts', []), undefined);
    assert.equal(testPlaceOf('tests/test_cart.py', []), undefined);
    assert.equal(testPlaceOf('src/__tests__/cart.ts', []), undefined);
    assert.equal(testPlaceOf('README.md', []), undefined);
    assert.equal(testPlaceOf('Makefile', []), undefined);
    assert.equal(testPlaceOf('.env', []), undefined);
  });

  it('never leads out of the folder, and takes long lists in a moment', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => [`src/m${index}/f${index}.ts`, `test/m${index}/f${index}.test.ts`]).flat();
    assert.equal(place('src/m9/new.ts', many), 'test/m9/new.test.ts');
    for (const file of ['a.ts', 'x/a.ts']) assert.ok(!(place(file, many) ?? '').startsWith('.'));
  });
});
