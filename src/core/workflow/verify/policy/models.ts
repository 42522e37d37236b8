import type { ModelEntry, ModelsConfig } from '../../../ai/models/models.ts';
import { isSame, notice, type PolicyChange, relaxed } from './change.ts';

/**
 * What a change of `models.yml` does. Prices and SLOs are words; a budget may fall; an entry that nothing uses may come and go, and so may
 * the whole file where there was none. Anything else about an entry that a role can reach, or about a role, is relaxed: which of two models
 * is the weaker cannot be told.
 */
export function compareModels(before: ModelsConfig | undefined, after: ModelsConfig | undefined): PolicyChange[] {
  if (before === undefined) return after === undefined ? [] : [notice('Models are pinned now.')];
  if (after === undefined) return [relaxed('The models are gone, or cannot be read any more.')];
  const reached = reachedBy(before);
  return [
    ...Object.entries(before.roles).flatMap(([role, target]): PolicyChange[] => {
      const now = Object.hasOwn(after.roles, role) ? after.roles[role] : undefined;
      return now === target
        ? []
        : [relaxed(now === undefined ? `The role ${role} is gone.` : `The role ${role} is ${now} now, not ${target}.`)];
    }),
    ...Object.keys(after.roles)
      .filter((role) => !Object.hasOwn(before.roles, role))
      .map((role) => (DEFAULT_ROLES.has(role) ? relaxed(`The role ${role} is bound to a model now.`) : notice(`The role ${role} is new.`))),
    ...Object.entries(before.models).flatMap(([name, entry]) => {
      const now = Object.hasOwn(after.models, name) ? after.models[name] : undefined;
      return reached.has(name)
        ? compareEntries(name, entry, now)
        : isSame(entry, now)
          ? []
          : [notice(`The model ${name}, which nothing uses, is another.`)];
    }),
  ];
}

/** What steps use that name no role. */
const DEFAULT_ROLES: ReadonlySet<string> = new Set(['review', 'generate']);

/** Keys of an entry that say nothing about what answers. */
const WORDS: ReadonlySet<string> = new Set(['price', 'slo']);

function compareEntries(name: string, before: ModelEntry, after: ModelEntry | undefined): PolicyChange[] {
  if (after === undefined) return [relaxed(`The model ${name} is gone.`)];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof ModelEntry)[];
  return keys.flatMap((key): PolicyChange[] => {
    if (isSame(before[key], after[key])) return [];
    const detail = `The ${key} of the model ${name} is another.`;
    if (WORDS.has(key)) return [notice(detail)];
    return [key === 'budget' && isLowerBudget(before.budget, after.budget) ? notice(detail) : relaxed(detail)];
  });
}

function isLowerBudget(before: ModelEntry['budget'], after: ModelEntry['budget']): boolean {
  return (['perRun', 'perDay'] as const).every((key) => (after?.[key] ?? Infinity) <= (before?.[key] ?? Infinity));
}

/** Entries that some role leads to, by fallbacks too. */
function reachedBy({ models, roles }: ModelsConfig): Set<string> {
  const reached = new Set<string>();
  const todo = Object.values(roles);
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    if (Object.hasOwn(models, name)) todo.push(...(models[name]?.fallback ?? []));
  }
  return reached;
}
