import assert from 'node:assert/strict';
import { failureOf } from '../../../src/core/errors.ts';
import { definitionAt, referencesAt } from '../../../src/core/workflow/authoring/definition.ts';
import { Draft } from '../../../src/core/workflow/authoring/draft.ts';
import { renameable, renameStep } from '../../../src/core/workflow/authoring/rename.ts';
import { outlineOf } from '../../../src/core/workflow/authoring/symbols.ts';
import { rangeOf } from '../../../src/core/workflow/problem.ts';
import { cursor, FILE, workspace } from './support.ts';

const W = '.handrail/workflows/';
const HEAD = 'version: 1\nid: w\ntitle: W\n';
const BASE = `${HEAD}vars: { risky: "true" }\nsteps:\n  - { id: tests, kind: command, title: T, run: x }\n  - { id: lint, kind: command, title: L, run: x, needs: [tests] }\n`;
const FILES: Record<string, string> = {
  [`${W}base.yml`]: BASE,
  [`${W}other.yml`]: `${HEAD}extends: [./base.yml]\nsteps:\n  - id: tests\n    title: Own words\n  - id: own\n    kind: manual\n    title: O\n    needs: [tests]\n`,
  [`${W}apart.yml`]: `${HEAD}steps:\n  - { id: tests, kind: manual, title: Not the same }\n`,
  [`${W}own.yml`]: `${HEAD}extends: [./base.yml]\nsteps:\n  - { id: own, kind: manual, title: A step of the same name }\n`,
  'docs/x.md': '',
  '.handrail/models.yml': 'version: 1\nmodels:\n  m: { provider: builtin }\nroles:\n  review: m\n',
};

function opened(marked: string, path = FILE, files: Record<string, string> = FILES) {
  const { text, offset } = cursor(marked);
  const draft = Draft.of(text, path);
  assert.ok(draft);
  return { draft, offset, around: workspace({ ...files, [path]: text }), text };
}

async function definition(marked: string, path = FILE): Promise<string | undefined> {
  const { draft, offset, around } = opened(marked, path);
  const found = await definitionAt(draft, offset, around);
  return found && `${found.to.path}:${rangeOf(around.read(found.to.path) ?? '', found.to.span).line}`;
}

describe('going to a definition', () => {
  const at = (line: string): string =>
    `${HEAD}extends: [./base.yml]\nvars:\n  own: vars.risky\nsteps:\n  - id: a\n    kind: manual\n    ${line}\n  - id: b\n`;

  for (const [name, marked, expected] of [
    ['a step of the file', at('needs: [b|]'), `${FILE}:11`],
    ['a step of a base', at('needs: [te|sts]'), `${W}base.yml:6`],
    ['a step that is reviewed independently', at('independent-of: [li|nt]'), `${W}base.yml:7`],
    ['a variable', at('when: vars.o|wn'), `${FILE}:6`],
    ['a variable of a base', at('when: "!vars.ri|sky"'), `${W}base.yml:4`],
    ['a document', at('learn: docs/|x.md#part'), 'docs/x.md:1'],
    ['a file to build on', `${HEAD}extends: [./ba|se.yml]`, `${W}base.yml:1`],
    ['a role', at('role: revi|ew'), '.handrail/models.yml:5'],
    ['nothing for a step that is nowhere', at('needs: [no|body]'), undefined],
    ['nothing for an address', at('learn: https://exa|mple.org'), undefined],
    ['nothing for a name of the language', at('when: chan|ges == []'), undefined],
  ] as const) {
    it(name, async () => assert.equal(await definition(marked), expected));
  }

  it('a model', async () => {
    assert.equal(
      await definition('version: 1\nmodels:\n  m: { provider: builtin }\nroles: { review: |m }', '.handrail/models.yml'),
      '.handrail/models.yml:3',
    );
  });
});

describe('a step’s name', () => {
  const edits = (marked: string, to: string, path = FILE, files = FILES): string[] => {
    const { draft, offset, around } = opened(marked, path, files);
    return renameStep(draft, offset, to, around).map((edit) => `${edit.path.replace(W, '')}:${edit.line}:${edit.column} ${edit.text}`);
  };

  it('is found in every file that shares the step, and in no other', () => {
    const { draft, offset, around } = opened(BASE.replace('id: tests', 'id: te|sts'), `${W}base.yml`);
    const found = referencesAt(draft, offset, around, true).map(
      ({ path, span }) => `${path.replace(W, '')}:${rangeOf(around.read(path) ?? '', span).line}`,
    );
    assert.deepEqual(found, ['base.yml:6', 'base.yml:7', 'other.yml:6', 'other.yml:11']);
    const uses = referencesAt(draft, offset, around, false).map(({ path }) => path.replace(W, ''));
    assert.deepEqual(uses, ['base.yml', 'other.yml']);
  });

  it('changes everywhere, from a base and from what builds on it', () => {
    const expected = ['base.yml:6:11 unit', 'base.yml:7:58 unit', 'other.yml:6:9 unit', 'other.yml:11:13 unit'];
    assert.deepEqual(edits(BASE.replace('id: tests', 'id: te|sts'), 'unit', `${W}base.yml`).sort(), [...expected].sort());
    const other = FILES[`${W}other.yml`] ?? '';
    assert.deepEqual(edits(other.replace('needs: [tests', 'needs: [te|sts'), 'unit', `${W}other.yml`).sort(), [...expected].sort());
  });

  it('is left alone in a file that has another step of that name', () => {
    const other = FILES[`${W}other.yml`] ?? '';
    assert.deepEqual(edits(other.replace('id: own', 'id: o|wn'), 'mine', `${W}other.yml`), ['other.yml:8:9 mine']);
  });

  it('changes where its anchor is, once, and keeps quotes', () => {
    const text = `${HEAD}steps:\n  - id: &a "te|sts"\n    kind: manual\n    title: T\n  - { id: b, kind: manual, title: B, needs: [*a] }\n`;
    assert.deepEqual(edits(text, 'unit', FILE, {}), [`w.yml:5:12 "unit"`]);
    assert.deepEqual(edits(text.replace('"te|sts"', 'te|sts'), 'true', FILE, {}), ['w.yml:5:12 "true"']);
  });

  it('counts columns as editors do, behind other alphabets too', () => {
    assert.deepEqual(edits(`${HEAD}steps:\n  - { title: "漢字 🎉", id: te|sts }\n`, 'unit', FILE, {}), ['w.yml:5:27 unit']);
  });

  const refused = (marked: string, to: string): string => {
    try {
      edits(marked, to);
    } catch (error) {
      const failure = failureOf(error);
      assert.ok(failure?.hint, 'a refusal says what to do');
      return failure.message;
    }
    return assert.fail('was accepted');
  };

  it('is refused when it is malformed, taken, or no step', () => {
    const step = `${HEAD}extends: [./base.yml]\nsteps:\n  - { id: |a, kind: manual, title: A }\n  - { id: b, kind: manual, title: B }\n`;
    assert.match(refused(step, 'Not One'), /cannot be the id of a step/);
    assert.match(refused(step, ''), /cannot be the id/);
    assert.match(refused(step, 'b'), /There is a step "b" already/);
    assert.match(refused(step, 'tests'), /already, in .*base\.yml/);
    assert.match(refused(`${HEAD}steps:\n  - id: a\n    needs: [no|body]\n`, 'x'), /No file of this workspace defines/);
    assert.match(refused(`${HEAD}steps:\n  - ti|tle: a\n`, 'x'), /Only the id of a step/);
  });

  it('is offered to be changed at the id and wherever it is needed', () => {
    const { draft, offset } = opened(`${HEAD}steps:\n  - id: a\n    needs: [te|sts]\n`);
    assert.deepEqual(renameable(draft, offset), { id: 'tests', span: { start: offset - 2, end: offset + 3 } });
  });
});

describe('an outline', () => {
  it('lists variables and steps with their places inside the file', () => {
    const { draft } = opened(`|${HEAD}vars: { risky: "true" }\nsteps:\n  - id: a\n    kind: manual\n    title: First\n  - { id: b }\n`);
    const outline = outlineOf(draft);
    assert.deepEqual(
      outline.map(({ name, children }) => [name, children.map((child) => [child.name, child.detail])]),
      [
        ['vars', [['risky', 'true']]],
        [
          'steps',
          [
            ['First', 'a · manual'],
            ['b', 'b'],
          ],
        ],
      ],
    );
  });

  it('lists models and dismissals', () => {
    const models = Draft.of(FILES['.handrail/models.yml'] ?? '', '.handrail/models.yml');
    assert.ok(models);
    assert.deepEqual(
      outlineOf(models).map(({ name }) => name),
      ['models', 'roles'],
    );
    const dismissals = Draft.of(
      'version: 1\ndismissals:\n  - { fingerprint: 0123456789abcdef, reason: R, file: a.ts }\n',
      '.handrail/dismissals.yml',
    );
    assert.ok(dismissals);
    assert.deepEqual(
      outlineOf(dismissals)[0]?.children.map(({ name, detail }) => [name, detail]),
      [['R', 'a.ts']],
    );
  });
});
