import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import type { ReleasedTeam, ReleaseTeamOptions } from '../../node/team/release/releaseTeam.ts';
import type { Answer, Context } from '../command.ts';
import { rejectedText, releasedText } from '../text/team.ts';

export interface ReleaseFlags {
  in: string | undefined;
  out: string | undefined;
  key: string | undefined;
  team: string | undefined;
  k: string | undefined;
  roster: string | undefined;
  window: string | undefined;
  engine: string | undefined;
  prove: boolean;
  dp: string | undefined;
  'allow-plain': boolean;
}

/** `handrail team release`: every window that is over and that the ledger lacks; that none was due is no failure. */
export async function release(context: Context, flags: ReleaseFlags): Promise<Answer> {
  const { cwd, env, format, terminal } = context;
  const [{ releaseTeam }, { memoryEngine }, { environmentClock }] = await Promise.all([
    import('../../node/team/release/releaseTeam.ts'),
    import('../../node/team/release/memoryEngine.ts'),
    import('../../node/clock.ts'),
  ]);
  const { key } = flags;
  if (key === undefined && !flags['allow-plain']) {
    throw new HandrailError('usage', 'Contributions are sealed, and no key was named.', {
      hint: 'Say --key FILE, or --allow-plain for contributions that are not sealed.',
    });
  }
  if (flags.engine !== undefined && flags.dp !== undefined) {
    throw new HandrailError('usage', 'With --dp the sums are made where the noise is drawn, so no database can make them.', {
      hint: 'Leave --engine out, or --dp.',
    });
  }
  const engine = memoryEngine({
    folder: resolve(cwd, required(flags.in, '--in', 'the folder that contributions were collected in')),
    ...(key === undefined ? {} : { key: await keyAt(resolve(cwd, key)) }),
    allowPlain: flags['allow-plain'],
  });
  const options = {
    ...(await settingsOf(context, flags)),
    engine,
    output: resolve(cwd, required(flags.out, '--out', 'the folder of releases')),
    ...(flags.dp === undefined ? {} : { noise: await noiseOf(flags.dp) }),
    prove: flags.prove,
    now: environmentClock(env).now(),
  };
  const done = flags.engine === undefined ? await releaseTeam(options) : await releaseOver(flags.engine, options, context);
  requireCounted(done);
  if (format === 'json') {
    const { released, restored, waiting, tooFew, rejected } = done;
    const last = released.at(-1);
    terminal.document({
      release: last?.path ?? null,
      contributions: last?.contributions ?? 0,
      eventCoverage: last?.eventCoverage ?? null,
      rejected,
      proved: last?.proved ?? false,
      waiting,
      tooFew,
      restored,
      releases: released.map(({ release: { id, window, withheld }, path, contributions, eventCoverage }) => ({
        id,
        window,
        path,
        contributions,
        eventCoverage,
        withheld,
      })),
    });
  } else {
    terminal.line(releasedText(done));
  }
  return 0;
}

/** Fails with `conflict` where there are contributions and not one of them counts, now or later: most often for a wrong key. */
function requireCounted({ released, waiting, tooFew, rejected }: ReleasedTeam): void {
  const count = Object.values(rejected).reduce((sum, one) => sum + one, 0);
  if (released.length > 0 || waiting > 0 || tooFew > 0 || count === 0 || rejected.late > 0) return;
  const isKey = rejected.foreign + rejected.unreadable > 0;
  throw new HandrailError('conflict', `None of the ${count} contributions counts: ${rejectedText(rejected)}.`, {
    hint: isKey
      ? 'Look whether --key is the private half of publicKey in .handrail/telemetry.yml, and whether the team is the right one.'
      : 'Look whether .handrail/telemetry.yml lists the counters that people agreed to, and whether this is the version of Handrail that they have.',
  });
}

/** The same release, summed by a database. */
async function releaseOver(url: string, options: ReleaseTeamOptions, { env, signal }: Context): Promise<ReleasedTeam> {
  const [{ isPostgresUrl }, { openPostgresEngine }, { releaseTeam }] = await Promise.all([
    import('../../node/postgres/address.ts'),
    import('../../node/team/release/postgresEngine.ts'),
    import('../../node/team/release/releaseTeam.ts'),
  ]);
  if (!isPostgresUrl(url)) {
    // Not repeated: a password could stand in it.
    throw new HandrailError('usage', 'There is no such engine.', {
      hint: 'Say --engine postgres://USER@HOST/DATABASE, or leave it out and no database is needed.',
    });
  }
  const database = await openPostgresEngine(url, { env, signal });
  try {
    return await releaseTeam({ ...options, engine: database.over(options.engine) });
  } finally {
    await database.close();
  }
}

/** What the team's file says, each overruled by its flag. */
async function settingsOf({ root }: Context, flags: ReleaseFlags) {
  const [{ readTeam }, { registryOf }, { COUNTERS }] = await Promise.all([
    import('../../node/team/teamFile.ts'),
    import('../../core/team/registry.ts'),
    import('../../core/telemetry/counters.ts'),
  ]);
  const config = readTeam(root)?.config;
  const team = flags.team ?? config?.team;
  const k = flags.k === undefined ? config?.k : numberOf(flags.k, '--k', 5, 1000);
  if (team === undefined || k === undefined) {
    throw new HandrailError('usage', 'Which team, and how many people at least behind every figure?', {
      hint: 'Write .handrail/telemetry.yml, or say --team NAME --k 5.',
    });
  }
  const roster = flags.roster === undefined ? config?.roster : numberOf(flags.roster, '--roster', 1, 100_000);
  if (roster !== undefined && roster < k) {
    throw new HandrailError('usage', `A team of ${roster} can never have ${k} people behind a figure, so nothing would be published.`, {
      hint: 'Correct --roster or --k, or roster in .handrail/telemetry.yml; a team so small can join a larger one.',
    });
  }
  const window = flags.window === undefined ? (config?.window ?? 4) : numberOf(flags.window.replace(/w$/, ''), '--window', 1, 52);
  if (config?.team === team) requireAgreed({ k, window }, config);
  const registry = registryOf(config?.counters ?? COUNTERS.map(({ name }) => name), config?.steps);
  return { team, k, window, registry, ...(roster === undefined ? {} : { roster }) };
}

/** Fails with `usage` where flags would release under other terms than the file has that people agreed to. */
function requireAgreed({ k, window }: { k: number; window: number }, agreed: { k: number; window: number }): void {
  if (k >= agreed.k && window === agreed.window) return;
  const terms = `${agreed.k} people or more behind a figure, and windows of ${agreed.window} weeks`;
  throw new HandrailError('usage', `People share under the terms of .handrail/telemetry.yml: ${terms}.`, {
    hint: 'Leave --k and --window out, or name a larger --k.',
  });
}

async function noiseOf(flag: string) {
  const [{ randomBytes }, { privacyOf }] = await Promise.all([import('node:crypto'), import('./privacyFlag.ts')]);
  return { privacy: privacyOf(flag), random: (count: number): Uint8Array => randomBytes(count) };
}

function required(value: string | undefined, option: string, what: string): string {
  if (value !== undefined && value !== '') return value;
  throw new HandrailError('usage', `${option} is missing: ${what}.`, { hint: 'handrail team --help lists the options.' });
}

/** The whole number that an option says. Fails with `usage`. */
export function numberOf(text: string, option: string, least: number, most: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new HandrailError('usage', `${option} ${JSON.stringify(text)} is no whole number from ${least} to ${most}.`, {
    hint: option === '--k' ? 'Fewer than five people could be told apart by who is missing.' : 'Correct it.',
  });
}

async function keyAt(path: string) {
  const { parseTeamKey } = await import('../../node/team/keys.ts');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new HandrailError('not-found', `The key ${path} cannot be read.`, {
      hint: 'Name the file of handrail team keygen: --key FILE',
      cause: error,
    });
  }
  return parseTeamKey(text);
}
