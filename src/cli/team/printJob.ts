import { HandrailError } from '../../core/errors.ts';
import { readTeam } from '../../node/team/teamFile.ts';
import type { Answer, Context } from '../command.ts';
import { CI_HOSTS, CI_PLACES, ciJob, type CiHost, USUAL_FROM } from './ciJobs.ts';

/** The job for a host, with the place that contributions travel to. */
export async function printJob({ terminal, format, root }: Context, asked: string): Promise<Answer> {
  const host = CI_HOSTS.find((known): known is CiHost => known === asked);
  if (host === undefined) {
    throw new HandrailError('usage', `There is no job for ${JSON.stringify(asked)}.`, { hint: `Use --ci ${CI_HOSTS.join('|')}.` });
  }
  const transport = readTeam(root)?.config.transport;
  if (transport?.kind === 'otlp') {
    throw new HandrailError('config', 'What a collector gets is not collected from there by Handrail.', {
      hint: 'Let your collector put each body into a .json file of a folder, and name that in the job: handrail team collect --from folder:PATH',
    });
  }
  const from = transport === undefined ? USUAL_FROM : transport.kind === 'git' ? `git:${transport.remote}` : `folder:${transport.path}`;
  const job = ciJob(host, from);
  if (format === 'json') terminal.document({ host, path: CI_PLACES[host], job });
  else terminal.writeOut(job);
  return 0;
}
