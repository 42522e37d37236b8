import { HandrailError } from '../../../core/errors.ts';
import type { ChangeSet } from '../../../core/workflow/changes.ts';
import type { CommandStep, Workflow } from '../../../core/workflow/definition.ts';
import { compileGlobs } from '../../../core/workflow/globs.ts';
import type { WhenStatus } from '../../../core/workflow/plan.ts';
import type { CommandProof } from '../../../core/workflow/verify/facts.ts';
import type { VerifyRequest } from '../../../core/workflow/verify/service.ts';
import { type HostReader, HostSilence } from './hostReviews.ts';
import { rerunCommands } from './rerun.ts';
import type { Target } from './target.ts';

export interface CommandProofSearch {
  target: Target;
  workflow: Workflow;
  when: Readonly<Record<string, WhenStatus>>;
  changes: ChangeSet;
  host: HostReader | undefined;
  env: Readonly<Record<string, string | undefined>>;
  request: Pick<VerifyRequest, 'checks' | 'rerun' | 'signal'>;
}

/** Files that decide what a check of the host does. */
const CI_FILES = compileGlobs([
  '.github/workflows/**',
  '.github/actions/**',
  '.gitlab-ci.yml',
  '.gitlab/**',
  '.circleci/**',
  '.buildkite/**',
  '.ci/**',
  'Jenkinsfile',
  'azure-pipelines.yml',
  'bitbucket-pipelines.yml',
]);

/** How the commands of the steps ended: as a check of the host says, or by running them. */
export async function readCommandProofs(search: CommandProofSearch): Promise<Map<string, CommandProof>> {
  const { workflow, request, when, target, env } = search;
  const commands = workflow.steps.filter((step) => step.kind === 'command');
  const proofs = new Map<string, CommandProof>();
  for (const [id, said] of Object.entries(request.checks ?? {})) {
    if (!commands.some((step) => step.id === id)) throw unknownStep(id, commands);
    proofs.set(id, await proofOf(said, search));
  }
  if (request.rerun === undefined) return proofs;
  const steps = commands.filter(({ id }) => when[id]?.applies !== false && !proofs.has(id));
  const { timeLimit, passed, onOutput } = request.rerun;
  const variables = (step: CommandStep): Record<string, string> => ({
    HANDRAIL_BRANCH: target.branch ?? '',
    HANDRAIL_BASE: target.baseName,
    HANDRAIL_MERGE_BASE: target.mergeBase,
    HANDRAIL_STEP: step.id,
    HANDRAIL_WORKFLOW: workflow.id,
  });
  const rerun = await rerunCommands({ target, steps, variables, env, passed, timeLimit, signal: request.signal, onOutput });
  return new Map([...proofs, ...rerun]);
}

async function proofOf(said: string, { target, host, changes }: CommandProofSearch): Promise<CommandProof> {
  const name = /^check:(.+)$/s.exec(said)?.[1];
  const conclusion = name === undefined ? said : await checkOnHost(name, target, host);
  const what = name === undefined ? 'its check' : `the check "${name}"`;
  const touched = changes.entries.find(({ path }) => CI_FILES(path));
  return {
    isMet: conclusion === 'success',
    how:
      conclusion === undefined
        ? `is not proved: ${what} has not run on ${target.head.slice(0, 12)}`
        : `ended with ${conclusion}, as ${what} says`,
    ...(touched === undefined ? {} : { weakenedBy: `${touched.path}, which decides what the check does, was changed with it` }),
  };
}

async function checkOnHost(name: string, { head }: Target, host: HostReader | undefined): Promise<string | undefined> {
  if (host === undefined) {
    throw new HandrailError('usage', `The check "${name}" cannot be read: gh is not on this machine, or the repository is not known.`, {
      hint: 'Give the result itself: --check STEP=success',
    });
  }
  try {
    return await host.check(head, name);
  } catch (error) {
    if (!(error instanceof HostSilence)) throw error;
    throw new HandrailError('unreachable', `The check "${name}" cannot be read: ${error.message}.`, { hint: 'Run again.', cause: error });
  }
}

function unknownStep(id: string, commands: readonly CommandStep[]): HandrailError {
  return new HandrailError('usage', `The workflow has no command step "${id}".`, {
    hint: commands.length === 0 ? 'It has no command step at all.' : `Command steps: ${commands.map((step) => step.id).join(', ')}.`,
  });
}
