import assert from 'node:assert/strict';
import { APPROVAL_ATTACKS } from '../support/attacks/approvals.ts';
import { INNOCENT } from '../support/attacks/innocent.ts';
import { POLICY_ATTACKS } from '../support/attacks/policy.ts';
import { RECORD_ATTACKS } from '../support/attacks/records.ts';
import { green, type Scenario } from '../support/attacks/scenario.ts';

describe('attacks on verify', function () {
  this.timeout(60_000);
  const groups: Record<string, readonly Scenario[]> = {
    approvals: APPROVAL_ATTACKS,
    records: RECORD_ATTACKS,
    policy: POLICY_ATTACKS,
    innocent: INNOCENT,
  };

  for (const [group, scenarios] of Object.entries(groups)) {
    describe(group, () => {
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
});
