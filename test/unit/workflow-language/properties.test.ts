import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseModels } from '../../../src/core/ai/models/config.ts';
import { parseDismissals } from '../../../src/core/ai/review/dismissalsFile.ts';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';
import type { Problem } from '../../../src/core/workflow/problem.ts';
import { TEMPLATES } from '../../../src/core/workflow/templates.ts';

/** Texts that are nearly workflows: a valid one with pieces cut out, doubled or replaced. */
const damaged = fc
  .tuple(
    fc.constantFrom(...TEMPLATES.map((template) => template.render({ run: 'npm test', found: 'package.json' }))),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat(12),
        fc.oneof(
          fc.constantFrom('', '\n', '  ', ':', '- ', '"', "'", '[', ']', '{', '}', '&a ', '*a', '|\n', '#', '\t', '\r\n', '<<: ', '---\n'),
          fc.string({ maxLength: 4, unit: 'grapheme' }),
        ),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([text, cuts]) =>
    cuts.reduce((current, [at, length, put]) => {
      const start = at % (current.length + 1);
      return current.slice(0, start) + put + current.slice(start + length);
    }, text),
  );

function assertInside(text: string, problems: readonly Problem[]): void {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const { line, column, endLine, endColumn, message } of problems) {
    assert.ok(line >= 1 && line <= lines.length, `${message}: line ${line} of ${lines.length}`);
    assert.ok(endLine >= line && endLine <= lines.length, `${message}: end line ${endLine}`);
    assert.ok(column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1, `${message}: column ${column}`);
    assert.ok(endColumn >= 1 && endColumn <= (lines[endLine - 1]?.length ?? 0) + 1, `${message}: end column ${endColumn}`);
    assert.ok(endLine > line || endColumn >= column, `${message}: ends before it begins`);
  }
}

describe('any text at all', () => {
  for (const [name, parse] of [
    ['parseWorkflow', (text: string) => parseWorkflow(text, '.handrail/workflows/w.yml')],
    ['parseModels', (text: string) => parseModels(text)],
    ['parseDismissals', (text: string) => parseDismissals(text)],
  ] as const) {
    it(`${name} never throws and every range lies inside the text`, function () {
      this.timeout(60_000);
      const texts = fc.oneof(damaged, fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ unit: 'grapheme', maxLength: 200 }));
      fc.assert(
        fc.property(texts, (text) => assertInside(text, parse(text).problems)),
        { numRuns: 150 },
      );
    });
  }

  it('gives a workflow only when nothing is wrong with it', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(damaged, (text) => {
        const { workflow, problems } = parseWorkflow(text, 'w.yml');
        assert.equal(
          workflow === undefined,
          problems.some((problem) => problem.severity === 'error'),
        );
      }),
      { numRuns: 150 },
    );
  });
});
