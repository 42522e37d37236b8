import assert from 'node:assert/strict';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';
import type { WorkflowContext } from '../../../src/core/workflow/parse.ts';
import { places, textAt, workflow } from './places.ts';

const FEATURE = `version: 1
id: feature
title: Feature or fix
on: { branches: ["feat/**", "fix/**"] }
evidence: local
vars:
  risky: changes.exists(f, glob(f, "src/auth/**"))
steps:
  - id: intent
    kind: manual
    title: State the problem
    why: Most rejected AI diffs had the wrong intent.
    learn: docs/intent.md
    expect:
      - file: "docs/notes/\${branch}.md"
        sections: [Problem, Acceptance]
  - id: tests
    kind: generate
    title: Write the tests first
    needs: [intent]
    role: generate
    prompt: .github/prompts/tests-first.prompt.md
    expect: [{ changed: "test/**" }]
  - id: verify
    kind: command
    title: Run the tests
    needs: [tests]
    run: npm test
    inputs: ["src/**", "test/**"]
    expect: [{ exit: 0 }, { clean: true }, { commit: "feat*" }, { diagnostics: { error: 0 } }]
  - id: ai-review
    kind: review
    title: AI review of the branch
    needs: [verify]
    role: review
    independent-of: [tests]
    require: model
    expect: [{ findings: { critical: 0, high: 0 } }, { coverage-receipt: full }]
  - id: threats
    kind: manual
    title: Threat notes
    when: vars.risky
    final: true
    expect: [{ attest: Abuse cases listed }]
  - id: sign-off
    kind: approval
    title: Owner approves
    needs: [ai-review, threats]
    by: { any-of: [codeowners, "@org/team"], not: [author, agent] }
waive: { require: reason, expires: 14d }
`;

function problemsOf(text: string, context: WorkflowContext = {}): string[] {
  const { problems } = parseWorkflow(text, '.handrail/workflows/w.yml', context);
  return places(text.replace(/^\uFEFF/, ''), problems);
}

describe('parseWorkflow', () => {
  it('reads every kind of step and expectation into its typed form', () => {
    const { workflow: read, problems } = parseWorkflow(FEATURE, '.handrail/workflows/feature.yml');
    assert.deepEqual(problems, []);
    assert.ok(read);
    assert.deepEqual(
      read.steps.map((step) => [step.id, step.kind]),
      [
        ['intent', 'manual'],
        ['tests', 'generate'],
        ['verify', 'command'],
        ['ai-review', 'review'],
        ['threats', 'manual'],
        ['sign-off', 'approval'],
      ],
    );
    assert.deepEqual(read.on, { branches: ['feat/**', 'fix/**'] });
    assert.deepEqual(read.waive, { require: 'reason', expires: '14d' });
    assert.deepEqual(read.steps[0]?.expect, [{ kind: 'file', path: 'docs/notes/${branch}.md', sections: ['Problem', 'Acceptance'] }]);
    assert.deepEqual(read.steps[2]?.expect, [
      { kind: 'exit', code: 0 },
      { kind: 'clean' },
      { kind: 'commit', subject: 'feat*' },
      { kind: 'diagnostics', max: { error: 0 } },
    ]);
    const review = read.steps[3];
    assert.ok(review?.kind === 'review');
    assert.deepEqual([review.independentOf, review.scope, review.require], [['tests'], 'branch', 'model']);
    const approval = read.steps[5];
    assert.ok(approval?.kind === 'approval');
    assert.deepEqual(approval.by, { anyOf: ['codeowners', '@org/team'], not: ['author', 'agent'] });
  });

  it('reads a file with a byte order mark and CRLF, and counts columns without the mark', () => {
    const text = `\uFEFF${workflow('  - { id: a, kind: manual, title: A }\n').replaceAll('\n', '\r\n')}`;
    assert.ok(parseWorkflow(text, 'w.yml').workflow);
    const [problem] = parseWorkflow(text.replace('version', 'versoin'), 'w.yml').problems.filter(({ code }) => code === 'unknown-key');
    assert.deepEqual([problem?.line, problem?.column, problem?.endColumn], [1, 1, 8]);
  });

  it('counts columns in UTF-16 units', () => {
    const text = workflow('  - { id: a, kind: manual, title: "😀", nope: 1 }\n');
    const [problem] = parseWorkflow(text, 'w.yml').problems;
    assert.equal(problem?.column, text.split('\n')[4]!.indexOf('nope') + 1);
  });

  it('hides no mistake of a list behind another', () => {
    const expect = "[{ exit: 999 }, { changed: 'src/[a' }, { file: /etc/passwd }, 3, { changed: '' }, { file: a.md, sections: 3 }]";
    const text = workflow(`  - { id: a, kind: command, title: A, run: x, expect: ${expect} }\n`);
    assert.deepEqual(problemsOf(text), [
      'bad-value: 999',
      "bad-glob: 'src/[a'",
      'unsafe-path: /etc/passwd',
      'wrong-type: 3',
      "bad-glob: ''",
      'wrong-type: 3',
    ]);
  });

  describe('grammar', () => {
    const cases: [string, string, string[]][] = [
      ['an unknown key', workflow('  - { id: a, kind: manual, title: A, tilte: B }\n'), ['unknown-key: tilte']],
      ['a key of another kind', workflow('  - { id: a, kind: manual, title: A, run: x }\n'), ['unknown-key: run']],
      ['attempts of a person', workflow('  - { id: a, kind: manual, title: A, retry: 1 }\n'), ['unknown-key: retry']],
      [
        'an approval that may fail',
        workflow('  - { id: a, kind: approval, title: A, by: { any-of: [codeowners] }, continue-on-failure: true }\n'),
        ['unknown-key: continue-on-failure'],
      ],
      ['too many attempts', workflow('  - { id: a, kind: command, title: A, run: x, retry: 6 }\n'), ['bad-value: 6']],
      ['attempts below none', workflow('  - { id: a, kind: command, title: A, run: x, retry: -1 }\n'), ['bad-value: -1']],
      ['going on as a word', workflow('  - { id: a, kind: command, title: A, run: x, continue-on-failure: yes }\n'), ['wrong-type: yes']],
      ['a missing key, at the first key', workflow('  - id: a\n    kind: command\n    title: A\n'), ['missing-key: id']],
      ['a missing key of the file', 'id: w\ntitle: W\nsteps: [{ id: a, kind: manual, title: A }]\n', ['missing-key: id']],
      ['a wrong version', workflow('  - { id: a, kind: manual, title: A }\n').replace('version: 1', 'version: 2'), ['bad-value: 2']],
      [
        'a version in quotes',
        workflow('  - { id: a, kind: manual, title: A }\n').replace('version: 1', 'version: "1"'),
        ['wrong-type: "1"'],
      ],
      ['needs as text', workflow('  - { id: a, kind: manual, title: A, needs: b }\n'), ['wrong-type: b']],
      ['when as a boolean', workflow('  - { id: a, kind: manual, title: A, when: true }\n'), ['wrong-type: true']],
      ['a key without a value', workflow('  - id: a\n    kind: manual\n    title:\n'), ['wrong-type: title']],
      ['an unknown kind', workflow('  - { id: a, kind: manuel, title: A }\n'), ['bad-value: manuel']],
      ['a bad id', workflow('  - { id: A_b, kind: manual, title: A }\n'), ['bad-value: A_b']],
      ['an id that is too long', workflow(`  - { id: ${'a'.repeat(65)}, kind: manual, title: A }\n`), [`bad-value: ${'a'.repeat(65)}`]],
      ['a step that is text', workflow('  - hello\n'), ['wrong-type: hello']],
      ['no steps', 'version: 1\nid: w\ntitle: W\nsteps: []\n', ['bad-value: []']],
      [
        'an unknown severity',
        workflow('  - { id: a, kind: review, title: A, expect: [{ findings: { hihg: 0 } }] }\n'),
        ['unknown-key: hihg'],
      ],
      [
        'an agent that attests',
        workflow('  - { id: a, kind: manual, title: A, performer: agent, expect: [{ attest: Seen }] }\n'),
        ['bad-value: agent'],
      ],
      [
        'a performer of an approval',
        workflow('  - { id: a, kind: approval, title: A, by: { any-of: [codeowners] }, performer: agent }\n'),
        ['unknown-key: performer'],
      ],
      ['a performer that is no agent', workflow('  - { id: a, kind: manual, title: A, performer: human }\n'), ['bad-value: human']],
      ['an agent as approver', workflow('  - { id: a, kind: approval, title: A, by: { any-of: [agent] } }\n'), ['bad-value: agent']],
      ['a fraction', workflow('  - { id: a, kind: command, title: A, run: x, expect: [{ exit: 0.5 }] }\n'), ['bad-value: 0.5']],
      ['a waiver without end', workflow('  - { id: a, kind: manual, title: A }\nwaive: { expires: 400d }\n'), ['bad-value: 400d']],
      ['a list as the file', '- a\n', ['wrong-type: - a']],
    ];
    for (const [name, text, expected] of cases) {
      it(`locates ${name}`, () => assert.deepEqual(problemsOf(text), expected));
    }

    it('warns of an expectation that the kind of step can never meet', () => {
      const text = workflow('  - { id: a, kind: manual, title: A, expect: [{ exit: 0 }, { findings: { high: 0 } }] }\n');
      const { problems, workflow: read } = parseWorkflow(text, 'w.yml');
      assert.deepEqual(
        problems.map((problem) => [problem.code, problem.severity, textAt(text, problem)]),
        [
          ['bad-value', 'warning', '0'],
          ['bad-value', 'warning', '{ high: 0 }'],
        ],
      );
      assert.ok(read);
    });

    it('refuses two expectations in one item and sections without a file', () => {
      const text = workflow('  - id: a\n    kind: manual\n    title: A\n    expect: [{ exit: 0, clean: true }, { sections: [B] }]\n');
      assert.deepEqual(problemsOf(text), ['bad-value: { exit: 0, clean: true }', 'missing-key: sections']);
    });

    it('reports every mistake at once, also in a step whose kind is unknown', () => {
      const text = 'version: 2\nid: W\ntitel: x\nsteps:\n  - id: a\n    kind: manuel\n    needs: b\n    foo: 1\n';
      assert.deepEqual(problemsOf(text), [
        'missing-key: version',
        'bad-value: 2',
        'bad-value: W',
        'unknown-key: titel',
        'missing-key: id',
        'bad-value: manuel',
        'wrong-type: b',
        'unknown-key: foo',
      ]);
    });

    it('says what was probably meant', () => {
      const text = workflow('  - { id: a, kind: manuel, title: A, neds: [] }\n');
      const hints = parseWorkflow(text, 'w.yml').problems.map(({ hint }) => hint);
      assert.deepEqual(hints, ['Did you mean "manual"?', 'Did you mean "needs"?']);
    });
  });

  describe('syntax', () => {
    const cases: [string, string, string][] = [
      ['an open bracket', 'version: 1\nsteps: [a\n', 'syntax'],
      ['a tab as indentation', 'version: 1\nsteps:\n\t- a\n', 'syntax'],
      ['several documents', 'version: 1\n---\nversion: 1\n', 'syntax'],
      ['a merge key', 'base: &b { id: x }\n<<: *b\n', 'syntax'],
      ['a repeated key', 'version: 1\nversion: 1\n', 'syntax'],
      ['an alias without anchor', 'version: *nope\n', 'syntax'],
      ['an alias of itself', 'version: &a [*a]\n', 'syntax'],
      ['a tag of another schema', 'version: !!binary aGk=\n', 'syntax'],
      ['YAML 1.1', '%YAML 1.1\n---\non: yes\n', 'syntax'],
      ['a key that is a list', '? [a]\n: b\n', 'syntax'],
      ['deep nesting', '['.repeat(50_000), 'syntax'],
      ['a file that is too large', `# ${'x'.repeat(300_000)}\n`, 'syntax'],
    ];
    for (const [name, text, code] of cases) {
      it(`refuses ${name}`, () => {
        const { workflow: read, problems } = parseWorkflow(text, 'w.yml');
        assert.equal(read, undefined);
        assert.equal(problems[0]?.code === code || problems.some((problem) => problem.code === code), true, JSON.stringify(problems));
      });
    }

    it('expands anchors and aliases, and locates a mistake in them where it is written', () => {
      const text = workflow(
        '  - { id: a, kind: command, title: A, run: x, expect: &e [{ exti: 0 }] }\n  - { id: b, kind: command, title: B, run: x, expect: *e }\n',
      );
      assert.equal(problemsOf(text).filter((place) => place === 'unknown-key: exti').length, 1);
    });

    it('bounds what aliases expand to', () => {
      const levels = Array.from({ length: 12 }, (_, level) => `x${level + 1}: &x${level + 1} [${Array(10).fill(`*x${level}`).join(', ')}]`);
      const text = `x0: &x0 [a]\n${levels.join('\n')}\n`;
      const started = performance.now();
      const [problem] = parseWorkflow(text, 'w.yml').problems;
      assert.equal(problem?.message, 'The file expands to too many values.');
      assert.deepEqual([problem?.line, problem?.column, problem?.endColumn], [5, 50, 53], 'at the alias with which they are too many');
      assert.ok(performance.now() - started < 5000);
    });
  });

  describe('references', () => {
    it('finds ids that are used twice, steps that are not there, and circles', () => {
      const text = workflow(
        [
          '  - { id: a, kind: manual, title: A, needs: [c] }',
          '  - { id: b, kind: manual, title: B, needs: [a, tets] }',
          '  - { id: c, kind: manual, title: C, needs: [b] }',
          '  - { id: c, kind: manual, title: D }',
          '  - { id: r, kind: review, title: R, independent-of: [nobody, r] }',
          '',
        ].join('\n'),
      );
      assert.deepEqual(problemsOf(text), ['cycle: c', 'unknown-step: tets', 'duplicate-id: c', 'unknown-step: nobody', 'bad-value: r']);
    });

    it('reports a step that needs itself', () => {
      assert.deepEqual(problemsOf(workflow('  - { id: a, kind: manual, title: A, needs: [a] }\n')), ['cycle: a']);
    });

    it('reports each of two separate circles once', () => {
      const pair = (a: string, b: string) =>
        `  - { id: ${a}, kind: manual, title: A, needs: [${b}] }\n  - { id: ${b}, kind: manual, title: B, needs: [${a}] }\n`;
      assert.deepEqual(problemsOf(workflow(pair('a', 'b') + pair('c', 'd'))), ['cycle: b', 'cycle: d']);
    });

    it('handles a long chain of steps in any order', () => {
      const steps = Array.from(
        { length: 500 },
        (_, at) => `  - { id: s${at}, kind: manual, title: T, needs: [${at > 0 ? `s${at - 1}` : ''}] }\n`,
      );
      assert.deepEqual(problemsOf(workflow(steps.reverse().join(''))), []);
    });

    it('checks globs and paths at their items', () => {
      const text = workflow(
        [
          '  - id: a',
          '    kind: generate',
          '    title: A',
          '    prompt: ../secret.md',
          '    inputs: ["", "/abs/**", "a/../b", "[x", "src/**"]',
          '    expect: [{ changed: "{a,b" }, { file: /etc/passwd }, { file: "docs/${branch}.md" }, { changed: "docs/${branch}/**" }]',
          '    learn: "javascript:alert(1)"',
          '',
        ].join('\n'),
      );
      assert.deepEqual(problemsOf(text), [
        'unsafe-path: ../secret.md',
        'bad-glob: ""',
        'unsafe-path: "/abs/**"',
        'unsafe-path: "a/../b"',
        'bad-glob: "[x"',
        'bad-glob: "{a,b"',
        'unsafe-path: /etc/passwd',
        'bad-value: "javascript:alert(1)"',
      ]);
    });

    it('treats Windows paths that leave the workspace as unsafe', () => {
      const text = workflow("  - { id: a, kind: generate, title: A, prompt: 'C:\\x.md', inputs: ['a\\..\\b'] }\n");
      assert.deepEqual(problemsOf(text), ["unsafe-path: 'C:\\x.md'", "unsafe-path: 'a\\..\\b'"]);
    });
  });

  describe('surroundings', () => {
    const text = workflow('  - { id: a, kind: generate, title: A, prompt: p.md, learn: l.md, role: generat }\n');

    it('asks whether prompt and learn exist; a missing document is a warning', () => {
      const { problems, workflow: read } = parseWorkflow(text, 'w.yml', { exists: () => false });
      assert.deepEqual(
        problems.map(({ code, severity }) => [code, severity]),
        [
          ['missing-file', 'error'],
          ['missing-file', 'warning'],
        ],
      );
      assert.ok(read, 'the rest of the workflow can still be followed');
    });

    it('checks roles only where a models file names some', () => {
      assert.deepEqual(problemsOf(text), []);
      assert.deepEqual(problemsOf(text, { roles: ['generate'] }), ['unknown-model: generat']);
      const [problem] = parseWorkflow(text, 'w.yml', { roles: ['generate'] }).problems;
      assert.equal(problem?.hint, 'Did you mean "generate"?');
    });

    it('does not ask about addresses', () => {
      const remote = workflow('  - { id: a, kind: manual, title: A, learn: "https://example.com/a" }\n');
      assert.deepEqual(problemsOf(remote, { exists: () => false }), []);
    });
  });

  describe('expressions', () => {
    const when = (condition: string, header = ''): string =>
      workflow(`  - id: a\n    kind: manual\n    title: A\n    when: ${condition}\n`, header);

    it('points into the expression, in every YAML style', () => {
      assert.deepEqual(problemsOf(when('changes.exists(f, nope)')), ['bad-expression: nope']);
      assert.deepEqual(problemsOf(when('"changes.exists(f, f == \\"a\\" || nope)"')), ['bad-expression: nope']);
      assert.deepEqual(problemsOf(when("'branch == ''x'' || nope'")), ['bad-expression: nope']);
      assert.deepEqual(problemsOf(when('>-\n      branch == "a" ||\n      nope')), ['bad-expression: nope']);
      assert.deepEqual(problemsOf(when('|\n      branch == "a" ||\n      nope\n')), ['bad-expression: nope']);
    });

    it('points at the end of one that ends too early', () => {
      const text = when('branch ==');
      const [problem] = parseWorkflow(text, 'w.yml').problems;
      assert.equal(problem?.code, 'bad-expression');
      assert.deepEqual([problem.line, problem.column], [8, '    when: branch =='.length + 1]);
    });

    it('checks vars at their definition, in order, and reports their circle', () => {
      const vars = 'vars:\n  a: vars.b\n  b: vars.a\n  c: branch + 1\n  d: vars.c\n';
      assert.deepEqual(problemsOf(when('vars.d == "x"', vars)), ['bad-expression: vars.b', 'bad-expression: branch + 1']);
    });

    it('refuses an empty one', () => assert.deepEqual(problemsOf(when('""')), ['bad-expression: ""']));

    it('warns of a step that can never apply', () => {
      for (const condition of ['"false"', '"lines.added < 0"', 'vars.no && changes.exists(f, true)', '1 > 2', 'branch == "main"']) {
        const text = when(condition, 'on: { branches: ["feat/**"] }\nvars: { no: "false" }\n');
        const { problems, workflow: read } = parseWorkflow(text, 'w.yml');
        assert.deepEqual(
          problems.map(({ code, severity }) => `${code} ${severity}`),
          ['unreachable warning'],
          condition,
        );
        assert.ok(read);
      }
    });

    it('does not warn of one that may apply', () => {
      for (const condition of ['branch == "feat/x"', 'lines.added < 1', 'size(changes) > 0', '"true"', '"!vars.no"']) {
        assert.deepEqual(problemsOf(when(condition, 'on: { branches: ["feat/**"] }\nvars: { no: "false" }\n')), [], condition);
      }
    });
  });

  it('does not let prototype keys through', () => {
    const text = workflow('  - { id: a, kind: manual, title: A, __proto__: { x: 1 } }\n');
    const { problems } = parseWorkflow(text, 'w.yml');
    assert.equal(textAt(text, problems[0]!), '__proto__');
  });
});
