import type { ModelsConfig } from '../ai/models/models.ts';
import type { Step } from './definition.ts';

/** What the team's models file binds the step's role to; another model makes another step. */
export function modelPin(step: Step, models: ModelsConfig | undefined): string | undefined {
  if (models === undefined || (step.kind !== 'generate' && step.kind !== 'review')) return undefined;
  const role = step.role ?? step.kind;
  const name = Object.hasOwn(models.roles, role) ? models.roles[role] : undefined;
  const entry = name === undefined || !Object.hasOwn(models.models, name) ? undefined : models.models[name];
  return entry === undefined ? undefined : `${entry.provider}:${entry.model ?? ''}`;
}
