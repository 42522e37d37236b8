import assert from 'node:assert/strict';
import { parseWorkflow } from '../../../src/core/workflow/parse.ts';
import type { ParsedWorkflow, WorkflowContext } from '../../../src/core/workflow/parse.ts';
import { places, workflow } from './places.ts';

const BASE = workflow(
  [
    '  - { id: tests, kind: command, title: Tests, why: Because, run: npm test, expect: [{ exit: 0 }], final: true }',
    '  - { id: review, kind: review, title: Review, needs: [tests], when: vars.large }',
    '  - { id: note, kind: manual, title: Note }',
    '',
  ].join('\n'),
  'evidence: tracked\nvars: { large: lines.added > 100 }\n',
);

function extend(
  steps: string,
  options: { header?: string; files?: Record<string, string>; bases?: string; shared?: WorkflowContext['shared'] } = {},
): ParsedWorkflow & { places: string[] } {
  const text = `version: 1\nid: team\ntitle: Team\nextends: [${options.bases ?? './base.yml'}]\n${options.header ?? ''}steps:${steps === '' ? ' []' : `\n${steps}`}\n`;
  const files: Record<string, string> = { '.handrail/workflows/base.yml': BASE, ...options.files };
  const parsed = parseWorkflow(text, '.handrail/workflows/team.yml', {
    read: (path) => files[path],
    ...(options.shared && { shared: options.shared }),
  });
  return { ...parsed, places: places(text, parsed.problems) };
}

describe('extends', () => {
  it('merges steps by id: fields replaced, steps removed and added', () => {
    const { workflow: read, places: found } = extend(
      '  - { id: review, title: Our review, require: model }\n  - { id: note, remove: true }\n  - { id: more, kind: manual, title: More, needs: [review] }',
    );
    assert.deepEqual(found, []);
    assert.ok(read);
    assert.deepEqual(
      read.steps.map((step) => [step.id, step.title]),
      [
        ['tests', 'Tests'],
        ['review', 'Our review'],
        ['more', 'More'],
      ],
    );
    const review = read.steps[1];
    assert.ok(review?.kind === 'review');
    assert.deepEqual([review.needs, review.when, review.require], [['tests'], 'vars.large', 'model']);
    assert.deepEqual([read.id, read.evidence, read.vars], ['team', 'tracked', { large: 'lines.added > 100' }]);
  });

  it('takes an empty list of steps as everything the base has', () => {
    assert.equal(extend('').workflow?.steps.length, 3);
  });

  it('replaces vars, evidence and waive where nothing is final', () => {
    const files = {
      '.handrail/workflows/base.yml': BASE.replace(', final: true', '').replace('evidence:', 'waive: { expires: 3d }\nevidence:'),
    };
    const header = 'evidence: local\nwaive: { expires: 9d }\nvars: { large: lines.added > 5 }\n';
    const { workflow: read } = extend('', { header, files });
    assert.deepEqual([read?.evidence, read?.vars, read?.waive], ['local', { large: 'lines.added > 5' }, { expires: '9d' }]);
  });

  it('loosens for no final step where its records are kept, or how it may be skipped', () => {
    const files = { '.handrail/workflows/base.yml': BASE.replace('evidence:', 'waive: { expires: 3d }\nevidence:') };
    assert.deepEqual(extend('', { header: 'evidence: local\n', files }).places, ['bad-value: local']);
    assert.deepEqual(extend('', { header: 'waive: { expires: 90d }\n', files }).places, ['bad-value: { expires: 90d }']);
    const same = extend('', { header: 'waive: { expires: 3d }\nevidence: tracked\n', files });
    assert.deepEqual([same.places, same.workflow?.waive], [[], { expires: '3d' }]);
  });

  it('takes no step from under those that name it', () => {
    const base = BASE.replace('title: Review,', 'title: Review, independent-of: [note],');
    const files = { '.handrail/workflows/base.yml': base.replace(', final: true', '') };
    assert.deepEqual(extend('  - { id: tests, remove: true }', { files }).places, ['unknown-step: true']);
    assert.deepEqual(extend('  - { id: note, remove: true }', { files }).places, ['unknown-step: true']);
    const mended = extend('  - { id: tests, remove: true }\n  - { id: review, needs: [note] }', { files });
    assert.deepEqual(
      [mended.places, mended.workflow?.steps.map(({ id, needs }) => `${id}:${needs.join()}`)],
      [[], ['review:note', 'note:']],
    );
  });

  it('lays files that share a base over it once, in order, so that none undoes what another refined', () => {
    const files = {
      '.handrail/workflows/base.yml': 'version: 1\nid: b\ntitle: B\nextends: [parts/root.yml]\nsteps: [{ id: note, title: From b }]\n',
      '.handrail/workflows/other.yml': 'version: 1\nid: o\ntitle: O\nextends: [parts/root.yml]\nsteps: [{ id: review, title: From o }]\n',
      '.handrail/workflows/parts/root.yml': BASE,
    };
    const titles = (bases: string) => extend('', { files, bases }).workflow?.steps.map(({ title }) => title);
    assert.deepEqual(titles('./base.yml, ./other.yml'), ['Tests', 'From o', 'From b']);
    assert.deepEqual(titles('./other.yml, ./base.yml'), ['Tests', 'From o', 'From b']);
  });

  it('holds a final step against a second base as against an overlay', () => {
    const other = (step: string) => `version: 1\nid: o\ntitle: O\nsteps:\n  - ${step}\n`;
    const files = (step: string) => ({ '.handrail/workflows/other.yml': other(step) });
    const weaker = extend('', { bases: './base.yml, ./other.yml', files: files('{ id: tests, kind: command, title: T, run: "true" }') });
    assert.deepEqual(weaker.places, ['bad-value: ./other.yml']);
    assert.match(weaker.problems[0]?.message ?? '', /other\.yml: Step "tests" is final/);
    const kind = extend('', { bases: './base.yml, ./other.yml', files: files('{ id: note, kind: command, title: T, run: x }') });
    assert.match(kind.problems[0]?.message ?? '', /of kind manual/);
  });

  it('bounds how deep and how many files are put together, in little time', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [
        `.handrail/workflows/c${i}.yml`,
        `version: 1\nid: c${i}\ntitle: C\nextends: [c${i + 1}.yml]\nsteps: []\n`,
      ]),
    );
    assert.match(extend('', { bases: './c0.yml', files: chain }).problems[0]?.message ?? '', /more than 8 deep/);
    // Every file of a level extends every one of the next: ten billion ways through, and forty files.
    const names = (level: number) => Array.from({ length: 10 }, (_, i) => `l${level}x${i}.yml`);
    const lattice = Object.fromEntries(
      [0, 1, 2, 3].flatMap((level) =>
        names(level).map((name) => [
          `.handrail/workflows/${name}`,
          `version: 1\nid: x\ntitle: X\nextends: [${level === 3 ? 'base.yml' : names(level + 1).join(', ')}]\nsteps: []\n`,
        ]),
      ),
    );
    let reads = 0;
    const text = `version: 1\nid: t\ntitle: T\nextends: [${names(0).join(', ')}]\nsteps: []\n`;
    const read = (path: string): string | undefined => {
      reads += 1;
      return { '.handrail/workflows/base.yml': BASE, ...lattice }[path];
    };
    assert.equal(parseWorkflow(text, '.handrail/workflows/t.yml', { read }).workflow?.steps.length, 3);
    assert.equal(reads, 41);
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [
        `.handrail/workflows/m${i}.yml`,
        `version: 1\nid: m\ntitle: M\nsteps:\n  - { id: s${i}, kind: manual, title: S }\n`,
      ]),
    );
    const bases = Object.keys(many)
      .map((path) => path.replace('.handrail/workflows/', './'))
      .join(', ');
    assert.match(extend('', { bases, files: many }).problems[0]?.message ?? '', /more than 50 files/);
  });

  it('says what is wrong in a base beyond its grammar', () => {
    for (const flaw of ['when: nope', 'expect: [{ file: ../x }]', 'needs: [nobody]', 'inputs: ["["]']) {
      const files = {
        '.handrail/workflows/base.yml': `version: 1\nid: b\ntitle: B\nsteps:\n  - { id: a, kind: manual, title: A, ${flaw} }\n`,
      };
      const { workflow: read, places: found } = extend('', { files });
      assert.deepEqual([read, found], [undefined, ['bad-value: ./base.yml']], flaw);
    }
  });

  it('asks for what a new step lacks, and for what a changed one has wrong', () => {
    assert.deepEqual(extend('  - { id: more, title: More }').places, ['missing-key: id']);
    assert.deepEqual(extend('  - { id: more, kind: command, title: More }').places, ['missing-key: id']);
    assert.deepEqual(extend('  - { id: note, run: x }').places, ['unknown-key: run']);
    assert.deepEqual(extend('  - { id: review, needs: [nope] }').places, ['unknown-step: nope']);
    assert.deepEqual(extend('  - { id: note, kind: command, run: x }').places, ['bad-value: command']);
    assert.deepEqual(extend('  - { id: nope, remove: true }').places, ['unknown-step: nope']);
  });

  it('protects a final step from removal and weakening, not from better words', () => {
    assert.deepEqual(extend('  - { id: tests, remove: true }').places, ['bad-value: true']);
    assert.deepEqual(extend('  - { id: tests, run: "true" }').places, ['bad-value: "true"']);
    assert.deepEqual(extend('  - { id: tests, expect: [] }').places, ['bad-value: []']);
    assert.deepEqual(extend('  - { id: tests, when: "false" }').places.includes('bad-value: "false"'), true);
    assert.deepEqual(extend('  - { id: tests, final: false }').places, ['bad-value: false']);
    assert.deepEqual(extend('  - { id: tests, title: Better words, why: Better reason }').places, []);
  });

  it('keeps the variable that decides about a final step', () => {
    const base = BASE.replace('when: vars.large', 'when: vars.large, final: true');
    const { places: found } = extend('', { header: 'vars: { large: "false" }\n', files: { '.handrail/workflows/base.yml': base } });
    assert.deepEqual(found, ['bad-value: "false"']);
  });

  it('follows files that extend others themselves', () => {
    const files = {
      '.handrail/workflows/base.yml': 'version: 1\nid: b\ntitle: B\nextends: [parts/root.yml]\nsteps: [{ id: note, title: Noted }]\n',
      '.handrail/workflows/parts/root.yml': BASE,
    };
    assert.deepEqual(
      extend('', { files }).workflow?.steps.map((step) => step.title),
      ['Tests', 'Review', 'Noted'],
    );
  });

  it('reports a file that is not there, is broken, or goes round in a circle', () => {
    assert.deepEqual(extend('', { bases: './nope.yml' }).places, ['missing-file: ./nope.yml']);
    assert.deepEqual(extend('', { files: { '.handrail/workflows/base.yml': 'a: [' } }).places, ['bad-value: ./base.yml']);
    const circle = 'version: 1\nid: b\ntitle: B\nextends: [team.yml]\nsteps: []\n';
    assert.deepEqual(extend('', { files: { '.handrail/workflows/base.yml': circle } }).places, ['cycle: ./base.yml']);
    assert.deepEqual(extend('', { bases: './team.yml' }).places, ['cycle: ./team.yml']);
  });

  describe('of other repositories', () => {
    const SOURCE = 'acme/workflows//team/base.yml@v1';
    const shared =
      (files: Record<string, string>): NonNullable<WorkflowContext['shared']> =>
      ({ text }) =>
        files[text] === undefined ? { missing: 'unlocked' } : { text: files[text] };

    it('are merged like local ones, and what they extend by a path lies beside them in the same version', () => {
      const files = {
        [SOURCE]: 'version: 1\nid: b\ntitle: B\nextends: [parts/root.yml]\nsteps: [{ id: note, title: Noted there }]\n',
        'acme/workflows//team/parts/root.yml@v1': BASE,
      };
      const { workflow: read, places: found } = extend('  - { id: review, title: Ours }', { bases: SOURCE, shared: shared(files) });
      assert.deepEqual([found, read?.steps.map((step) => step.title)], [[], ['Tests', 'Ours', 'Noted there']]);
    });

    it('are never passed over: each reason why one cannot be followed is said, with what mends it', () => {
      const missing = (reason: 'lock' | 'unlocked' | 'content') => extend('', { bases: SOURCE, shared: () => ({ missing: reason }) });
      for (const [reason, message, remedy] of [
        ['lock', /lock\.yml has mistakes/, undefined],
        ['unlocked', /not locked yet/, 'lock'],
        ['content', /not on this machine yet/, 'fetch'],
      ] as const) {
        const { workflow: read, problems } = missing(reason);
        assert.equal(read, undefined);
        assert.deepEqual([problems[0]?.code, problems[0]?.remedy], ['missing-file', remedy]);
        assert.match(problems[0]?.message ?? '', message);
      }
      // Without anything to read from, as in an editor that checks what is typed, nothing can be said.
      assert.deepEqual(extend('', { bases: SOURCE }).problems, []);
      assert.equal(extend('', { bases: SOURCE }).workflow, undefined);
    });

    it('say what is wrong in them with their line, since nobody can open them here', () => {
      const wrong = (text: string) => extend('', { bases: SOURCE, shared: shared({ [SOURCE]: text }) });
      const grammar = wrong('version: 1\nid: b\ntitle: B\nsteps:\n  - { id: a, kind: manual, title: A, neds: [] }\n');
      assert.match(grammar.problems[0]?.message ?? '', /base\.yml@v1, line 5: Unknown key "neds"/);
      const deeper = wrong('version: 1\nid: b\ntitle: B\nsteps:\n  - { id: a, kind: manual, title: A, expect: [{ file: /etc/passwd }] }\n');
      assert.deepEqual(deeper.places, [`bad-value: ${SOURCE}`]);
      assert.match(deeper.problems[0]?.message ?? '', /line 5: The path is absolute/);
      const upwards = wrong('version: 1\nid: b\ntitle: B\nextends: [../../other.yml]\nsteps: []\n');
      assert.match(upwards.problems[0]?.message ?? '', /leads upwards/);
      assert.match(wrong('a: [').problems[0]?.message ?? '', /line 1: /);
    });

    it('go round in no circle', () => {
      const files = { [SOURCE]: `version: 1\nid: b\ntitle: B\nextends: ["${SOURCE}"]\nsteps: []\n` };
      assert.deepEqual(extend('', { bases: SOURCE, shared: shared(files) }).places, [`cycle: ${SOURCE}`]);
    });

    it('are asked for by https and ssh only', () => {
      for (const bad of ['http://example.com/a/b//c.yml@v1', 'ext::sh -c id//c.yml@v1', 'file:///tmp/x//c.yml@v1', 'acme/x//c.yml']) {
        const { workflow: read, places: found } = extend('', { bases: JSON.stringify(bad), shared: shared({}) });
        assert.deepEqual([read, found], [undefined, [`bad-value: ${JSON.stringify(bad)}`]]);
      }
    });
  });

  it('refuses paths that leave the folder', () => {
    assert.deepEqual(extend('', { bases: '../base.yml' }).places, ['unsafe-path: ../base.yml']);
    assert.deepEqual(extend('', { bases: '/etc/passwd' }).places, ['unsafe-path: /etc/passwd']);
  });

  it('says nothing about names it cannot know when files cannot be read', () => {
    const text =
      'version: 1\nid: t\ntitle: T\nextends: [base.yml]\nsteps: [{ id: a, kind: manual, title: A, needs: [tests], when: vars.large }]\n';
    const { workflow: read, problems } = parseWorkflow(text, '.handrail/workflows/t.yml');
    assert.deepEqual([read, problems], [undefined, []]);
  });
});
