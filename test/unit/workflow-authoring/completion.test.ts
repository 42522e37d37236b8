import assert from 'node:assert/strict';
import type { ExpressionFacts } from '../../../src/core/workflow/expressions.ts';
import { completions, labels, taking, workspace } from './support.ts';

const HEAD = 'version: 1\nid: w\ntitle: W\n';
const STEPS = `${HEAD}steps:\n  - id: a\n    kind: manual\n    title: A\n  - id: b\n    kind: manual\n    title: B\n    needs: [a]\n`;
const FACTS: ExpressionFacts = {
  branch: 'team/x',
  base: 'main',
  changes: [],
  added: [],
  deleted: [],
  lines: { added: 0, deleted: 0 },
  labels: [],
  ci: false,
};

describe('completion of keys', () => {
  it('offers what is valid and not there yet, with the grammar’s own words', async () => {
    const offers = await completions(`${HEAD}steps:\n  - id: a\n    kind: command\n    |\n`);
    const names = offers.map(({ label }) => label);
    assert.ok(names.includes('run') && names.includes('needs'));
    for (const absent of ['id', 'kind', 'prompt', 'by', 'scope', 'version']) assert.ok(!names.includes(absent), absent);
    assert.match(offers.find(({ label }) => label === 'needs')?.detail ?? '', /come before/);
  });

  it('puts what the step cannot be without first', async () => {
    const offers = await completions(`${HEAD}steps:\n  - id: a\n    kind: command\n    |\n`);
    const ordered = offers.toSorted((left, right) => (left.order < right.order ? -1 : 1)).map(({ label }) => label);
    assert.deepEqual(ordered.slice(0, 2), ['title', 'run']);
  });

  it('knows the kind of an overlay’s step from the file it builds on', async () => {
    const around = workspace({ '.handrail/workflows/base.yml': `${HEAD}steps:\n  - { id: t, kind: command, title: T, run: x }\n` });
    const names = await labels(`${HEAD}extends: [./base.yml]\nsteps:\n  - id: t\n    |\n`, around);
    assert.ok(names.includes('run') && names.includes('remove'));
    assert.ok(!names.includes('prompt'), names.join());
  });

  it('replaces the name alone where a value is there', async () => {
    assert.equal(await taking('title', `${HEAD}steps:\n  - tilte|: A\n`), `${HEAD}steps:\n  - title: A\n`);
    assert.equal(await taking('why', `${HEAD}steps:\n  - { "wy|": A }\n`), `${HEAD}steps:\n  - { "why": A }\n`);
  });

  it('writes lists of mappings and names in lines at the top, in brackets elsewhere', async () => {
    assert.equal(await taking('vars', `${HEAD}|`), `${HEAD}vars:\n  risky: lines.added + lines.deleted < 20`);
    assert.match(await taking('steps', `${HEAD}|`), /steps:\n {2}- id: step\n {4}kind: manual\n {4}title: What to do$/);
    assert.match(await taking('on', `${HEAD}|`), /on: \{ branches: \[feat\/\*\*\] \}$/);
  });

  it('offers variables that are used and not defined', async () => {
    assert.deepEqual(await labels(`${HEAD}vars:\n  |\nsteps:\n  - id: a\n    when: vars.risky && vars.small\n`), ['risky', 'small']);
  });

  for (const [where, marked, after] of [
    ['in brackets', '{ id: c, | }', '{ id: c, why: What goes wrong without it }'],
    ['before another key in brackets', '{ | id: c }', '{ why: What goes wrong without it,  id: c }'],
    ['behind a dash', '|', 'why: What goes wrong without it'],
    ['behind a dash, with keys below', '|\n    title: C', 'why: What goes wrong without it\n    title: C'],
  ] as const) {
    it(`writes ${where}`, async () => assert.equal(await taking('why', `${STEPS}  - ${marked}`), `${STEPS}  - ${after}`));
  }
});

describe('completion of values', () => {
  it('offers kinds with what each is', async () => {
    const offers = await completions(`${HEAD}steps:\n  - kind: |\n`);
    assert.deepEqual(
      offers.map(({ label, detail }) => [label, detail]),
      [
        ['manual', 'A person does it and ticks it'],
        ['command', 'A command runs'],
        ['generate', 'A model writes'],
        ['review', 'A model or the built-in reviewer reads'],
        ['approval', 'Someone other than the author approves'],
      ],
    );
    const overlay = await completions(`extends: [./x.yml]\n${HEAD}steps:\n  - kind: |\n`);
    assert.deepEqual(
      overlay.map(({ detail }) => detail),
      offers.map(({ detail }) => detail),
    );
  });

  it('offers steps to need: not the step itself, none that waits for it, none twice', async () => {
    assert.deepEqual(await labels(`${STEPS}  - id: c\n    needs: [b, |]\n`), ['a']);
    assert.deepEqual(await labels(`${STEPS}  - id: c\n    needs: [|\n      b,\n    ]\n`), ['a']);
    assert.deepEqual(await labels(`${STEPS}  - id: c\n    needs: [a|, b]\n`), ['a']);
    assert.deepEqual(await labels(`${STEPS}  - id: c\n    needs: [b|, a]\n`), ['b']);
    assert.deepEqual(await labels(STEPS.replace('title: A\n', 'title: A\n    needs: [|]\n')), []);
    assert.deepEqual(await labels(`${STEPS}  - id: c\n    needs:\n      - a\n      - |\n`), ['b']);
    assert.deepEqual(await labels(`${STEPS}  - id: c\n    kind: review\n    independent-of: [|]\n`), ['a', 'b']);
  });

  it('makes a list where there are no brackets yet', async () => {
    assert.equal(await taking('a', `${STEPS}  - id: c\n    needs: |\n`), `${STEPS}  - id: c\n    needs: [a]\n`);
    assert.equal(await taking('a', `${STEPS}  - id: c\n    needs:\n      |\n`), `${STEPS}  - id: c\n    needs:\n      - a\n`);
  });

  it('offers steps of the files that it builds on', async () => {
    const around = workspace({
      '.handrail/workflows/base.yml': `${HEAD}extends: [./deep/root.yml]\nsteps:\n  - { id: mid, kind: manual, title: M }\n`,
      '.handrail/workflows/deep/root.yml': `${HEAD}steps:\n  - { id: top, kind: manual, title: T }\n`,
    });
    assert.deepEqual(await labels(`extends: [./base.yml]\n${HEAD}steps:\n  - id: x\n    needs: [|]\n`, around), ['top', 'mid']);
    assert.deepEqual(await labels(`extends: [./base.yml]\n${HEAD}steps:\n  - id: |\n`, around), ['top', 'mid']);
  });

  it('survives files that extend each other in a circle', async () => {
    const around = workspace({ '.handrail/workflows/o.yml': `${HEAD}extends: [./w.yml]\nsteps:\n  - { id: o, kind: manual, title: O }\n` });
    assert.deepEqual(await labels(`extends: [./o.yml]\n${HEAD}steps:\n  - id: x\n    needs: [|]\n`, around), ['o']);
  });

  it('offers roles of models.yml, approvers, and the branch’s own prefix', async () => {
    const around = workspace(
      { '.handrail/models.yml': 'version: 1\nmodels: { m: { provider: builtin } }\nroles: { review: m, cheap: m }\n' },
      { branch: { slug: 'team-x', facts: FACTS } },
    );
    assert.deepEqual(await labels(`${HEAD}steps:\n  - id: a\n    role: |\n`, around), ['review', 'cheap']);
    assert.deepEqual(await labels(`${HEAD}steps:\n  - id: a\n    by: { not: [|] }\n`, around), ['author', 'agent', 'codeowners']);
    assert.equal((await labels(`${HEAD}on: { branches: [|] }\n`, around))[0], 'team/**');
  });

  it('offers whole steps of each kind, with ids that are free', async () => {
    const names = await labels(`${STEPS}  - |`);
    for (const name of ['manual step', 'command step', 'generate step', 'review step', 'approval step'])
      assert.ok(names.includes(name), name);
    assert.match(await taking('command step', `${STEPS.replace('id: a', 'id: tests')}  - |`), / {2}- id: tests-2\n {4}kind: command\n/);
    const onOwnLine = await taking('review step', `${STEPS}  |`);
    assert.match(onOwnLine, /\n {2}- id: ai-review\n {4}kind: review\n {4}title: AI review of the branch\n {4}why: /);
    assert.match(await taking('manual step', `${HEAD}steps: |`), /steps: \n {2}- id: self-check\n {4}kind: manual/);
  });

  it('offers the expectations that the kind of step can meet, one in each item', async () => {
    const at = (kind: string, expect: string): string => `${HEAD}steps:\n  - id: a\n    kind: ${kind}\n    expect: ${expect}\n`;
    assert.ok((await labels(at('command', '[|]'))).includes('exit'));
    assert.ok(!(await labels(at('command', '[|]'))).includes('findings'));
    assert.ok((await labels(at('review', '[|]'))).includes('coverage-receipt'));
    assert.deepEqual(await labels(at('manual', '[{ file: x, | }]')), ['sections']);
    assert.deepEqual(await labels(at('manual', '[{ attest: x, | }]')), []);
    assert.match(await taking('exit', at('command', '|')), /expect: \[\{ exit: 0 \}\]/);
    assert.match(await taking('file', at('manual', '\n      - |')), /- file: "docs\/notes\/\$\{branch\}\.md"\n {8}sections: \[Problem\]/);
  });
});

describe('completion of paths', () => {
  const around = workspace({
    'src/a.ts': '',
    'src/auth/login.ts': '',
    'docs/x.md': '',
    '.github/prompts/one.prompt.md': '',
    '.handrail/workflows/base.yml': '',
    '.handrail/workflows/deep/root.yml': '',
  });
  const step = (line: string): string => `${HEAD}steps:\n  - id: a\n    kind: manual\n    ${line}\n`;

  it('offers globs folder by folder', async () => {
    assert.deepEqual(await labels(step('inputs: [src/|]'), around), ['src/**', 'src/auth/**', 'src/**/*.ts', 'src/a.ts', 'src/auth/']);
    assert.deepEqual(await labels(step('expect: [{ changed: "src/auth/|" }]'), around), [
      'src/auth/**',
      'src/auth/**/*.ts',
      'src/auth/login.ts',
    ]);
    assert.deepEqual(await labels(step('inputs: ["../|"]'), around), []);
  });

  it('quotes what would be read as something else', async () => {
    assert.match(await taking('**', step('inputs: [|]'), around), /inputs: \["\*\*"\]/);
    assert.match(await taking('docs/${branch}.md', step('expect: [{ file: docs/| }]'), around), /file: "docs\/\$\{branch\}\.md"/);
    assert.match(await taking('src/auth/**', step("inputs: ['sr|']").replace('sr|', 'src/|'), around), /inputs: \['src\/auth\/\*\*'\]/);
  });

  it('offers prompts, documents and the files to build on', async () => {
    assert.deepEqual(await labels(step('prompt: |').replace('manual', 'generate'), around), ['.github/prompts/one.prompt.md']);
    assert.deepEqual(await labels(step('learn: docs/|'), around), ['docs/x.md']);
    assert.deepEqual(await labels(`extends: [|]\n${HEAD}`, around), ['./base.yml', './deep/root.yml']);
  });
});

describe('completion of expressions', () => {
  const when = (text: string): string => `${HEAD}vars:\n  risky: branch == "x"\nsteps:\n  - id: a\n    when: ${text}\n`;

  it('offers nothing inside of an escape, which a word would end', async () => {
    for (const text of ['"branch == \\|"a\\""', '"\\u00|e9 == branch"', '"\\\\\\|""']) assert.deepEqual(await labels(when(text)), [], text);
    assert.ok((await labels(when('"branch == \\"a\\" || |"'))).includes('branch'));
  });

  it('offers names, functions, variables and members', async () => {
    const names = await labels(when('|'));
    for (const name of ['changes', 'vars', 'glob', 'size', 'some changed file matches']) assert.ok(names.includes(name), name);
    assert.deepEqual(await labels(when('vars.|')), ['risky']);
    assert.deepEqual(await labels(when('!vars.ri|')).catch(String), []);
    assert.deepEqual(await labels(when('"!vars.ri|"')), ['risky']);
    assert.deepEqual(await labels(when('lines.added + lines.|')), ['added', 'deleted']);
    assert.ok((await labels(when('changes.|'))).includes('exists'));
    assert.ok(!(await labels(when('changes.|'))).includes('startsWith'));
    assert.ok((await labels(when('branch.|'))).includes('startsWith'));
  });

  it('knows the variable of a loop that is open, and paths in a glob', async () => {
    assert.equal((await labels(when('changes.exists(f, |)')))[0], 'f');
    assert.ok(!(await labels(when('changes.exists(f, true) && |'))).includes('f'));
    const around = workspace({ 'src/auth/a.ts': '' });
    assert.deepEqual((await labels(when('changes.exists(f, glob(f, "src/|"))'), around)).slice(0, 2), ['src/**', 'src/auth/**']);
    assert.deepEqual(await labels(when('branch == "|"'), around), []);
  });

  it('replaces the word alone, and escapes as its place demands', async () => {
    assert.equal(await taking('risky', when('vars.r| && true')), when('vars.risky && true'));
    assert.equal(await taking('risky', when('"vars.| == true"')), when('"vars.risky == true"'));
    assert.match(await taking('some changed file matches', when('"|"')), /when: "changes\.exists\(f, glob\(f, \\"src\/\*\*\\"\)\)"/);
    assert.match(await taking('lines', `${HEAD}vars:\n  a: >-\n    branch != "x"\n    && li|\n`), /&& lines\n/);
  });
});

describe('completion of the other files', () => {
  const MODELS = '.handrail/models.yml';
  const DISMISSALS = '.handrail/dismissals.yml';

  it('is the same machinery for models.yml', async () => {
    assert.deepEqual(await labels('version: 1\n|', workspace(), MODELS), ['models', 'roles']);
    const entry = await labels('version: 1\nmodels:\n  a:\n    provider: openai\n    |', workspace(), MODELS);
    assert.ok(entry.includes('baseURL') && !entry.includes('provider'));
    assert.deepEqual(await labels('models:\n  a: { provider: | }', workspace(), MODELS), ['openai', 'vscode', 'builtin']);
    assert.deepEqual(await labels('models: { a: {}, b: {} }\nroles: { review: | }', workspace(), MODELS), ['a', 'b']);
    assert.deepEqual(await labels('models: { a: { fallback: [|] }, b: {} }', workspace(), MODELS), ['b']);
    assert.deepEqual(await labels('models:\n  |\nroles: { review: fast }', workspace(), MODELS), ['fast']);
    assert.match(await taking('limits', 'version: 1\nmodels:\n  a:\n    |', workspace(), MODELS), /limits: \{ contextTokens: 128000 \}/);
  });

  it('is the same machinery for dismissals.yml', async () => {
    const keys = await labels('version: 1\ndismissals:\n  - fingerprint: 0123456789abcdef\n    |', workspace(), DISMISSALS);
    assert.ok(keys.includes('reason') && keys.includes('expires'));
  });

  it('says nothing about any other file', async () => {
    assert.deepEqual(await labels('|', workspace(), 'src/a.yml'), []);
  });
});

describe('completion says nothing', () => {
  for (const [where, marked] of [
    ['in a quote over several lines', `${HEAD}steps:\n  - kind: "ma\n      n|ual"\n`],
    ['in a comment', `${STEPS}# |`],
    ['behind a comment sign', `${HEAD}id: x # ki|`],
    ['in plain text', `${HEAD}steps:\n  - title: some te|xt\n`],
    ['in the shell text of a command', `${HEAD}steps:\n  - run: |\n`.replace('|', '>\n      npm |')],
    ['behind a closed quote', `${HEAD}steps:\n  - kind: "manual"|\n`],
    ['between a key and the list below it', `${HEAD}steps:\n  - id: a\n    needs:\n    |\n    - b\n`],
    ['where the lines below would be torn off', `${HEAD}steps:\n|\n  - id: a\n`],
    ['between the two characters of a line end', `${STEPS}  - id: c\n    needs: [\r|\n    ]\n`],
    ['in the second of two documents', `${HEAD}---\nki|\n`],
  ] as const) {
    it(where, async () => assert.deepEqual(await labels(marked), []));
  }
});
