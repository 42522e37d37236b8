import { HandrailError } from '../../../core/errors.ts';
import { workflowDigest } from '../../../core/workflow/digests.ts';
import { approvalLines, approvalTag, POLICY_STEP } from '../../../core/workflow/verify/approvalMessage.ts';
import { StepFacts, type VerifyFacts } from '../../../core/workflow/verify/facts.ts';
import { judgeSteps } from '../../../core/workflow/verify/judge.ts';
import { POLICY_DEMAND } from '../../../core/workflow/verify/judgePolicy.ts';
import type { VerifyProblem, VerifyResult } from '../../../core/workflow/verify/result.ts';
import type { ApprovalToSign, Verifier, VerifyRequest } from '../../../core/workflow/verify/service.ts';
import { RememberedFacts } from '../rememberedFacts.ts';
import { expressionFacts } from '../runReader.ts';
import { readCheckedFacts } from './checkedFacts.ts';
import { readCommandProofs } from './commandProofs.ts';
import { acceptedDigests, type Effective } from './effective.ts';
import { labelsOfPull } from './pullLabels.ts';
import { prepare, type Prepared, slugOf, type VerifierOptions } from './prepare.ts';
import type { Target } from './target.ts';

export type { VerifierOptions } from './prepare.ts';

/** Verifies a branch by git's objects, the policy of its base, and the host. Nothing of the branch runs unless the request says so. */
export function createVerifier(options: VerifierOptions): Verifier {
  return {
    verify: async (request) => await verify(options, request),
    approvalToSign: async (step, request) => await approvalToSign(step, options, request),
  };
}

async function verify(options: VerifierOptions, request: VerifyRequest): Promise<VerifyResult> {
  const prepared = await prepare(options, request);
  const { change, effective, policy } = prepared;
  const { target, tracked } = change;
  const { loaded, source } = effective;
  const facts = loaded === undefined ? undefined : await readFacts(loaded.workflow, prepared, options, request);
  const judged = facts === undefined ? { steps: [], problems: [] } : judgeSteps(facts);
  const records = tracked.bad.map(({ path, detail }): VerifyProblem => ({
    code: 'bad-record',
    path: target.prefix + path,
    detail,
    hint: 'Take it out.',
  }));
  const problems = [...policy.problems, ...records, ...judged.problems];
  const failsNothing = source === 'branch';
  return {
    ok: failsNothing || problems.length === 0,
    workflow: describe(effective),
    evidence: loaded?.workflow.evidence ?? null,
    branch: target.branch,
    base: target.baseName,
    folder: target.prefix,
    commits: { base: target.baseTip, mergeBase: target.mergeBase, head: target.head },
    policy: source,
    steps: judged.steps,
    problems: failsNothing ? [] : problems,
    notices: [
      ...(change.isUncommitted ? ['There are changes that are not committed. They are not judged.'] : []),
      ...prepared.notices,
      ...policy.notices,
      ...alternativesOf(effective),
      ...(failsNothing ? problems.map(({ detail }) => detail) : []),
    ],
    ...(effective.note === undefined ? {} : { note: effective.note }),
  };
}

async function approvalToSign(wanted: string, options: VerifierOptions, request: VerifyRequest): Promise<ApprovalToSign> {
  const prepared = await prepare(options, request);
  const { change, effective } = prepared;
  const { repository, head } = change.target;
  if (repository === undefined) {
    throw new HandrailError('usage', 'A signature names its repository, and where this one is, is not known.', {
      hint: 'Give it with --repository, such as github.com/acme/shop.',
    });
  }
  if (wanted === POLICY_STEP) {
    const message = { repository, step: wanted, stepDigest: POLICY_DEMAND, changeDigest: change.policyDigest, head };
    return { lines: approvalLines(message), tag: await freeTag(change.target, approvalTag(wanted, change.policyDigest)), head };
  }
  if (effective.loaded === undefined)
    throw new HandrailError('not-found', effective.note ?? 'No workflow applies.', { hint: 'See handrail verify.' });
  const { workflow } = effective.loaded;
  const about = new StepFacts(await readFacts(workflow, prepared, options, request));
  const step = workflow.steps.find(({ id }) => id === wanted);
  const record = about.record(wanted);
  const waiver = record?.result.outcome === 'waived' ? { waiver: record.id } : {};
  if (step === undefined || (step.kind !== 'approval' && !('waiver' in waiver))) {
    const signable = workflow.steps
      .filter(({ id, kind }) => kind === 'approval' || about.record(id)?.result.outcome === 'waived')
      .map(({ id }) => id);
    throw new HandrailError('usage', `"${wanted}" is no step that is approved.`, {
      hint: `There are: ${[...signable, POLICY_STEP].join(', ')}.`,
    });
  }
  const { digest } = about.covered(step);
  const message = { repository, step: step.id, stepDigest: effective.policy.stepDigest(step), changeDigest: digest, head, ...waiver };
  return { lines: approvalLines(message), tag: await freeTag(change.target, approvalTag(step.id, digest)), head };
}

/** Several people may have to approve the same content; whose name is taken gets a number. */
async function freeTag({ git }: Target, name: string): Promise<string> {
  const listed = await git.command(['for-each-ref', '--format=%(refname:lstrip=2)', `refs/tags/${name}`, `refs/tags/${name}-*`]);
  const taken = new Set(listed.split('\n'));
  let free = name;
  for (let count = 2; taken.has(free); count += 1) free = `${name}-${count}`;
  return free;
}

async function readFacts(
  workflow: VerifyFacts['workflow'],
  prepared: Prepared,
  options: VerifierOptions,
  request: VerifyRequest,
): Promise<VerifyFacts> {
  const { change, effective, policy, found, rules, host } = prepared;
  const { target, changes, history, evidence, tracked } = change;
  const branchSlug = slugOf(change);
  const { event } = target;
  const pullRequest = request.pullRequest ?? event.pullRequest;
  const labels = await labelsOfPull({ workflow, host, pullRequest, event, env: options.env });
  const when = await new RememberedFacts()
    .of(workflow)
    .conditions(expressionFacts({ changes, branch: target.branch, base: target.baseName, env: options.env, labels }), options.clock);
  const checked = await readCheckedFacts(target, { workflow, branchSlug, history });
  // Last, because it is the only thing that runs what the branch brings.
  const isOwn = effective.source === 'branch';
  const { rerun: wanted, ...rest } = request;
  const commands = await readCommandProofs({
    target,
    workflow,
    when,
    changes,
    host,
    env: options.env,
    request: wanted === undefined || isOwn ? rest : { ...rest, rerun: wanted },
  });
  const isTracked = workflow.evidence === 'tracked';
  return {
    ...checked,
    workflow,
    changes,
    prefix: target.prefix,
    branchSlug,
    stepDigests: acceptedDigests(workflow, effective.policy, change.head, policy.problems.length === 0),
    when,
    tracked: isTracked ? tracked : { records: [], paths: new Map(), bad: [] },
    deleted: isTracked ? evidence.deleted : [],
    broughtAt: evidence.broughtAt,
    commands,
    candidates: found.candidates,
    rejected: found.rejected,
    rules,
    repository: target.repository,
    models: effective.policy.handrail.models,
    now: options.clock.now(),
    require: request.require,
    withoutApprovals: request.withoutApprovals === true,
  };
}

function describe({ loaded }: Effective): VerifyResult['workflow'] {
  if (loaded === undefined) return null;
  const { workflow, path } = loaded;
  return { id: workflow.id, title: workflow.title, digest: workflowDigest(workflow), path };
}

function alternativesOf({ alternatives, loaded }: Effective): string[] {
  if (alternatives.length === 0) return [];
  const others = alternatives.map(({ workflow }) => workflow.id).join(', ');
  return [`This branch also matches ${others}; ${loaded?.workflow.id ?? ''} judged it (--workflow names another).`];
}
