import assert from 'node:assert/strict';
import { failureOf } from '../../../src/core/errors.ts';
import { definitionAt } from '../../../src/core/workflow/authoring/definition.ts';
import { Draft } from '../../../src/core/workflow/authoring/draft.ts';
import { hoverAt } from '../../../src/core/workflow/authoring/hover.ts';
import { fixesFor } from '../../../src/core/workflow/authoring/quickFixes.ts';
import { renameStep } from '../../../src/core/workflow/authoring/rename.ts';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';
import { hoverText } from '../../../src/vscode/workflow/authoring/hoverText.ts';
import { english } from '../vscode-workflow/samples.ts';
import { cursor, FILE, labels, workspace } from './support.ts';

const BASE = 'acme/flows//team/base.yml@v1';
const COMMON = 'acme/flows//team/common.yml@v1';
const LATER = 'acme/flows//later.yml@v2';
const COMMIT = '3f2a'.repeat(10);
const around = workspace(
  {},
  {
    locked: [BASE, COMMON, LATER].map((source) => ({ source, commit: COMMIT, digest: `sha256:${'0'.repeat(64)}` })),
    shared: {
      [BASE]: `version: 1\nid: base\ntitle: The team's way\nextends: [./common.yml]\nvars: { risky: 'lines.added > 9' }\nsteps:\n  - { id: tests, kind: command, title: Tests, run: x }\n`,
      [COMMON]: 'version: 1\nid: common\ntitle: Common\nsteps:\n  - { id: intent, kind: manual, title: Say why }\n',
    },
  },
);

const HEAD = `version: 1\nid: w\ntitle: W\nextends: ["${BASE}"]\nsteps:\n`;

function opened(marked: string) {
  const { text, offset } = cursor(marked);
  const draft = Draft.of(text, FILE);
  assert.ok(draft);
  return { draft, offset };
}

async function goesTo(marked: string): Promise<{ path: string; start: number } | undefined> {
  const { draft, offset } = opened(marked);
  const found = await definitionAt(draft, offset, around);
  return found && { path: found.to.path, start: found.to.span.start };
}

async function told(marked: string): Promise<string> {
  const { draft, offset } = opened(marked);
  return hoverText(english, (await hoverAt(draft, offset, around))?.parts ?? []);
}

describe('a workflow that builds on one of another repository', () => {
  it('is offered its steps, also those that it builds on there', async () => {
    assert.deepEqual((await labels(`${HEAD}  - id: a\n    kind: manual\n    title: A\n    needs: [|]\n`, around)).sort(), [
      'intent',
      'tests',
    ]);
    assert.deepEqual((await labels(`${HEAD}  - id: |\n`, around)).sort(), ['intent', 'tests']);
  });

  it('is offered what the lock has', async () => {
    const offered = await labels('version: 1\nid: w\ntitle: W\nextends: ["|"]\nsteps: []\n', around);
    assert.deepEqual(offered.sort(), [BASE, COMMON, LATER].sort());
  });

  it('goes to the text there', async () => {
    assert.deepEqual(await goesTo(`version: 1\nid: w\ntitle: W\nextends: ["acme/|flows//team/base.yml@v1"]\nsteps: []\n`), {
      path: BASE,
      start: 0,
    });
    const step = await goesTo(`${HEAD}  - id: a\n    needs: [int|ent]\n`);
    assert.equal(step?.path, COMMON);
    assert.equal(around.shared(COMMON)?.slice(step?.start).split(',')[0], 'intent');
    assert.equal((await goesTo(`${HEAD}  - id: a\n    when: vars.ris|ky\n`))?.path, BASE);
    assert.equal(await goesTo('version: 1\nid: w\ntitle: W\nextends: ["acme/|flows//later.yml@v2"]\nsteps: []\n'), undefined);
  });

  it('says which version is followed', async () => {
    const on = (source: string): Promise<string> => told(`version: 1\nid: w\ntitle: W\nextends: ["|${source}"]\nsteps: []\n`);
    assert.match(await on(BASE), /`team\/base\.yml` of `acme\/flows` at `v1` · The team's way\n\nLocked at commit `3f2a3f2a3f2a`\.$/);
    assert.match(await on(LATER), /and not on this machine yet/);
    assert.match(await on('acme/flows//new.yml@v1'), /not locked yet/);
    assert.match(await told(`${HEAD}  - id: a\n    needs: [te|sts]\n`), /It comes from `acme\/flows\/\/team\/base\.yml@v1`/);
  });

  it('does not rename what is defined there', () => {
    const { draft, offset } = opened(`${HEAD}  - id: te|sts\n    title: Own words\n`);
    assert.throws(
      () => renameStep(draft, offset, 'checks', around),
      (error) => /comes from acme/.test(failureOf(error)?.message ?? ''),
    );
    const own = opened(`${HEAD}  - id: o|wn\n    kind: manual\n    title: Own\n    needs: [tests]\n`);
    assert.equal(renameStep(own.draft, own.offset, 'mine', around).length, 1);
  });

  it('offers to lock or fetch what is not here, and no file of its name', () => {
    const text = `version: 1\nid: w\ntitle: W\nextends: ["acme/flows//new.yml@v1"]\nsteps:\n  - { id: a, kind: manual, title: A }\n`;
    const [problem] = parseWorkflow(text, FILE, {
      exists: around.exists,
      read: around.read,
      shared: () => ({ missing: 'unlocked' }),
    }).problems;
    assert.equal(problem?.code, 'missing-file');
    const draft = Draft.of(text, FILE);
    assert.ok(draft && problem);
    assert.deepEqual(fixesFor(draft, problem, around), [{ does: 'fetch-shared', isLikely: true }]);
  });
});
