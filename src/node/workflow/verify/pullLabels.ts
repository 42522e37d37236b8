import { HandrailError } from '../../../core/errors.ts';
import type { Workflow } from '../../../core/workflow/definition.ts';
import { labelsInCi } from '../ciLabels.ts';
import type { HostEvent } from './hostEvent.ts';
import { type HostReader, HostSilence } from './hostReviews.ts';

export interface PullLabels {
  workflow: Workflow;
  host: HostReader | undefined;
  pullRequest: number | undefined;
  event: HostEvent;
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * Labels of the pull request, for a workflow whose conditions ask for them. The host is asked where it can be, because the event that a job
 * runs for tells those of its time, or none at all (another job that ended, a job that is run again): steps would be left out that apply.
 * Fails with `unreachable` where a known pull request has labels that cannot be read.
 */
export async function labelsOfPull({ workflow, host, pullRequest, event, env }: PullLabels): Promise<string[]> {
  const conditions = [...Object.values(workflow.vars), ...workflow.steps.map(({ when }) => when ?? '')];
  if (pullRequest === undefined || !conditions.some((text) => /\blabels\b/.test(text))) return labelsInCi(env);
  if (host === undefined && event.labels !== undefined) return event.labels;
  if (host === undefined) throw unread('gh is not on this machine, or the repository is not known');
  try {
    return await host.labels();
  } catch (error) {
    if (!(error instanceof HostSilence)) throw error;
    throw unread(error.message, error);
  }
}

function unread(because: string, cause?: unknown): HandrailError {
  return new HandrailError('unreachable', `Steps depend on the labels of the pull request, which cannot be read: ${because}.`, {
    hint: 'Let the job have gh and a token that may read pull requests, and run again.',
    cause,
  });
}
