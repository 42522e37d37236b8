import type { ModelsConfig } from './models.ts';

/**
 * The entries that stand in for `name`, in the order in which they are asked: each of its fallbacks, directly followed by that one's own,
 * every entry once. Names without an entry are left out; the grammar reports them, and circles.
 */
export function fallbacksOf({ models }: Pick<ModelsConfig, 'models'>, name: string): string[] {
  const found = new Set<string>([name]);
  const visit = (from: string): void => {
    for (const next of models[from]?.fallback ?? []) {
      if (found.has(next) || !Object.hasOwn(models, next)) continue;
      found.add(next);
      visit(next);
    }
  };
  if (Object.hasOwn(models, name)) visit(name);
  return [...found].slice(1);
}
