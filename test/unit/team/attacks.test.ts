import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Contribution } from '../../../src/core/team/contribution.ts';
import { Admission } from '../../../src/core/team/release/admission.ts';
import { hasGrownFrom, headOf } from '../../../src/core/team/release/ledger.ts';
import { contributionTables } from '../../../src/core/team/release/contributionTables.ts';
import { buildRelease, type Release, releaseText } from '../../../src/core/team/release/release.ts';
import { newSecret, tokenOf } from '../../../src/node/team/token.ts';
import type { Given, Published } from '../../support/disclosure/checker.ts';
import { contributionOf, historyArb, historyOf, ledgerOf, registry, seeded, weekAfter } from '../../support/disclosure/history.ts';

/** How many bits of each byte are set. */
const ONES = Array.from({ length: 256 }, (_, byte) => [...byte.toString(2)].filter((bit) => bit === '1').length);
const RULE = { k: 5, roster: 14 };
const texts = (published: readonly Published[]): string[] => published.map(({ release }) => releaseText(release as Release));
const runs = (value: number, outcome = 'completed'): Contribution['counters'][number] => ({
  counter: 'review.runs',
  dims: { outcome },
  value,
});
const admitted = async (contributions: readonly Contribution[]): Promise<readonly Contribution[]> => {
  const admission = new Admission({ team: 'payments', registry, window: 1, now: Date.UTC(2027, 0, 4), lastReleased: '' });
  for (const one of contributions) admission.add(one);
  const { windows } = admission.admitted();
  return (await Promise.all(windows.map(({ read }) => read()))).flat();
};
const released = (contributions: readonly Contribution[]): Promise<Release> =>
  buildRelease(contributionTables(contributions), {
    team: 'payments',
    ...RULE,
    counters: registry.counters,
    window: { from: '2026-W05', to: '2026-W05' },
    previous: null,
  });

describe('an attack on a team', () => {
  it('cannot tell who refuses from who was idle, over all windows', async () => {
    await fc.assert(
      fc.asyncProperty(historyArb, fc.nat(13), fc.boolean(), async (options, who, zeros) => {
        const { given } = historyOf({ ...options, late: 0 });
        const refuses = given.filter(({ person }) => person !== who);
        // A week in which nothing was counted gives nothing; where a program sends one all the same, it says zero.
        const idle = given.flatMap((one): Given[] => {
          if (one.person !== who) return [one];
          const zero = one.contribution.counters.map((cell) => ({ ...cell, value: 0 }));
          return zeros ? [{ person: who, contribution: { ...one.contribution, counters: zero } }] : [];
        });
        const rule = { ...RULE, window: options.window };
        assert.deepEqual(
          texts((await ledgerOf({ given: idle, late: [] }, rule)).published),
          texts((await ledgerOf({ given: refuses, late: [] }, rule)).published),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('links the tokens of one week to those of the next no better than by chance, over 52 weeks', () => {
    const people = Array.from({ length: 40 }, () => newSecret());
    const weeks = Array.from({ length: 52 }, (_, index) =>
      people.map((secret) => Buffer.from(tokenOf(secret, weekAfter('2026-W01', index), 'payments'), 'base64url')),
    );
    const order = (tokens: readonly Buffer[]): number[] =>
      tokens.map((_, index) => index).toSorted((a, b) => Buffer.compare(tokens[a] ?? Buffer.of(), tokens[b] ?? Buffer.of()));
    const nearest = (token: Buffer, next: readonly Buffer[], distance: (a: Buffer, b: Buffer) => number): number => {
      const distances = next.map((other) => distance(token, other));
      return distances.indexOf(Math.min(...distances));
    };
    const bits = (a: Buffer, b: Buffer): number => a.reduce((sum, byte, index) => sum + (ONES[byte ^ (b[index] ?? 0)] ?? 0), 0);
    const linkers: Record<string, (now: readonly Buffer[], next: readonly Buffer[]) => number[]> = {
      'by the fewest bits that differ': (now, next) => now.map((token) => nearest(token, next, bits)),
      'by the smallest difference': (now, next) =>
        now.map((token) => nearest(token, next, (a, b) => Math.abs(a.readUIntBE(0, 6) - b.readUIntBE(0, 6)))),
      'by their order': (now, next) => {
        const [one, two] = [order(now), order(next)];
        return now.map((_, index) => two[one.indexOf(index)] ?? -1);
      },
    };
    // Of 51 x 40 guesses, one in forty is right by chance: 51, and outside of 10 to 95 less than once in a million runs.
    for (const [how, link] of Object.entries(linkers)) {
      let right = 0;
      for (const [index, next] of weeks.slice(1).entries()) {
        right += link(weeks[index] ?? [], next).filter((guess, person) => guess === person).length;
      }
      assert.ok(right > 10 && right < 95, `${how}: ${right} of ${51 * 40} guesses are right`);
    }
  });

  it('changes nothing by sending everything a hundred times, in any order', async () => {
    const team = [0, 1, 2, 3, 4, 5, 6].map((who) => contributionOf(who, '2026-W05', [runs(3 + who), runs(1, 'failed')]));
    const random = seeded(7);
    const copies = Array.from({ length: 100 }, () => team)
      .flat()
      .map((one) => ({ one, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ one }) => structuredClone(one));
    assert.equal(releaseText(await released(await admitted(copies))), releaseText(await released(await admitted(team))));
  });

  it('moves a sum by the clip at most, whatever it says', async () => {
    const clip = registry.counters.find(({ name }) => name === 'review.runs')?.clip ?? 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(400), { minLength: 8, maxLength: 14 }), fc.nat(2 ** 31), async (values, claimed) => {
        const team = values.map((value, who) => contributionOf(who, '2026-W05', [runs(value)]));
        const [honest, forged] = await Promise.all(
          [values[0] ?? 0, claimed].map(async (value) =>
            released(await admitted([contributionOf(0, '2026-W05', [runs(value)]), ...team.slice(1)])),
          ),
        );
        const sums = [honest, forged].map((release) => release?.cells.reduce((sum, { value }) => sum + value, 0) ?? 0);
        if (sums.includes(0)) return;
        assert.ok(Math.abs((sums[0] ?? 0) - (sums[1] ?? 0)) <= clip);
      }),
      { numRuns: 300 },
    );
  });

  it('counts two linked devices of a person as one, and two that are not as two', async () => {
    const [secret, other] = [newSecret(), newSecret()];
    const from = (own: Uint8Array, value: number): Contribution => ({
      ...contributionOf(0, '2026-W05', [runs(value)]),
      token: tokenOf(own, '2026-W05', 'payments'),
    });
    assert.equal((await admitted([from(secret, 3), from(secret, 4)])).length, 1);
    assert.equal((await admitted([from(secret, 3), from(other, 3)])).length, 2);
  });

  it('changes no release by what comes late, in any window', async () => {
    await fc.assert(
      fc.asyncProperty(historyArb, async (options) => {
        const { given, late } = historyOf({ ...options, late: 0.3 });
        const rule = { ...RULE, window: options.window };
        const first = await ledgerOf({ given, late: [] }, rule);
        const then = await ledgerOf({ given, late }, rule);
        assert.deepEqual(texts(then.published).slice(0, first.published.length), texts(first.published));
        assert.ok(hasGrownFrom(then.ledger, headOf(first.ledger)));
        const windows = then.published.map(({ release }) => release.window);
        for (const [index, { from }] of windows.slice(1).entries()) assert.ok(from > (windows[index]?.to ?? ''));
      }),
      { numRuns: 100 },
    );
  });

  it('is seen by everyone who pinned the head, where some are left out or a second ledger takes its place', async () => {
    const history = historyOf({ seed: 11, people: 12, window: 2, windows: 3, skew: 0.5, idle: 0, refusing: 0, late: 0 });
    const rule = { ...RULE, window: 2 };
    const { ledger } = await ledgerOf(history, rule);
    const heads = ledger.entries.map(({ hash }) => hash);
    const someone = history.given.find(({ contribution }) => contribution.week === '2026-W01')?.person;
    const { ledger: subset } = await ledgerOf({ ...history, given: history.given.filter(({ person }) => person !== someone) }, rule);
    const shortened = { ...ledger, entries: ledger.entries.slice(0, -1) };
    assert.equal(heads.length, 3);
    for (const head of heads) {
      assert.ok(hasGrownFrom(ledger, head));
      assert.equal(hasGrownFrom(subset, head), false);
    }
    assert.equal(hasGrownFrom(shortened, heads.at(-1) ?? ''), false);
  });
});
