/**
 * An organisation that does not exist, for reports, benchmarks and demonstrations: 2,000 people in 125 teams over 72 weeks. Everything
 * follows from a seed and the usage model (src/core/team/usageModel.ts), so nobody's work is in it.
 *
 * Who takes part grows as a logistic curve, earlier in some teams than in others, with noise from week to week. About one in eight never
 * shares, some leave, and teams that care more have steps that wait less. One team, `payments`, has 14 people.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { normalDraw, seededRandom } from '../src/core/seededRandom.ts';
import { registryOf } from '../src/core/team/registry.ts';
import { teamFileText } from '../src/core/team/teamFileText.ts';
import { modelHabits, modelPerson, modelTeam, modelWeek, USUAL_PRESENCE } from '../src/core/team/usageModel.ts';
import { startOfWeek, weekOf } from '../src/core/telemetry/week.ts';
import { memoryEngine } from '../src/node/team/release/memoryEngine.ts';
import { releaseTeam } from '../src/node/team/release/releaseTeam.ts';
import { tokenOf } from '../src/node/team/token.ts';

export const PEOPLE = 2000;
const WEEKS_OF_A_WINDOW = 4;
const WEEKS = 72;
/** The last week of the last window that can be released at `NOW`. */
const LAST = '2026-W44';
const NOW = Date.UTC(2026, 10, 16);
const WEEK = 7 * 24 * 3600 * 1000;
const REFUSERS = 0.12;
/** Weeks from the beginning after which half of those who will have begun, and how steep that is. */
const MIDDLE = 30;
const SLOPE = 7;

const AREAS = [
  'billing',
  'catalogue',
  'checkout',
  'claims',
  'data',
  'identity',
  'logistics',
  'mobile',
  'platform',
  'pricing',
  'search',
  'support',
  'web',
];
const KINDS = ['api', 'apps', 'core', 'edge', 'events', 'gateway', 'insight', 'jobs', 'portal', 'tools'];

const DWELL = registryOf([
  'review.runs',
  'review.findings',
  'review.decisions',
  'generate.outcomes',
  'steps.dwell',
  'steps.failed',
  'steps.waived',
  'models.cost',
  'assistants.tokens',
  'assistants.days',
]);
/** What of two linked counters the others ask for. */
const COMPLETED = registryOf([
  'review.runs',
  'review.findings',
  'generate.survival',
  'steps.completed',
  'steps.failed',
  'steps.waived',
  'models.cost',
  'assistants.tokens',
  'assistants.days',
]);

const STEPS = ['intent', 'write-tests', 'run-tests', 'ai-review', 'security-review', 'owner-approval'];
/** And a few tell steps apart by name. */
const WAITS = registryOf(
  ['review.runs', 'review.findings', 'generate.outcomes', 'steps.waits', 'steps.waived', 'models.cost', 'assistants.days'],
  STEPS,
);

/** All weeks of the data, first one first. */
export function orgWeeks() {
  const last = startOfWeek(LAST);
  return Array.from({ length: WEEKS }, (_, index) => weekOf(last - (WEEKS - 1 - index) * WEEK));
}

/** Name, roster, k and registry of each team; `payments` is the first. */
export function orgTeams() {
  const random = seededRandom('teams of the organisation');
  const names = AREAS.flatMap((area) => KINDS.map((kind) => `${area}-${kind}`))
    .map((name) => ({ name, at: random() }))
    .toSorted((a, b) => a.at - b.at);
  const teams = [{ team: 'payments', k: 5, roster: 14, registry: DWELL, steps: [] }];
  let left = PEOPLE - 14;
  for (const { name } of names) {
    // The last ones share what is left, so that all have 12 to 20.
    const roster = left <= 20 ? left : Math.min(12 + Math.floor(9 * random()), left - 12);
    if (roster === 0) break;
    teams.push({ team: name, k: 5, roster, ...asked(random()) });
    left -= roster;
  }
  return teams;
}

function asked(draw) {
  if (draw < 0.2) return { registry: WAITS, steps: STEPS };
  return { registry: draw < 0.65 ? DWELL : COMPLETED, steps: [] };
}

/** The contributions of a team, week by week, as `handrail.contribution/1`. */
export function* contributionsOf({ team, roster, registry }) {
  const random = seededRandom(`team ${team} of the organisation`);
  const care = Math.max(-1, Math.min(1, 0.5 * normalDraw(random)));
  const model = modelTeam(random, care);
  const begins = MIDDLE + 6 * normalDraw(random) - 4 * care;
  const people = Array.from({ length: roster }, (_, index) =>
    personOf(`${team} ${index}`, { random, model, begins, counters: registry.counters }),
  );
  const noise = seededRandom('weeks of the organisation');
  for (const [at, week] of orgWeeks().entries()) {
    const usual = USUAL_PRESENCE + 0.03 * normalDraw(noise) - (isHoliday(week) ? 0.2 : 0);
    for (const { secret, habits, from, until } of people) {
      if (at < from || at >= until || random() > usual) continue;
      // Habits grow for two months.
      const intensity = 0.4 + 0.6 * Math.min(1, (at - from) / 8);
      const counters = modelWeek(habits, random, intensity);
      if (counters.length === 0) continue;
      const token = tokenOf(secret, week, team);
      yield { schema: 'handrail.contribution/1', week, team, registry: registry.digest, token, revision: 1, counters };
    }
  }
}

/**
 * Releases a team by the code that releases, into `out`, with its contributions in a file of the empty folder `input`. Resolves to the
 * number of releases.
 */
export async function releaseOrgTeam({ team, k, roster, registry, steps }, { input, out }) {
  const lines = Array.from(contributionsOf({ team, roster, registry }), (one) => `${JSON.stringify(one)}\n`);
  fs.mkdirSync(input, { recursive: true });
  fs.writeFileSync(path.join(input, `${team}.ndjson`), lines.join(''));
  const engine = memoryEngine({ folder: input, allowPlain: true });
  const done = await releaseTeam({ team, k, roster, registry, window: WEEKS_OF_A_WINDOW, engine, output: out, prove: false, now: NOW });
  const counters = registry.counters.map(({ name }) => name);
  const file = { team, k, roster, window: `${WEEKS_OF_A_WINDOW}w`, counters, ...(steps.length === 0 ? {} : { steps }) };
  fs.mkdirSync(out, { recursive: true });
  fs.writeFileSync(path.join(out, 'telemetry.yml'), teamFileText(file));
  return done.released.length;
}

function personOf(name, { random, model, begins, counters }) {
  const secret = createHash('sha256').update(`person ${name} of the organisation`).digest();
  const habits = modelHabits(modelPerson(random, model), model, counters);
  const chance = Math.min(0.999, Math.max(0.001, random()));
  const from = random() < REFUSERS ? Number.POSITIVE_INFINITY : begins + SLOPE * Math.log(chance / (1 - chance));
  // Some stop after a while.
  const until = random() < 0.08 ? from + 40 * random() : Number.POSITIVE_INFINITY;
  return { secret, habits, from, until };
}

function isHoliday(week) {
  const number = Number(week.slice(-2));
  return number >= 52 || number === 1 || (number >= 30 && number <= 33);
}
