import type { ReviewStep, Step } from '../../definition.ts';
import { performanceOf } from '../../digests.ts';
import { compareApprovers } from './approvers.ts';
import { isSame, listDifference, notice, type PolicyChange, relaxed } from './change.ts';
import { compareExpectations } from './expectations.ts';

/**
 * What a change of one step does, key by key. Sentences go on after "Step X". `title`, `why` and `learn` are words. What is not known to be
 * stricter is relaxed.
 *
 * | key | stricter | relaxed |
 * | --- | --- | --- |
 * | `needs`, `protects`, `independent-of` | entries added | entries taken out |
 * | `when` | taken out: the step always applies | put in, or any other text |
 * | `expect` | see `compareExpectations` | |
 * | `inputs` | covers more: globs added, none of them an exclusion; for steps that cover the whole change, taken out | anything else |
 * | `require` | put in | taken out |
 * | `final` | becomes true | becomes false |
 * | `by` | see `compareApprovers` | |
 * | `scope` | becomes `branch`, the widest | any other |
 * | `performer` | taken out | put in |
 * | `kind`, `run`, `prompt`, `role` | never | any other text |
 *
 * `retry` and `continue-on-failure` say how machines go about a step, and neither makes a failed one count as done; a change of them is told.
 */
export function compareSteps(before: Step, after: Step): PolicyChange[] {
  if (before.kind !== after.kind) return [relaxed(`is now of kind ${after.kind}, not ${before.kind}`)];
  return [
    ...words(before, after),
    ...grown('needs', before.needs, after.needs),
    ...grown('protects', before.protects ?? [], after.protects ?? []),
    ...conditions(before.when, after.when),
    ...compareExpectations(before.expect, after.expect),
    ...inputs(before, after),
    ...finality(before.final, after.final),
    ...performers(before, after),
    ...own(before, after),
    ...performance(before, after),
  ];
}

function words(before: Step, after: Step): PolicyChange[] {
  const changed = (['title', 'why', 'learn'] as const).filter((key) => before[key] !== after[key]);
  return changed.length === 0 ? [] : [notice(`has another ${changed.join(' and ')}`)];
}

function grown(key: string, before: readonly string[], after: readonly string[]): PolicyChange[] {
  const { gone, added } = listDifference(before, after);
  return [
    ...(gone.length > 0 ? [relaxed(`no longer names ${gone.join(', ')} in ${key}`)] : []),
    ...(added.length > 0 ? [notice(`also names ${added.join(', ')} in ${key}`)] : []),
  ];
}

function conditions(before: string | undefined, after: string | undefined): PolicyChange[] {
  if (before?.trim() === after?.trim()) return [];
  if (after === undefined) return [notice('now always applies')];
  return [relaxed(before === undefined ? 'now applies only under a condition' : 'applies under another condition')];
}

/** Without `inputs`, a command, a review and an approval cover the whole change; other kinds cover what they expect, or nothing. */
function inputs(before: Step, after: Step): PolicyChange[] {
  if (isSame(before.inputs, after.inputs)) return [];
  const coversAll = before.kind === 'command' || before.kind === 'review' || before.kind === 'approval';
  if (after.inputs === undefined) return [coversAll ? notice('now covers the whole change') : relaxed('no longer covers its inputs')];
  if (before.inputs === undefined) return [coversAll ? relaxed('now covers only a part of the change') : relaxed('covers other files')];
  const { gone, added } = listDifference(before.inputs, after.inputs);
  const isWider = gone.length === 0 && added.every((glob) => !glob.startsWith('!')) && before.inputs.some((glob) => !glob.startsWith('!'));
  return [isWider ? notice('covers more files') : relaxed('covers other files')];
}

function finality(before: boolean, after: boolean): PolicyChange[] {
  if (before === after) return [];
  return [after ? notice('is now final') : relaxed('is no longer final')];
}

function performers(before: Step, after: Step): PolicyChange[] {
  const was = 'performer' in before ? before.performer : undefined;
  const is = 'performer' in after ? after.performer : undefined;
  if (was === is) return [];
  return [is === undefined ? notice('is no longer left to agents') : relaxed('may now be done by an agent (performer)')];
}

function own(before: Step, after: Step): PolicyChange[] {
  if (before.kind === 'command' && after.kind === 'command') return another('runs another command', before.run, after.run);
  if (before.kind === 'generate' && after.kind === 'generate') {
    return [
      ...another('follows another prompt file', before.prompt, after.prompt),
      ...another('names another role', before.role, after.role),
    ];
  }
  if (before.kind === 'review' && after.kind === 'review') return review(before, after);
  return before.kind === 'approval' && after.kind === 'approval' ? compareApprovers(before.by, after.by) : [];
}

function performance(before: Step, after: Step): PolicyChange[] {
  const [was, is] = [performanceOf(before), performanceOf(after)];
  return [
    ...(was.retry === is.retry ? [] : [notice(is.retry === undefined ? 'is tried once' : `is tried up to ${is.retry + 1} times`)]),
    ...(was.continueOnFailure === is.continueOnFailure
      ? []
      : [
          notice(
            is.continueOnFailure === true
              ? 'no longer stops a run of several steps when it fails'
              : 'now stops a run of several steps when it fails',
          ),
        ]),
  ];
}

function another(what: string, before: string | undefined, after: string | undefined): PolicyChange[] {
  return before === after ? [] : [relaxed(what)];
}

function review(before: ReviewStep, after: ReviewStep): PolicyChange[] {
  const scope = after.scope === 'branch' ? notice('now reviews the whole branch') : relaxed(`now reviews only the scope ${after.scope}`);
  const require = after.require === undefined ? relaxed('no longer requires a model') : notice('now requires a model');
  return [
    ...another('names another role', before.role, after.role),
    ...(before.scope === after.scope ? [] : [scope]),
    ...(before.require === after.require ? [] : [require]),
    ...grown('independent-of', before.independentOf, after.independentOf),
  ];
}
