import assert from 'node:assert/strict';
import fc from 'fast-check';
import { completionsAt } from '../../../src/core/workflow/authoring/completion.ts';
import { definitionAt, referencesAt } from '../../../src/core/workflow/authoring/definition.ts';
import { Draft } from '../../../src/core/workflow/authoring/draft.ts';
import { hoverAt } from '../../../src/core/workflow/authoring/hover.ts';
import { fixesFor } from '../../../src/core/workflow/authoring/quickFixes.ts';
import { renameable, renameStep } from '../../../src/core/workflow/authoring/rename.ts';
import { outlineOf } from '../../../src/core/workflow/authoring/symbols.ts';
import { failureOf } from '../../../src/core/errors.ts';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';
import type { Problem } from '../../../src/core/workflow/problem.ts';
import { nodeAt, typedPlaceAt } from '../../../src/core/yaml/placeAt.ts';
import { parseLocatedYaml } from '../../../src/core/yaml/locatedYaml.ts';
import type { LocatedNode, YamlPath } from '../../../src/core/yaml/locatedYaml.ts';
import { accepted, workspace } from './support.ts';
import { FILES, problemsIn, surroundings, WORKFLOWS } from './samples.ts';

const anyFile = fc.constantFrom(...FILES);
const anyWorkflow = fc.constantFrom(...WORKFLOWS);

/** What people leave in a file while they type: pieces cut out, put in or doubled. */
const pieces = fc.constantFrom(
  '',
  '\n',
  '  ',
  ': ',
  '- ',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  '&a ',
  '*a',
  '|\n',
  '#',
  '\t',
  '\r\n',
  '<<: ',
  '---\n',
  'né 漢',
);
const mutations = fc.array(fc.tuple(fc.nat(), fc.nat(12), pieces), { minLength: 1, maxLength: 3 });

function mutated(text: string, cuts: readonly [number, number, string][]): string {
  return cuts.reduce((current, [at, length, put]) => {
    const start = at % (current.length + 1);
    return current.slice(0, start) + put + current.slice(start + length);
  }, text);
}

/** Everything an editor may ask at a place. None of it may fail, and every span has to lie inside the text. */
async function askEverything(path: string, text: string, offset: number): Promise<void> {
  const inside = ({ start, end }: { start: number; end: number }): void =>
    assert.ok(start >= 0 && start <= end && end <= text.length, `${start}-${end} of ${text.length}`);
  for (const { replace } of await completionsAt(text, offset, path, surroundings)) {
    inside(replace);
    assert.ok(replace.start <= offset && offset <= replace.end, 'the completion is where it was asked for');
    assert.ok(!text.slice(replace.start, replace.end).includes('\n'), 'the completion stays on its line');
  }
  const draft = Draft.of(text, path);
  assert.ok(draft);
  const hover = await hoverAt(draft, offset, surroundings);
  if (hover) inside(hover.span);
  await definitionAt(draft, offset, surroundings);
  referencesAt(draft, offset, surroundings, true);
  outlineOf(draft).forEach(({ span, selection }) => [span, selection].forEach(inside));
  try {
    renameStep(draft, offset, 'another-name', surroundings);
  } catch (error) {
    assert.ok(failureOf(error), String(error));
  }
  for (const problem of problemsIn(path, text)) {
    for (const fix of fixesFor(draft, problem, surroundings)) if ('edits' in fix) fix.edits.forEach(({ span }) => inside(span));
  }
}

describe('authoring, whatever is typed', function () {
  this.timeout(120_000);

  it('answers at every prefix of a file', async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, fc.nat(), async ({ path, text }, at) => {
        const offset = at % (text.length + 1);
        await askEverything(path, text.slice(0, offset), offset);
      }),
      { numRuns: 100 },
    );
  });

  it('answers at every place of a file with mistakes', async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, mutations, fc.nat(), async ({ path, text }, cuts, at) => {
        const broken = mutated(text, cuts);
        await askEverything(path, broken, at % (broken.length + 1));
      }),
      { numRuns: 100 },
    );
  });

  it('answers at every place of any text at all', async () => {
    const texts = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.string({ unit: 'binary', maxLength: 80 }));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('.handrail/workflows/w.yml', '.handrail/models.yml'), texts, fc.nat(), async (path, text, at) => {
        await askEverything(path, text.replace(/^\uFEFF/, ''), at % (text.replace(/^\uFEFF/, '').length + 1));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a place of a file', function () {
  this.timeout(60_000);

  it('is what the parser says it is, for every key and value', () => {
    for (const { text } of FILES) {
      for (const [path, node, on] of nodesOf(parseLocatedYaml(text).root, [])) {
        const found = nodeAt(parseLocatedYaml(text), node.start);
        assert.deepEqual([found?.path, found?.on], [path, on], text.slice(node.start, node.end));
      }
    }
  });

  it('is found again when its scalar is taken out to be typed anew', () => {
    for (const { text } of FILES) {
      const file = parseLocatedYaml(text);
      for (const [path, span, on] of nodesOf(file.root, [])) {
        if (on === 'key' || span.end === span.start || text.slice(span.start, span.end).includes('\n')) continue;
        const places = typedPlaceAt(text, span.start + 1)?.places ?? [];
        assert.ok(
          places.some((place) => place.is === 'value' && place.path.join('/') === path.join('/')),
          `${path.join('/')} at ${text.slice(span.start, span.end)}: ${JSON.stringify(places)}`,
        );
      }
    }
  });
});

/** Scalars and keys with their spans, block text and aliases left out. */
function* nodesOf(node: LocatedNode, path: YamlPath): Generator<[YamlPath, { start: number; end: number }, 'key' | 'value']> {
  if (node.alias) return;
  for (const [key, entry] of node.entries ?? []) {
    yield [[...path, key], entry.keySpan, 'key'];
    yield* nodesOf(entry.node, [...path, key]);
  }
  for (const [index, item] of (node.items ?? []).entries()) yield* nodesOf(item, [...path, index]);
  if (node.scalar && node.scalar.type?.startsWith('BLOCK') !== true) yield [path, node.span, 'value'];
}

/** Problems that what was put in may not bring along. */
const NEVER: ReadonlySet<string> = new Set(['unknown-key', 'wrong-type', 'syntax']);

function bad(problems: readonly Problem[]): number {
  return problems.filter(({ code }) => NEVER.has(code)).length;
}

describe('what is offered', function () {
  this.timeout(120_000);

  it('is right where it is offered: at every place of every file, with what stands there taken out', async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, fc.nat(), fc.boolean(), async ({ path, text }, at, onNewLine) => {
        const offset = at % (text.length + 1);
        const { before, start } = placeFor(text, offset, onNewLine);
        const typed = typedPlaceAt(before, start);
        // Another name for a key that has a value, or another kind for a step that has its keys, is a change of mind and not a slip.
        if (typed?.token.isKey || typed?.places.some((place) => place.path.at(-1) === 'kind')) return;
        const offers = await completionsAt(before, start, path, surroundings);
        for (const offer of offers) {
          const after = accepted(before, offer);
          assert.ok(
            bad(problemsIn(path, after)) <= bad(problemsIn(path, before)),
            `${offer.label} at ${start} of\n${before}\n===>\n${after}`,
          );
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** The file with an empty line of some depth at the place, or with nothing changed. */
function placeFor(text: string, offset: number, onNewLine: boolean): { before: string; start: number } {
  if (!onNewLine) return { before: text, start: offset };
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? '';
  return { before: `${text.slice(0, lineStart)}${indent}\n${text.slice(lineStart)}`, start: lineStart + indent.length };
}

describe('a rename', function () {
  this.timeout(60_000);

  it('keeps every workflow valid and changes nothing but the id', () => {
    fc.assert(
      fc.property(anyWorkflow, fc.nat(), fc.constantFrom('renamed', 'x', 'true', 'a-b-c', 'null'), ({ path, text }, at, to) => {
        const draft = Draft.of(text, path);
        const { workflow } = parseWorkflow(text, path);
        assert.ok(draft && workflow);
        const step = workflow.steps[at % workflow.steps.length];
        assert.ok(step);
        const index = workflow.steps.indexOf(step);
        const offset = draft.file.spanOf(['steps', index, 'id']).start;
        assert.equal(renameable(draft, offset).id, step.id);
        const edits = renameStep(draft, offset, to, workspace({ [path]: text }));
        const lines = text.split('\n');
        for (const edit of edits.toReversed()) {
          const line = lines[edit.line - 1] ?? '';
          lines[edit.line - 1] = line.slice(0, edit.column - 1) + edit.text + line.slice(edit.endColumn - 1);
        }
        const after = parseWorkflow(lines.join('\n'), path);
        assert.deepEqual(after.problems, []);
        const renamed = JSON.parse(JSON.stringify(workflow), (key, value: unknown) =>
          value === step.id && (key === 'id' || /^\d+$/.test(key)) ? to : value,
        ) as unknown;
        assert.deepEqual(after.workflow, renamed);
      }),
      { numRuns: 120 },
    );
  });
});
