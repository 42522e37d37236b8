import assert from 'node:assert/strict';
import {
  approvalLines,
  type ApprovalMessage,
  approvalTag,
  parseApproval,
  repositoryName,
} from '../../../src/core/workflow/verify/approvalMessage.ts';
import { type Approver, isOwnerBesideAuthor, rule } from '../../../src/core/workflow/verify/approvers.ts';
import { authorNames, type CommitFacts } from '../../../src/core/workflow/verify/authors.ts';
import { parseCodeOwners } from '../../../src/core/workflow/verify/codeowners.ts';
import { namesOfEmail } from '../../../src/core/workflow/verify/names.ts';
import { parseReviews } from '../../../src/core/workflow/verify/reviews.ts';
import { namesOfSamePerson, parseSigners } from '../../../src/core/workflow/verify/signers.ts';

const MESSAGE: ApprovalMessage = {
  repository: 'github.com/acme/shop',
  step: 'sign-off',
  stepDigest: `sha256:${'1'.repeat(64)}`,
  changeDigest: `sha256:${'2'.repeat(64)}`,
  head: 'a'.repeat(40),
};
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';

describe('what a person signs', () => {
  it('is read as it was written, with blank lines or without', () => {
    for (const message of [MESSAGE, { ...MESSAGE, waiver: `sha256:${'3'.repeat(64)}` }, { ...MESSAGE, step: '@policy' }]) {
      assert.deepEqual(parseApproval(approvalLines(message).join('\n')), message);
      assert.deepEqual(parseApproval(`${approvalLines(message).join('\n\n')}\n`), message);
    }
    assert.equal(approvalTag('sign-off', MESSAGE.changeDigest), 'handrail/sign-off/2222222222222222');
  });

  it('is nothing when it lacks, repeats or adds a line, or has another form', () => {
    const lines = approvalLines(MESSAGE);
    const broken = [
      ...lines.map((_line, index) => lines.toSpliced(index, 1)),
      ...lines.slice(1).map((line) => [...lines, line]),
      [...lines, 'I approve everything.'],
      ['Approve', ...lines],
      ['handrail.approval/2', ...lines.slice(1)],
      lines.map((line) => line.replace('sign-off', 'Sign Off')),
      lines.map((line) => line.replace('a'.repeat(40), 'HEAD')),
      lines.map((line) => line.replace(': ', ':')),
      [],
    ];
    for (const one of broken) assert.ok('problem' in parseApproval(one.join('\n')), one.join('|'));
  });

  it('names a repository in one way, however it is written', () => {
    const same = [
      'github.com/Acme/Shop',
      'https://github.com/acme/shop.git',
      'git@github.com:acme/shop.git',
      'ssh://git@github.com/acme/shop',
      'https://user:token@github.com/acme/shop/',
    ];
    for (const address of same) assert.equal(repositoryName(address), 'github.com/acme/shop', address);
    assert.equal(repositoryName('https://gitlab.example.com:8443/a/b/c.git'), 'gitlab.example.com:8443/a/b/c');
    for (const none of ['', '/srv/shop.git', '../shop', 'file:///srv/shop', 'C:\\shop', 'https://github.com/acme/shop?x="; rm -rf"'])
      assert.equal(repositoryName(none), undefined, none);
  });
});

describe('whose signature counts', () => {
  it('is read from lines that name people, and no others', () => {
    const text = `# team\n@Ada,ada@example.com ${KEY}\n"@bob" namespaces="git",valid-before="20300101" ${KEY} comment here\n* ${KEY}\n!@eve,@bob ${KEY}\n@web-flow ${KEY}\n@ca cert-authority ${KEY}\n@x unknown="1" ${KEY}\n@y not-a-key\n`;
    const { signers, problems } = parseSigners(text);
    assert.deepEqual(
      signers.map(({ names, options }) => [names, options]),
      [
        [['@ada', 'ada@example.com'], ''],
        [['@bob'], 'namespaces="git",valid-before="20300101"'],
      ],
    );
    assert.equal(problems.length, 6);
  });

  it('ties the names of a person together, and nobody by a team', () => {
    const { signers } = parseSigners(
      `@ada,ada@example.com,@acme/core ${KEY}\nada@example.com,ada@home.example ${KEY}\n@bob,@acme/core ${KEY}\n`,
    );
    assert.deepEqual([...namesOfSamePerson(['@ada'], signers)].sort(), ['@ada', 'ada@example.com', 'ada@home.example']);
    assert.deepEqual([...namesOfSamePerson(['@acme/core'], signers)], ['@acme/core']);
  });

  it('tells accounts from the addresses that hosts make up, and leaves the host out', () => {
    assert.deepEqual(namesOfEmail('12+Ada@users.noreply.github.com'), ['12+ada@users.noreply.github.com', '@ada']);
    assert.deepEqual(namesOfEmail('34-ada@users.noreply.gitlab.com'), ['34-ada@users.noreply.gitlab.com', '@ada']);
    assert.deepEqual(namesOfEmail('ada@users.noreply.github.com'), ['ada@users.noreply.github.com', '@ada']);
    assert.deepEqual(namesOfEmail('noreply@github.com'), []);
    const commit: CommitFacts = {
      id: '',
      parents: [],
      tree: '',
      time: 0,
      authorEmail: 'A@x',
      committerEmail: 'noreply@github.com',
      message: 'feat\n\nCo-Authored-By: Bob <b@x>\nco-authored-by: C <c@x>\n',
      paths: [],
    };
    assert.deepEqual([...authorNames([commit])], ['a@x', 'b@x', 'c@x']);
  });
});

describe('reviews', () => {
  it('count by the latest opinion of each person, in the shape of the host and in our own', () => {
    const commit = 'c'.repeat(40);
    const of = (login: string, state: string, minute: number, type = 'User') => ({
      user: { login, type },
      state,
      commit_id: commit,
      submitted_at: `2026-01-02T10:0${minute}:00Z`,
      body: 'x',
    });
    const read = parseReviews([
      of('Ada', 'CHANGES_REQUESTED', 1),
      of('ada', 'APPROVED', 2),
      of('ada', 'COMMENTED', 3),
      of('bob', 'APPROVED', 1),
      of('bob', 'DISMISSED', 2),
      of('ci', 'APPROVED', 1, 'Bot'),
      of('helper[bot]', 'APPROVED', 1),
      of('web-flow', 'APPROVED', 1),
      of('eve', 'PENDING', 1),
      { user: null, state: 'APPROVED', commit_id: commit },
    ]);
    assert.ok(!('problem' in read));
    assert.deepEqual(read.approvals, [{ names: ['@ada'], label: '@ada', commit }]);
    assert.equal(read.notices.length, 4);
    const own = parseReviews({
      schema: 'handrail.reviews/1',
      author: '@Ada',
      reviews: [{ reviewer: '@Bob', names: ['@acme/core'], state: 'approved', commit, submitted: '2026-01-02T10:00:00+02:00' }],
    });
    assert.ok(!('problem' in own));
    assert.deepEqual([own.approvals[0]?.names, own.authors], [['@bob', '@acme/core'], ['@ada']]);
    for (const wrong of [{}, null, 'x', { schema: 'handrail.reviews/1', reviews: [], extra: 1 }, [{ state: 'APPROVED' }]])
      assert.ok('problem' in parseReviews(wrong));
  });
});

describe('who may approve', () => {
  const approver = (...names: string[]): Approver => ({ names: new Set(names), label: names[0] ?? '', source: 'host' });
  const owners = parseCodeOwners('/src/ @bob @carol\n/docs/ @dora\n/free/\n', 'CODEOWNERS');
  const rules = { owners, authors: new Set(['@ada', 'ada@x']) };
  const may = (anyOf: string[], not: string[], approvers: Approver[], paths: string[]): boolean =>
    'counts' in rule({ anyOf, not }, approvers, paths, rules);

  it("is one who is named, or for code owners one of each file's", () => {
    assert.equal(may(['@eve'], [], [approver('@eve')], ['src/a']), true);
    assert.equal(may(['codeowners'], [], [approver('@carol')], ['src/a', 'other']), true);
    assert.equal(may(['codeowners'], [], [approver('@carol')], ['src/a', 'docs/b']), false);
    assert.equal(may(['codeowners'], [], [approver('@carol'), approver('@dora')], ['src/a', 'docs/b']), true);
    assert.equal(may(['codeowners'], [], [approver('@eve')], ['other']), false);
    assert.equal(may(['codeowners'], [], [approver('@dora')], ['other']), true, 'any owner, where nobody owns anything of it');
    assert.equal(may(['@acme/core'], [], [approver('@eve', '@acme/core')], ['src/a']), true);
    assert.equal(may(['e@x'], [], [approver('@eve', 'e@x')], []), true);
    assert.equal(may(['codeowners'], [], [], ['src/a']), false);
  });

  it('is never an author, unless authors are named, and nobody who is kept out', () => {
    assert.equal(may(['@ada'], [], [approver('@ada')], []), false);
    assert.equal(may(['@ada', 'author'], [], [approver('@ada')], []), true);
    assert.equal(may(['author'], ['author'], [approver('@ada')], []), false);
    assert.equal(may(['codeowners'], ['@bob'], [approver('@bob')], ['src/a']), false);
    assert.equal(may(['@bob'], ['codeowners'], [approver('@bob')], ['src/a']), false);
    assert.equal(may(['@eve'], [], [{ ...approver('@eve'), claims: new Set(['ada@x']) }], []), false);
    assert.equal(may(['codeowners'], [], [{ ...approver('@eve'), claims: new Set(['@bob']) }], ['src/a']), false, 'a claim gives nothing');
  });

  it('is an owner of the very file for a change of policy', () => {
    assert.equal(isOwnerBesideAuthor(approver('@bob'), 'src/a', rules), true);
    assert.equal(isOwnerBesideAuthor(approver('@dora'), 'src/a', rules), false);
    assert.equal(isOwnerBesideAuthor(approver('@dora'), 'other', rules), true);
    assert.equal(isOwnerBesideAuthor(approver('@eve'), 'other', rules), false);
    assert.equal(isOwnerBesideAuthor(approver('@bob', '@ada'), 'src/a', rules), false);
  });
});
