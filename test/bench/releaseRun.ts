import { COUNTERS } from '../../src/core/telemetry/counters.ts';
import { registryOf } from '../../src/core/team/registry.ts';
import { memoryEngine } from '../../src/node/team/release/memoryEngine.ts';
import { releaseTeam } from '../../src/node/team/release/releaseTeam.ts';
import { printMeasured } from './measured.ts';

/** `IN OUT`: one release in a process of its own, for `release.bench.ts`. */

const [, , folder = '', output = ''] = process.argv;
await printMeasured(async () => {
  const { released } = await releaseTeam({
    team: 'payments',
    k: 5,
    registry: registryOf(COUNTERS.map(({ name }) => name)),
    window: 4,
    engine: memoryEngine({ folder, allowPlain: true }),
    output,
    prove: false,
    now: Date.UTC(2027, 1, 1),
  });
  return released.reduce((sum, { contributions }) => sum + contributions, 0);
});
