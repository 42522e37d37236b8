import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import type { CancelSignal, Clock } from '../../core/ports.ts';
import type { DroppedEvents } from '../../core/telemetry/observation.ts';
import { dayOf, oldestKept } from '../../core/telemetry/week.ts';
import { dailyUsage, LOGGING, type LoggedCall, type LoggingAssistant } from '../../core/usage/localLogs.ts';
import { readRetention } from '../telemetry/consentFiles.ts';
import { readEvents } from '../telemetry/eventStore.ts';
import { telemetryPaths, type TelemetryPaths } from '../telemetry/paths.ts';
import { createRecorder } from '../telemetry/recorder.ts';
import { takeLease } from '../workflow/lease.ts';
import { requireRecording, type ConnectionStore } from './connectionStore.ts';
import { openImported, type Imported } from './imported.ts';
import { callsIn, logFiles } from './logFiles.ts';

export interface ImportOptions {
  /** The person's own folder, see `handrailHome`. */
  home: string;
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  connections: ConnectionStore;
  /** The workspace folders that are worked in: no consent in them counts. */
  roots?(): readonly string[];
  /** Looks and records nothing. */
  dryRun: boolean;
  signal: CancelSignal;
  /** Hears of events that could not be written. */
  onDropped?(dropped: DroppedEvents): void;
}

export interface ImportedUsage {
  assistant: LoggingAssistant;
  /** Logs that were read. */
  files: number;
  /** Calls that were not imported before. */
  calls: number;
  /** Events that these make: one per day and family of models. */
  events: number;
  days: number;
  /** Calls of days that the assistant itself told of. */
  told: number;
}

/**
 * Records what the logs of assistants on this machine tell about their use of tokens, each call once. Days that would have expired, and
 * those for which an assistant reported itself, are left out.
 * @throws HandrailError `config` while recording is off, `conflict` when somebody else imports, `read-only` when it cannot be stored.
 */
export async function importUsage(options: ImportOptions): Promise<ImportedUsage[]> {
  const paths = telemetryPaths(options.home);
  requireRecording(paths, options.env, options.roots?.());
  if (options.dryRun) return importAll(options, paths);
  const lease = await takeLease(join(paths.folder, 'import-lease'));
  if ('holder' in lease) {
    throw new HandrailError('conflict', `Process ${lease.holder} imports already.`, { hint: 'Wait until it is done.' });
  }
  try {
    return await importAll(options, paths);
  } finally {
    await lease.release();
  }
}

async function importAll(options: ImportOptions, paths: TelemetryPaths): Promise<ImportedUsage[]> {
  const { home, env, clock, dryRun } = options;
  const oldest = oldestKept(clock.now(), readRetention(paths));
  const imported = openImported(paths);
  // The day of an event is that of its call.
  let day = '';
  const recorder = createRecorder({ home, env, clock: { now: () => Date.parse(day) }, expires: false });
  const done: ImportedUsage[] = [];
  for (const assistant of LOGGING) {
    const { calls, files, told } = await newCalls(assistant, { ...options, paths, imported, oldest });
    const events = dailyUsage(assistant, calls);
    // First what makes it known: an end in between loses figures, and counts none twice.
    if (!dryRun) imported.keep();
    for (const event of dryRun ? [] : events) {
      day = event.day;
      recorder.record(event.observation);
      recorder.flush();
    }
    done.push({ assistant, files, calls: calls.length, events: events.length, days: new Set(events.map((one) => one.day)).size, told });
  }
  recorder.close();
  if (recorder.dropped > 0) options.onDropped?.({ count: recorder.dropped, folder: paths.folder });
  return done;
}

interface Looking extends ImportOptions {
  paths: TelemetryPaths;
  imported: Imported;
  oldest: string;
}

async function newCalls(
  assistant: LoggingAssistant,
  { env, clock, connections, signal, paths, imported, oldest }: Looking,
): Promise<{ calls: LoggedCall[]; files: number; told: number }> {
  const since = connections.since(assistant);
  const today = dayOf(clock.now());
  const reported = new Set(
    readEvents(paths, { now: clock.now() })
      .events.filter(({ source, day }) => source === assistant && !imported.hasDay(assistant, day))
      .map(({ day }) => day),
  );
  const found = new Map<string, LoggedCall>();
  const files = logFiles(assistant, env, Date.parse(oldest));
  const told = new Set<string>();
  for (const path of files) {
    if (signal.aborted) throw new HandrailError('cancelled', 'Interrupted.');
    for await (const call of readable(callsIn(assistant, path))) {
      if (call.day < oldest || call.day > today) continue;
      const isReported = reported.has(call.day) || imported.wasTold(assistant, call.day);
      if (isReported || (since !== undefined && call.day >= since)) told.add(call.key);
      else {
        // A call is told again while it grows, and again in a conversation that goes on from it.
        const before = found.get(call.key);
        if (before === undefined || call.input + call.output > before.input + before.output)
          found.set(call.key, { ...call, day: before?.day ?? call.day });
      }
    }
  }
  return { calls: [...found.values()].filter(({ day, key }) => imported.isNew(assistant, day, key)), files: files.length, told: told.size };
}

/** A log that vanishes or cannot be read ends there, and the others are read. */
async function* readable(calls: AsyncGenerator<LoggedCall>): AsyncGenerator<LoggedCall> {
  try {
    yield* calls;
  } catch {
    // Its assistant has it, or deleted it.
  }
}
