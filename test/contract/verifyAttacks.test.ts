import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { APPROVAL_ATTACKS } from '../support/attacks/approvals.ts';
import { INNOCENT } from '../support/attacks/innocent.ts';
import { POLICY_ATTACKS } from '../support/attacks/policy.ts';
import { RECORD_ATTACKS } from '../support/attacks/records.ts';
import { green, type Scenario } from '../support/attacks/scenario.ts';
import { hasSsh } from '../support/verifyWorld.ts';

/** Rows of the documentation's table, by the words that stand over each group. */
const TITLES: Record<string, string> = { approvals: 'Approvals', records: 'Records and content', policy: 'Policy' };

function table(groups: Record<string, readonly Scenario[]>): string {
  const rows = Object.entries(groups).flatMap(([group, scenarios]) => [
    `| **${TITLES[group] ?? group}** | |`,
    ...scenarios.map(({ what, caught }) => `| ${what} | ${[...new Set(caught.map((one) => `\`${one}\``))].join(', ')} |`),
  ]);
  return ['| what somebody does | answer |', '| --- | --- |', ...rows].join('\n');
}

describe('attacks on verify', function () {
  this.timeout(60_000);
  const groups: Record<string, readonly Scenario[]> = {
    approvals: APPROVAL_ATTACKS,
    records: RECORD_ATTACKS,
    policy: POLICY_ATTACKS,
    innocent: INNOCENT,
  };

  for (const [group, scenarios] of Object.entries(groups)) {
    (hasSsh ? describe : describe.skip)(group, () => {
      for (const scenario of scenarios) {
        it(scenario.what, async () => {
          const world = await (scenario.begin ?? green)();
          try {
            const { request, env, now } = (await scenario.act(world)) ?? {};
            const result = await world.verify(request, { ...(env === undefined ? {} : { env }), ...(now === undefined ? {} : { now }) });
            const found = result.problems.map(({ code, step }) => (step === undefined ? code : `${code} ${step}`));
            const said = result.problems.map(({ detail, hint }) => `${detail} ${hint ?? ''}`).join('\n');
            assert.deepEqual(found.toSorted(), scenario.caught.toSorted(), `${said}\n${result.notices.join('\n')}`);
            if (scenario.says) assert.match(said, scenario.says);
            assert.equal(result.ok, scenario.caught.length === 0);
          } finally {
            world.remove();
          }
        });
      }
    });
  }

  it('are told in docs/verify.md as they are', () => {
    const path = join(resolve(import.meta.dirname, '../..'), 'docs/verify.md');
    const written = readFileSync(path, 'utf8');
    const { innocent = [], ...attacks } = groups;
    const between = (text: string, name: string, content: string): string =>
      text.replace(
        new RegExp(`(<!-- ${name}:start -->\\n)[\\s\\S]*?(<!-- ${name}:end -->)`),
        (_all, head: string, tail: string) => `${head}\n${content}\n\n${tail}`,
      );
    const list = innocent.map(({ what }) => `- ${what.charAt(0).toLowerCase()}${what.slice(1)}`).join('\n');
    const text = between(between(written, 'attacks', table(attacks)), 'innocent', list);
    if (process.env['UPDATE_DOCS']) writeFileSync(path, text);
    else assert.equal(written, text, 'the attacks have changed; run this test with UPDATE_DOCS=1');
  });
});
