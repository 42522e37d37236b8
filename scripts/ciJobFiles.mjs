import path from 'node:path';
import { CI_HOSTS, CI_PLACES, ciJob } from '../src/cli/team/ciJobs.ts';

/** Path of each file in examples/ci, relative to the project, to its text. A test fails when one differs. */
export function ciJobFiles() {
  return Object.fromEntries(CI_HOSTS.map((host) => [`examples/ci/${host}/${path.basename(CI_PLACES[host])}`, ciJob(host)]));
}
