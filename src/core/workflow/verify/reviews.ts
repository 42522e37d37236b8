import { z } from 'zod';
import { foldName, isBotLogin, isHostItself, isName, type PersonName } from './names.ts';

/** Reviews of a pull request: as the host tells them, and as a file for `--reviews` holds them. */

/** One person's latest word on the pull request, when it is an approval. */
export interface HostApproval {
  /** Folded names, teams included where they are told. */
  names: PersonName[];
  label: string;
  /** Commit that the person looked at. */
  commit: string;
}

export interface HostReviews {
  approvals: HostApproval[];
  /** Names of who opened the pull request, as far as they are told. */
  authors: PersonName[];
  /** Accounts behind commits, by object name, as far as they are told. */
  accounts: ReadonlyMap<string, readonly PersonName[]>;
  /** Why a review does not count, one sentence each. */
  notices: string[];
}

interface Opinion {
  names: PersonName[];
  label: string;
  state: 'approved' | 'changes-requested' | 'dismissed';
  commit: string;
  /** Orders the reviews of one person. */
  submitted: string;
  isBot: boolean;
}

const commit = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);

/** What `GET /repos/{owner}/{repo}/pulls/{number}/reviews` answers (GitHub REST API); other keys are passed over. */
const githubReviews = z
  .array(
    z.object({
      user: z.object({ login: z.string(), type: z.string().optional() }).nullable(),
      state: z.string(),
      commit_id: z.string().nullable().optional(),
      submitted_at: z.string().nullable().optional(),
    }),
  )
  .max(10_000);

const name = z.string().max(200).refine(isName, 'must be @user, @org/team or an e-mail address');

/** What `--reviews` takes beside the host's own shape. */
const reviewsFile = z.strictObject({
  schema: z.literal('handrail.reviews/1'),
  /** Who opened the pull request. */
  author: name.optional(),
  reviews: z
    .array(
      z.strictObject({
        reviewer: name,
        /** Other names of the same person, such as teams. */
        names: z.array(name).max(100).optional(),
        state: z.enum(['approved', 'changes-requested', 'dismissed']),
        commit,
        submitted: z.iso.datetime({ offset: true }),
        bot: z.boolean().optional(),
      }),
    )
    .max(10_000),
});

/** Reads reviews in either shape; a sentence says what is wrong with what is neither. */
export function parseReviews(value: unknown): HostReviews | { problem: string } {
  if (Array.isArray(value)) {
    const parsed = githubReviews.safeParse(value);
    return parsed.success ? ofGitHub(parsed.data) : { problem: firstIssue(parsed.error) };
  }
  const parsed = reviewsFile.safeParse(value);
  if (!parsed.success) return { problem: firstIssue(parsed.error) };
  const { author, reviews } = parsed.data;
  const opinions = reviews.map(({ reviewer, names = [], state, commit: id, submitted, bot = false }): Opinion => {
    return { names: [reviewer, ...names].map(foldName), label: reviewer, state, commit: id, submitted, isBot: bot };
  });
  return { ...latestOf(opinions), authors: author === undefined ? [] : [foldName(author)], accounts: new Map() };
}

function ofGitHub(reviews: z.infer<typeof githubReviews>): HostReviews {
  const opinions = reviews.flatMap(({ user, state, commit_id: id, submitted_at: submitted }): Opinion[] => {
    const known = STATES[state.toUpperCase()];
    // A comment changes nobody's opinion, and a review in the making is none.
    if (user === null || known === undefined) return [];
    const label = `@${user.login}`;
    const isBot = (user.type !== undefined && user.type !== 'User') || isBotLogin(user.login);
    return [{ names: [foldName(label)], label, state: known, commit: id ?? '', submitted: submitted ?? '', isBot }];
  });
  return { ...latestOf(opinions), authors: [], accounts: new Map() };
}

const STATES: Readonly<Record<string, Opinion['state'] | undefined>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  DISMISSED: 'dismissed',
};

/** Each person's latest opinion counts, and only when it is an approval. */
function latestOf(opinions: readonly Opinion[]): Pick<HostReviews, 'approvals' | 'notices'> {
  const latest = new Map<PersonName, Opinion>();
  for (const opinion of opinions) {
    const [person = ''] = opinion.names;
    const before = latest.get(person);
    if (before === undefined || timeOf(opinion) >= timeOf(before)) latest.set(person, opinion);
  }
  const approvals: HostApproval[] = [];
  const notices: string[] = [];
  for (const { names, label, state, commit: id, isBot } of latest.values()) {
    if (state === 'dismissed') notices.push(`The review of ${label} was dismissed.`);
    else if (state === 'changes-requested') notices.push(`${label} asks for changes.`);
    else if (isBot || names.some(isHostItself)) notices.push(`${label} is a program, whose approval does not count.`);
    else approvals.push({ names, label, commit: id });
  }
  return { approvals, notices };
}

function timeOf({ submitted }: Opinion): number {
  const time = Date.parse(submitted);
  return Number.isNaN(time) ? 0 : time;
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'unknown shape'}`;
}
