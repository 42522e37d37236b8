import { BY_STEP, COUNTERS } from '../../core/telemetry/counters.ts';
import { draftProblem, type TeamDraft } from '../../core/team/teamFileText.ts';
import { HandrailError } from '../../core/errors.ts';
import type { Dialogue } from '../terminal.ts';

/** What `handrail team init` asks: each by a question on a terminal, or by a flag; what neither answers has a usual value. */

/** The answers as they are typed, by the name of their flag. */
export interface TeamAnswers {
  team: string | undefined;
  k: string | undefined;
  roster: string | undefined;
  window: string | undefined;
  transport: string | undefined;
  steps: string | undefined;
  counters: string | undefined;
}

/** Answers most questions about adoption, waiting, risk and cost; none follows from another. */
export const USUAL_COUNTERS: readonly string[] = [
  'review.runs',
  'review.findings',
  'generate.outcomes',
  'steps.dwell',
  'steps.failed',
  'steps.waived',
  'models.cost',
  'assistants.days',
];

/** What a team is asked for that says nothing else; `folder` is what its folder is called, `remote` one that it has. */
export function usualDraft({ folder, remote }: { folder: string; remote: string | undefined }): TeamDraft {
  const team = folder
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return {
    team: team === '' || team === 'none' ? 'team' : team,
    k: 5,
    window: '4w',
    transport: { git: remote ?? 'origin' },
    counters: USUAL_COUNTERS,
  };
}

interface Question {
  key: keyof TeamAnswers;
  /** Ends before the usual answer. */
  text: string;
  /** As it would be typed. */
  usual(draft: TeamDraft): string;
  /** The draft with this answer, which is not checked yet. */
  take(draft: TeamDraft, answer: string): TeamDraft;
}

const QUESTIONS: readonly Question[] = [
  {
    key: 'team',
    text: 'What is the team called? Small letters, digits and -',
    usual: ({ team }) => team,
    take: (draft, team) => ({ ...draft, team }),
  },
  {
    key: 'k',
    text: 'How many people at least behind every figure? 5 or more',
    usual: ({ k }) => String(k),
    take: (draft, answer) => ({ ...draft, k: wholeOf(answer) }),
  },
  {
    key: 'roster',
    text: 'How many people has the team? Then releases say in bands how many took part; Enter leaves it out',
    usual: ({ roster }) => (roster === undefined ? '' : String(roster)),
    take: ({ roster: _before, ...draft }, answer) => (answer === '' ? draft : { ...draft, roster: wholeOf(answer) }),
  },
  {
    key: 'window',
    text: 'How many weeks does a release cover? Longer ones show more cells, later',
    usual: ({ window }) => window,
    take: (draft, answer) => ({ ...draft, window: /^\d+$/.test(answer) ? `${answer}w` : answer }),
  },
  {
    key: 'transport',
    text: 'How do contributions travel? git:REMOTE, folder:PATH or otlp:URL',
    usual: ({ transport }) => Object.entries(transport ?? {}).map(([kind, place]) => `${kind}:${place}`)[0] ?? '',
    take: (draft, answer) => ({ ...draft, transport: transportOf(answer) }),
  },
  {
    key: 'steps',
    text: 'Which steps of the workflow are told apart by name, to see where work waits? Their ids; Enter for none',
    usual: ({ steps = [] }) => steps.join(','),
    take: ({ steps: _before, ...draft }, answer) => (answer === '' ? draft : withSteps(draft, wordsOf(answer))),
  },
  {
    key: 'counters',
    text: `What is counted? As few as answer your question, of ${COUNTERS.map(({ name }) => name).join(', ')}`,
    usual: ({ counters }) => counters.join(','),
    take: (draft, answer) => ({ ...draft, counters: wordsOf(answer) }),
  },
];

/** Takes what flags say into the draft. Fails with `usage` at the first that the team's file cannot say. */
export function answeredByFlags(draft: TeamDraft, answers: TeamAnswers): TeamDraft {
  return QUESTIONS.reduce((before, { key, take }) => {
    const answer = answers[key];
    if (answer === undefined) return before;
    const after = take(before, answer.trim());
    const problem = draftProblem(after, key);
    if (problem === undefined) return after;
    const said = `--${key} ${JSON.stringify(answer)}`;
    throw new HandrailError('usage', `${said} does not fit: ${problem.message}`, {
      hint: problem.hint ?? 'handrail team --help lists the options.',
    });
  }, draft);
}

/** Asks for everything that no flag says, each until the answer fits. Undefined once nobody answers any more. */
export async function answeredByPerson(draft: TeamDraft, answers: TeamAnswers, { ask, say }: Dialogue): Promise<TeamDraft | undefined> {
  let current = draft;
  for (const { key, text, usual, take } of QUESTIONS) {
    if (answers[key] !== undefined) continue;
    for (;;) {
      const proposed = usual(current);
      const answer = await ask(`${text}${proposed === '' ? '' : ` [${proposed}]`}: `);
      if (answer === undefined) return undefined;
      const after = answer === '' ? current : take(current, answer);
      const problem = draftProblem(after, key);
      if (problem === undefined) {
        current = after;
        break;
      }
      say(`  ${[problem.message, problem.hint].filter((one) => one !== undefined).join(' ')}`);
    }
  }
  return current;
}

/** Counters of the draft of which only the first is ever published, as sentences. */
export function linkedNotes(names: readonly string[]): string[] {
  const listed = COUNTERS.filter(({ name }) => names.includes(name));
  return listed.flatMap(({ name, excludes }, at) =>
    listed
      .slice(at + 1)
      .filter((later) => excludes.includes(later.name))
      .map((later) => `${name} and ${later.name} say partly the same, so only one of them is published: the first, where it can be.`),
  );
}

/** Words between commas or blanks. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** How long each step waits takes the place of how long steps of a kind wait: only one of the two is ever published. */
function withSteps(draft: TeamDraft, steps: readonly string[]): TeamDraft {
  return { ...draft, steps, counters: draft.counters.map((name) => (name === 'steps.dwell' ? BY_STEP : name)) };
}

function wholeOf(answer: string): number {
  return /^\d{1,7}$/.test(answer) ? Number(answer) : Number.NaN;
}

function transportOf(answer: string): Readonly<Record<string, string>> {
  const [, kind = 'git', place = answer] = /^(git|folder|otlp):(.*)$/.exec(answer) ?? [];
  return { [kind]: place };
}
