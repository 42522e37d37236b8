/**
 * examples/team-data: the contributions of a team that does not exist, so that anyone can try the lead's side. `node scripts/teamData.mjs`
 * writes it; a unit test fails when it differs. Everything follows from the numbers below, so nobody's work is in it.
 */
import { createHash } from 'node:crypto';
import { registryOf } from '../src/core/team/registry.ts';
import { canonicalJson } from '../src/core/workflow/digests.ts';
import { tokenOf } from '../src/node/team/token.ts';

const TEAM = 'payments';
const PEOPLE = 14;
const WEEKS = ['2026-W33', '2026-W34', '2026-W35', '2026-W36', '2026-W37', '2026-W38', '2026-W39', '2026-W40'];
/** About how many of each a person has in a week, spread over the first dimension's values, each a bit rarer than the one before. */
const USUAL = {
  'review.runs': 9,
  'review.findings': 22,
  'generate.outcomes': 6,
  'generate.survival': 4,
  'steps.completed': 18,
  'steps.dwell': 30,
  'steps.failed': 3,
  'steps.waived': 0.5,
  'models.calls': 14,
  'models.cost': 120,
  'assistants.tokens': 400,
  'assistants.days': 4,
};

const registry = registryOf(Object.keys(USUAL));

/** Path of each file, relative to the project, to its text. */
export function teamDataFiles() {
  const weeks = WEEKS.map((week) => [`examples/team-data/contributions/${week}.ndjson`, linesOf(week)]);
  return { 'examples/team-data/.handrail/telemetry.yml': teamFile(), ...Object.fromEntries(weeks) };
}

function teamFile() {
  return `version: 1
team: ${TEAM}
k: 5
roster: ${PEOPLE}
window: 4w
counters:
${registry.counters.map(({ name }) => `  - ${name}\n`).join('')}`;
}

function linesOf(week) {
  const people = Array.from({ length: PEOPLE }, (_, person) => contributionOf(person, week));
  return people
    .filter((one) => one.counters.length > 0)
    .map((one) => `${canonicalJson(one)}\n`)
    .join('');
}

function contributionOf(person, week) {
  const secret = createHash('sha256').update(`person ${person} of the example`).digest();
  const draw = drawing(`${person} ${week}`);
  // Two are on leave now and then, and one is not there before the fifth week.
  const isAway = draw() < 0.08 || (person === 13 && WEEKS.indexOf(week) < 4);
  const pace = 0.4 + 1.4 * drawing(`pace of ${person}`)();
  const counters = isAway ? [] : registry.counters.flatMap((counter) => cellsOf(counter, { draw, pace, person }));
  return {
    schema: 'handrail.contribution/1',
    week,
    team: TEAM,
    registry: registry.digest,
    token: tokenOf(secret, week, TEAM),
    revision: 1,
    counters,
  };
}

function cellsOf({ name, dims, clip }, { draw, pace, person }) {
  const [[first, values], ...others] = Object.entries(dims);
  // Each person has a model and an assistant that they use more, and nobody has all of a long list.
  const own = first === 'family' || first === 'source';
  const start = own ? Math.floor(drawing(`${name} of ${person}`)() * 3) : 0;
  const usual = first === 'severity' ? ['medium', 'low', 'high', 'info', 'critical'] : values;
  if (name === 'steps.dwell') return dwellCellsOf({ dims, clip }, { draw, pace });
  return usual.slice(start, start + 5).flatMap((value, rank) => {
    const amount = Math.min(clip, Math.round((USUAL[name] * pace * (0.5 + draw())) / 2 ** (rank + 1)));
    const rest = others.map(([dim, more]) => [dim, more[Math.floor(draw() * 2)]]);
    return amount === 0 ? [] : [{ counter: name, dims: { [first]: value, ...Object.fromEntries(rest) }, value: amount }];
  });
}

/** Steps of a person wait longer than those of a machine, and of some it was not seen how long. */
function dwellCellsOf({ dims, clip }, { draw, pace }) {
  const middle = { manual: 2.5, command: 0.5, generate: 1, review: 2.5, approval: 3.5 };
  const seen = dims.dwell.filter((dwell) => dwell !== 'unknown' && dwell !== 'other');
  return Object.entries(middle).flatMap(([kind, at], rank) => {
    const parts = [...seen.map((dwell, index) => [dwell, Math.exp(-((index - at) ** 2) / 3) / 2.6]), ['unknown', 0.18]];
    return parts.flatMap(([dwell, part]) => {
      const amount = Math.min(clip, Math.round((USUAL['steps.dwell'] * part * pace * (0.5 + draw())) / (rank + 2)));
      return amount === 0 ? [] : [{ counter: 'steps.dwell', dims: { kind, dwell }, value: amount }];
    });
  });
}

/** Numbers from 0 to below 1 that follow from a text. */
function drawing(text) {
  let count = 0;
  return () => {
    count += 1;
    return createHash('sha256').update(`${text} ${count}`).digest().readUIntBE(0, 6) / 2 ** 48;
  };
}
