import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import type { ReportFormat } from '../../core/team/report/reportFiles.ts';
import type { Answer, Context } from '../command.ts';

export interface ReportFlags {
  in: string | undefined;
  out: string | undefined;
  roster: string | undefined;
  'minutes-saved': string | undefined;
  'cost-of-hour': string | undefined;
}

/** `handrail team report`: what releases say, for people, in the wanted form or in all of them. */
export async function report(context: Context, flags: ReportFlags): Promise<Answer> {
  const { cwd, root, format, terminal } = context;
  if (flags.in === undefined || flags.in === '' || flags.out === undefined || flags.out === '') {
    throw new HandrailError('usage', 'Of which releases, and into which folder?', {
      hint: 'For example handrail team report --in .handrail/releases --out report',
    });
  }
  const [
    { readReportedReleases },
    { buildReport },
    { isReport, REPORT_FORMATS, reportText },
    { USUAL_VALUE },
    { windowsOf },
    { readTeam },
    { writeFileAtomic },
  ] = await Promise.all([
    import('../../node/team/report/reportedReleases.ts'),
    import('../../core/team/report/report.ts'),
    import('../../core/team/report/reportFiles.ts'),
    import('../../core/team/insight/value.ts'),
    import('../../core/team/insight/enough.ts'),
    import('../../node/team/teamFile.ts'),
    import('../../node/atomicFile.ts'),
  ]);
  const { releases, rosters } = readReportedReleases(resolve(cwd, flags.in));
  const own = readTeam(root)?.config;
  const known = { ...(own?.roster === undefined ? {} : { [own.team]: own.roster }), ...rosters };
  const teams = [...new Set(releases.map(({ team }) => team))];
  if (flags.roster !== undefined) {
    const team = onlyOf(teams);
    known[team] = rosterOf(flags.roster, windowsOf(releases).at(-1)?.[0]?.participation.from ?? 0);
  }
  const assumptions = {
    minutesSaved: flags['minutes-saved'] === undefined ? USUAL_VALUE.minutesSaved : rangeOf(flags['minutes-saved']),
    costOfHour:
      flags['cost-of-hour'] === undefined
        ? USUAL_VALUE.costOfHour
        : numberOf(flags['cost-of-hour'], '--cost-of-hour', { least: 0, most: 100_000 }),
  };
  const built = buildReport(releases, { rosters: known, assumptions });
  const out = resolve(cwd, flags.out);
  const formats = REPORT_FORMATS.filter((one) => format === 'text' || one === format);
  const paths = formats.map((one: ReportFormat) => join(out, `report.${one}`));
  const foreign = formats.find((one, index) => isForeign(paths[index] ?? '', (text) => isReport(one, text)));
  if (foreign !== undefined) {
    throw new HandrailError('conflict', `${join(out, `report.${foreign}`)} is there already, and is no report of ours.`, {
      hint: 'Name another folder: --out DIR',
    });
  }
  try {
    mkdirSync(out, { recursive: true });
    for (const [index, one] of formats.entries()) await writeFileAtomic(paths[index] ?? '', reportText(one, built, releases));
  } catch (error) {
    throw new HandrailError('read-only', `Nothing could be written into ${out}.`, {
      hint: 'Make it writable, or name another folder: --out DIR',
      cause: error,
    });
  }
  if (format === 'json') terminal.document({ files: paths, releases: releases.length, teams: teams.length });
  else terminal.line(paths.join('\n'));
  return 0;
}

function isForeign(path: string, isOurs: (text: string) => boolean): boolean {
  if (!existsSync(path)) return false;
  try {
    return !isOurs(readFileSync(path, 'utf8'));
  } catch {
    // A folder, or nothing that may be read: nothing of ours.
    return true;
  }
}

function onlyOf(teams: readonly string[]): string {
  const [team = ''] = teams;
  if (teams.length === 1) return team;
  throw new HandrailError('usage', '--roster is of one team, and these releases are of several.', {
    hint: "Put each team's telemetry.yml beside its ledger.json instead.",
  });
}

/** A team has no fewer people than took part. */
function rosterOf(text: string, tookPart: number): number {
  const roster = numberOf(text, '--roster', { least: 1, most: 100_000 });
  if (roster >= tookPart) return roster;
  throw new HandrailError('usage', `--roster ${roster} is too few: at least ${tookPart} people took part in the last window.`, {
    hint: 'Name how many people the team has, those included who share nothing.',
  });
}

function rangeOf(text: string): { low: number; high: number } {
  const [, low = '', high = low] = /^(-?\d{1,3})(?:-(\d{1,3}))?$/.exec(text) ?? [];
  if (low !== '' && Number(low) <= Number(high)) return { low: Number(low), high: Number(high) };
  throw new HandrailError('usage', `--minutes-saved ${JSON.stringify(text)} is no range of minutes.`, {
    hint: 'For example --minutes-saved 2-15',
  });
}

function numberOf(text: string, option: string, { least, most }: { least: number; most: number }): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new HandrailError('usage', `${option} ${JSON.stringify(text)} is no whole number from ${least} to ${most}.`, {
    hint: 'Correct it.',
  });
}
