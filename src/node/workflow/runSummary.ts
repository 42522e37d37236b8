import type { ReviewService } from '../../core/ai/service.ts';
import type { RunChoice, WorkflowService } from '../../core/workflow/service.ts';
import { summarise, type RunSummary } from '../../core/workflow/summary.ts';
import { openRepository } from '../git/repository.ts';

export interface SummarySources {
  /** Workspace folder. */
  root: string;
  workflow: Pick<WorkflowService, 'status'>;
  review: Pick<ReviewService, 'findings'>;
}

/** Reads what the summary of a run is made of: its steps, the findings that are open in the folder, and which files the change touches. */
export async function readSummary({ root, workflow, review }: SummarySources, choice: RunChoice = {}): Promise<RunSummary> {
  const status = await workflow.status(choice);
  if (status.workflow === null) return summarise(status, [], new Set());
  const findings = await review.findings();
  return summarise(status, findings, findings.length === 0 ? new Set() : await changedPaths(root, status.base));
}

async function changedPaths(root: string, base: string | null): Promise<ReadonlySet<string>> {
  const repository = await openRepository(root);
  const { changes } = await repository.state({ base: base ?? undefined });
  return new Set(changes.entries.map(({ path }) => path));
}
