import type { TelemetryEvent } from '../../core/telemetry/catalogue.ts';
import type { Localise } from '../review/plainText.ts';

/** Everything recorded, as it stands in the files. */
export interface Recorded {
  folder: string;
  /** Oldest day first. */
  events: readonly TelemetryEvent[];
  unreadable: number;
  keepDays: number;
}

/** The page that shows every recorded event: one line an event, newest day first, each with all the fields that are stored of it. */
export function recordedText(recorded: Recorded, l10n: Localise): string {
  const { events, folder, keepDays, unreadable } = recorded;
  const head = [
    l10n.t('# Everything recorded'),
    '',
    events.length === 1
      ? l10n.t('This is all there is: 1 event in files under')
      : l10n.t('This is all there is: {0} events in files under', events.length),
    `    ${folder}`,
    l10n.t(
      'No event leaves this machine; a team gets weekly sums at most, and only if you agreed to that. Events older than {0} days are deleted. An event knows its day and no time.',
      keepDays,
    ),
    ...(unreadable === 0
      ? []
      : [
          l10n.t('Lines that are no whole event, such as the last one of a process that was ended: {0}. They are not counted.', unreadable),
        ]),
  ];
  const days = [...Map.groupBy(events, (event) => event.day)].toReversed();
  const body = days.flatMap(([day, some]) => ['', `## ${day}`, '', ...some.map(eventLine)]);
  return `${[...head, ...(events.length === 0 ? ['', l10n.t('No event has been recorded yet.')] : body)].join('\n')}\n`;
}

/** `- operation: review · outcome: completed · …`: the names of the catalogue, so that both pages speak of the same things. */
function eventLine({ schema, day: _day, ...fields }: TelemetryEvent): string {
  const parts = Object.entries(fields).map(([name, value]) => `${name}: ${typeof value === 'object' ? counts(value) : value}`);
  return `- ${[...parts, `schema: ${schema}`].join(' · ')}`;
}

function counts(value: Readonly<Partial<Record<string, number>>>): string {
  const parts = Object.entries(value).map(([key, count]) => `${count} ${key}`);
  return parts.length === 0 ? '0' : parts.join(', ');
}
