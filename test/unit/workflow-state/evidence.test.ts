import assert from 'node:assert/strict';
import fc from 'fast-check';
import { branchKey, branchSlug, runKey } from '../../../src/core/workflow/branch.ts';
import { toChangeSet } from '../../../src/core/workflow/changes.ts';
import { changeDigest, digestOf, stepDigest, workflowDigest } from '../../../src/core/workflow/digests.ts';
import { latestByStep, toRecord } from '../../../src/core/workflow/evidence.ts';
import { parseRecord } from '../../../src/core/workflow/evidenceGrammar.ts';
import { hasSection } from '../../../src/core/workflow/sections.ts';
import { changesOf, command, generate, manual, recordOf, review, RUN, workflowOf } from './planFixtures.ts';

const workflow = workflowOf(manual({ id: 'a' }), manual({ id: 'b' }));
const changes = changesOf({ 'x.txt': '1' });
const stored = (record: ReturnType<typeof recordOf>): { text: string; hex: string } => {
  const { id, ...body } = record;
  return { text: JSON.stringify(body), hex: id.slice('sha256:'.length) };
};

describe('evidence records', () => {
  it('are named by the SHA-256 of their canonical JSON, whatever the order of keys or the formatting', () => {
    // Known answer: printf '{"a":1,"b":[true,null]}' | sha256sum
    assert.equal(digestOf({ b: [true, null], a: 1 }), 'sha256:1cc69c7fa23616ca2ec3ee70d24390a6225c8832db8a4c814c7e0e7f942f8668');
    const record = recordOf(workflow, 'a', changes);
    const { text, hex } = stored(record);
    const reversed = Object.fromEntries(Object.entries(JSON.parse(text) as object).reverse());
    for (const form of [text, JSON.stringify(reversed, null, 4)]) assert.deepEqual(parseRecord(form, hex, RUN), { record });
  });

  it('are refused with a sentence when damaged, edited, foreign or copied from another run', () => {
    const { text, hex } = stored(recordOf(workflow, 'a', changes));
    const problem = (form: string, name = hex, run = RUN): string => {
      const parsed = parseRecord(form, name, run);
      assert.ok('problem' in parsed, form);
      return parsed.problem;
    };
    assert.match(problem(text.slice(0, 40)), /not valid JSON/);
    assert.match(problem('null'), /not a record/);
    assert.match(problem('[]'), /not a record/);
    assert.match(problem(text.replace('"human"', '"agent"')), /was edited/);
    assert.match(problem(text.replace('{', '{"extra":1,')), /not a record/);
    assert.match(problem(text, hex, 'other-000000'), /another run/);
  });

  it('never make parsing throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseRecord(text, 'f'.repeat(64), RUN)));
  });

  it('are ordered by who knew whom, then by time, then by id', () => {
    const first = recordOf(workflow, 'a', changes, { time: 50 });
    const knowing = recordOf(workflow, 'a', changes, { time: 10, previous: first.id });
    assert.equal(latestByStep([first, knowing]).get('a'), knowing, 'knowing beats time');
    const later = recordOf(workflow, 'a', changes, { time: 60, previous: first.id });
    assert.equal(latestByStep([knowing, first, later]).get('a'), later, 'time among those that did not know each other');
    const { time: _, ...timeless } = knowing;
    const untimed = toRecord({ ...timeless, result: { outcome: 'reopened' } });
    assert.equal(latestByStep([untimed, knowing]).get('a'), knowing, 'without time counts as earliest');
    const twins = [recordOf(workflow, 'a', changes, { time: 7, model: 'm' }), recordOf(workflow, 'a', changes, { time: 7, model: 'n' })];
    const greater = twins.toSorted((a, b) => (a.id < b.id ? -1 : 1)).at(-1);
    assert.equal(latestByStep(twins).get('a'), greater);
    assert.equal(latestByStep(twins.toReversed()).get('a'), greater);
  });

  it('of one step do not hide those of another', () => {
    const a = recordOf(workflow, 'a', changes);
    const b = recordOf(workflow, 'b', changes, { previous: a.id });
    assert.deepEqual([...latestByStep([a, b]).keys()].sort(), ['a', 'b']);
  });
});

describe('digests', () => {
  it('of a step cover what changes its meaning and nothing else', () => {
    const step = command({ id: 'tests', run: 'npm test' });
    const same = [
      { title: 'Other' },
      { why: 'x' },
      { learn: 'x.md' },
      { needs: ['a'] },
      { when: 'true' },
      { retry: 3 },
      { continueOnFailure: true },
    ];
    for (const edit of same) assert.equal(stepDigest({ ...step, ...edit }), stepDigest(step), JSON.stringify(edit));
    const other = [{ run: 'true' }, { inputs: ['a'] }, { expect: [{ kind: 'exit', code: 1 }] }];
    for (const edit of other) assert.notEqual(stepDigest({ ...step, ...edit } as typeof step), stepDigest(step), JSON.stringify(edit));
    const ai = review({ id: 'r' });
    for (const edit of [{ scope: 'file' }, { require: 'model' }, { role: 'x' }, { independentOf: ['tests'] }]) {
      assert.notEqual(stepDigest({ ...ai, ...edit } as typeof ai), stepDigest(ai), JSON.stringify(edit));
    }
    assert.notEqual(stepDigest(ai, { modelPin: 'openai:a' }), stepDigest(ai, { modelPin: 'openai:b' }));
    const prompted = generate({ id: 'g' });
    assert.notEqual(stepDigest({ ...prompted, performer: 'agent' } as typeof prompted), stepDigest(prompted));
    assert.notEqual(stepDigest(prompted, { prompt: 'a' }), stepDigest(prompted, { prompt: 'b' }));
  });

  it('of a workflow change with what it runs and when, not with its words', () => {
    const base = workflowOf(command({ id: 'tests', run: 'npm test' }));
    assert.equal(workflowDigest({ ...base, title: 'Other' }), workflowDigest(base));
    assert.notEqual(workflowDigest(workflowOf(command({ id: 'tests', run: 'curl evil' }))), workflowDigest(base));
    assert.notEqual(workflowDigest(workflowOf(command({ id: 'tests', run: 'npm test', when: 'false' }))), workflowDigest(base));
    assert.notEqual(workflowDigest({ ...base, vars: { x: 'true' } }), workflowDigest(base));
    // How often a command may run was agreed to with the command.
    assert.notEqual(workflowDigest(workflowOf(command({ id: 'tests', run: 'npm test', retry: 1 }))), workflowDigest(base));
    assert.notEqual(workflowDigest(workflowOf(command({ id: 'tests', run: 'npm test', continueOnFailure: true }))), workflowDigest(base));
    assert.equal(workflowDigest(workflowOf(command({ id: 'tests', run: 'npm test', retry: 0 }))), workflowDigest(base));
  });

  it('of a change depend on paths, blobs and modes, not on the order or on line counts', () => {
    const [a, b] = changesOf({ 'a.txt': '1', 'b.txt': '2' }).entries;
    assert.ok(a && b);
    const digest = changeDigest([a, b]);
    assert.equal(changeDigest(toChangeSet('other base', [b, { ...a, linesAdded: 99 }]).entries), digest);
    for (const edit of [{ newBlob: 'x' }, { oldBlob: 'x' }, { newMode: '100755' }, { path: 'c.txt' }]) {
      assert.notEqual(changeDigest([{ ...a, ...edit }, b]), digest, JSON.stringify(edit));
    }
  });

  it('take text that is not well-formed for what a file can hold', () => {
    assert.equal(digestOf({ text: 'a\uD800' }), digestOf({ text: 'a\uFFFD' }));
  });
});

describe('branch keys', () => {
  it('are short, safe in file names and different for different branches', () => {
    assert.equal(branchSlug('feat/login'), 'feat-login');
    assert.equal(branchKey('feat/login'), 'feat-login-d668f0');
    assert.equal(branchSlug('功能'), 'branch');
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 250, unit: 'grapheme' }), (branch) => {
        assert.match(branchKey(branch), /^[A-Za-z0-9_][A-Za-z0-9._-]{0,59}-[0-9a-f]{6}$/);
      }),
    );
    assert.notEqual(branchKey('feat/a-b'), branchKey('feat/a/b'));
    assert.notEqual(runKey(null, 'a'.repeat(40)), runKey(null, 'b'.repeat(40)));
  });
});

describe('sections of a markdown file', () => {
  const text = '\uFEFF# Problem: ##\r\n\r\n```\n# Example\n```\n\nAcceptance **checks**\n---\n   ### `Risk` ###\n#nospace\n- list\n===\n';
  for (const [name, isThere] of Object.entries({
    Problem: true,
    problem: true,
    Example: false,
    'acceptance checks': true,
    Risk: true,
    nospace: false,
  })) {
    it(`${isThere ? 'finds' : 'does not find'} ${name}`, () => assert.equal(hasSection(text, name), isThere));
  }

  it('reads long runs of marks without going back and forth, which would exceed the time of a test', () => {
    assert.equal(
      hasSection(
        `# ${'#'.repeat(500_000)}x
# ${' '.repeat(500_000)}y`,
        'z',
      ),
      false,
    );
  });
});
