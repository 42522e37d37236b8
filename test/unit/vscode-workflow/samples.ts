import type { RunStatus, StepStatus } from '../../../src/core/workflow/run.ts';
import type { Localiser } from '../../../src/vscode/workflow/words.ts';

/** English, as `vscode.l10n.t` gives it without a bundle. */
export const english: Localiser = {
  t: (message, ...args) => message.replace(/\{(\d+)\}/g, (all, index: string) => String(args[Number(index)] ?? all)),
};

export function step(overrides: Partial<StepStatus> & Pick<StepStatus, 'id'>): StepStatus {
  return {
    title: overrides.id,
    kind: 'manual',
    state: 'ready',
    because: 'ready: nothing is needed first',
    assurance: 'none',
    expect: [],
    needs: [],
    missing: [],
    ...overrides,
  };
}

export function run(steps: StepStatus[], overrides: Partial<RunStatus> = {}): RunStatus {
  const counted = steps.filter((one) => one.state !== 'skipped');
  return {
    workflow: { id: 'feature', title: 'Feature or fix', digest: 'sha256:0', path: '.handrail/workflows/feature.yml' },
    branch: 'feat/login',
    base: 'main',
    steps,
    next: steps.filter((one) => one.state === 'ready').map((one) => one.id),
    done: counted.filter((one) => one.state === 'done').length,
    total: counted.length,
    alternatives: [],
    problems: [],
    ...overrides,
  };
}
