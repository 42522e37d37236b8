import { HandrailError } from '../../core/errors.ts';
import { parseTeam, type TeamConfig } from '../../core/team/teamFile.ts';
import type { RecordedTeam } from '../../core/telemetry/event.ts';
import { sha256Hex } from '../../core/workflow/digests.ts';
import { workspaceFiles } from '../workspaceFiles.ts';

export const TEAM_FILE = '.handrail/telemetry.yml';

/** What a folder's team asks for, and the digest of the file's text that a person agrees to. */
export interface ReadTeam {
  config: TeamConfig;
  /** `sha256:…` of the text as it is. */
  digest: string;
}

/** The team's file of a workspace folder, or undefined where there is none. Fails with `config` at the first error. */
export function readTeam(root: string): ReadTeam | undefined {
  const text = workspaceFiles(root).readText(TEAM_FILE);
  if (text === undefined) return undefined;
  const { config, problems } = parseTeam(text);
  if (config !== undefined) return { config, digest: `sha256:${sha256Hex(text)}` };
  const error = problems.find(({ severity }) => severity === 'error');
  throw new HandrailError('config', error?.message ?? `${TEAM_FILE} cannot be read.`, {
    hint: error?.hint ?? `Correct ${TEAM_FILE}.`,
    ...(error && { location: { path: TEAM_FILE, line: error.line, column: error.column } }),
  });
}

/** The team that work in these folders belongs to: the one that all of them name. Undefined where they name none or several. Never fails. */
export function teamOf(roots: readonly string[]): string | undefined {
  return recordedTeamOf(roots)?.name;
}

/** The same, with the steps that every one of the folders lists. Never fails. */
export function recordedTeamOf(roots: readonly string[]): RecordedTeam | undefined {
  const [first, ...others] = roots.map(teamIn);
  if (first === undefined || others.some((other) => other?.team !== first.team)) return undefined;
  const steps = (first.steps ?? []).filter((step) => others.every((other) => other?.steps?.includes(step) === true));
  return { name: first.team, steps };
}

function teamIn(root: string): TeamConfig | undefined {
  try {
    return readTeam(root)?.config;
  } catch {
    // What is wrong with the file is said by `handrail validate`; an event must not fail for it.
    return undefined;
  }
}
