import assert from 'node:assert/strict';
import { Draft } from '../../../src/core/workflow/authoring/draft.ts';
import { mendedGlob } from '../../../src/core/workflow/authoring/globMends.ts';
import { fixesFor } from '../../../src/core/workflow/authoring/quickFixes.ts';
import type { Fix } from '../../../src/core/workflow/authoring/quickFixes.ts';
import { parseModels } from '../../../src/core/ai/models/config.ts';
import { parseDismissals } from '../../../src/core/ai/review/dismissalsFile.ts';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';
import type { Problem } from '../../../src/core/workflow/problem.ts';
import { FILE, workspace } from './support.ts';

const HEAD = 'version: 1\nid: w\ntitle: W\n';
const MODELS = '.handrail/models.yml';
const DISMISSALS = '.handrail/dismissals.yml';
const around = workspace({ [MODELS]: 'version: 1\nmodels: { m: { provider: builtin } }\nroles: { review: m }\n', 'docs/there.md': '' });

function problemsOf(text: string, path: string): Problem[] {
  if (path === MODELS) return parseModels(text).problems;
  if (path === DISMISSALS) return parseDismissals(text).problems;
  return parseWorkflow(text, path, { exists: around.exists, read: around.read, roles: ['review'] }).problems;
}

/** The problem of a text, which may have it several times, and the fixes that are offered for the first. */
function fixes(text: string, path = FILE): { problem: Problem; fixes: Fix[] } {
  const [problem, ...more] = problemsOf(text, path);
  assert.ok(
    problem && more.every(({ message }) => message === problem.message),
    `expected one problem, not ${JSON.stringify(problemsOf(text, path).map(({ message }) => message))}`,
  );
  const draft = Draft.of(text, path);
  assert.ok(draft);
  return { problem, fixes: fixesFor(draft, problem, around) };
}

function applied(text: string, fix: Fix): string {
  if (!('edits' in fix)) return text;
  return fix.edits
    .toSorted((left, right) => right.span.start - left.span.start)
    .reduce((current, { span, text: put }) => current.slice(0, span.start) + put + current.slice(span.end), text);
}

const step = (lines: string): string => `${HEAD}steps:\n  - id: a\n    kind: manual\n    title: A\n${lines}`;

describe('a quick fix', () => {
  for (const [name, before, after, path] of [
    ['the key that was meant', step('    need: []\n'), step('    needs: []\n'), FILE],
    [
      'the key that was meant, in brackets',
      step('').replace('title: A', 'title: A\n    expect: [{ atest: x }]'),
      step('').replace('title: A', 'title: A\n    expect: [{ attest: x }]'),
      FILE,
    ],
    ['a key of another kind', step('    run: npm test\n    why: W\n'), step('    why: W\n'), FILE],
    [
      'a key that nobody knows, in brackets',
      step('    expect: [{ attest: x, nonsense: 1 }]\n'),
      step('    expect: [{ attest: x }]\n'),
      FILE,
    ],
    [
      'a key that is missing',
      `${HEAD}steps:\n  - id: a # first\n    kind: manual\n`,
      `${HEAD}steps:\n  - id: a # first\n    title: What to do\n    kind: manual\n`,
      FILE,
    ],
    [
      'a key that is missing in brackets',
      `${HEAD}steps:\n  - { id: a, kind: manual }\n`,
      `${HEAD}steps:\n  - { id: a, title: What to do, kind: manual }\n`,
      FILE,
    ],
    [
      'what a kind needs',
      step('').replace('manual', 'command'),
      step('').replace('manual', 'command').replace('id: a\n', 'id: a\n    run: npm test\n'),
      FILE,
    ],
    ['a number that is text', step('    why: 5\n'), step('    why: "5"\n'), FILE],
    [
      'text that is a list',
      step('    needs: b\n  - { id: b, kind: manual, title: B }\n'),
      step('    needs: [b]\n  - { id: b, kind: manual, title: B }\n'),
      FILE,
    ],
    ['a kind', step('').replace('manual', 'manul'), step(''), FILE],
    ['an id', step('').replace('id: a', 'id: My Step!'), step('').replace('id: a', 'id: my-step'), FILE],
    [
      'a step that was meant',
      step('    needs: [setp]\n  - { id: step, kind: manual, title: S }\n'),
      step('    needs: [step]\n  - { id: step, kind: manual, title: S }\n'),
      FILE,
    ],
    [
      'a step that is nowhere',
      step('    needs: [zzzzzzzz, b]\n  - { id: b, kind: manual, title: B }\n'),
      step('    needs: [b]\n  - { id: b, kind: manual, title: B }\n'),
      FILE,
    ],
    [
      'a step that is nowhere, on a line',
      step('    needs:\n      - zzzzzzzz\n      - b\n  - { id: b, kind: manual, title: B }\n'),
      step('    needs:\n      - b\n  - { id: b, kind: manual, title: B }\n'),
      FILE,
    ],
    [
      'a role',
      `${HEAD}steps:\n  - { id: a, kind: review, title: A, role: revew }\n`,
      `${HEAD}steps:\n  - { id: a, kind: review, title: A, role: review }\n`,
      FILE,
    ],
    ['an id that is taken', step('  - { id: a, kind: manual, title: B }\n'), step('  - { id: a-2, kind: manual, title: B }\n'), FILE],
    ['steps in a circle', step('    needs: [a]\n'), step('    needs: []\n'), FILE],
    ['a name in an expression', step('    when: bramch == "x"\n'), step('    when: branch == "x"\n'), FILE],
    [
      'a variable in an expression',
      `vars: { risky: "size(changes) > 0" }\n${step('    when: "!vars.rysky"\n')}`,
      `vars: { risky: "size(changes) > 0" }\n${step('    when: "!vars.risky"\n')}`,
      FILE,
    ],
    ['a function in an expression', step('    when: changes.exist(f, true)\n'), step('    when: changes.exists(f, true)\n'), FILE],
    ['a glob with an open brace', step('    inputs: ["src/{a,b"]\n'), step('    inputs: ["src/{a,b}"]\n'), FILE],
    ['a glob of the shell', step('    inputs: ["@(a|b)/**"]\n'), step('    inputs: ["{a,b}/**"]\n'), FILE],
    ['an empty glob', step('    inputs: ["", src/**]\n'), step('    inputs: [src/**]\n'), FILE],
    ['an absolute path', step('    learn: /docs/there.md\n'), step('    learn: docs/there.md\n'), FILE],
    ['a key that stands twice', step('    why: X\n    why: Y\n'), step('    why: X\n'), FILE],
    [
      'tabs',
      `${HEAD}steps:\n\t- id: a\n\t  kind: manual\n\t  title: A\n`,
      `${HEAD}steps:\n  - id: a\n    kind: manual\n    title: A\n`,
      FILE,
    ],
    ['a colon in plain text', step('    why: because: it is\n'), step('    why: "because: it is"\n'), FILE],
    ['a version', step('').replace('version: 1', 'version: 2'), step(''), FILE],
    ['a condition that never holds', step('    when: "false"\n'), step(''), FILE],
    ['a provider', 'version: 1\nmodels: { a: { provider: bulitin } }\n', 'version: 1\nmodels: { a: { provider: builtin } }\n', MODELS],
    [
      'a model that was meant',
      'version: 1\nmodels: { fast: { provider: builtin } }\nroles: { review: fst }\n',
      'version: 1\nmodels: { fast: { provider: builtin } }\nroles: { review: fast }\n',
      MODELS,
    ],
    [
      'a model’s identifier',
      'version: 1\nmodels:\n  a:\n    provider: openai\n',
      'version: 1\nmodels:\n  a:\n    provider: openai\n    model: gpt-5.2\n',
      MODELS,
    ],
    [
      'a finding that is dismissed twice',
      'version: 1\ndismissals:\n  - { fingerprint: a123456789abcdef, reason: R }\n  - { fingerprint: a123456789abcdef, reason: R }\n',
      'version: 1\ndismissals:\n  - { fingerprint: a123456789abcdef, reason: R }\n',
      DISMISSALS,
    ],
  ] as const) {
    for (const [ending, convert] of [
      ['', (text: string) => text],
      [', with carriage returns', (text: string) => text.replaceAll('\n', '\r\n')],
    ] as const) {
      it(`mends ${name}${ending}`, () => {
        const found = fixes(convert(before), path);
        const [likeliest] = found.fixes;
        assert.ok(likeliest, `nothing is offered for ${found.problem.code}`);
        const mended = applied(convert(before), likeliest).replaceAll('\r\n', '\n');
        assert.equal(mended, after);
        assert.ok(!problemsOf(mended, path).some(({ code, message }) => code === found.problem.code && message === found.problem.message));
      });
    }
  }

  it('offers every value where there are few, the likeliest first', () => {
    const { fixes: offered } = fixes(step('').replace('manual', 'reviw'));
    assert.deepEqual(
      offered.map((fix) => 'with' in fix && fix.with),
      ['review', 'manual', 'command', 'generate', 'approval'],
    );
    assert.deepEqual(
      offered.map(({ isLikely }) => isLikely),
      [true, false, false, false, false],
    );
  });

  it('creates a prompt, a document and a file to build on, each with a beginning', () => {
    const prompt = fixes(`${HEAD}steps:\n  - { id: a, kind: generate, title: "Say: it", prompt: .github/p.prompt.md }\n`).fixes[0];
    assert.ok(prompt?.does === 'create-file');
    assert.match(prompt.create, /^---\ndescription: "Say: it"\n---\n/);
    const learn = fixes(step('    learn: docs/new.md#part\n')).fixes[0];
    assert.ok(learn?.does === 'create-file' && learn.path === 'docs/new.md');
    assert.match(learn.create, /^# A\n/);
    const base = fixes(`${HEAD}extends: [./new.yml]\nsteps: []\n`).fixes[0];
    assert.ok(base?.does === 'create-file' && base.path === '.handrail/workflows/new.yml');
    assert.deepEqual(parseWorkflow(base.create, base.path).problems, []);
  });

  it('never offers what would leave a hole', () => {
    assert.deepEqual(fixes(step('    needs:\n      - zzzzzzzz\n')).fixes, []);
    assert.deepEqual(fixes(step('    learn: ../outside.md\n')).fixes, []);
  });
});

describe('a glob that is mended', () => {
  for (const [glob, expected] of [
    ['src/{a,b', 'src/{a,b}'],
    ['src/[ab', 'src/[ab]'],
    ['@(a|b)', '{a,b}'],
    ['v{1..3}', 'v{1,2,3}'],
    [' src/** ', 'src/**'],
    ['a}', undefined],
    ['', undefined],
    ['+(a|b)', undefined],
    ['v{1..900}', undefined],
    ['src/**', undefined],
  ] as const) {
    it(`${JSON.stringify(glob)} becomes ${expected ?? 'nothing'}`, () => assert.equal(mendedGlob(glob), expected));
  }
});
