import assert from 'node:assert/strict';
import { compileExpressions } from '../../../src/core/workflow/expressions.ts';
import type { ExpressionFacts, WhenResult } from '../../../src/core/workflow/expressions.ts';

const FACTS: ExpressionFacts = {
  branch: 'feat/login',
  base: 'main',
  changes: ['README.md', 'src/auth/login.ts', 'src/auth/token.ts', 'src/ui/a.ts'],
  added: ['src/auth/token.ts'],
  deleted: ['README.md'],
  lines: { added: 12, deleted: 3 },
  labels: ['security'],
  ci: false,
};

function when(condition: string, vars: Record<string, string> = {}, facts: Partial<ExpressionFacts> = {}): WhenResult {
  return compileExpressions(vars)
    .evaluator({ ...FACTS, ...facts })
    .when(condition);
}

describe('expressions', () => {
  describe('evaluated', () => {
    const holds = [
      'branch == "feat/login" && base == "main"',
      'branch.startsWith("feat/")',
      'glob(branch, "feat/**")',
      'changes.exists(f, glob(f, "src/auth/**"))',
      'changes.all(f, !glob(f, "docs/**"))',
      'added.exists_one(f, f.endsWith(".ts"))',
      '"README.md" in deleted',
      'size(changes.filter(f, f.contains("auth"))) == 2',
      'changes.map(f, size(f)).exists(n, n > 10)',
      'lines.added + lines.deleted < 20',
      'lines.added > 11.5',
      '"security" in labels',
      '!env.CI',
      'env.CI == "false"',
      'size(changes) > 3 ? true : false',
      'branch.split("/")[0] == "feat"',
    ];
    for (const condition of holds)
      it(condition, () => assert.deepEqual([when(condition).applies, when(condition).error], [true, undefined]));

    it('is false when it does not hold', () => {
      assert.deepEqual(when('changes.exists(f, glob(f, "db/**"))'), { applies: false, matched: [] });
    });

    it('reads env.CI as a boolean and as people compare it', () => {
      assert.equal(when('env.CI', {}, { ci: true }).applies, true);
      assert.equal(when('env.CI == "true"', {}, { ci: true }).applies, true);
    });

    it('uses vars, which may use each other in any order', () => {
      const vars = { big: 'vars.total > 10', total: 'lines.added + lines.deleted', auth: 'changes.filter(f, glob(f, "src/auth/**"))' };
      assert.equal(when('vars.big && size(vars.auth) == 2', vars).applies, true);
    });
  });

  describe('why it applies', () => {
    it('names all changed paths that matched, not only the first', () => {
      assert.deepEqual(when('changes.exists(f, glob(f, "src/auth/**"))').matched, ['src/auth/login.ts', 'src/auth/token.ts']);
    });

    it('names the paths outside of a pattern', () => {
      assert.deepEqual(when('changes.exists(f, !glob(f, "src/**"))').matched, ['README.md']);
    });

    it('looks through vars', () => {
      const vars = { risky: 'vars.auth', auth: 'changes.exists(f, glob(f, "src/auth/**"))' };
      assert.deepEqual(when('vars.risky', vars).matched, ['src/auth/login.ts', 'src/auth/token.ts']);
    });

    it('leaves out the side of an "or" that did not match, and variables that are false', () => {
      const vars = { ui: 'changes.exists(f, glob(f, "ui/**"))' };
      assert.deepEqual(when('vars.ui || added.exists(f, glob(f, "**/token.ts"))', vars).matched, ['src/auth/token.ts']);
      assert.deepEqual(when('!vars.ui && lines.added > 1', vars).matched, []);
    });

    it('names a path asked for by name', () => assert.deepEqual(when('"README.md" in changes').matched, ['README.md']));

    it('is empty when it rests on other facts', () => assert.deepEqual(when('lines.added > 1').matched, []));
  });

  describe('checked', () => {
    const wrong: [string, string][] = [
      ['nope', 'nope'],
      ['changes.exists(f, g == "a")', 'g'],
      ['branch.matches(".*")', 'branch.matches(".*")'],
      ['changes.exists(f, glob(f, "[a"))', '"[a"'],
      ['lines.aded > 1', 'aded'],
      ['env.PATH == "x"', 'PATH'],
      ['branch == 1', 'branch == 1'],
      ['branch', 'branch'],
      ['size(changes)', 'size(changes)'],
      ['timestamp("2026-01-01T00:00:00Z") == 1', 'timestamp("2026-01-01T00:00:00Z")'],
      ['cel.bind(x, 1, x > 0)', 'cel.bind(x, 1, x > 0)'],
      ['vars.nope', 'nope'],
      ['branch.exists(f, true)', 'branch'],
    ];
    for (const [condition, place] of wrong) {
      it(`${condition} points at ${place}`, () => {
        const problem = compileExpressions({}).check(condition);
        assert.ok(problem);
        assert.equal(condition.slice(problem.start, problem.end), place);
      });
    }

    it('suggests the name that was meant', () => {
      assert.equal(compileExpressions({}).check('chnages.exists(f, true)')?.hint, 'Did you mean changes?');
      assert.equal(compileExpressions({ risky: 'true' }).check('vars.riksy')?.hint, 'Did you mean risky?');
      assert.equal(compileExpressions({}).check('lines.aded > 1')?.hint, 'Did you mean added?');
    });

    it('refuses loops nested three times and more than 500 nodes', () => {
      const loops = 'changes.exists(a, changes.exists(b, changes.exists(c, a == b && b == c)))';
      assert.match(compileExpressions({}).check(loops)?.message ?? '', /nested more than twice/);
      const long = Array.from({ length: 300 }, () => 'true').join(' && ');
      assert.match(compileExpressions({}).check(long)?.message ?? '', /too large/);
    });

    it('reports a circle of vars once and goes on with the others', () => {
      const expressions = compileExpressions({ a: 'vars.b', b: 'vars.a', c: 'true' });
      assert.deepEqual([...expressions.problems.keys()], ['a']);
      assert.equal(expressions.check('vars.c'), undefined);
    });

    it('reports a bad variable at its definition only', () => {
      const expressions = compileExpressions({ a: 'branch + 1' });
      assert.deepEqual([...expressions.problems.keys()], ['a']);
      assert.equal(expressions.check('vars.a'), undefined);
    });
  });

  describe('within limits', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => `src/folder/file${at}.ts`);

    it('goes once through 10,000 changes', () => {
      assert.deepEqual(when('changes.exists(f, glob(f, "db/**") || f.endsWith(".sql"))', {}, { changes: many }), {
        applies: false,
        matched: [],
      });
    });

    it('compares paths with a text in as little time, since they are no lists', () => {
      const condition = '"x" in changes || changes.filter(f, f != "y").exists(f, f == "src/folder/file9999.ts")';
      assert.deepEqual(when(condition, {}, { changes: many }).error, undefined);
      assert.equal(when(condition, {}, { changes: many }).applies, true);
    });

    it('does not begin a loop that is too long, and lets the step apply', () => {
      for (const condition of [
        'changes.exists(a, changes.exists(b, a == b + "x"))',
        'changes.exists(f, int(f) > 3)',
        'changes.all(a, a in changes)',
        'vars.all.exists(a, vars.all.exists(b, a != b))',
      ]) {
        const started = performance.now();
        const result = when(condition, { all: 'changes.filter(f, true)' }, { changes: many });
        assert.equal(result.applies, true);
        assert.match(result.error ?? '', /too many changed files/, condition);
        assert.ok(performance.now() - started < 5000, condition);
      }
    });

    it('lets a step apply when its condition fails while it runs', () => {
      const result = when('int(branch) > 3');
      assert.equal(result.applies, true);
      assert.match(result.error ?? '', /\w/);
    });

    it('says which variable failed', () => {
      assert.match(when('vars.n > 3', { n: 'int(branch)' }).error ?? '', /^vars\.n: /);
    });

    it('lets a step apply when the clock says that it took too long', () => {
      let time = 0;
      const clock = { now: () => (time += 100) };
      const result = compileExpressions({}).evaluator(FACTS, clock).when('branch == "x"');
      assert.equal(result.applies, true);
      assert.match(result.error ?? '', /longer than 50 ms/);
    });

    it('lets a step apply whose condition is not one', () => {
      const result = when('nope(');
      assert.equal(result.applies, true);
      assert.notEqual(result.error, undefined);
    });
  });
});
