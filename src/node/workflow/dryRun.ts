import { HandrailError } from '../../core/errors.ts';
import type { Workflow } from '../../core/workflow/definition.ts';
import type { DryRun, DryRunVar, DryRunWorkflow } from '../../core/workflow/dryRun.ts';
import { compileExpressions } from '../../core/workflow/expressions.ts';
import type { ExpressionFacts } from '../../core/workflow/expressions.ts';
import { compileGlobs } from '../../core/workflow/globs.ts';
import { nextSteps, planRun, progress } from '../../core/workflow/plan.ts';
import type { UnsavedTexts } from '../../core/workflow/service.ts';
import { loadHandrail, loadWorkflow } from './loader.ts';
import type { RunFinder } from './runFinder.ts';
import { withUnsaved } from './unsavedFiles.ts';

/**
 * Evaluates a workflow file on the branch as it is, with the texts an editor holds. Reads what a run reads, and writes and runs nothing.
 * Fails with `not-found` when there is no such file, and as `status` does where git cannot answer.
 */
export async function dryRun(finder: RunFinder, path: string, unsaved: UnsavedTexts): Promise<DryRun> {
  const files = withUnsaved(finder.files(), unsaved);
  const handrail = loadHandrail(files);
  const own = loadWorkflow(files, path, handrail.models);
  if (own === undefined) throw new HandrailError('not-found', `There is no file ${path}.`, { hint: 'Check the path.' });
  const look = await finder.look();
  const known = handrail.problems.find((file) => file.path === path);
  const common = {
    path,
    problems: known?.problems ?? own.problems,
    branch: look.branch,
    base: look.state.base.name,
    changes: look.facts.facts.changes,
  };
  const { workflow } = own;
  if (workflow === undefined) return common;
  const { snapshot, followed } = await finder.readAs({ path, workflow }, look, { files, handrail });
  const steps = planRun({ workflow, records: snapshot.records, changes: look.state.changes, facts: snapshot.facts });
  const evaluated: DryRunWorkflow = {
    id: workflow.id,
    title: workflow.title,
    takesBranch: workflow.on === undefined || (look.branch !== null && compileGlobs(workflow.on.branches)(look.branch)),
    branches: workflow.on?.branches ?? [],
    vars: varsOf(workflow, look.facts.facts),
    steps,
    next: nextSteps(steps),
    ...progress(steps),
  };
  return { ...common, ...(followed && { follows: { title: followed.workflow.title, path: followed.path } }), workflow: evaluated };
}

function varsOf({ vars }: Workflow, facts: ExpressionFacts): DryRunVar[] {
  const evaluator = compileExpressions(vars).evaluator(facts);
  return Object.entries(vars).map(([name, expression]) => {
    const { value, matched, error } = evaluator.value(`vars.${name}`);
    return { name, expression, value, matched, ...(error !== undefined && { error }) };
  });
}
