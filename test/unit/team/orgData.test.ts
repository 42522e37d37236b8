import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contributionsOf, orgTeams, orgWeeks, PEOPLE, releaseOrgTeam } from '../../../scripts/orgDataFiles.mjs';
import { asContribution, type Contribution, fitsRegistry } from '../../../src/core/team/contribution.ts';
import { readReleases } from '../../../src/node/team/release/releaseFolder.ts';
import type { Registry } from '../../../src/core/team/registry.ts';

interface OrgTeam {
  team: string;
  k: number;
  roster: number;
  registry: Registry;
  steps: string[];
}

describe('the generated organisation', () => {
  const teams = orgTeams() as OrgTeam[];
  const weeks = orgWeeks();
  const given = (team: OrgTeam): Contribution[] => [...contributionsOf(team)] as Contribution[];
  const [payments] = teams as [OrgTeam];

  it('has 2,000 people in teams of 12 to 20, and more than a year of weeks', () => {
    assert.equal(
      teams.reduce((sum, { roster }) => sum + roster, 0),
      PEOPLE,
    );
    assert.ok(teams.every(({ roster }) => roster >= 12 && roster <= 20));
    assert.equal(new Set(teams.map(({ team }) => team)).size, teams.length);
    assert.deepEqual([payments.team, payments.roster], ['payments', 14]);
    assert.equal(new Set(weeks).size, 72);
    assert.deepEqual(weeks, weeks.toSorted());
  });

  it('gives contributions that count, the same ones each time', () => {
    const contributions = given(payments);
    assert.ok(contributions.length > 300);
    for (const one of contributions) {
      assert.deepEqual(asContribution(structuredClone(one)), one);
      assert.ok(fitsRegistry(one, payments.registry));
    }
    assert.deepEqual(given(payments), contributions);
    const named = teams.find(({ steps }) => steps.length > 0);
    assert.ok(named);
    const waits = given(named).flatMap(({ counters }) => counters.filter(({ counter }) => counter === 'steps.waits'));
    assert.ok(named.steps.every((step) => waits.some(({ dims }) => dims['step'] === step)));
    assert.ok(given(named).every((one) => fitsRegistry(one, named.registry)));
  });

  it('is taken up slowly, then quickly, and by not quite everybody', () => {
    const people = weeks.map(() => 0);
    const some = teams.slice(0, 20);
    for (const team of some) for (const { week } of given(team)) people[weeks.indexOf(week)]! += 1;
    const roster = some.reduce((sum, team) => sum + team.roster, 0);
    const share = (from: number): number => people.slice(from, from + 4).reduce((sum, one) => sum + one, 0) / 4 / roster;
    assert.ok(share(0) < 0.1, `${share(0)}`);
    assert.ok(share(28) > 0.2 && share(28) < 0.6, `${share(28)}`);
    assert.ok(share(68) > 0.6 && share(68) < 0.9, `${share(68)}`);
  });

  it('is released window by window, as a team that exists is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'handrail organisation-'));
    try {
      const out = join(folder, 'releases');
      const count = await releaseOrgTeam(payments, { input: join(folder, 'in'), out });
      assert.ok(count >= 12, String(count));
      const { ledger, releases } = readReleases(out, 'payments');
      assert.deepEqual([ledger.entries.length, releases.length], [count, count]);
      assert.ok((releases.at(-1)?.cells.length ?? 0) > 20);
      assert.equal(readdirSync(out).filter((name) => name.endsWith('.json')).length, count + 1);
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
