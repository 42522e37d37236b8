import assert from 'node:assert/strict';
import { Draft } from '../../../src/core/workflow/authoring/draft.ts';
import { hoverAt } from '../../../src/core/workflow/authoring/hover.ts';
import type { HoverPart } from '../../../src/core/workflow/authoring/hover.ts';
import { hoverText } from '../../../src/vscode/workflow/authoring/hoverText.ts';
import { english, step } from '../vscode-workflow/samples.ts';
import { cursor, FILE, workspace } from './support.ts';

const HEAD = 'version: 1\nid: w\ntitle: W\n';
const BRANCH = {
  slug: 'feat-x',
  facts: {
    branch: 'feat/x',
    base: 'main',
    changes: ['src/auth/a.ts', 'docs/x.md'],
    added: ['docs/x.md'],
    deleted: [],
    lines: { added: 12, deleted: 3 },
    labels: [],
    ci: false,
  },
};
const FILES = {
  'src/auth/a.ts': '',
  'src/b.ts': '',
  'docs/x.md': 'Intro\n\n# The title\n',
  'docs/notes/feat-x.md': '# Notes',
  '.github/prompts/t.prompt.md': '---\ndescription: Write the tests\n---\nWrite.\n',
  '.handrail/models.yml': 'version: 1\nmodels: { m: { provider: openai, model: gpt-5.2 } }\nroles: { review: m }\n',
  '.handrail/workflows/base.yml': `version: 1\nid: b\ntitle: The base\nsteps:\n  - { id: top, kind: command, title: Top, run: x }\n`,
};
const around = workspace(FILES, {
  branch: BRANCH,
  steps: [step({ id: 'a', state: 'ready', expect: [{ kind: 'file', met: false, detail: 'There is no file x.' }] })],
});

async function hover(marked: string, surroundings = around, path = FILE): Promise<HoverPart[]> {
  const { text, offset } = cursor(marked);
  const draft = Draft.of(text, path);
  assert.ok(draft);
  return (await hoverAt(draft, offset, surroundings))?.parts ?? [];
}
const text = async (marked: string, surroundings = around, path = FILE): Promise<string> =>
  hoverText(english, await hover(marked, surroundings, path));
const first = (line: string): string => `${HEAD}steps:\n  - id: a\n    kind: manual\n    ${line}\n`;

describe('what a hover tells', () => {
  it('of a key: what it is, by the grammar', async () => {
    assert.match(await text(first('ne|eds: []')), /^\*\*needs\*\* · list\n\nIds of the steps that come before/);
    assert.match(await text(`${HEAD}st|eps: []`), /^\*\*steps\*\* · list · required/);
    assert.match(await text(first('|kind: manual').replace('kind: manual\n    kind', 'kind')), /`generate` · A model writes/);
    assert.match(await text('version: 1\nmodels: { m: { pro|vider: openai } }', around, '.handrail/models.yml'), /any compatible server/);
  });

  it('of a kind: what it is', async () => {
    assert.match(await text(`${HEAD}steps:\n  - kind: app|roval`), /\*\*approval\*\* · Someone other than the author approves/);
  });

  it('of a step: how it stands, and where it comes from', async () => {
    assert.match(
      await text(first('title: A').replace('id: a', 'id: |a')),
      /\*\*A\*\* · by hand\n\nOn this branch: ready\n\n- \$\(circle-large-outline\) There is no file x\\\./,
    );
    const overlay = `${HEAD}extends: [./base.yml]\nsteps:\n  - id: z\n    needs: [to|p]\n`;
    assert.match(await text(overlay), /\*\*Top\*\* · command\n\nIt comes from `\.handrail\/workflows\/base\.yml`/);
    assert.match(await text(first('needs: [nob|ody]')), /no step `nobody`/);
  });

  it('of an expression: what it gives on this branch, and which files it rests on', async () => {
    const expression = `${HEAD}vars:\n  risky: changes.exists(f, glob(f, "src/auth/**"))\n  many: size(changes) + lines.added\nsteps:\n  - id: a\n    when: vars.risky && !(vars.ma|ny > 5)\n`;
    const told = await text(expression);
    assert.match(told, /`vars\.many` · size\\\(changes\\\) \\\+ lines\\\.added/);
    assert.match(told, /On `feat\/x`, `vars\.many` is `14`\./);
    assert.match(told, /`vars\.risky && !\(vars\.many > 5\)` is `false`/);
    assert.match(await text(expression.replace('|', '').replace('  risky:', '  ris|ky:')), /is `true`\. It rests on `src\/auth\/a\.ts`\./);
    assert.match(await text(first('when: li|nes.added > 1')), /`lines\.added` is `12`|`lines` is/);
    assert.match(await text(first('when: bra|nch == "x"')), /`branch` is `"feat\/x"`/);
    assert.match(await text(first('when: nonse|nse > 1')), /cannot be evaluated: Unknown name nonsense/);
  });

  it('of an expression without a branch: that it cannot be known', async () => {
    assert.match(await text(first('when: lines.added > |1'), workspace(FILES)), /known only in a trusted folder with git/);
  });

  it('of a glob: what it matches now', async () => {
    assert.match(
      await text(first('inputs: ["src/|**"]')),
      /`src\/\*\*` matches 2 files now\.\n\nChanged on this branch: `src\/auth\/a\.ts`/,
    );
    assert.match(await text(first('expect: [{ changed: "src/b|.ts" }]')), /This branch changes none of them/);
    assert.match(await text(first('inputs: ["src/|**"]'), workspace(FILES)), /matches 2 files now\.\n\n`src\/auth\/a\.ts`, `src\/b\.ts`/);
  });

  it('of a file: whether it is there, and its title', async () => {
    assert.match(await text(first('learn: docs/|x.md')), /`docs\/x\.md` · The title/);
    assert.match(await text(first('learn: docs/|x.md#part')), /`docs\/x\.md` · The title/);
    assert.match(await text(first('prompt: .github/prompts/|t.prompt.md')), /· Write the tests/);
    assert.match(await text(`${HEAD}extends: [./ba|se.yml]`), /`\.handrail\/workflows\/base\.yml` · The base/);
    assert.match(await text(first('learn: docs/|none.md')), /There is no file `docs\/none\.md` yet/);
    assert.match(await text(first('expect: [{ file: "docs/notes/${bra|nch}.md" }]')), /`docs\/notes\/feat-x\.md` · Notes/);
    assert.deepEqual(await hover(first('learn: https://exam|ple.org')), []);
  });

  it('of a role and a model: what answers', async () => {
    assert.match(await text(first('role: rev|iew')), /The role `review` is answered by `m`/);
    assert.match(await text(first('role: che|ap')), /has no role `cheap`/);
    assert.match(
      await text(FILES['.handrail/models.yml'].replace('review: m', 'review: |m'), around, '.handrail/models.yml'),
      /openai\\: gpt/,
    );
  });

  it('shows text of the repository letter by letter', async () => {
    const nasty = `${HEAD}steps:\n  - id: a\n    title: "[x](command:evil) <b> $(bug) ![i](http://e)"\n    needs: [|a]\n`;
    const told = await text(nasty);
    assert.doesNotMatch(told, /(?<!\\)\[x|(?<!\\)<b>|(?<!\\)\$\(bug/);
  });

  it('works where the file is broken elsewhere', async () => {
    assert.match(await text(`${HEAD}steps:\n  - id: a\n    title: [open\n    ne|eds: []\n`), /come before/);
  });
});
