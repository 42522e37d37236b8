import { createHash } from 'node:crypto';
import type { Clock } from '../../core/ports.ts';
import type { Step, Workflow } from '../../core/workflow/definition.ts';
import { type StepContext, stepDigest, workflowDigest } from '../../core/workflow/digests.ts';
import type { ExpressionFacts, Expressions } from '../../core/workflow/expressions.ts';
import type { WhenStatus } from '../../core/workflow/plan.ts';
import type { RememberedWorkflow } from './runMemory.ts';

/**
 * What follows from a workflow as parsed and would be worked out again after every save: digests of its steps, and its conditions,
 * compiled and with the answers they gave. An answer is given again while all facts are the same that its condition can see.
 */
export class RememberedFacts {
  readonly #known = new WeakMap<Workflow, WorkflowFacts>();

  of(workflow: Workflow): WorkflowFacts {
    const known = this.#known.get(workflow);
    if (known !== undefined) return known;
    const facts = new WorkflowFacts(workflow);
    this.#known.set(workflow, facts);
    return facts;
  }

  /** What another process knew of this very workflow. */
  restore(workflow: Workflow, remembered: RememberedWorkflow): void {
    this.#known.set(workflow, new WorkflowFacts(workflow, remembered));
  }
}

export class WorkflowFacts {
  readonly #workflow: Workflow;
  #digest: string | undefined;
  readonly #steps: Map<string, { context: string; digest: string }>;
  /** By condition; with the facts it was given for. */
  readonly #answers: Map<string, { facts: string; status: WhenStatus }>;
  #compiled: Promise<Expressions> | undefined;

  constructor(workflow: Workflow, remembered?: RememberedWorkflow) {
    this.#workflow = workflow;
    this.#digest = remembered?.digest;
    this.#steps = new Map(Object.entries(remembered?.steps ?? {}));
    this.#answers = new Map(Object.entries(remembered?.conditions ?? {}));
  }

  /** For another process. */
  memory(): RememberedWorkflow {
    return { digest: this.digest(), steps: Object.fromEntries(this.#steps), conditions: Object.fromEntries(this.#answers) };
  }

  digest(): string {
    this.#digest ??= workflowDigest(this.#workflow);
    return this.#digest;
  }

  stepDigest(step: Step, context: StepContext): string {
    const key = hashOf([context.prompt, context.modelPin]);
    const known = this.#steps.get(step.id);
    if (known?.context === key) return known.digest;
    const digest = stepDigest(step, context);
    this.#steps.set(step.id, { context: key, digest });
    return digest;
  }

  /** How the conditions of the steps stand, by step id. */
  async conditions(facts: ExpressionFacts, clock: Clock): Promise<Record<string, WhenStatus>> {
    const { lines, ...others } = facts;
    const withoutLines = hashOf(others);
    const withLines = hashOf([withoutLines, lines]);
    const results: Record<string, WhenStatus> = {};
    let evaluator: ReturnType<Expressions['evaluator']> | undefined;
    for (const { id, when } of this.#workflow.steps) {
      if (when === undefined) continue;
      // The numbers of lines change with almost every save, and few conditions ask for them.
      const key = this.#mentionsLines(when) ? withLines : withoutLines;
      const known = this.#answers.get(when);
      if (known?.facts === key) {
        results[id] = known.status;
        continue;
      }
      evaluator ??= (await this.#expressions()).evaluator(facts, clock, this.#different);
      const status = { expression: when, ...evaluator.when(when) };
      // One that failed may have run out of time on a machine that was busy.
      if (status.error === undefined) this.#answers.set(when, { facts: key, status });
      results[id] = status;
    }
    return results;
  }

  get #different(): number {
    return new Set(this.#workflow.steps.map(({ when }) => when)).size;
  }

  /** What evaluates is loaded only where something has to be evaluated. */
  #expressions(): Promise<Expressions> {
    this.#compiled ??= import('../../core/workflow/expressions.ts').then(({ compileExpressions }) =>
      compileExpressions(this.#workflow.vars),
    );
    return this.#compiled;
  }

  #mentionsLines(when: string): boolean {
    return [when, ...(/\bvars\b/.test(when) ? Object.values(this.#workflow.vars) : [])].some((text) => /\blines\b/.test(text));
  }
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64');
}
