import type { Step } from '../definition.ts';
import type { Assurance, StepState } from '../run.ts';
import type { EvidenceRecord } from '../evidence.ts';
import type { VerifyCode, VerifyProblem } from './result.ts';

/** How a step stands, before what is the same for every step is added. */
export interface Verdict {
  state: StepState;
  assurance: Assurance;
  detail: string;
  problems: VerifyProblem[];
  record?: EvidenceRecord;
  approvedBy?: string[];
}

export function settled(assurance: Assurance, detail: string, rest: Partial<Verdict> = {}): Verdict {
  return { state: 'done', assurance, detail, problems: [], ...rest };
}

const STATES: Partial<Record<VerifyCode, [StepState, Assurance]>> = {
  'stale-evidence': ['stale', 'stale'],
  'missing-evidence': ['ready', 'missing'],
  'unmet-expectation': ['failed', 'none'],
  'unauthorised-approval': ['ready', 'missing'],
};

/** A step that does not hold, for one reason. */
export function unsettled(
  step: Step,
  code: VerifyCode,
  detail: string,
  { hint, record, ...rest }: Partial<Verdict> & { hint?: string } = {},
): Verdict {
  const [state, assurance] = STATES[code] ?? ['ready', 'missing'];
  const problem: VerifyProblem = { code, step: step.id, detail, ...(hint === undefined ? {} : { hint }) };
  return { state, assurance, detail, problems: [problem], ...(record === undefined ? {} : { record }), ...rest };
}
