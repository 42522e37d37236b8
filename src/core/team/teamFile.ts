import { z } from 'zod';
import { parseEndpoint } from '../ai/models/endpoints.ts';
import { failureOf } from '../errors.ts';
import { STEP_ID, TEAM_NAME } from '../telemetry/catalogue.ts';
import { BY_STEP, COUNTERS } from '../telemetry/counters.ts';
import { problemAt, type Problem } from '../workflow/problem.ts';
import { grammarProblems } from '../yaml/grammarProblems.ts';
import { parseLocatedYaml, type LocatedYaml, type YamlPath } from '../yaml/locatedYaml.ts';
import { LONGEST_CONTRIBUTION, longestContribution } from './contributionSize.ts';
import { registryOf } from './registry.ts';

/** The grammar of `.handrail/telemetry.yml`. Messages end a sentence that begins with the key. */

/** Fewer people than this could be told apart by who is missing. */
export const LEAST_K = 5;
/** Weeks of a window when the file says nothing. */
const USUAL_WINDOW = 4;
/** With more steps told apart, most would be too rare to be published. */
const MOST_STEPS = 20;

const NAMES = COUNTERS.map(({ name }) => name);

const transport = z
  .strictObject({
    folder: z.string().regex(/\S/, 'must not be empty').describe('A shared folder that is there already').optional(),
    git: z
      .string()
      .regex(
        /^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,63}|(?:https:\/\/|ssh:\/\/(?:[a-z][a-z0-9_-]{0,31}@)?)[A-Za-z0-9[][^\s?#@]*)$/,
        'must be the name of a remote, or its https or ssh address',
      )
      .describe('A remote of the repository, by its name or its https or ssh address')
      .optional(),
    otlp: z.string().describe('Address of an OpenTelemetry collector, https or on this machine').optional(),
  })
  .refine((value) => Object.values(value).filter((item) => item !== undefined).length === 1, {
    error: 'must name exactly one of folder, git and otlp',
  });

export const teamSchema = z.strictObject({
  version: z.literal(1).describe('Version of the file: 1'),
  team: z.string().regex(TEAM_NAME, 'must be 1 to 40 small letters, digits and -').describe('What the team is called in its figures'),
  k: z
    .int()
    .min(LEAST_K, `must be at least ${LEAST_K}`)
    .max(1000, 'must be at most 1000')
    .describe(`Least number of people behind every published figure, ${LEAST_K} or more`),
  roster: z
    .int()
    .min(1, 'must be at least 1')
    .max(100_000, 'must be at most 100000')
    .describe('How many people the team has; enables bands of participation')
    .optional(),
  publicKey: z
    .string()
    .regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, 'must be a key as handrail team keygen prints it')
    .describe('Contributions are sealed for it; who has the private key can open them. From handrail team keygen')
    .optional(),
  transport: transport.describe('How contributions travel: one of folder, git and otlp').optional(),
  window: z
    .string()
    .regex(/^(?:[1-9]|[1-4]\d|5[0-2])w$/, 'must be a number of weeks such as 4w, 52w at most')
    .describe(`Weeks that one release covers, ${USUAL_WINDOW}w when absent`)
    .optional(),
  counters: z
    .array(z.enum(NAMES))
    .min(1, 'must name at least one counter')
    .describe('What is counted; handrail telemetry catalogue lists them all'),
  steps: z
    .array(z.string().regex(STEP_ID, 'must be the id of a step'))
    .min(1, 'must name at least one step')
    .max(MOST_STEPS, `must name at most ${MOST_STEPS} steps`)
    .describe('Ids of steps that are told apart by name; all others are only counted by their kind')
    .optional(),
});

/** One of the ways in which contributions travel. */
export type TeamTransport = { kind: 'folder'; path: string } | { kind: 'git'; remote: string } | { kind: 'otlp'; url: string };

/** What a team asks for. */
export interface TeamConfig {
  team: string;
  k: number;
  roster?: number;
  /** X25519, raw, base64url. */
  publicKey?: string;
  transport?: TeamTransport;
  /** Weeks of a window. */
  window: number;
  /** Names of counters. */
  counters: readonly string[];
  /** Ids of steps that may be recorded by name. */
  steps?: readonly string[];
}

/** Reads `.handrail/telemetry.yml`. Never throws; the config is present when there is no error. */
export function parseTeam(source: string): { config?: TeamConfig; problems: Problem[] } {
  const file = parseLocatedYaml(source);
  if (file.broken) return { problems: file.problems };
  const parsed = teamSchema.safeParse(file.value);
  const problems = [...file.problems, ...grammarProblems(teamSchema, file, parsed, { foreign: secretWarning })];
  if (parsed.success) problems.push(...meaningProblems(parsed.data, file));
  problems.sort((left, right) => left.line - right.line || left.column - right.column);
  const valid = parsed.success && !problems.some(({ severity }) => severity === 'error');
  return valid ? { config: toConfig(parsed.data), problems } : { problems };
}

type RawTeam = z.infer<typeof teamSchema>;

function secretWarning(_path: YamlPath, key: string): string | undefined {
  if (!/private|secret/i.test(key)) return undefined;
  return 'The private key never stands in a file of the repository: keep it in CI, or with the works council.';
}

function meaningProblems(raw: RawTeam, file: LocatedYaml): Problem[] {
  const { k, roster, counters, steps = [], transport: way } = raw;
  const problems = sizeProblems(raw, file);
  const report = (path: YamlPath, message: string, hint: string): void =>
    void problems.push(problemAt(file.text, file.spanOf(path), 'bad-value', message, hint));
  if (roster !== undefined && roster < k) {
    report(['roster'], `A team of ${roster} can never have ${k} people behind a figure.`, 'Correct roster, or join a larger team.');
  }
  for (const [key, names] of Object.entries({ counters, steps })) {
    names.forEach((name, index) => {
      const first = names.indexOf(name);
      if (first === index) return;
      const span = file.spanOf([key, index]);
      problems.push(problemAt(file.text, span, 'duplicate-id', `${name} is listed by item ${first + 1} already.`, 'Keep one of the two.'));
    });
  }
  if (steps.length === 0 && counters.includes(BY_STEP)) {
    report(
      ['counters', counters.indexOf(BY_STEP)],
      `${BY_STEP} tells steps apart by name, and none is listed.`,
      'List their ids under steps.',
    );
  }
  if (way?.otlp !== undefined) {
    try {
      parseEndpoint(way.otlp);
    } catch (error) {
      if (failureOf(error) === undefined) throw error;
      report(
        ['transport', 'otlp'],
        'A collector is reached by https, or by http on this machine, without user, query or fragment.',
        'Write it like https://collector.example.com.',
      );
    }
  }
  return problems;
}

/** Without steps, all counters together fit. */
function sizeProblems({ team, counters, steps }: RawTeam, file: LocatedYaml): Problem[] {
  const longest = steps === undefined ? 0 : longestContribution(team, registryOf(counters, steps));
  if (longest <= LONGEST_CONTRIBUTION) return [];
  const [size, most] = [longest, LONGEST_CONTRIBUTION].map((bytes) => bytes.toLocaleString('en'));
  const message = `A week in which everything happened could be ${size} bytes long, and more than ${most} cannot be sent.`;
  const hint = 'A week so full is rare and would stay where it is; give steps shorter ids, fewer of them, or fewer counters.';
  return [{ ...problemAt(file.text, file.spanOf(['steps']), 'bad-value', message, hint), severity: 'warning' }];
}

function toConfig({ team, k, roster, publicKey, transport: way, window, counters, steps }: RawTeam): TeamConfig {
  const travels = way && transportOf(way);
  return {
    team,
    k,
    window: window === undefined ? USUAL_WINDOW : Number.parseInt(window, 10),
    counters,
    ...(roster === undefined ? {} : { roster }),
    ...(publicKey === undefined ? {} : { publicKey }),
    ...(travels === undefined ? {} : { transport: travels }),
    ...(steps === undefined ? {} : { steps }),
  };
}

function transportOf({ folder, git, otlp }: NonNullable<RawTeam['transport']>): TeamTransport | undefined {
  if (folder !== undefined) return { kind: 'folder', path: folder };
  if (git !== undefined) return { kind: 'git', remote: git };
  return otlp === undefined ? undefined : { kind: 'otlp', url: parseEndpoint(otlp).baseURL };
}
