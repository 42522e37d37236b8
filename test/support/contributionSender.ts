/**
 * A process of its own that contributes all that is ready, for tests that kill it: `contributionSender HOME ROOT NOW`. Says `ready`, begins
 * when a line comes, and says `done` at its end.
 */
import { createInterface } from 'node:readline';
import { Contributor } from '../../src/node/team/contributor.ts';
import { createTelemetryStore } from '../../src/node/telemetry/consentStore.ts';

const [home = '', root = '', now = '0'] = process.argv.slice(2);
const clock = { now: () => Number(now) };
const telemetry = createTelemetryStore({ home, env: {}, clock });
const contributor = new Contributor({ home, root, env: {}, clock, telemetry });

createInterface({ input: process.stdin }).once('line', () => {
  void contributor.send({ due: false, signal: new AbortController().signal }).then(() => process.stdout.write('done\n'));
});
process.stdout.write('ready\n');
