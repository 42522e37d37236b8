import { HandrailError } from '../../core/errors.ts';
import type { TeamConfig } from '../../core/team/teamFile.ts';
import { registryOf } from '../../core/team/registry.ts';
import { BY_STEP, COUNTERS } from '../../core/telemetry/counters.ts';
import { estimateYield, sharingSteps, usualRuns, type YieldQuestion } from '../../core/team/yield.ts';
import { readTeam } from '../../node/team/teamFile.ts';
import { didYouMean } from '../arguments.ts';
import type { Answer, Context } from '../command.ts';
import { yieldText } from '../text/teamYield.ts';
import { numberOf } from './release.ts';
import { USUAL_COUNTERS, wordsOf } from './teamQuestions.ts';

export interface YieldFlags {
  people: string | undefined;
  'opt-in': string | undefined;
  k: string | undefined;
  window: string | undefined;
  counters: string | undefined;
  steps: string | undefined;
}

/** `handrail team yield`: how much would be published if so many shared, before anybody does. */
export async function teamYield({ root, terminal, format, signal }: Context, flags: YieldFlags): Promise<Answer> {
  const question = questionOf(readTeam(root)?.config, flags);
  const answer = await estimateYield(question, signal);
  const { people, k } = question;
  const steps = [];
  for (const sharing of sharingSteps({ people, k })) {
    const { events, cells, nothing } = await estimateYield(
      { ...question, people: sharing, roster: people, optIn: 1, runs: Math.ceil(usualRuns(sharing) / 2) },
      signal,
    );
    steps.push({ sharing, events, cells, nothing });
  }
  const asked = { ...question, counters: question.counters.map(({ name }) => name) };
  if (format === 'json') terminal.document({ question: asked, ...answer, steps });
  else terminal.line(yieldText({ question: asked, answer, steps }, (style, text) => terminal.style(style, text)));
  return 0;
}

function questionOf(config: TeamConfig | undefined, flags: YieldFlags): YieldQuestion {
  const people = flags.people === undefined ? config?.roster : numberOf(flags.people, '--people', 1, 100_000);
  if (people === undefined || flags['opt-in'] === undefined) {
    throw new HandrailError('usage', 'How many people has the team, and how many of them would share?', {
      hint: 'For example handrail team yield --people 14 --opt-in 70%',
    });
  }
  return {
    people,
    optIn: partOf(flags['opt-in']),
    k: flags.k === undefined ? (config?.k ?? 5) : numberOf(flags.k, '--k', 5, 1000),
    window: flags.window === undefined ? (config?.window ?? 4) : numberOf(flags.window.replace(/w$/, ''), '--window', 1, 52),
    counters: countersOf(
      flags.counters === undefined ? (config?.counters ?? USUAL_COUNTERS) : wordsOf(flags.counters),
      flags.steps === undefined ? config?.steps : wordsOf(flags.steps),
    ),
    runs: usualRuns(people),
  };
}

/** `70%`, `70` and `0.7` are the same; 1 is everybody. */
function partOf(text: string): number {
  const [, number = '', percent] = /^(\d{1,3}(?:\.\d{1,6})?)\s*(%?)$/.exec(text.trim()) ?? [];
  const value = number === '' ? Number.NaN : Number(number);
  const part = percent === '%' || value > 1 ? value / 100 : value;
  if (part > 0 && part <= 1) return part;
  throw new HandrailError('usage', `--opt-in ${JSON.stringify(text)} is no part of a team.`, { hint: 'For example --opt-in 70%' });
}

function countersOf(names: readonly string[], steps: readonly string[] = []): YieldQuestion['counters'] {
  const unknown = names.find((name) => !COUNTERS.some((known) => known.name === name));
  if (unknown !== undefined) {
    throw new HandrailError('usage', `There is no counter ${JSON.stringify(unknown)}.`, {
      hint:
        didYouMean(
          unknown,
          COUNTERS.map(({ name }) => name),
        ) ?? 'handrail telemetry catalogue lists them all.',
    });
  }
  if (names.includes(BY_STEP) && steps.length === 0) {
    throw new HandrailError('usage', `${BY_STEP} tells steps apart by name, and none is listed.`, {
      hint: 'For example --steps tests,review',
    });
  }
  return registryOf(names, steps).counters;
}
