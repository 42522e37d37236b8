import { HandrailError } from '../../core/errors.ts';
import { parseTeam, type TeamConfig } from '../../core/team/teamFile.ts';
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
  const teams = new Set(roots.map(teamIn));
  return teams.size === 1 ? [...teams][0] : undefined;
}

function teamIn(root: string): string | undefined {
  try {
    return readTeam(root)?.config.team;
  } catch {
    // What is wrong with the file is said by `handrail validate`; an event must not fail for it.
    return undefined;
  }
}
