import type { ModelsConfig } from '../../../ai/models/models.ts';
import type { TeamDismissal } from '../../../ai/review/dismissalsFile.ts';
import type { LoadedWorkflow } from '../../select.ts';
import type { VerifyCode } from '../result.ts';
import type { PolicyChange } from './change.ts';
import { compareDismissals } from './dismissals.ts';
import { guardedAmong } from './guarded.ts';
import { compareModels } from './models.ts';
import { compareSets } from './selection.ts';

/** What a commit says about what has to hold, as far as it can be read. */
export interface PolicyFiles {
  workflows: readonly LoadedWorkflow[];
  models?: ModelsConfig;
  dismissals?: readonly TeamDismissal[];
}

/** One thing that a change does to the policy. */
export interface PolicyEffect extends PolicyChange {
  code: Extract<VerifyCode, 'workflow-changed' | 'models-changed' | 'dismissals-changed'>;
  /** Changed files, from the top of the repository, whose owners may approve it. */
  paths: string[];
}

export interface PolicyComparison {
  /** The policy where the branch parted from the base, at its head, and at the tip of the base. */
  start: PolicyFiles;
  head: PolicyFiles;
  tip: PolicyFiles;
  /** Paths that the branch changed, from the top of the repository. */
  changed: readonly string[];
  /** Whether the head has another content there than the tip of the base. */
  differsFromTip(path: string): boolean;
  /** Guarded files that read differently at the head without being changed: behind a link. From the top of the repository. */
  throughLinks?: readonly string[];
  prefix: string;
}

const MODELS = '.handrail/models.yml';
const DISMISSALS = '.handrail/dismissals.yml';
const WORKFLOWS = '.handrail/workflows/';

/**
 * What a branch does to the policy: from where it parted from the base to its head. What the base itself has changed since is none of its
 * doing, and what relaxes nothing against the base as it is now would relax nothing by being merged.
 */
export function comparePolicies(comparison: PolicyComparison): PolicyEffect[] {
  const { start, head, tip, changed, prefix } = comparison;
  const effects = (from: PolicyFiles): PolicyEffect[] => [
    ...compareSets(from.workflows, head.workflows).map((change) => effect('workflow-changed', change, workflowPaths(change))),
    ...compareModels(from.models, head.models).map((change) => effect('models-changed', change, [prefix + MODELS])),
    ...compareDismissals(from.dismissals ?? [], head.dismissals ?? []).map((change) =>
      effect('dismissals-changed', change, [prefix + DISMISSALS]),
    ),
  ];
  const files = changed.filter((path) => path.startsWith(prefix + WORKFLOWS));
  const workflowPaths = ({ path }: PolicyChange): string[] => {
    // A workflow may change through a file that it extends, or that its own is a link to.
    return path !== undefined && (files.length === 0 || files.includes(prefix + path)) ? [prefix + path] : files;
  };
  const own = start === head ? [] : effects(start);
  const merged = own.some((one) => one.effect === 'relaxed') ? effects(tip).filter((one) => one.effect === 'relaxed') : [];
  const counts = (one: PolicyEffect): boolean =>
    one.effect === 'notice' || merged.some(({ code, path }) => code === one.code && path === one.path);
  return [...own.filter(counts), ...guardedEffects(comparison)];
}

function effect(code: PolicyEffect['code'], change: PolicyChange, paths: string[]): PolicyEffect {
  return { ...change, code, paths };
}

function guardedEffects({ start, changed, differsFromTip, throughLinks = [], prefix }: PolicyComparison): PolicyEffect[] {
  const workflows = start.workflows.map(({ workflow }) => workflow);
  const { guarded, steering } = guardedAmong([...changed, ...throughLinks], { prefix, workflows });
  return [
    ...guarded
      .filter(({ path }) => differsFromTip(path) || throughLinks.includes(path))
      .map(({ path, what }): PolicyEffect => {
        return { code: 'workflow-changed', effect: 'relaxed', detail: `${what}, ${path}, is changed.`, paths: [path] };
      }),
    ...steering.map((path): PolicyEffect => {
      return { code: 'workflow-changed', effect: 'notice', detail: `${path}, which reviewing models read, is changed.`, paths: [path] };
    }),
  ];
}

/** Whether a path, from the top, is part of the policy: what an owner who approves a change of policy has to have seen. */
export function policyPaths(start: PolicyFiles, prefix: string): (path: string) => boolean {
  const workflows = start.workflows.map(({ workflow }) => workflow);
  return (path) =>
    [MODELS, DISMISSALS].some((file) => path === prefix + file) ||
    path.startsWith(prefix + WORKFLOWS) ||
    guardedAmong([path], { prefix, workflows }).guarded.length > 0;
}
