import type { GenerateRequest } from '../ai/generate/generation.ts';
import type { ReviewRequest } from '../ai/service.ts';
import type { RunStatus, StepStatus } from './run.ts';

/** What a review step asks for, as evidence: its changes since where the branch began. For `scope: file`, the caller says which. */
export function reviewRequestOf({ scope = 'branch', role, why }: StepStatus, { base }: Pick<RunStatus, 'base'>): ReviewRequest {
  return {
    scope,
    paths: [],
    asEvidence: true,
    ...(scope === 'branch' && base !== null ? { base } : {}),
    ...(role === undefined ? {} : { role }),
    ...(why === undefined ? {} : { rules: why }),
  };
}

/** What a generate step asks for; undefined for a step without a prompt. */
export function generateRequestOf({ id, title, why, inputs, prompt, role }: StepStatus): GenerateRequest | undefined {
  if (prompt === undefined) return undefined;
  return {
    prompt,
    step: { id, title, ...(why === undefined ? {} : { why }), ...(inputs === undefined ? {} : { inputs }) },
    ...(role === undefined ? {} : { role }),
  };
}
