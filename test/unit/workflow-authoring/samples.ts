import { parseModels } from '../../../src/core/ai/models/config.ts';
import { parseDismissals } from '../../../src/core/ai/review/dismissalsFile.ts';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';
import type { Problem } from '../../../src/core/workflow/problem.ts';
import { TEMPLATES } from '../../../src/core/workflow/templates.ts';
import { workspace } from './support.ts';

const W = '.handrail/workflows/';
const MODELS = '.handrail/models.yml';
const DISMISSALS = '.handrail/dismissals.yml';

/** Every kind of step and expectation, in block and in brackets, with comments, anchors, quotes, folded text and other alphabets. */
const EVERYTHING = `# Every construct once
version: 1
id: everything
title: "Überprüfung \\"漢字\\" 🎉"
on: { branches: ["feat/**", 'fix/**'] }
evidence: local
vars:
  risky: changes.exists(f, glob(f, "src/auth/**"))
  folded: >-
    lines.added + lines.deleted < 20
    && branch != "main"
  quoted: "size(deleted) > 0 || \\"x\\" in labels"
steps:
  - id: intent # the first
    kind: manual
    title: 'It''s the problem'
    why: Most rejected changes had the wrong intent.
    learn: docs/x.md
    expect:
      - file: "docs/notes/\${branch}.md"
        sections: [Problem, Acceptance]
      - attest: I wrote it down

  - id: tests
    kind: generate
    title: Tests first
    needs: &first [intent]
    role: cheap
    prompt: .github/prompts/t.prompt.md
    expect: [{ changed: "test/**" }]
  - kind: command
    id: verify
    title: Run
    needs: [
      tests,
      intent,
    ]
    run: |
      npm ci
      npm test
    inputs: ["src/**", '!src/gen/**']
    protects: [test/support/**]
    expect: [{ exit: 0 }, { clean: true }, { commit: "feat*" }, { diagnostics: { error: 0, warning: 3 } }]
  - { id: review, kind: review, title: Review, needs: [verify], independent-of: [tests], scope: branch, require: model, expect: [{ findings: { critical: 0, high: 0 } }, { coverage-receipt: full }] }
  -
    id: threats
    kind: manual
    title: Threats
    when: vars.risky && !vars.folded
    needs: *first
    final: true
  - id: sign-off
    kind: approval
    title: Owner
    needs:
    - review
    - threats
    by: { any-of: [codeowners, "@org/team"], not: [author, agent] }
`;

const MODELS_TEXT = `version: 1
models:
  reviewer:
    provider: openai
    model: gpt-5.2
    api: chat
    fallback: [local]
    params: { temperature: 0, seed: 7 }
    limits: { contextTokens: 128000, outputTokens: 8000, timeout: 60s, retries: 3, concurrency: 4 }
    price: { input: 1.25, output: 10, cachedInput: 0.125, currency: USD, per: 1M }
    slo: { p95: 1.5m, errors: 2% }
  local: { provider: openai, baseURL: "http://127.0.0.1:11434/v1", model: "qwen2.5-coder:7b" }
roles: { review: reviewer, generate: reviewer, cheap: local }
`;

const DISMISSALS_TEXT = `version: 1
dismissals:
  - fingerprint: 0123456789abcdef
    reason: Test data
    expires: 2028-02-29
    quote: |
      eval(x)
  - { fingerprint: a123456789abcdef, reason: Generated, file: src/a.ts }
`;

export const WORKFLOWS: readonly { path: string; text: string }[] = [
  ...TEMPLATES.map((template) => ({ path: `${W}${template.name}.yml`, text: template.render({ run: 'npm test', found: 'package.json' }) })),
  { path: `${W}everything.yml`, text: EVERYTHING },
  { path: `${W}crlf.yml`, text: EVERYTHING.replaceAll('\n', '\r\n') },
];

export const FILES: readonly { path: string; text: string }[] = [
  ...WORKFLOWS,
  { path: MODELS, text: MODELS_TEXT },
  { path: DISMISSALS, text: DISMISSALS_TEXT },
];

export const surroundings = workspace({
  'src/a.ts': '',
  'src/auth/login.ts': '',
  'docs/x.md': '# X\n',
  '.github/prompts/t.prompt.md': '---\ndescription: Write tests\n---\nWrite.\n',
  [MODELS]: MODELS_TEXT,
});

export function problemsIn(path: string, text: string): Problem[] {
  if (path === MODELS) return parseModels(text).problems;
  return path === DISMISSALS ? parseDismissals(text).problems : parseWorkflow(text, path).problems;
}
