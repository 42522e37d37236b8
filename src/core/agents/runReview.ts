import type { ReviewResult } from '../ai/finding.ts';
import type { ReviewService } from '../ai/service.ts';
import { ownReviewer } from '../workflow/independence.ts';
import { reviewRequestOf } from '../workflow/stepRequests.ts';
import { Refusal } from './failure.ts';
import { dataOf, Framed, oneLine } from './framed.ts';
import { findingData, findingsText } from './look.ts';
import type { Performing } from './runStep.ts';
import { stepData } from './stepText.ts';
import type { ToolAnswer } from './tool.ts';

const MOST_FINDINGS = 50;

/** Reviews for a step and records the outcome. */
export async function runReviewStep({ ports, call, run, step, choice }: Performing, fresh: boolean): Promise<ToolAnswer> {
  const [service, workflows] = await Promise.all([ports.review(), ports.workflow()]);
  await requireModel(service, step.role);
  if ((await ownReviewer(step, service)) !== undefined) {
    throw new Refusal(
      'conflict',
      `The model that would review ${step.id} made itself what it looks at, and its own work is no model's to review.`,
      'Ask the person to let another model answer for the role in .handrail/models.yml.',
    );
  }
  const covers = await workflows.snapshot(step.id, choice);
  call.progress(`The review of ${step.id} is running.`);
  const result = await service.review(
    { ...reviewRequestOf(step, run), ...(fresh ? { fresh } : {}) },
    {
      signal: call.signal,
      onEvent: (event) => {
        if (event.type === 'progress') call.progress(`The review of ${step.id} is running: ${event.done} of ${event.total} parts read.`);
      },
    },
  );
  const after = await workflows.settleReview(step.id, result, { ...choice, actor: 'agent', covers });
  const shown = result.findings.slice(0, MOST_FINDINGS);
  return {
    text: new Framed()
      .say(`The review found ${counted(result.findings.length)}. The step ${step.id} is ${after.state}.`)
      .say(coverageSentence(result))
      .quote('Findings:', findingsText(shown))
      .quote('Still missing:', after.missing.join('\n'))
      .quote('About the review:', [`Reviewer: ${result.model}`, ...result.notices].map((one) => oneLine(one)).join('\n'))
      .toText(() => ports.marker()),
    data: dataOf({
      step: stepData(after),
      model: result.model,
      total: result.findings.length,
      findings: shown.map(findingData),
      coverage: coverageOf(result),
      notices: result.notices,
    }),
  };
}

/** A model that gets code for the first time, or lacks its key, is a person's to settle. */
export async function requireModel(service: ReviewService, role: string | undefined): Promise<void> {
  const { kind, confirmed, needsKey } = await service.choose(role === undefined ? {} : { role });
  if (kind === 'builtin') return;
  if (!confirmed) {
    throw new Refusal(
      'untrusted',
      'Nothing was sent: no person has agreed yet that the code of this workspace goes to the model that would answer.',
      'Ask the person to agree to it: in the Models view of the editor, or on a terminal with: handrail models confirm NAME. handrail models lists the names.',
    );
  }
  if (needsKey) {
    throw new Refusal(
      'no-key',
      'Nothing was sent: the model that would answer needs a key, and there is none here.',
      'Ask the person to set it up; handrail models tells how. Do not look for keys yourself.',
    );
  }
}

function counted(findings: number): string {
  return findings === 0 ? 'nothing' : findings === 1 ? '1 finding' : `${findings} findings`;
}

function coverageOf({ coverage }: ReviewResult): { full: number; partial: number; skipped: number } {
  const of = (status: string): number => coverage.filter((one) => one.status === status).length;
  return { full: of('full'), partial: of('partial'), skipped: of('skipped') };
}

function coverageSentence(result: ReviewResult): string {
  const { full, partial, skipped } = coverageOf(result);
  return `Files read in full: ${full}, in part: ${partial}, not at all: ${skipped}.`;
}
