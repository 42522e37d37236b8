import assert from 'node:assert/strict';
import fc from 'fast-check';
import { contentDigest } from '../../../src/core/workflow/shared/content.ts';
import { lockText, parseLock } from '../../../src/core/workflow/shared/lock.ts';
import type { LockEntry } from '../../../src/core/workflow/shared/lock.ts';
import { isCommit, isShared, parseSource, sourceBeside } from '../../../src/core/workflow/shared/source.ts';
import { places } from './places.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

describe('a source of a shared workflow', () => {
  const read = (text: string) => {
    const source = parseSource(text);
    return 'message' in source ? source.message : [source.url, source.path, source.version];
  };

  for (const [text, ...expected] of [
    ['acme/workflows//base.yml@v1', 'https://github.com/acme/workflows.git', 'base.yml', 'v1'],
    ['acme/workflows.git//a/b c.yaml@release/2.0', 'https://github.com/acme/workflows.git', 'a/b c.yaml', 'release/2.0'],
    [`acme/w//base.yml@${COMMIT}`, 'https://github.com/acme/w.git', 'base.yml', COMMIT],
    ['https://Git.Example.com:8443/team/x.git//a.yml@v1', 'https://git.example.com:8443/team/x.git', 'a.yml', 'v1'],
    ['ssh://git@example.com/team/x//a.yml@v1', 'ssh://git@example.com/team/x', 'a.yml', 'v1'],
    ['git@example.com:team/x.git//a@b.yml@v1', 'ssh://git@example.com/team/x.git', 'a@b.yml', 'v1'],
  ] as const) {
    it(`is ${text}`, () => {
      assert.equal(isShared(text), true);
      assert.deepEqual(read(text), expected);
    });
  }

  for (const [text, why] of [
    ['http://example.com/x//a.yml@v1', /by http; only https and ssh/],
    ['git://example.com/x//a.yml@v1', /by git;/],
    ['file:///etc//a.yml@v1', /by file;/],
    ['ext::sh -c "touch x"//a.yml@v1', /by ext;/],
    ['javascript:alert//a.yml@v1', /by javascript;/],
    ['https://example.com/x/a.yml@v1', /names no file/],
    ['acme/w//a.yml', /names no version/],
    ['acme/w//a.yml@', /no tag, branch or commit/],
    ['acme/w//@v1', /no workflow file/],
    ['acme/w//a.txt@v1', /no workflow file/],
    ['acme/w//.git/config.yml@v1', /no workflow file/],
    ['acme/w//a//b.yml@v1', /no workflow file/],
    ['acme/w//../a.yml@v1', /leads upwards/],
    ['acme/w///etc/a.yml@v1', /is absolute/],
    ['acme/w//a\\b.yml@v1', /no workflow file/],
    ['acme/..//a.yml@v1', /no repository/],
    ['a/b/c//a.yml@v1', /no repository/],
    ['//a.yml@v1', /no repository/],
    ['-oProxyCommand=x@host:a/b//a.yml@v1', /no repository/],
    ['ssh://-oProxyCommand=touch/x//a.yml@v1', /no repository/],
    ['ssh://git@-host/x//a.yml@v1', /no repository/],
    ['git@host:-x//a.yml@v1', /no repository/],
    ['https://user:secret@example.com/x//a.yml@v1', /name or a password/],
    ['https://token@example.com/x//a.yml@v1', /name or a password/],
    ['https://example.com/x?y=z//a.yml@v1', /no repository/],
    ['https://example.com/../x//a.yml@v1', /no repository/],
    ['https://exam ple.com/x//a.yml@v1', /no repository/],
    ['acme/w//a.yml@-v1', /no tag, branch or commit/],
    ['acme/w//a.yml@--upload-pack=touch', /no tag, branch or commit/],
    ['acme/w//a.yml@a..b', /no tag, branch or commit/],
    ['acme/w//a.yml@x.lock', /no tag, branch or commit/],
    ['acme/w//a.yml@v1:refs/heads/x', /no tag, branch or commit/],
    ['acme/w//a.yml@$(id)', /no tag, branch or commit/],
    ['acme/w//a\u0000.yml@v1', /NUL/],
    ['acme/w//a\n.yml@v1', /no workflow file/],
  ] as const) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.equal(isShared(text), true, 'it must not be taken for a path');
      assert.match(String(read(text)), why);
    });
  }

  it('is no path of this repository, and the reverse', () => {
    for (const path of ['base.yml', './base.yml', 'parts/base.yml', '../base.yml', '/etc/passwd', 'a@b.yml', 'C:\\x.yml']) {
      assert.equal(isShared(path), false, path);
    }
  });

  it('never gives git an address that is not https or ssh, nor anything that begins with a dash', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'acme/w',
        'https://',
        'ssh://',
        'git@',
        'host',
        ':',
        '/',
        '//',
        '@',
        '-',
        '..',
        'a.yml',
        '@v1',
        'ext::',
        'file://',
        '--x',
        ' ',
        '\n',
        '%',
        '?',
      ),
      fc.string({ maxLength: 5, unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const source = parseSource(pieces.join(''));
        if ('message' in source) return;
        assert.match(
          source.url,
          /^(?:https|ssh):\/\/(?:[A-Za-z0-9_][\w.-]*@)?[a-z0-9][a-z0-9.-]*(?::\d+)?\/[^-\s\u0000-\u001f?#][^\s\u0000-\u001f?#]*$/,
        );
        assert.match(source.version, /^[A-Za-z0-9]/);
        assert.doesNotMatch(source.path, /^\/|(?:^|\/)\.\.(?:\/|$)|[\u0000-\u001f]/);
        assert.deepEqual(parseSource(source.text), source);
      }),
      { numRuns: 3000 },
    );
  });

  it('of a file beside it stays in the same version of the same repository', () => {
    const source = parseSource('git@example.com:team/x//a/b.yml@v1');
    assert.ok(!('message' in source));
    const beside = (target: string) => {
      const found = sourceBeside(source, target);
      return 'message' in found ? found.message : found.text;
    };
    assert.equal(beside('./c.yml'), 'git@example.com:team/x//a/c.yml@v1');
    assert.equal(beside('parts/c.yml'), 'git@example.com:team/x//a/parts/c.yml@v1');
    for (const bad of ['../c.yml', '/c.yml']) assert.match(beside(bad), /leads upwards|absolute/);
  });

  it('of a whole commit cannot move', () => {
    assert.deepEqual([COMMIT, COMMIT + COMMIT.slice(0, 24), COMMIT.slice(1), 'v1', COMMIT.toUpperCase()].map(isCommit), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('.handrail/lock.yml', () => {
  const digest = contentDigest('version: 1\n');
  const entry = (source: string, fields: Partial<LockEntry> = {}): LockEntry => ({ source, commit: COMMIT, digest, ...fields });

  it('is written sorted, the same for the same entries, and read again as it was', () => {
    const entries = [entry('acme/w//a.yml@v1'), entry('acme/w//b.yml@v1'), entry('git@h:t/x//"q".yml@v2', { commit: '9'.repeat(40) })];
    const text = lockText(entries.toReversed());
    assert.equal(text, lockText(entries));
    assert.deepEqual(parseLock(text), { entries, problems: [] });
    assert.deepEqual(parseLock(lockText([])), { entries: [], problems: [] });
  });

  it('names content by the SHA-256 of its bytes, a byte order mark included', () => {
    assert.equal(contentDigest(''), 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    assert.notEqual(contentDigest('\uFEFFa'), contentDigest('a'));
  });

  const text = (...items: string[]) => `version: 1\nextends:\n${items.map((item) => `  - ${item}\n`).join('')}`;
  const item = (source: string, commit = COMMIT) => `{ source: "${source}", commit: "${commit}", digest: "${digest}" }`;
  for (const [name, content, expected] of [
    ['an unknown key', text(`{ source: "acme/w//a.yml@v1", commit: "${COMMIT}", digest: "${digest}", tag: v1 }`), ['unknown-key: tag']],
    ['a short commit', text(item('acme/w//a.yml@v1', 'abc1234')), ['bad-value: "abc1234"']],
    ['no digest', text(`{ source: "acme/w//a.yml@v1", commit: "${COMMIT}" }`), ['missing-key: source']],
    ['a source that is none', text(item('http://x//a.yml@v1')), ['bad-value: "http://x//a.yml@v1"']],
    ['a file twice', text(item('acme/w//a.yml@v1'), item('acme/w//a.yml@v1')), ['bad-value: "acme/w//a.yml@v1"']],
    [
      'two commits of one version',
      text(item('acme/w//a.yml@v1'), item('acme/w//b.yml@v1', '9'.repeat(40))),
      [`bad-value: "${'9'.repeat(40)}"`],
    ],
    ['another version of itself', 'version: 2\nextends: []\n', ['bad-value: 2']],
    ['no list', 'version: 1\n', ['missing-key: version']],
  ] as const) {
    it(`is refused with ${name}`, () => {
      const parsed = parseLock(content);
      assert.equal(parsed.entries, undefined);
      assert.deepEqual(places(content, parsed.problems), expected);
    });
  }

  it('is read in any order, with a word about it', () => {
    const parsed = parseLock(text(item('acme/w//b.yml@v1'), item('acme/w//a.yml@v1'), item('acme/w//0.yml@v1')));
    assert.equal(parsed.entries?.length, 3);
    assert.deepEqual(
      parsed.problems.map(({ severity, message }) => [severity, message]),
      [['warning', 'The entries are not sorted by source.']],
    );
  });
});
