import { HandrailError } from '../../../core/errors.ts';
import type { Workflow } from '../../../core/workflow/definition.ts';
import { type LoadedWorkflow, matchingWorkflows } from '../../../core/workflow/select.ts';
import type { FileProblems } from '../../../core/workflow/problem.ts';
import type { PolicySource } from '../../../core/workflow/verify/result.ts';
import { closest } from '../../../core/closest.ts';
import type { PolicyAt } from './policyAt.ts';

/** The policy that judges, and which of its workflows. */
export interface Effective {
  source: PolicySource;
  policy: PolicyAt;
  /** Undefined where no workflow is meant for the branch. */
  loaded: LoadedWorkflow | undefined;
  /** Others that match, too. */
  alternatives: LoadedWorkflow[];
  note?: string;
}

export interface EffectiveSearch {
  base: PolicyAt;
  head: PolicyAt;
  /** Whether the base's owners approved what the head relaxes. */
  isApproved: boolean;
  branch: string | null;
  baseName: string;
  wanted: string | undefined;
}

/** Whether the base says nothing at all about workflows. */
export function hasNoPolicy({ handrail, unread }: PolicyAt): boolean {
  return handrail.workflows.length === 0 && handrail.unreadable.length === 0 && unread === undefined;
}

/**
 * The base's policy; the branch's own where the base has none, or where the base's owners approved what it changes. Fails with `config`
 * where the workflow cannot be told, because a file of the base has mistakes.
 */
export function effectivePolicy(search: EffectiveSearch): Effective {
  const { base, head, isApproved, branch, baseName, wanted } = search;
  const none = hasNoPolicy(base);
  const source: PolicySource = none ? 'branch' : isApproved ? 'approved' : 'base';
  const policy = source === 'base' ? base : head;
  refuseUnread(policy, baseName);
  const { workflows, unreadable } = policy.handrail;
  const matching = matchingWorkflows(workflows, branch);
  const loaded = wanted === undefined ? matching[0] : named(workflows, wanted);
  const [broken] = unreadable;
  if (loaded === undefined && broken !== undefined) throw brokenPolicy(broken, baseName);
  const notes = none ? [`${baseName} has no workflow, so the branch's own is shown, and nothing fails.`] : [];
  if (loaded === undefined)
    notes.push(branch === null ? 'The branch is not known (give it with --branch).' : `No workflow is meant for the branch ${branch}.`);
  return {
    source,
    policy,
    loaded,
    alternatives: matching.filter((one) => one !== loaded),
    ...(notes.length === 0 ? {} : { note: notes.join(' ') }),
  };
}

function refuseUnread({ unread }: PolicyAt, baseName: string): void {
  if (unread === undefined) return;
  throw new HandrailError('config', `${unread} is no folder on ${baseName}, so the policy cannot be read from it.`, {
    hint: 'Keep the files themselves there, not a link to them.',
    location: { path: unread },
  });
}

function brokenPolicy({ path, problems }: FileProblems, baseName: string): HandrailError {
  const [{ line, remedy, hint } = {}] = problems;
  return new HandrailError('config', `${path} has mistakes on ${baseName}, so it cannot be told what has to hold.`, {
    // What it builds on may only have to be fetched.
    hint: (remedy === undefined ? undefined : hint) ?? 'Mend it there (handrail validate shows what is wrong).',
    location: { path, ...(line === undefined ? {} : { line }) },
  });
}

function named(workflows: readonly LoadedWorkflow[], id: string): LoadedWorkflow {
  const found = workflows.find(({ workflow }) => workflow.id === id);
  if (found !== undefined) return found;
  const ids = workflows.map(({ workflow }) => workflow.id);
  const meant = closest(id, ids);
  throw new HandrailError('not-found', `The base has no workflow "${id}".`, {
    hint: meant === undefined ? `There are: ${ids.join(', ') || 'none'}.` : `Did you mean "${meant}"?`,
  });
}

/** Digests that a record of each step may name: that of the policy that judges first, and the head's where it asks for no less. */
export function acceptedDigests(workflow: Workflow, policy: PolicyAt, head: PolicyAt, isHeadSound: boolean): Record<string, string[]> {
  const own = isHeadSound ? head.handrail.workflows.find((one) => one.workflow.id === workflow.id)?.workflow.steps : undefined;
  return Object.fromEntries(
    workflow.steps.map((step) => {
      const same = own?.find(({ id }) => id === step.id);
      return [step.id, [...new Set([policy.stepDigest(step), ...(same === undefined ? [] : [head.stepDigest(same)])])]];
    }),
  );
}
