import type { Clock } from '../../../core/ports.ts';
import { branchSlug } from '../../../core/workflow/branch.ts';
import { EVIDENCE_FOLDER } from '../../../core/workflow/changes.ts';
import { coverageOf, CoveredParts } from '../../../core/workflow/coverage.ts';
import type { Approvers, Step } from '../../../core/workflow/definition.ts';
import { POLICY_STEP } from '../../../core/workflow/verify/approvalMessage.ts';
import type { ApprovalRules } from '../../../core/workflow/verify/approvers.ts';
import { authorNames } from '../../../core/workflow/verify/authors.ts';
import { judgePolicy, type PolicyJudgement } from '../../../core/workflow/verify/judgePolicy.ts';
import { foldName, isTeam, type PersonName } from '../../../core/workflow/verify/names.ts';
import type { HostReviews } from '../../../core/workflow/verify/reviews.ts';
import type { VerifyRequest } from '../../../core/workflow/verify/service.ts';
import { namesOfSamePerson } from '../../../core/workflow/verify/signers.ts';
import { handrailHome } from '../../home.ts';
import { createSharedContent } from '../shared/sharedContent.ts';
import { createContentReader, findApprovals, type FoundApprovals } from './approvals.ts';
import { type Effective, effectivePolicy } from './effective.ts';
import { gatherChange, type GatheredChange } from './gather.ts';
import { createHostReader, type HostReader, HostSilence } from './hostReviews.ts';
import { readReviewsFile } from './reviewsFile.ts';
import { createSignatureCheck } from './sshKeygen.ts';
import { findTarget } from './target.ts';

export interface VerifierOptions {
  /** Workspace folder as it is checked out. */
  root: string;
  /** Where to look for the workspace folder of the base from, upwards. Default: `root`. */
  cwd?: string;
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
}

/** Everything that is known before a step is judged: the change, who approved what, and whose policy counts. */
export interface Prepared {
  change: GatheredChange;
  effective: Effective;
  policy: PolicyJudgement;
  found: FoundApprovals;
  rules: ApprovalRules;
  host: HostReader | undefined;
  notices: string[];
}

type SourcedReviews = { source: 'host' | 'file'; reviews: HostReviews };

export async function prepare({ root, cwd = root, env }: VerifierOptions, request: VerifyRequest): Promise<Prepared> {
  const target = await findTarget({ cwd, env, ...request });
  const change = await gatherChange(target, env['CI'] === 'true', createSharedContent(handrailHome(env)));
  const selected = (isApproved: boolean): Effective =>
    effectivePolicy({
      base: change.base,
      head: change.head,
      isApproved,
      branch: target.branch,
      baseName: target.baseName,
      wanted: request.workflow,
    });
  const provisional = selected(false);
  const notices = target.baseNotice === undefined ? [] : [target.baseNotice];
  const pullRequest = request.pullRequest ?? target.event.pullRequest;
  const host = createHostReader({ root, env, repository: target.repository, pullRequest });
  const steps = approvable(change, provisional);
  const isAsked = request.withoutApprovals !== true && (steps.length > 0 || change.effects.some(({ effect }) => effect === 'relaxed'));
  const reviews = isAsked ? await readReviews({ change, provisional, host, pullRequest, file: request.reviews, notices }) : [];
  const rules = rulesOf(change, reviews);
  const found = isAsked
    ? await searchApprovals({ root, env, change, steps, reviews })
    : { candidates: [], rejected: new Map<string, string[]>() };
  notices.push(...reviews.flatMap((one) => one.reviews.notices), ...change.base.signers.problems);
  const policy = judgeEffects(change, { found, rules, provisional, isLater: request.withoutApprovals === true });
  return { change, effective: selected(policy.isApproved), policy, found, rules, host, notices };
}

/** Steps that somebody has to approve, or to let be skipped. */
function approvable({ tracked, head }: GatheredChange, { loaded }: Effective): Step[] {
  const waived = new Set(tracked.records.flatMap(({ step, result }) => (result.outcome === 'waived' ? [step] : [])));
  const own = loaded?.workflow.steps ?? [];
  const ids = new Set(own.map(({ id }) => id));
  // An approved change of policy is judged by the head's steps.
  const added =
    head.handrail.workflows.find(({ workflow }) => workflow.id === loaded?.workflow.id)?.workflow.steps.filter(({ id }) => !ids.has(id)) ??
    [];
  return [...own, ...added].filter(({ id, kind }) => kind === 'approval' || waived.has(id));
}

interface ReviewSearch {
  change: GatheredChange;
  provisional: Effective;
  host: HostReader | undefined;
  pullRequest: number | undefined;
  file: string | undefined;
  notices: string[];
}

/** What the given file, else the host, says. A host that does not answer is said; what it could have proved is missing then. */
async function readReviews({ change, provisional, host, pullRequest, file, notices }: ReviewSearch): Promise<SourcedReviews[]> {
  if (file !== undefined) return [{ source: 'file', reviews: readReviewsFile(file, change.target.topLevel) }];
  if (pullRequest === undefined) return [];
  if (host === undefined) {
    notices.push('Reviews were not read from the host: gh is not on this machine, or the repository is not known.');
    return [];
  }
  try {
    return [{ source: 'host', reviews: await host.reviews(teamsOf(change, provisional)) }];
  } catch (error) {
    if (!(error instanceof HostSilence)) throw error;
    notices.push(`Reviews could not be read from the host: ${error.message}.`);
    return [];
  }
}

/** Teams whose members could approve something. */
function teamsOf({ base }: GatheredChange, { loaded }: Effective): PersonName[] {
  const named = loaded?.workflow.steps.flatMap((step): Approvers[] => (step.kind === 'approval' ? [step.by] : [])) ?? [];
  const waive = loaded?.workflow.waive?.by;
  const rules = waive === undefined ? named : [...named, waive];
  const names = [...base.owners.everyone, ...rules.flatMap(({ anyOf, not }) => [...anyOf, ...not].map(foldName))];
  return [...new Set(names.filter(isTeam))];
}

/** Who owns what, by the base; and everyone who wrote something of the change. A commit that only adds records writes nothing of it. */
function rulesOf({ base, history, target }: GatheredChange, reviews: readonly SourcedReviews[]): ApprovalRules {
  const evidence = `${target.prefix}${EVIDENCE_FOLDER}/`;
  const writing = history.filter(({ paths }) => paths.some((path) => !path.startsWith(evidence)));
  const told = reviews.flatMap(({ reviews: { authors, accounts } }) => [
    ...authors,
    ...writing.flatMap(({ id }) => accounts.get(id) ?? []),
  ]);
  const opened = target.event.author === undefined ? [] : [foldName(target.event.author)];
  return { owners: base.owners, authors: namesOfSamePerson([...authorNames(writing), ...told, ...opened], base.signers.signers) };
}

async function searchApprovals({
  root,
  env,
  change,
  steps,
  reviews,
}: Pick<VerifierOptions, 'root' | 'env'> & {
  change: GatheredChange;
  steps: readonly Step[];
  reviews: readonly SourcedReviews[];
}): Promise<FoundApprovals> {
  const { target, changes, history, isPolicy, evidence, base, policyDigest } = change;
  const parts = new CoveredParts(changes);
  const slug = slugOf(change);
  const { git, prefix, baseTip } = target;
  return await findApprovals({
    git,
    digests: new Map([...steps.map((step) => [step.id, parts.get(coverageOf(step, slug)).digest] as const), [POLICY_STEP, policyDigest]]),
    signers: base.signers.signers,
    check: createSignatureCheck({ root, env }),
    history,
    reviews,
    contents: createContentReader({ git, prefix, baseTip, isPolicy, evidenceAtHead: evidence.objects }),
  });
}

/** What stands for `${branch}` in paths. */
export function slugOf({ target: { branch, head } }: GatheredChange): string {
  return branchSlug(branch ?? head.slice(0, 12));
}

function judgeEffects(
  { effects, target, policyDigest }: GatheredChange,
  { found, rules, provisional, isLater }: { found: FoundApprovals; rules: ApprovalRules; provisional: Effective; isLater: boolean },
): PolicyJudgement {
  const whole = provisional.loaded?.workflow.steps.filter((step) => step.kind === 'approval' && step.inputs === undefined) ?? [];
  const wholeSteps = new Set(whole.map(({ id }) => id));
  const { candidates } = found;
  const judgement = judgePolicy({ effects, candidates, rules, repository: target.repository, policyDigest, wholeSteps });
  if (!isLater) return judgement;
  // Nobody could have approved it yet, so it is only said.
  const open = judgement.problems.map(({ detail }) => `${detail} An owner has to approve it.`);
  return { problems: [], notices: [...judgement.notices, ...open], isApproved: false };
}
