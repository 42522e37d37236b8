import { stringify } from 'yaml';
import { parseTeam } from './teamFile.ts';

/** What a new `.handrail/telemetry.yml` says. Values as they stand in the file, not checked yet. */
export interface TeamDraft {
  team: string;
  k: number;
  roster?: number;
  publicKey?: string;
  transport?: Readonly<Record<string, string>>;
  /** Such as `4w`. */
  window: string;
  /** Ids of steps that are told apart by name. */
  steps?: readonly string[];
  counters: readonly string[];
}

/** The text of the file, with a word on each thing that people will ask about. */
export function teamFileText({ team, k, roster, publicKey, transport, window, steps, counters }: TeamDraft): string {
  const lines = [
    '# What this team asks of its people. Each decides for themselves: handrail telemetry preview',
    "# Any change of this file pauses everybody's sharing until they agree again.",
    'version: 1',
    entry('team', team),
    `${entry('k', k)} # least number of people behind every figure`,
    ...(roster === undefined ? [] : [`${entry('roster', roster)} # people in the team; participation is told in bands`]),
    ...(publicKey === undefined
      ? []
      : ['# Whoever has the private half of this key can open what people send.', entry('publicKey', publicKey)]),
    ...(transport === undefined ? [] : [`transport: ${flow(transport)}`]),
    `${entry('window', window)} # one release covers so many weeks`,
    ...(steps === undefined
      ? []
      : ['# Told apart by name; all other steps are only counted by their kind.', 'steps:', ...steps.map((id) => `  - ${scalar(id)}`)]),
    'counters:',
    ...counters.map((name) => `  - ${scalar(name)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** What is wrong with one value of a draft, as `handrail validate` would say it; undefined where nothing is. */
export function draftProblem(draft: TeamDraft, key: keyof TeamDraft): { message: string; hint?: string } | undefined {
  const text = teamFileText(draft);
  const lines = text.split('\n');
  const starts = (line: number): string | undefined => /^([a-zA-Z]+):/.exec(lines[line] ?? '')?.[1];
  const problem = parseTeam(text).problems.find(({ line, severity }) => {
    let at = line - 1;
    while (at > 0 && starts(at) === undefined) at -= 1;
    return severity === 'error' && starts(at) === key;
  });
  if (problem === undefined) return undefined;
  return { message: problem.message, ...(problem.hint === undefined ? {} : { hint: problem.hint }) };
}

function entry(key: string, value: string | number): string {
  return `${key}: ${scalar(value)}`;
}

function scalar(value: string | number): string {
  return stringify(value, { lineWidth: 0, blockQuote: false }).trimEnd();
}

function flow(value: Readonly<Record<string, string>>): string {
  return stringify(value, { lineWidth: 0, collectionStyle: 'flow', blockQuote: false }).trimEnd();
}
