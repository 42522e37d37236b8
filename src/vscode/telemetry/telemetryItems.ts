import type { Localise } from '../review/plainText.ts';
import type { TelemetryEvent } from '../../core/telemetry/catalogue.ts';
import type { OnState, RecordedCounts, Tally, TelemetryState } from './telemetryState.ts';
import { outcomeWords, stepKindWords } from './words.ts';

/** One row of the *Telemetry* view, free of editor types. */
export interface TelemetryItem {
  id: string;
  label: string;
  description?: string;
  tooltip?: string;
  icon: string;
  color?: string;
  /** Runs when the row is chosen. */
  command?: { id: string; arguments?: unknown[] };
  children?: TelemetryItem[];
}

/** The rows of the view; none while it is off and nothing is kept, which the welcome text explains. */
export function toItems(state: TelemetryState, l10n: Localise): TelemetryItem[] {
  if (state.kind === 'on') {
    return [
      onItem(state, l10n),
      ...droppedItems(state, l10n),
      ...sharedItems(state, l10n),
      weekItem(state.recorded, l10n),
      weeksItem(l10n),
      ...sharingItems(state, l10n),
      ...recordedItems(state, l10n),
      catalogueItem(l10n),
      turnOffItem(l10n),
    ];
  }
  if (state.kind === 'changed') {
    return [changedItem(state, l10n), ...recordedItems(state, l10n), catalogueItem(l10n), turnOnItem(l10n)];
  }
  if (state.kind === 'kept') return [offItem(l10n), ...recordedItems(state, l10n), catalogueItem(l10n), turnOnItem(l10n)];
  if (state.kind === 'vetoed') return [levelItem(l10n), ...leftItems(state.events, l10n), catalogueItem(l10n)];
  if (state.kind === 'forbidden') return [...leftItems(state.events, l10n), catalogueItem(l10n)];
  if (state.kind === 'failed') return [retryItem(l10n), turnOnItem(l10n), deleteItem(l10n), catalogueItem(l10n)];
  return [];
}

/** The line above the rows: why nothing is recorded. The editor shows no welcome text beside it. */
export function messageOf(state: TelemetryState, l10n: Localise): string | undefined {
  switch (state.kind) {
    case 'vetoed':
      return [
        l10n.t(
          'Nothing is recorded: the telemetry level of the editor is not “all”, and that overrules Handrail, here and on the command line.',
        ),
        ...(state.wanted ? [l10n.t('You turned recording on; it waits for the level “all”.')] : []),
        ...keptSentence(state.events, l10n),
      ].join(' ');
    case 'forbidden':
      return [l10n.t('Nothing is recorded: {0}', state.because), ...keptSentence(state.events, l10n)].join(' ');
    case 'failed':
      return state.message;
    default:
      return undefined;
  }
}

/** Beside the view's title. */
export function descriptionOf(state: TelemetryState, l10n: Localise): string {
  switch (state.kind) {
    case 'on':
      return state.shared === undefined ? l10n.t('on · this machine only') : l10n.t('on · shared with {0}', state.shared.join(', '));
    case 'vetoed':
    case 'forbidden':
      return l10n.t('off · overruled');
    case 'failed':
      return l10n.t('off · needs a mend');
    case 'changed':
      return l10n.t('paused');
    default:
      return l10n.t('off');
  }
}

function keptSentence(events: number, l10n: Localise): string[] {
  return events === 0 ? [] : [l10n.t('Recorded before and still kept: {0}.', eventsText(events, l10n))];
}

function sharedItems({ shared = [] }: { shared?: readonly string[] }, l10n: Localise): TelemetryItem[] {
  return shared.map((team) => ({
    id: `shared-${team}`,
    label: l10n.t('Weekly figures shared with {0}', team),
    tooltip: l10n.t('As you agreed. Shows what leaves, and ends it.'),
    icon: 'organization',
    command: { id: 'handrail.previewShared' },
  }));
}

function weeksItem(l10n: Localise): TelemetryItem {
  return {
    id: 'weeks',
    label: l10n.t('My weeks'),
    description: l10n.t('what worked, what it cost'),
    icon: 'graph',
    command: { id: 'handrail.showMyWeeks' },
  };
}

/** What the folder's team would get. Where there is no team, nobody asks for anything, so nothing is offered. */
function sharingItems({ team, shared = [] }: { team?: string; shared?: readonly string[] }, l10n: Localise): TelemetryItem[] {
  if (team === undefined) return [];
  return [
    { id: 'preview', label: l10n.t('Preview what my lead sees'), icon: 'eye', command: { id: 'handrail.previewShared' } },
    ...(shared.includes(team)
      ? []
      : [
          {
            id: 'contribute',
            label: l10n.t('Share with {0}…', team),
            description: l10n.t('nothing is shared'),
            icon: 'organization',
            command: { id: 'handrail.contribute' },
          },
        ]),
  ];
}

function onItem(state: { since: string; shared?: readonly string[] }, l10n: Localise): TelemetryItem {
  return {
    id: 'on',
    label: l10n.t('Recording'),
    description: l10n.t('on this machine, since {0}', state.since),
    tooltip:
      state.shared === undefined
        ? l10n.t('Written to files of your own on this machine. Nothing is sent, and nobody else sees them.')
        : l10n.t('Written to files of your own on this machine. Of them, weekly sums are sealed and shared; nobody else sees the files.'),
    icon: 'record',
    color: 'charts.green',
  };
}

/** A full disk costs figures and nothing else, so it is said here and nowhere else. */
function droppedItems({ dropped }: OnState, l10n: Localise): TelemetryItem[] {
  if (dropped === undefined) return [];
  return [
    {
      id: 'dropped',
      label: l10n.t('Could not be written: {0}', eventsText(dropped.count, l10n)),
      description: l10n.t('disk full, or read-only'),
      tooltip: l10n.t('They are lost; what you did is not. Make room on the disk, or the folder {0} writable.', dropped.folder),
      icon: 'warning',
      color: 'problemsWarningIcon.foreground',
    },
  ];
}

function offItem(l10n: Localise): TelemetryItem {
  return {
    id: 'off',
    label: l10n.t('Off: nothing new is recorded'),
    tooltip: l10n.t('What was recorded before is still on this machine until it expires or you delete it.'),
    icon: 'circle-slash',
  };
}

function changedItem(state: { since: string }, l10n: Localise): TelemetryItem {
  return {
    id: 'changed',
    label: l10n.t('Paused: the list of what is recorded has changed'),
    description: l10n.t('agreed on {0}', state.since),
    tooltip: l10n.t('You agreed to an earlier list. Nothing is recorded until you agree to the new one.'),
    icon: 'warning',
    color: 'problemsWarningIcon.foreground',
  };
}

function weekItem({ week }: RecordedCounts, l10n: Localise): TelemetryItem {
  const outcomes = (tally: Tally<TelemetryEvent['outcome']>): string => tallyText(tally, (outcome) => outcomeWords(outcome, l10n));
  const decided = week.findingsApplied + week.findingsDismissed;
  const children = [
    ...tallyItem('reviews', l10n.t('Reviews'), 'checklist', week.reviews, outcomes(week.reviews)),
    ...(decided === 0
      ? []
      : [
          {
            id: 'findings',
            label: l10n.t('Findings'),
            description: l10n.t('{0} applied, {1} dismissed', week.findingsApplied, week.findingsDismissed),
            icon: 'lightbulb',
          },
        ]),
    ...tallyItem('generations', l10n.t('Generations'), 'sparkle', week.generations, outcomes(week.generations)),
    ...tallyItem(
      'steps',
      l10n.t('Steps settled'),
      'pass',
      week.steps,
      tallyText(week.steps, (kind) => stepKindWords(kind, l10n)),
    ),
  ];
  return {
    // The editor remembers by id what was folded, and a row without children counts as folded.
    id: children.length === 0 ? 'week-empty' : 'week',
    label: l10n.t('This week'),
    description: week.events === 0 ? l10n.t('nothing yet') : eventsText(week.events, l10n),
    icon: 'calendar',
    ...(children.length === 0 ? {} : { children }),
  };
}

function tallyItem(id: string, label: string, icon: string, tally: Tally<string>, text: string): TelemetryItem[] {
  const total = tally.reduce((sum, { count }) => sum + count, 0);
  return total === 0 ? [] : [{ id, label, description: `${total} · ${text}`, icon }];
}

/** `2 completed, 1 cancelled`. */
function tallyText<V extends string>(tally: Tally<V>, words: (value: V) => string): string {
  return tally.map(({ value, count }) => `${count} ${words(value)}`).join(', ');
}

function recordedItems(state: { recorded: RecordedCounts; keepDays: number }, l10n: Localise): TelemetryItem[] {
  const { events, unreadable } = state.recorded;
  const some = events + unreadable > 0;
  return [
    showItem(unreadable === 0 ? eventsText(events, l10n) : l10n.t('{0}, {1} unreadable lines', eventsText(events, l10n), unreadable), l10n),
    {
      id: 'keep',
      label: l10n.t('Kept for {0} days', state.keepDays),
      description: l10n.t('change…'),
      tooltip: l10n.t('Older events are deleted. Opens the setting.'),
      icon: 'history',
      command: { id: 'workbench.action.openSettings', arguments: ['handrail.telemetry.keepDays'] },
    },
    ...(some ? [{ id: 'delete', label: l10n.t('Delete everything…'), icon: 'trash', command: { id: 'handrail.deleteRecorded' } }] : []),
  ];
}

/** What is left from before, where nothing new is recorded. */
function leftItems(events: number, l10n: Localise): TelemetryItem[] {
  return events === 0 ? [] : [showItem(eventsText(events, l10n), l10n), deleteItem(l10n)];
}

function showItem(description: string, l10n: Localise): TelemetryItem {
  const command = { id: 'handrail.showRecorded' };
  return { id: 'show', label: l10n.t('Show everything recorded'), description, icon: 'list-flat', command };
}

function deleteItem(l10n: Localise): TelemetryItem {
  return { id: 'delete', label: l10n.t('Delete everything…'), icon: 'trash', command: { id: 'handrail.deleteRecorded' } };
}

function levelItem(l10n: Localise): TelemetryItem {
  const command = { id: 'workbench.action.openSettings', arguments: ['telemetry.telemetryLevel'] };
  return { id: 'level', label: l10n.t("Open the editor's setting"), icon: 'gear', command };
}

function retryItem(l10n: Localise): TelemetryItem {
  return { id: 'retry', label: l10n.t('Try again'), icon: 'refresh', command: { id: 'handrail.refreshTelemetry' } };
}

function catalogueItem(l10n: Localise): TelemetryItem {
  return {
    id: 'catalogue',
    label: l10n.t('What is recorded, and what never'),
    icon: 'book',
    command: { id: 'handrail.openTelemetryCatalogue' },
  };
}

function turnOffItem(l10n: Localise): TelemetryItem {
  return { id: 'turn-off', label: l10n.t('Turn off'), icon: 'circle-slash', command: { id: 'handrail.turnOffTelemetry' } };
}

function turnOnItem(l10n: Localise): TelemetryItem {
  return { id: 'turn-on', label: l10n.t('Turn on…'), icon: 'record', command: { id: 'handrail.turnOnTelemetry' } };
}

function eventsText(count: number, l10n: Localise): string {
  return count === 1 ? l10n.t('1 event') : l10n.t('{0} events', count);
}
