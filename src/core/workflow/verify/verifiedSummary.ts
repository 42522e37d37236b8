import { z } from 'zod';
import { HandrailError } from '../../errors.ts';
import type { RunSummary, StepSummary } from '../summary.ts';
import { proofOf } from './words.ts';

/** What is taken over of a verification; other keys may be there. */
const verifiedSchema = z.object({
  ok: z.boolean(),
  workflow: z.object({ id: z.string() }).nullable(),
  branch: z.string().nullable(),
  policy: z.enum(['base', 'branch', 'approved']),
  commits: z.object({ head: z.string().regex(/^[0-9a-f]{40,64}$/) }),
  steps: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      kind: z.enum(['manual', 'command', 'generate', 'review', 'approval']),
      state: z.enum(['blocked', 'ready', 'running', 'done', 'stale', 'failed', 'skipped', 'waived']),
      assurance: z.enum(['verified', 'bound', 'self-reported', 'stale', 'missing', 'waived', 'none']),
      detail: z.string(),
      approvedBy: z.array(z.string()).optional(),
    }),
  ),
  problems: z.array(z.object({ code: z.string(), detail: z.string() })),
});

type Verified = z.infer<typeof verifiedSchema>;

/**
 * A summary in which the steps stand as `handrail verify --format json` found them. Fails with `config` for what is no such document, and
 * with `usage` for one about another branch or workflow.
 */
export function withVerified(summary: RunSummary, document: unknown): RunSummary {
  const parsed = verifiedSchema.safeParse(document);
  if (!parsed.success) {
    throw new HandrailError('config', 'The verification is not a document of handrail verify.', {
      hint: 'Write it with handrail verify --format json.',
    });
  }
  const verified = parsed.data;
  if (verified.branch !== summary.branch || verified.workflow?.id !== summary.workflow?.id) {
    throw new HandrailError('usage', 'The verification is about another branch or workflow.', {
      hint: 'Verify and summarise the same branch.',
    });
  }
  const byId = new Map(verified.steps.map((step) => [step.id, step]));
  const own = new Set(summary.steps.map(({ id }) => id));
  const steps = [
    ...summary.steps.map((step) => stepWith(step, byId.get(step.id))),
    // The base's policy may have steps that the branch's own lacks.
    ...verified.steps.filter(({ id }) => !own.has(id)).map(toStep),
  ];
  const counted = steps.filter(({ state }) => state !== 'skipped');
  return {
    ...summary,
    steps,
    done: counted.filter(({ state }) => state === 'done' || state === 'waived').length,
    total: counted.length,
    verified: {
      ok: verified.ok,
      commit: verified.commits.head,
      problems: verified.problems.map(({ code, detail }) => ({ code, detail })),
    },
  };
}

function stepWith(step: StepSummary, verified: Verified['steps'][number] | undefined): StepSummary {
  // What keeps its evidence on each machine says more here than in CI.
  const isUnseen = verified === undefined || (verified.state === 'ready' && verified.assurance === 'self-reported');
  return isUnseen ? step : toStep(verified);
}

function toStep({ approvedBy, ...step }: Verified['steps'][number]): StepSummary {
  const { id, title, kind, state, assurance, detail } = step;
  const proof = proofOf({ ...step, ...(approvedBy === undefined ? {} : { approvedBy }) });
  const because = detail.replace(/\.$/, '');
  const standing =
    state === 'done' ? 'done' : state === 'skipped' || state === 'waived' ? lowerFirst(because) : `not done: ${lowerFirst(because)}`;
  return { id, title, kind, state, assurance, standing, ...(proof === '' ? {} : { proof }) };
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
