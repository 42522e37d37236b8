import { resolve } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { plural } from '../../core/team/report/words.ts';
import type { Answer, Context } from '../command.ts';

export interface PublishFlags {
  in: string | undefined;
  postgres: string | undefined;
  otlp: string | undefined;
}

/** `handrail team publish`: what was released goes where an organisation looks at figures; the same again changes nothing. */
export async function publish({ cwd, env, format, signal, terminal }: Context, flags: PublishFlags): Promise<Answer> {
  if (flags.in === undefined || flags.in === '') {
    throw new HandrailError('usage', '--in is missing: the folder of releases.', { hint: 'handrail team --help lists the options.' });
  }
  const { postgres, otlp } = flags;
  if (postgres === undefined && otlp === undefined) {
    throw new HandrailError('usage', 'Where do the figures go?', { hint: 'Say --postgres URL, --otlp URL, or both.' });
  }
  const { releasesToPublish } = await import('../../node/team/publish/releasesToPublish.ts');
  const { team, releases } = releasesToPublish(resolve(cwd, flags.in));
  const options = { env, signal };
  const stored =
    postgres === undefined
      ? undefined
      : await (await import('../../node/team/publish/toPostgres.ts')).toPostgres(releases, postgres, options);
  const points =
    otlp === undefined
      ? undefined
      : await (
          await import('../../node/team/publish/toCollector.ts')
        ).toCollector(
          releases.map(({ release }) => release),
          otlp,
          options,
        );
  if (format === 'json') {
    terminal.document({ team, releases: releases.length, postgres: stored ?? null, otlp: points === undefined ? null : { points } });
    return 0;
  }
  if (stored !== undefined)
    terminal.line(
      `${plural(stored.added, 'release')} of ${team} ${stored.added === 1 ? 'was' : 'were'} added to the database; ${stored.known} ${stored.known === 1 ? 'was' : 'were'} there already.`,
    );
  if (points !== undefined)
    terminal.line(
      `${plural(points, 'point')} of ${plural(releases.length, 'release')} of ${team} ${points === 1 ? 'was' : 'were'} sent to the collector.`,
    );
  return 0;
}
