import assert from 'node:assert/strict';
import fc from 'fast-check';
import ignore from 'ignore';
import { parseCodeOwners } from '../../../src/core/workflow/verify/codeowners.ts';

const ownersOf = (text: string, path: string, file = '.github/CODEOWNERS'): string[][] => parseCodeOwners(text, file).groupsOf(path);
const owned = (pattern: string, path: string, file?: string): boolean => ownersOf(`${pattern} @o`, path, file).length > 0;

describe('CODEOWNERS', () => {
  /** From GitHub's page "About code owners", each line with paths that it is about and is not. */
  const PATTERNS: [pattern: string, yes: string[], no: string[]][] = [
    ['*', ['a', 'a/b/c.js'], []],
    ['*.js', ['a.js', 'src/deep/a.js'], ['a.jsx', 'js']],
    ['/build/logs/', ['build/logs/a', 'build/logs/deep/b'], ['build/logs', 'x/build/logs/a']],
    ['docs/*', ['docs/getting-started.md'], ['docs/build-app/troubleshooting.md', 'x/docs/a.md']],
    ['apps/', ['apps/a', 'x/apps/deep/b'], ['apps']],
    ['/docs/', ['docs/a', 'docs/b/c'], ['x/docs/a']],
    ['/scripts/', ['scripts/a'], ['x/scripts/a']],
    ['**/logs', ['build/logs/a', 'logs/b', 'deeply/nested/logs/x/y', 'logs'], ['logs.txt']],
    ['/apps/github', ['apps/github', 'apps/github/a'], ['x/apps/github']],
    ['apps/github', ['apps/github/a'], ['x/apps/github/a']],
    ['/src/**/test', ['src/test/a', 'src/a/b/test'], ['test/a']],
    ['/a?c.txt', ['abc.txt'], ['ac.txt', 'a/c.txt']],
    ['docs\\ and\\ more/', ['docs and more/a'], ['docs/a']],
    ['README.md', ['README.md', 'x/README.md'], ['readme.md']],
  ];
  for (const [pattern, yes, no] of PATTERNS) {
    it(`reads ${pattern} as GitHub does`, () => {
      for (const path of yes) assert.equal(owned(pattern, path), true, path);
      for (const path of no) assert.equal(owned(pattern, path), false, path);
    });
  }

  it('takes the last line that matches, also one that takes the owners away', () => {
    const text = '* @all\n/apps/ @octocat\n/apps/github\n/apps/github/deep/ @doctocat\n';
    assert.deepEqual(ownersOf(text, 'x'), [['@all']]);
    assert.deepEqual(ownersOf(text, 'apps/a'), [['@octocat']]);
    assert.deepEqual(ownersOf(text, 'apps/github/a'), []);
    assert.deepEqual(ownersOf(text, 'apps/github/deep/a'), [['@doctocat']]);
  });

  it('passes over lines that are wrong, and comments', () => {
    const text = '# all\n* @all # me\n!*.md @not\n[a-z].ts @range\n*.go notanowner\n*.rs @ok owner\n/x @x#y\n\\#a @hash\n';
    for (const path of ['a.md', 'b.ts', 'c.go', 'd.rs', 'x', '#a']) assert.deepEqual(ownersOf(text, path), [['@all']], path);
  });

  it('takes names without regard to case, ASCII only, teams and addresses as they are', () => {
    assert.deepEqual(ownersOf('* @Ada @Acme/Core Docs@Example.com', 'x'), [['@ada', '@acme/core', 'docs@example.com']]);
    const { owns } = parseCodeOwners('* @kim\n', 'CODEOWNERS');
    assert.equal(owns(new Set(['@kim']), 'x'), true);
    assert.equal(owns(new Set(['@\u212Aim']), 'x'), false);
  });

  it("asks for an approval of each of GitLab's sections", () => {
    const text = '* @all\n\n[Docs][2] @docs @writers\ndocs/\n*.md @md\n\n^[Nice] @nice\nsrc/\n[docs]\n*.txt @late\n';
    assert.deepEqual(ownersOf(text, 'x/docs/a.md', 'CODEOWNERS'), [['@all'], ['@md']]);
    assert.deepEqual(ownersOf(text, 'docs/a', 'CODEOWNERS'), [['@all'], ['@docs', '@writers']]);
    assert.deepEqual(ownersOf(text, 'src/a', 'CODEOWNERS'), [['@all']]);
    assert.deepEqual(ownersOf(text, 'docs/b.txt', 'CODEOWNERS'), [['@all'], ['@late']]);
    const owners = parseCodeOwners(text, 'CODEOWNERS');
    assert.equal(owners.owns(new Set(['@nice']), 'src/a'), true, 'may approve without having to');
    assert.equal(owned('docs/api/', 'x/docs/api/a', '.gitlab/CODEOWNERS'), true);
    assert.equal(owned('/docs/api/', 'x/docs/api/a', '.gitlab/CODEOWNERS'), false);
  });

  it('owns nothing by a file that the host would not load, and ends in time with patterns made to hang', () => {
    assert.deepEqual(ownersOf(`* @o\n${'# more\n'.repeat(500_000)}`, 'x'), []);
    const started = performance.now();
    owned(`/${'*a'.repeat(200)}b`, 'a'.repeat(2_000));
    owned(`/${'**/a/'.repeat(100)}b`, 'a/'.repeat(500));
    assert.ok(performance.now() - started < 2_000);
  });

  it('agrees with gitignore where the hosts say that they do', () => {
    const name = fc.constantFrom('a', 'b', 'ab', 'a.js', 'docs');
    const part = fc.oneof(name, fc.constantFrom('*', 'a*', '*.js', '?', '**'));
    const pattern = fc
      .tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([anchored, parts, folder]) => {
        return `${anchored ? '/' : ''}${parts.join('/')}${folder ? '/' : ''}`;
      });
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(pattern, path, (text, file) => {
        // There the hosts differ on purpose: `x/*` is about files right in the folder.
        fc.pre(!text.endsWith('/*') && !/\*\*\/?$/.test(text) && !/\*\*[^/]|[^/]\*\*/.test(text));
        assert.equal(owned(text, file), ignore().add(text).ignores(file), `${text} on ${file}`);
      }),
      { numRuns: 2_000 },
    );
  });
});
