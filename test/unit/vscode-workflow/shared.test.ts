import assert from 'node:assert/strict';
import { parseSource } from '../../../src/core/workflow/shared/source.ts';
import type { SharedFile } from '../../../src/node/workflow/shared/sharedWorkflows.ts';
import { nodesOf } from '../../../src/vscode/workflow/nodes.ts';
import { fetchOutcome, fetchQuestion, modeFor, wanted } from '../../../src/vscode/workflow/sharedText.ts';
import { english, run } from './samples.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

function file(text: string, fields: Partial<SharedFile> = {}): SharedFile {
  const source = parseSource(text);
  assert.ok(!('message' in source));
  return { source, isHere: false, ...fields };
}

describe('shared workflows in the editor', () => {
  const open = file('acme/w//a.yml@v1');
  const away = file('acme/w//b.yml@v1', { commit: COMMIT });
  const here = file('git@host:t/x//c.yml@v2', { commit: COMMIT, isHere: true });

  it('are locked, fetched or looked at anew, whatever is next', () => {
    assert.deepEqual([modeFor([open, away, here]), modeFor([away, here]), modeFor([here])], ['add', 'fetch', 'update']);
    assert.deepEqual(wanted([open, away, here], 'add'), [open, away]);
    assert.deepEqual(wanted([away, here], 'fetch'), [away]);
    assert.deepEqual(wanted([here], 'update'), [here]);
  });

  it('are fetched only after a question that says what comes from where', () => {
    const { message, detail } = fetchQuestion(english, [open, away, here], 'add');
    assert.equal(message, 'Fetch shared workflows?');
    assert.equal(
      detail,
      [
        'https://github.com/acme/w.git',
        '    a.yml at v1',
        '    b.yml at v1',
        'ssh://git@host/t/x',
        '    c.yml at v2',
        '',
        'Their commit and content are written to .handrail/lock.yml, for you to review and commit.',
        'Nothing of them runs by being fetched.',
      ].join('\n'),
    );
    assert.match(fetchQuestion(english, [away], 'fetch').detail, /has to be what the lock says/);
  });

  it('say what became of it, a version that moved first', () => {
    const change = { source: 'acme/w//a.yml@v1', url: 'u', from: null, to: COMMIT };
    const outcome = (changes: (typeof change | { source: string; url: string; from: string; to: string })[], fetched: string[] = []) =>
      fetchOutcome(english, { written: null, changes, fetched });
    assert.match(
      outcome([change, { ...change, from: '9'.repeat(40), to: COMMIT }]),
      /a\.yml@v1 moved from 999999999999 to 0123456789ab\. Look/,
    );
    assert.match(outcome([change]), /lock of shared workflows was written/);
    assert.match(outcome([], ['x']), /were fetched/);
    assert.match(outcome([]), /as they were/);
  });

  it('are offered to be locked or fetched where the view says that they are missing', () => {
    const at = (remedy: 'lock' | 'fetch' | undefined) => {
      const place = { line: 1, column: 1, endLine: 1, endColumn: 2 };
      const problem = { ...place, severity: 'error' as const, code: 'missing-file' as const, message: 'm', ...(remedy && { remedy }) };
      const problems = [{ path: 'w.yml', problems: [problem] }];
      return nodesOf(english, { kind: 'invalid', run: run([]), problems }).map(({ item, command }) => [item.label, command]);
    };
    assert.deepEqual(at('lock'), [
      ['m', undefined],
      ['Lock Shared Workflows…', 'handrail.updateShared'],
    ]);
    assert.deepEqual(at('fetch'), [
      ['m', undefined],
      ['Fetch Shared Workflows…', 'handrail.updateShared'],
    ]);
    assert.deepEqual(at(undefined), [['m', undefined]]);
  });
});
