import { closest } from '../closest.ts';
import type { LocatedYaml, YamlPath } from '../yaml/locatedYaml.ts';
import type { StepKind } from './definition.ts';
import { compileExpressions } from './expressions.ts';
import type { ExpressionProblem, Expressions } from './expressions.ts';
import { globProblem } from './globs.ts';
import { unsafePath } from './paths.ts';
import { problemAt } from './problem.ts';
import type { Problem, ProblemCode } from './problem.ts';
import type { RawExpectation, RawLooseStep } from './schema.ts';
import type { SharedSource } from './shared/source.ts';

/** What lies around a workflow file, as far as its checks ask. Everything absent is not checked. */
export interface WorkflowContext {
  /** Whether a path of the workspace is a file. */
  exists?(path: string): boolean;
  /** Text of a workspace file, for `extends`. Undefined when there is none. */
  read?(path: string): string | undefined;
  /** Text of a file of another repository as it was locked, for `extends`, or why there is none. Nothing is fetched by asking. */
  shared?(source: SharedSource): { text: string } | { missing: 'lock' | 'unlocked' | 'content' };
  /** Roles of `.handrail/models.yml`, when there is one. */
  roles?: readonly string[];
}

/** Problems of one file beyond which nothing more is looked for: the first ones have to be mended anyway. */
const MAX_PROBLEMS = 100;

/** Expectations that only records of one kind of step can meet. */
export const KIND_OF_EXPECTATION: Readonly<Record<string, StepKind>> = {
  exit: 'command',
  findings: 'review',
  'coverage-receipt': 'review',
};

/** A step as it stands after overlays, and where: the index in the file's own list, or none when another file brought it. */
export interface PlacedStep {
  raw: RawLooseStep;
  index?: number;
}

/** Checks that need more than one value: references, expressions, globs, paths. Reports at the file's own steps only. */
export class WorkflowChecks {
  readonly problems: Problem[] = [];
  readonly #file: LocatedYaml;
  readonly #context: WorkflowContext;

  constructor(file: LocatedYaml, context: WorkflowContext) {
    this.#file = file;
    this.#context = context;
  }

  /** `complete` says that all steps and variables are known; when not, nothing is said about names that may be defined elsewhere. */
  run(
    steps: readonly PlacedStep[],
    vars: Readonly<Record<string, string>>,
    branches: readonly string[] | undefined,
    complete: boolean,
  ): void {
    branches?.forEach((glob, index) => this.#glob(glob, ['on', 'branches', index]));
    const expressions = this.#vars(vars, complete);
    this.#ids(steps);
    const ids = steps.map((step) => step.raw.id);
    for (const { raw, index } of steps) {
      if (index === undefined) continue;
      const at = ['steps', index] as const;
      if (complete) this.#references(raw, ids, at);
      this.#paths(raw, at);
      this.#role(raw, at);
      this.#performer(raw, at);
      if (raw.when !== undefined && (complete || !raw.when.includes('vars'))) this.#when(raw.when, [...at, 'when'], expressions, branches);
    }
    this.#cycles(steps);
  }

  #report(path: YamlPath, code: ProblemCode, message: string, hint?: string, severity: Problem['severity'] = 'error'): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    this.problems.push({ ...problemAt(this.#file.text, this.#file.spanOf(path), code, message, hint), severity });
  }

  #vars(vars: Readonly<Record<string, string>>, complete: boolean): Expressions {
    const expressions = compileExpressions(vars);
    for (const [name, problem] of expressions.problems) {
      const known = complete || !vars[name]?.includes('vars');
      if (known && this.#file.has(['vars', name])) this.#expression(['vars', name], problem);
    }
    return expressions;
  }

  #expression(path: YamlPath, problem: ExpressionProblem): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    const span = this.#file.partSpanOf(path, problem.start, problem.end);
    this.problems.push(problemAt(this.#file.text, span, 'bad-expression', problem.message, problem.hint));
  }

  #when(condition: string, path: YamlPath, expressions: Expressions, branches: readonly string[] | undefined): void {
    const problem = expressions.check(condition);
    if (problem) return this.#expression(path, problem);
    if (expressions.constant(condition, branches) === false) {
      this.#report(
        path,
        'unreachable',
        'The step can never apply: its condition is always false.',
        'Mend the condition or remove the step.',
        'warning',
      );
    }
  }

  #ids(steps: readonly PlacedStep[]): void {
    const seen = new Set<string>();
    for (const { raw, index } of steps) {
      if (seen.has(raw.id) && index !== undefined) {
        this.#report(['steps', index, 'id'], 'duplicate-id', `Another step is called "${raw.id}" already.`, 'Give each step its own id.');
      }
      seen.add(raw.id);
    }
  }

  #references(step: RawLooseStep, ids: readonly string[], at: YamlPath): void {
    for (const key of ['needs', 'independent-of'] as const) {
      step[key]?.forEach((id, index) => {
        const path = [...at, key, index];
        if (!ids.includes(id)) {
          const meant = closest(id, ids);
          this.#report(path, 'unknown-step', `There is no step "${id}".`, meant ? `Did you mean "${meant}"?` : `Steps: ${ids.join(', ')}.`);
        } else if (key === 'independent-of' && id === step.id) {
          this.#report(path, 'bad-value', 'A step cannot be independent of itself.', 'Name the step that wrote the change.');
        }
      });
    }
  }

  #paths(step: RawLooseStep, at: YamlPath): void {
    if (step.prompt !== undefined) this.#path(step.prompt, [...at, 'prompt'], 'error');
    if (step.learn !== undefined) this.#learn(step.learn, [...at, 'learn']);
    for (const key of ['inputs', 'protects'] as const) step[key]?.forEach((glob, index) => this.#glob(glob, [...at, key, index]));
    step.expect?.forEach((expectation, index) => {
      const path = [...at, 'expect', index];
      if (expectation.changed !== undefined) this.#glob(expectation.changed.replaceAll('${branch}', 'branch'), [...path, 'changed']);
      if (expectation.commit !== undefined) this.#glob(expectation.commit, [...path, 'commit'], false);
      if (expectation.file !== undefined) this.#inside(expectation.file, [...path, 'file']);
      this.#known(step, expectation, path);
    });
  }

  /** Warns of an expectation that nothing can ever meet, because only steps of another kind record what it asks for. */
  #known(step: RawLooseStep, expectation: RawExpectation, at: YamlPath): void {
    for (const [key, kind] of Object.entries(KIND_OF_EXPECTATION)) {
      if (!Object.hasOwn(expectation, key) || step.kind === undefined || step.kind === kind) continue;
      const message = `"${key}" is known of steps of kind ${kind} only, so this step can never be done.`;
      this.#report([...at, key], 'bad-value', message, `Move it to a ${kind} step.`, 'warning');
    }
  }

  #glob(glob: string, path: YamlPath, isPath = true): void {
    const bad = globProblem(glob);
    if (bad) this.#report(path, 'bad-glob', `The glob ${bad}.`, 'Use *, **, ?, [abc] and {a,b}, each bracket closed.');
    else if (isPath) this.#inside(glob.replace(/^!/, ''), path);
  }

  #inside(path: string, at: YamlPath): boolean {
    const unsafe = unsafePath(path);
    if (unsafe) this.#report(at, 'unsafe-path', `The path ${unsafe}.`, 'Write it relative to the root of the repository.');
    return unsafe === undefined;
  }

  #path(path: string, at: YamlPath, severity: Problem['severity']): void {
    if (!this.#inside(path, at) || (this.#context.exists?.(path) ?? true)) return;
    this.#report(at, 'missing-file', `There is no file ${path}.`, 'Create it or mend the path.', severity);
  }

  #learn(learn: string, at: YamlPath): void {
    if (/^https:\/\/\S+$/.test(learn)) return;
    if (/^[A-Za-z][A-Za-z0-9+.-]+:/.test(learn)) {
      return this.#report(at, 'bad-value', '"learn" must be a path in the repository or an https address.', 'Use https.');
    }
    // A missing document hinders nobody from doing the step.
    this.#path(learn.replace(/#.*$/, ''), at, 'warning');
  }

  #role(step: RawLooseStep, at: YamlPath): void {
    const { roles } = this.#context;
    if (!roles || step.role === undefined || roles.includes(step.role)) return;
    const meant = closest(step.role, roles);
    const hint = meant ? `Did you mean "${meant}"?` : `Add it under roles: there, which has ${roles.join(', ') || 'none'}.`;
    this.#report([...at, 'role'], 'unknown-model', `.handrail/models.yml has no role "${step.role}".`, hint);
  }

  #performer({ performer, expect }: RawLooseStep, at: YamlPath): void {
    if (performer === undefined || !expect?.some(({ attest }) => attest !== undefined)) return;
    const message = 'An agent cannot do this step: "attest" takes a person\'s word.';
    this.#report([...at, 'performer'], 'bad-value', message, 'Take out performer, or expect something that anyone can see.');
  }

  /** One problem a cycle, at the `needs` entry of its first step in the file. */
  #cycles(steps: readonly PlacedStep[]): void {
    // Of two steps with one id the first counts, so that the second mistake does not hide this one.
    const byId = new Map(steps.toReversed().map((step) => [step.raw.id, step]));
    const done = new Set<string>();
    const trail: PlacedStep[] = [];
    const visit = (step: PlacedStep): void => {
      const from = trail.indexOf(step);
      if (from >= 0) return this.#cycle(trail.slice(from));
      if (done.has(step.raw.id)) return;
      trail.push(step);
      for (const id of new Set(step.raw.needs)) {
        const needed = byId.get(id);
        if (needed) visit(needed);
      }
      trail.pop();
      done.add(step.raw.id);
    };
    for (const step of steps) visit(step);
  }

  #cycle(cycle: readonly PlacedStep[]): void {
    const ids = cycle.map((step) => step.raw.id);
    const own = cycle.findIndex((step) => step.index !== undefined);
    const step = cycle[Math.max(own, 0)];
    const next = ids[(Math.max(own, 0) + 1) % ids.length];
    const entry = step?.raw.needs?.indexOf(next ?? '') ?? 0;
    const path: YamlPath = step?.index === undefined ? ['extends'] : ['steps', step.index, 'needs', Math.max(entry, 0)];
    const message =
      ids.length === 1 ? `Step "${ids[0]}" needs itself.` : `Steps need each other in a circle: ${[...ids, ids[0]].join(' → ')}.`;
    this.#report(path, 'cycle', message, 'Remove one of these needs.');
  }
}
