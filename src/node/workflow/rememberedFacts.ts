import type { Clock } from '../../core/ports.ts';
import type { Step, Workflow } from '../../core/workflow/definition.ts';
import { type StepContext, stepDigest, workflowDigest } from '../../core/workflow/digests.ts';
import { compileExpressions, type ExpressionFacts, type Expressions } from '../../core/workflow/expressions.ts';
import type { WhenStatus } from '../../core/workflow/plan.ts';

/**
 * What follows from a workflow as parsed and would be worked out again after every save: digests of its steps, and its conditions,
 * compiled and with the answers they gave. An answer is given again while all facts are the same that its condition can see.
 */
export class RememberedFacts {
  readonly #workflowDigests = new WeakMap<Workflow, string>();
  readonly #stepDigests = new WeakMap<Step, { context: string; digest: string }>();
  readonly #conditions = new WeakMap<Workflow, Conditions>();

  workflowDigest(workflow: Workflow): string {
    const known = this.#workflowDigests.get(workflow);
    if (known !== undefined) return known;
    const digest = workflowDigest(workflow);
    this.#workflowDigests.set(workflow, digest);
    return digest;
  }

  stepDigest(step: Step, context: StepContext): string {
    const key = JSON.stringify([context.prompt, context.modelPin]);
    const known = this.#stepDigests.get(step);
    if (known?.context === key) return known.digest;
    const digest = stepDigest(step, context);
    this.#stepDigests.set(step, { context: key, digest });
    return digest;
  }

  /** How the conditions of the steps stand, by step id. */
  conditions(workflow: Workflow, facts: ExpressionFacts, clock: Clock): Record<string, WhenStatus> {
    let conditions = this.#conditions.get(workflow);
    if (conditions === undefined) {
      conditions = new Conditions(workflow);
      this.#conditions.set(workflow, conditions);
    }
    return conditions.evaluate(facts, clock);
  }
}

class Conditions {
  readonly #workflow: Workflow;
  readonly #compiled: Expressions;
  readonly #different: number;
  /** By condition; with the facts it was given for. */
  readonly #answers = new Map<string, { facts: string; status: WhenStatus }>();

  constructor(workflow: Workflow) {
    this.#workflow = workflow;
    this.#compiled = compileExpressions(workflow.vars);
    this.#different = new Set(workflow.steps.map(({ when }) => when)).size;
  }

  evaluate(facts: ExpressionFacts, clock: Clock): Record<string, WhenStatus> {
    const { lines, ...others } = facts;
    const withoutLines = JSON.stringify(others);
    const withLines = `${withoutLines} ${lines.added} ${lines.deleted}`;
    const evaluator = this.#compiled.evaluator(facts, clock, this.#different);
    const results: Record<string, WhenStatus> = {};
    for (const { id, when } of this.#workflow.steps) {
      if (when === undefined) continue;
      // The numbers of lines change with almost every save, and few conditions ask for them.
      const key = this.#mentionsLines(when) ? withLines : withoutLines;
      const known = this.#answers.get(when);
      const status = known?.facts === key ? known.status : { expression: when, ...evaluator.when(when) };
      // One that failed may have run out of time on a machine that was busy.
      if (status.error === undefined) this.#answers.set(when, { facts: key, status });
      results[id] = status;
    }
    return results;
  }

  #mentionsLines(when: string): boolean {
    return [when, ...(/\bvars\b/.test(when) ? Object.values(this.#workflow.vars) : [])].some((text) => /\blines\b/.test(text));
  }
}
