import { appendFileSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { ExportResultCode } from '@opentelemetry/core';
import { BatchLogRecordProcessor, LoggerProvider, SimpleLogRecordProcessor, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { toEvent } from '../../src/core/telemetry/event.ts';
import type { TelemetryEvent } from '../../src/core/telemetry/catalogue.ts';
import type { Observation } from '../../src/core/telemetry/observation.ts';
import { createTelemetryStore } from '../../src/node/telemetry/consentStore.ts';
import { createRecorder, type Recorder } from '../../src/node/telemetry/recorder.ts';
import { median, type Measurement } from './benchmark.ts';

/**
 * What recording one event costs its caller, beside other ways to keep the same event, in turns and in one run. They do not promise
 * the same when the call returns:
 *
 * - `record()`: it is noted; stored, with one write for all of a turn, when the caller's turn of the event loop is over or the process
 *   ends in any way of its own. Only a kill within that turn loses it. That is the caller's path in the product.
 * - `record() and flush()`: it is stored, given to the system, so that no kill loses it. The consent is looked at twice.
 * - the bare append of a line that is ready to a kept descriptor, and `appendFile`, which opens and closes each time: stored.
 * - the OpenTelemetry SDK for logs with its simple processor and an exporter that appends a line: stored.
 * - the same with its batch processor, which stores what it noted every second, here nowhere: noted.
 * - an insert into node:sqlite in WAL mode, prepared once, with `synchronous = NORMAL` as its documentation recommends there: stored.
 *
 * The first call of each turn finds the processor's caches filled by the others, as an event does that comes alone; its figures stand
 * by themselves too.
 */

const TURNS = 120;
const EVENTS_PER_TURN = 200;
const WARM_UP = 20;
const BARE_APPEND = 'bare append';

const OBSERVATION: Observation = {
  operation: 'review',
  outcome: 'completed',
  provider: 'openai',
  model: 'gpt-5-mini',
  duration: 12_345,
  inputTokens: 2_000,
  outputTokens: 300,
  cost: { amount: 0.02, currency: 'USD' },
  findings: { critical: 1, high: 0, medium: 2, low: 0, info: 2 },
};

interface Way {
  name: string;
  /** The way it is compared with. */
  beside?: string;
  record(): void;
  close(): void | Promise<void>;
}

export async function run(): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'handrail-recording-'));
  const event = toEvent(OBSERVATION, '2026-11-22');
  if (event === undefined) throw new Error('the catalogue has expired');
  const ways = [
    await ours('record()', folder, (recorder) => recorder.record(OBSERVATION)),
    await ours('record() and flush()', folder, (recorder) => {
      recorder.record(OBSERVATION);
      recorder.flush();
    }),
    plainAppend(folder, event),
    appendFile(folder, event),
    openTelemetry(folder, event),
    batched(event),
    sqlite(folder, event),
  ];
  try {
    const times = new Map(ways.map((way): [Way, number[][]] => [way, []]));
    for (let index = 0; index < TURNS + WARM_UP; index += 1) {
      // Nobody always follows the same one, who leaves the processor's caches and the system's own code warm for some and cold for others.
      for (const [way, taken] of shuffled([...times])) {
        const batch = measure(way);
        if (index >= WARM_UP) taken.push(batch);
        // As between two events of a person: what was put off happens here.
        await turn();
      }
    }
    return rows(new Map([...times].map(([way, taken]) => [way, figures(taken)])));
  } finally {
    for (const way of ways) await way.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** Microseconds of each call. */
function measure({ record }: Way): number[] {
  const taken: number[] = [];
  for (let i = 0; i < EVENTS_PER_TURN; i += 1) {
    const started = process.hrtime.bigint();
    record();
    taken.push(Number(process.hrtime.bigint() - started) / 1000);
  }
  return taken;
}

interface Figures {
  mean: number;
  p50: number;
  p99: number;
  'first after a pause, p50': number;
}

function figures(turns: readonly (readonly number[])[]): Figures {
  const taken = turns.flat();
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return {
    mean: taken.reduce((sum, value) => sum + value, 0) / taken.length,
    p50: at(0.5),
    p99: at(0.99),
    'first after a pause, p50': median(turns.flatMap((turn) => turn.slice(0, 1))),
  };
}

function rows(measured: ReadonlyMap<Way, Figures>): Measurement[] {
  const byName = new Map([...measured].map(([{ name }, of]) => [name, of]));
  return [...measured].flatMap(([{ name, beside = 'record() and flush()' }, of]) =>
    (['mean', 'p50', 'p99', 'first after a pause, p50'] as const).map((figure) => ({
      name: 'recording',
      metric: `${name}, ${figure}`,
      value: of[figure],
      unit: 'us',
      baseline: byName.get(beside)?.[figure] ?? null,
    })),
  );
}

async function ours(name: string, folder: string, record: (recorder: Recorder) => void): Promise<Way> {
  const store = createTelemetryStore({ home: folder, env: {} });
  if (!store.state().recording) await store.turnOn();
  const recorder = createRecorder({ home: folder, env: {} });
  return {
    name,
    beside: BARE_APPEND,
    record: () => record(recorder),
    close() {
      recorder.close();
      if (recorder.dropped > 0) throw new Error(`${recorder.dropped} events were dropped`);
    },
  };
}

function plainAppend(folder: string, event: TelemetryEvent): Way {
  const fd = openSync(join(folder, 'plain.ndjson'), 'a');
  const line = `${JSON.stringify(event)}\n`;
  return { name: BARE_APPEND, record: () => void writeSync(fd, line), close: () => closeSync(fd) };
}

function appendFile(folder: string, event: TelemetryEvent): Way {
  const path = join(folder, 'append-file.ndjson');
  return { name: 'appendFile', record: () => appendFileSync(path, `${JSON.stringify(event)}\n`), close() {} };
}

function openTelemetry(folder: string, event: TelemetryEvent): Way {
  const fd = openSync(join(folder, 'opentelemetry.ndjson'), 'a');
  const exporter: LogRecordExporter = {
    export(records, done) {
      for (const { attributes } of records) writeSync(fd, `${JSON.stringify(attributes)}\n`);
      done({ code: ExportResultCode.SUCCESS });
    },
    shutdown: async () => closeSync(fd),
    forceFlush: async () => undefined,
  };
  return logger('OpenTelemetry, simple processor', new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }), event);
}

function batched(event: TelemetryEvent): Way {
  const exporter: LogRecordExporter = {
    export: (_records, done) => done({ code: ExportResultCode.SUCCESS }),
    shutdown: async () => undefined,
    forceFlush: async () => undefined,
  };
  const processor = new BatchLogRecordProcessor({ exporter, maxQueueSize: 1e6 });
  const way = logger('OpenTelemetry, batch processor (noted)', new LoggerProvider({ processors: [processor] }), event);
  return { ...way, beside: 'record()' };
}

function logger(name: string, provider: LoggerProvider, event: TelemetryEvent): Way {
  const log = provider.getLogger('handrail');
  const attributes = { ...event, findingsBySeverity: JSON.stringify(event.findingsBySeverity) };
  return {
    name,
    record: () => log.emit({ eventName: 'handrail.operation', attributes: { ...attributes } }),
    close: () => provider.shutdown(),
  };
}

function sqlite(folder: string, event: TelemetryEvent): Way {
  const database = new DatabaseSync(join(folder, 'events.sqlite'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE events (day TEXT, event TEXT)');
  const insert = database.prepare('INSERT INTO events VALUES (?, ?)');
  return {
    name: 'node:sqlite, WAL',
    record: () => void insert.run(event.day, JSON.stringify(event)),
    close: () => database.close(),
  };
}
