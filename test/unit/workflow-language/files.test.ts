import assert from 'node:assert/strict';
import { parseModels } from '../../../src/core/ai/models/config.ts';
import { parseDismissals } from '../../../src/core/ai/review/dismissalsFile.ts';
import { jsonSchemas } from '../../../src/core/workflow/jsonSchema.ts';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';
import { TEMPLATES } from '../../../src/core/workflow/templates.ts';
import { places } from './places.ts';

const MODELS = `version: 1
models:
  reviewer:
    provider: openai
    model: gpt-5.2
    api: chat
    fallback: [local]
    params: { temperature: 0, seed: 7 }
    limits: { contextTokens: 128000, outputTokens: 8000, timeout: 60s, retries: 3, concurrency: 4 }
    price: { input: 1.25, output: 10, cachedInput: 0.125, currency: USD, per: 1M }
    budget: { perRun: 0.25, perDay: 5 }
    slo: { p95: 1.5m, errors: 2% }
  local: { provider: openai, baseURL: "http://127.0.0.1:11434/v1", model: "qwen2.5-coder:7b" }
roles: { review: reviewer, generate: reviewer }
`;

describe('models.yml', () => {
  it('is read with its units', () => {
    const { config, problems } = parseModels(MODELS);
    assert.deepEqual(problems, []);
    const reviewer = config?.models['reviewer'];
    assert.deepEqual([reviewer?.limits?.timeout, reviewer?.slo, reviewer?.price?.per], [60_000, { p95: 90_000, errors: 0.02 }, 1_000_000]);
    assert.deepEqual(config?.roles, { review: 'reviewer', generate: 'reviewer' });
    assert.equal(config?.models['local']?.baseURL, 'http://127.0.0.1:11434/v1');
  });

  const wrong: [string, string, string[]][] = [
    ['a role without a model', 'roles: { review: b }\nmodels: { a: { provider: builtin } }\nversion: 1\n', ['unknown-model: b']],
    ['a fallback without a model', 'version: 1\nmodels: { a: { provider: builtin, fallback: [zz] } }\n', ['unknown-model: zz']],
    [
      'fallbacks in a circle',
      'version: 1\nmodels: { a: { provider: vscode, fallback: [b] }, b: { provider: vscode, fallback: [a] } }\n',
      ['cycle: a'],
    ],
    [
      'the built-in reviewer as a fallback',
      'version: 1\nmodels: { a: { provider: vscode, fallback: [b] }, b: { provider: builtin } }\n',
      ['bad-value: b'],
    ],
    [
      'a budget without a price',
      'version: 1\nmodels: { a: { provider: vscode, budget: { perRun: 1 } } }\n',
      ['missing-key: { perRun: 1 }'],
    ],
    ['a model without identifier', 'version: 1\nmodels: { a: { provider: openai } }\n', ['missing-key: provider']],
    [
      'plain http to another machine',
      'version: 1\nmodels: { a: { provider: openai, model: m, baseURL: "http://evil.example/v1" } }\n',
      ['bad-value: "http://evil.example/v1"'],
    ],
    [
      'a password in the address',
      'version: 1\nmodels: { a: { provider: openai, model: m, baseURL: "https://u:p@x.example" } }\n',
      ['bad-value: "https://u:p@x.example"'],
    ],
    [
      'an address for the built-in reviewer',
      'version: 1\nmodels: { a: { provider: builtin, baseURL: "https://x.example" } }\n',
      ['bad-value: "https://x.example"'],
    ],
    ['an unknown provider', 'version: 1\nmodels: { a: { provider: opneai, model: m } }\n', ['bad-value: opneai']],
    ['an assistant that a repository chooses', 'version: 1\nmodels: { a: { provider: command, model: m } }\n', ['bad-value: command']],
    ['an assistant by its own name', 'version: 1\nmodels: { a: { provider: claude-code } }\n', ['bad-value: claude-code']],
    [
      'a model that takes the name of an assistant',
      'version: 1\nmodels: { codex: { provider: openai, model: m } }\n',
      ['bad-value: { provider: openai, model: m }'],
    ],
    ['a time without unit', 'version: 1\nmodels: { a: { provider: builtin, limits: { timeout: 60 } } }\n', ['wrong-type: 60']],
    [
      'a model that takes the name of the built-in reviewer',
      'version: 1\nmodels: { builtin: { provider: openai, model: m } }\n',
      ['bad-value: { provider: openai, model: m }'],
    ],
    ['a name with a space', 'version: 1\nmodels: { "a b": { provider: builtin } }\n', ['bad-value: "a b"']],
  ];
  for (const [name, text, expected] of wrong) {
    it(`locates ${name}`, () => {
      const { config, problems } = parseModels(text);
      assert.equal(config, undefined);
      assert.deepEqual(places(text, problems), expected);
    });
  }

  it('says where keys belong when one stands in the file, without repeating it', () => {
    const { problems } = parseModels('version: 1\nmodels: { a: { provider: openai, model: m, apiKey: sk-abc } }\n');
    assert.equal(problems[0]?.code, 'unknown-key');
    assert.match(problems[0].hint ?? '', /never stand in a file/);
    assert.doesNotMatch(JSON.stringify(problems), /sk-abc/);
  });
});

describe('dismissals.yml', () => {
  it('is read', () => {
    const text =
      'version: 1\ndismissals:\n  - { fingerprint: 0123456789abcdef, reason: Test data, expires: 2028-02-29, rule: noEval, quote: eval(x) }\n';
    assert.deepEqual(parseDismissals(text), {
      dismissals: [{ fingerprint: '0123456789abcdef', reason: 'Test data', expires: '2028-02-29', rule: 'noEval', quote: 'eval(x)' }],
      problems: [],
    });
  });

  it('wants a reason, a day that exists and a fingerprint', () => {
    const text =
      'version: 1\ndismissals:\n  - { fingerprint: 0123456789abcdef }\n  - { fingerprint: nope, reason: R, expires: 2026-02-30 }\n';
    const { dismissals, problems } = parseDismissals(text);
    assert.equal(dismissals, undefined);
    assert.deepEqual(places(text, problems), ['missing-key: fingerprint', 'bad-value: nope', 'bad-value: 2026-02-30']);
  });

  it('warns of a finding that is dismissed twice and goes on', () => {
    const item = '  - { fingerprint: a123456789abcdef, reason: R }\n';
    const { dismissals, problems } = parseDismissals(`version: 1\ndismissals:\n${item}${item}`);
    assert.equal(dismissals?.length, 2);
    assert.deepEqual(
      problems.map(({ code, severity, line }) => [code, severity, line]),
      [['duplicate-id', 'warning', 4]],
    );
  });
});

describe('templates', () => {
  it('are there for every usual kind of work', () => {
    const names = ['team', 'feature', 'bugfix', 'hotfix', 'refactor', 'dependency-upgrade', 'incident', 'spike'];
    assert.deepEqual(
      TEMPLATES.map(({ name }) => name),
      names,
    );
  });

  for (const template of TEMPLATES) {
    for (const tests of [{ run: 'npm test -- --grep "a: #b"', found: 'package.json' }, undefined]) {
      it(`${template.name} is valid and explains every step, ${tests ? 'with' : 'without'} a test command`, () => {
        const { workflow, problems } = parseWorkflow(template.render(tests), 'w.yml');
        assert.deepEqual(problems, []);
        assert.equal(workflow?.id, template.name);
        for (const step of workflow.steps) assert.ok(step.why, step.id);
        const command = workflow.steps.find((step) => step.kind === 'command');
        if (command) assert.equal(command.run, tests?.run);
      });
    }
  }

  it('the default one has three steps and nothing blocks', () => {
    const { workflow } = parseWorkflow(TEMPLATES[0]?.render(undefined) ?? '', 'w.yml');
    assert.equal(workflow?.steps.length, 3);
    assert.deepEqual(
      workflow.steps.flatMap((step) => [...step.needs, step.when ?? []].flat()),
      [],
    );
    assert.equal(workflow.on, undefined);
  });
});

describe('JSON Schemas', () => {
  it('come from the grammar', () => {
    const { workflow, models, dismissals } = jsonSchemas();
    for (const key of ['independent-of', 'coverage-receipt', 'any-of', 'additionalProperties', 'dependencies']) {
      assert.ok(JSON.stringify(workflow).includes(`"${key}"`), key);
    }
    assert.ok(JSON.stringify(models).includes('"fallback"'));
    assert.ok(JSON.stringify(dismissals).includes('"fingerprint"'));
  });
});
