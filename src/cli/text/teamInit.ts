import { CI_PLACES } from '../team/ciJobs.ts';
import type { Paint } from './status.ts';

/** What `handrail team init` did, and what comes next. */
export interface InitialisedTeam {
  team: string;
  k: number;
  roster?: number;
  /** The team's file, relative to the workspace folder. */
  written: string;
  /** The new private key, unless somebody else has one. */
  key?: { path: string; keyId: string };
  /** The window that is open now: first and last week, and the day from which it can be released. */
  window?: { from: string; to: string; released: string };
  /** How contributions travel: `git`, `folder` or `otlp`. */
  transport: string;
  notes: readonly string[];
}

export function initText(done: InitialisedTeam, paint: Paint): string {
  const { written, key, window, notes, roster, k } = done;
  const steps = [
    `See beforehand what will be published: ${paint('cyan', `handrail team yield --people ${roster ?? 2 * k + 2} --opt-in 70%`)}`,
    'Talk about it: docs/for-your-team.md of Handrail is written for the team, docs/privacy-pack.md for the works council.',
    key === undefined
      ? 'Ask whoever has the private key to release the figures, by CI or by hand.'
      : `Give the key to CI or to the works council, and delete ${key.path}. Who has it can open what each person sends.`,
    releasedBy(done.transport, paint),
    `Commit ${written}. Then each person decides for themselves: handrail telemetry on, link, preview, contribute.`,
  ];
  return [
    `${paint('green', 'written')}  ${written}`,
    ...(key === undefined ? [] : [`${paint('green', 'written')}  ${key.path}, the private key ${key.keyId}; only you can read it`]),
    ...notes,
    '',
    'Next:',
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
    '',
    ...(window === undefined
      ? []
      : [`The window that is open now is ${window.from} to ${window.to}. It can be released from ${window.released} on, once.`]),
  ].join('\n');
}

/** Which job can reach what people send. */
function releasedBy(transport: string, paint: Paint): string {
  if (transport === 'otlp') {
    return 'Have your collector put each body into a .json file of a folder, and release from there: handrail team collect --from folder:PATH';
  }
  if (transport === 'folder') {
    return `Have it released every week, on a machine that reaches the folder: ${paint('cyan', `handrail team init --ci sh > ${CI_PLACES.sh}`)}`;
  }
  const job = `mkdir -p .github/workflows && handrail team init --ci github > ${CI_PLACES.github}`;
  return `Have it released every week: ${paint('cyan', job)} (or --ci gitlab, --ci sh)`;
}
