import fc from 'fast-check';
import { registryOf } from '../../../src/core/team/registry.ts';
import { Admission } from '../../../src/core/team/release/admission.ts';
import { appended, emptyLedger, type Ledger } from '../../../src/core/team/release/ledger.ts';
import { buildRelease, recentlyPublished, type Release } from '../../../src/core/team/release/release.ts';
import { startOfWeek, weekOf } from '../../../src/core/telemetry/week.ts';
import { CONTRIBUTION_SCHEMA, type Contribution } from '../../../src/core/team/contribution.ts';
import type { Alike, Given, Link, Published } from './checker.ts';

/** Histories of teams that do not exist: people who come, leave, refuse, work much more than others, send late and send again. */

export const registry = registryOf([
  'review.runs',
  'generate.outcomes',
  'generate.survival',
  'steps.completed',
  'steps.dwell',
  'steps.waived',
  'models.calls',
  'assistants.days',
]);

const WEEK = 7 * 24 * 3600 * 1000;
export const weekAfter = (week: string, weeks: number): string => weekOf((startOfWeek(week) ?? 0) + weeks * WEEK);

/** What anybody can know of the counters: these follow from one another. */
export const LINKS: readonly Link[] = [
  { whole: 'models.calls', parts: [{ counter: 'review.runs' }, { counter: 'generate.outcomes' }] },
  { whole: 'steps.dwell', parts: [{ counter: 'steps.completed' }] },
  { whole: 'steps.completed', parts: [{ counter: 'steps.dwell' }] },
  {
    whole: 'generate.survival',
    parts: [{ counter: 'generate.outcomes', value: 'accepted' }],
    weeksBefore: (week) => weekAfter(week, -1),
  },
];

/** And these are counted of the same events, where they are done for a step. */
export const ALIKE: readonly Alike[] = ['steps.completed', 'steps.dwell'].flatMap((counter) => [
  { one: { counter: 'review.runs', values: ['completed'] }, other: { counter, values: ['review'] } },
  { one: { counter: 'generate.outcomes', values: ['accepted', 'edited'] }, other: { counter, values: ['generate'] } },
]);

export interface HistoryOptions {
  seed: number;
  people: number;
  /** Weeks of a window, and how many windows. */
  window: number;
  windows: number;
  /** 0: all alike; 3: a few do nearly everything. */
  skew: number;
  /** The part of weeks that nothing is done in, the part of people who refuse, and of contributions that come late; 0 to 1. */
  idle: number;
  refusing: number;
  late: number;
  /** The part of weeks in which somebody reviews or generates more than for steps; without it, steps have nothing to do with either. */
  beside?: number;
}

export const historyArb: fc.Arbitrary<HistoryOptions> = fc.record({
  seed: fc.nat(2 ** 31),
  people: fc.integer({ min: 6, max: 14 }),
  window: fc.constantFrom(1, 2, 4),
  windows: fc.integer({ min: 1, max: 4 }),
  skew: fc.constantFrom(0, 0.5, 1, 2, 3),
  idle: fc.constantFrom(0, 0.1, 0.5),
  refusing: fc.constantFrom(0, 0.2, 0.5),
  late: fc.constantFrom(0, 0.1),
  beside: fc.constantFrom(0, 0.05, 0.2, 0.8),
});

/** The same numbers for the same seed, 0 to below 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Everything that these people ever send, `late` those that come after their window was released. */
export function historyOf(options: HistoryOptions): { given: Given[]; late: Given[] } {
  const random = seeded(options.seed);
  const from = (values: readonly string[], rare: number): string => values[Math.floor(random() ** rare * values.length)] ?? 'other';
  const weeks = options.window * options.windows;
  const all: { given: Given[]; late: Given[] } = { given: [], late: [] };
  for (let person = 0; person < options.people; person += 1) {
    if (random() < options.refusing) continue;
    const [joins, leaves] =
      random() < 0.3 ? [Math.floor(random() * weeks), weeks] : [0, random() < 0.2 ? Math.ceil(random() * weeks) : weeks];
    const level = Math.exp(options.skew * (random() + random() + random() - 1.5) * 2);
    const some = (mean: number): number => Math.round(random() * 2 * mean * level);
    let acceptedBefore = 0;
    for (let index = joins; index < leaves; index += 1) {
      const week = weekAfter('2026-W01', index);
      if (random() < options.idle) {
        acceptedBefore = 0;
        continue;
      }
      const cells = new Map<string, Contribution['counters'][number]>();
      const addTo = (counter: string, dims: Readonly<Record<string, string>>, value: number): void => {
        const key = `${counter} ${Object.values(dims).join(' ')}`;
        const sum = (cells.get(key)?.value ?? 0) + value;
        if (sum > 0) cells.set(key, { counter, dims, value: sum });
      };
      const add = (counter: string, dim: string, label: string, value: number): void => addTo(counter, { [dim]: label }, value);
      const spread = (counter: string, dim: string, labels: readonly string[], count: number, more: Record<string, string> = {}): void => {
        for (let part = Math.ceil(count / 3), left = count; left > 0; left -= part)
          addTo(counter, { ...more, [dim]: from(labels, 2) }, Math.min(part, left));
      };
      const family = (): string => from(['claude', 'gpt', 'gemini', 'llama', 'other'], 2);
      const done = { review: 0, generate: 0 };
      for (const outcome of ['completed', 'failed', 'cancelled', 'other']) {
        const count = some(outcome === 'completed' ? 5 : 0.6);
        if (outcome === 'completed') done.review = count;
        add('review.runs', 'outcome', outcome, count);
        add('models.calls', 'family', family(), count);
      }
      let accepted = 0;
      if (random() < 0.7) {
        for (const outcome of ['accepted', 'edited', 'rejected']) {
          const count = some(outcome === 'accepted' ? 2 : 0.7);
          if (outcome === 'accepted') accepted = count;
          if (outcome !== 'rejected') done.generate += count;
          add('generate.outcomes', 'outcome', outcome, count);
          add('models.calls', 'family', family(), count);
        }
      }
      const survival = registry.counters.find(({ name }) => name === 'generate.survival')?.dims['survival'] ?? [];
      spread('generate.survival', 'survival', survival, acceptedBefore);
      acceptedBefore = accepted;
      const dwell = registry.counters.find(({ name }) => name === 'steps.dwell')?.dims['dwell'] ?? [];
      for (const kind of ['command', 'review', 'manual', 'generate']) {
        const alone = some(kind === 'command' ? 4 : 0.8);
        const forSteps = kind === 'review' || kind === 'generate' ? done[kind] : undefined;
        const more = options.beside !== undefined && random() < options.beside ? 1 + some(2) : 0;
        const count = options.beside === undefined || forSteps === undefined ? alone : Math.max(0, forSteps - more);
        add('steps.completed', 'kind', kind, count);
        spread('steps.dwell', 'dwell', dwell, count, { kind });
      }
      if (random() < 0.15) add('steps.waived', 'kind', from(['manual', 'review', 'command'], 1), 1 + some(0.3));
      for (const source of ['copilot', 'claude-code', 'codex']) {
        if (random() < 0.5) add('assistants.days', 'source', source, Math.min(7, 1 + some(2)));
      }
      const counters = [...cells.values()];
      if (counters.length === 0) continue;
      const contribution = contributionOf(person, week, counters);
      (random() < options.late ? all.late : all.given).push({ contribution, person });
    }
  }
  return all;
}

export function contributionOf(person: number, week: string, counters: Contribution['counters'], revision = 1): Contribution {
  return {
    schema: CONTRIBUTION_SCHEMA,
    week,
    team: 'payments',
    registry: registry.digest,
    // Another one every week, as the real one; whose it is, is for the check alone.
    token: `${'A'.repeat(8)}${String(person).padStart(5, '0')}${week.slice(2, 4)}${week.slice(-2)}AAAAA`,
    revision,
    counters,
  };
}

/** Releases what is there, and then once more with what came late. */
export async function ledgerOf(
  { given, late }: { given: readonly Given[]; late: readonly Given[] },
  { k, roster, window }: { k: number; roster?: number; window: number },
): Promise<{ published: Published[]; ledger: Ledger }> {
  const published: Published[] = [];
  let ledger = emptyLedger('payments');
  let lastReleased = '';
  for (const there of [given, [...given, ...late]]) {
    const admission = new Admission({ team: 'payments', registry, window, now: Date.UTC(2027, 0, 4), lastReleased });
    for (const { contribution } of there) admission.add(contribution);
    for (const { from, to, tables } of admission.admitted().windows) {
      const release: Release = await buildRelease(tables, {
        team: 'payments',
        k,
        counters: registry.counters,
        window: { from, to },
        previous: ledger.entries.at(-1)?.digest ?? null,
        published: recentlyPublished(
          published.map(({ release: { cells, window: of } }) => ({ cells, window: of })),
          { from },
        ),
        ...(roster === undefined ? {} : { roster }),
      });
      ledger = appended(ledger, release);
      published.push({
        release,
        weeks: window,
        // What was given, and not what the engine says was.
        given: there.filter(({ contribution: { week } }) => week >= from && week <= to),
      });
      lastReleased = to;
    }
  }
  return { published, ledger };
}
