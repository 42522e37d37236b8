import type { ConsentState, Forbidden } from '../../core/telemetry/consent.ts';
import { COUNTERS } from '../../core/telemetry/counters.ts';
import { FIELDS, type Field, type FieldName } from '../../core/telemetry/catalogue.ts';
import type { RecordedEvents } from '../../node/telemetry/eventStore.ts';

export type TelemetryStatus = ConsentState & {
  folder: string;
  /** Days that events are kept. */
  days: number;
  /** Events recorded and not expired. */
  events: number;
  torn: number;
  foreign: number;
  /** What the person agreed to share, where they did. */
  sharing?: { team: string; since: string; automatic: boolean }[];
};

/** Whether events are recorded, why not, what is kept, and what to do. */
export function statusText(status: TelemetryStatus): string {
  const { recording, folder, days, events } = status;
  const lines = [stateText(status)];
  if (recording || events > 0) {
    lines.push(`${events === 1 ? '1 event is' : `${events} events are`} recorded in ${folder}, each kept for ${days} days.`);
  }
  for (const { team, since, automatic } of status.sharing ?? []) {
    lines.push(
      `Figures of it are shared with team ${team} since ${since}, ${automatic ? 'by themselves' : 'each time when you say so'}; handrail telemetry preview says how.`,
    );
  }
  lines.push(...unreadable(status));
  if (recording) lines.push('handrail telemetry show prints them, off ends recording, purge deletes everything.');
  else if (events > 0) lines.push('handrail telemetry show prints them, purge deletes them.');
  return lines.join('\n');
}

function stateText(status: TelemetryStatus): string {
  if (status.recording)
    return `Telemetry is on since ${status.since}, on this machine only${status.sharing === undefined ? '; nothing is sent' : ''}.`;
  const forbidden = status.forbidden === undefined ? '' : ` ${FORBIDDEN[status.forbidden]}`;
  switch (status.because) {
    case 'never-on':
      return `Telemetry is off. Nothing is recorded.${forbidden || ' handrail telemetry on says what would be, and asks.'}`;
    case 'off':
      return `Telemetry is off since ${status.since}. Nothing is recorded any more.${forbidden}`;
    case 'forbidden':
      return isMisplaced(status.forbidden)
        ? `Telemetry is off, whatever ${status.folder} says.${forbidden}`
        : `Telemetry is off, although you turned it on.${forbidden}`;
    case 'catalogue-changed':
      return 'Telemetry is paused: this version could record other things than you agreed to. handrail telemetry on says what, and asks.';
    case 'damaged':
      return `Telemetry is off: ${status.folder} holds no readable decision of yours. handrail telemetry on or purge mends that.${forbidden}`;
    case 'newer':
      return `Telemetry is off: your decision was stored by a later version of Handrail. Update Handrail, or use handrail telemetry off.${forbidden}`;
    case 'unreadable':
      return `Telemetry is off: your decision in ${status.folder} cannot be read. Make the folder readable for you.${forbidden}`;
  }
}

const FORBIDDEN = {
  environment: 'HANDRAIL_TELEMETRY or DO_NOT_TRACK in the environment forbids it.',
  editor: 'The telemetry setting of the editor forbids it; it allows it only when it is "all".',
  workspace:
    'The folder lies in a workspace or repository, which could bring a decision along. Set HANDRAIL_HOME to a folder of your own outside of them, or unset it.',
  owner:
    'The folder belongs to another user of this machine. Run it as yourself, without sudo, or set HANDRAIL_HOME to a folder of your own.',
} as const satisfies Record<Forbidden, string>;

function isMisplaced(forbidden: Forbidden | undefined): boolean {
  return forbidden === 'workspace' || forbidden === 'owner';
}

function unreadable({ torn, foreign }: Pick<RecordedEvents, 'torn' | 'foreign'>): string[] {
  const lines: string[] = [];
  if (torn > 0) lines.push(`${torn === 1 ? '1 last line was' : `${torn} last lines were`} cut off and not counted.`);
  if (foreign > 0) lines.push(`${foreign === 1 ? '1 line is' : `${foreign} lines are`} not of this version's catalogue and not counted.`);
  return lines;
}

/** What a person agrees to, before they are asked. */
export function explanation({ folder, days, changed = [] }: { folder: string; days: number; changed?: readonly FieldName[] }): string {
  return [
    ...(changed.length === 0
      ? []
      : ['New or different since you agreed:', ...changed.map((name) => `  ${name}: ${FIELDS[name].purpose}`), '']),
    `When telemetry is on, Handrail notes in ${folder}`,
    'that you reviewed, generated, ran or settled something: the day, how it ended, which kind of step, which family of models, how many',
    'findings, about how long, how many tokens and how much money it took, the name of the team that the folder belongs to, and of a step where that',
    'team lists it. Everything else is never recorded: no code, prompts or',
    'answers, no names of files, branches, repositories, models, people or machines, no addresses, no time of day.',
    'Of what you accept from a model, keyed hashes of lines are kept apart from that for a week or up to four, to count how many are left.',
    `Nothing leaves this machine. Events are kept for ${days} days, handrail telemetry show prints them, and purge deletes them.`,
    'handrail telemetry catalogue lists every field and value.',
    '',
  ].join('\n');
}

/** Every event, a line each, with the names of the catalogue. */
export function showText({ events, torn, foreign }: RecordedEvents): string {
  if (events.length === 0 && torn + foreign === 0) return 'Nothing is recorded.';
  return [...events.map((event) => JSON.stringify(event)), ...unreadable({ torn, foreign })].join('\n');
}

/** All that could ever be recorded, and what a team could ask for. */
export function catalogueText(digest: string): string {
  const fields = Object.entries<Field>(FIELDS).flatMap(([name, field]) => [
    `  ${name}`,
    `      ${field.purpose}`,
    `      ${valuesText(field)}`,
  ]);
  const counters = COUNTERS.flatMap(({ name, purpose, dims, clip }) => [
    `  ${name}`,
    `      ${purpose} By ${Object.keys(dims).join(' and ')}, at most ${clip} of a person and week.`,
  ]);
  return [
    'Recorded on this machine when telemetry is on; nothing else is:',
    ...fields,
    '',
    'Counters that a team could ask for. Sharing is a second choice, see handrail telemetry preview:',
    ...counters,
    '',
    `Digest of the counters: ${digest}`,
  ].join('\n');
}

/** The values that a field may have, in words. */
function valuesText(field: Field): string {
  switch (field.kind) {
    case 'version':
      return String(field.value);
    case 'day':
      return 'a day such as 2026-11-22';
    case 'name':
      return `a short name such as ${field.example}, or nothing`;
    case 'value':
      return field.values.join(', ');
    case 'range':
      return `${field.values.join(', ')} (${field.unit})`;
    case 'count':
      return `0 to ${field.clip}`;
    case 'counts':
      return `${field.keys.join(', ')}: 0 to ${field.clip} each`;
  }
}
