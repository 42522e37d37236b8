import { failureOf, HandrailError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { DroppedEvents, Observation } from '../../core/telemetry/observation.ts';
import { dayOf } from '../../core/telemetry/week.ts';
import { UsageBatch } from '../../core/usage/usageBatch.ts';
import { createRecorder } from '../telemetry/recorder.ts';
import { telemetryPaths } from '../telemetry/paths.ts';
import { LOGGING } from '../../core/usage/localLogs.ts';
import { createConnectionStore, requireRecording } from './connectionStore.ts';
import { markTold } from './imported.ts';
import { startReceiver, type Receiver } from './receiver.ts';
import { whoListens } from './whoListens.ts';

export interface OpenReceiverOptions {
  /** The person's own folder, see `handrailHome`. */
  home: string;
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  /** Instead of the one that assistants were told; 0 for any that is free. */
  port?: number | undefined;
  /** The workspace folders that are worked in: no consent in them counts. */
  roots?(): readonly string[];
  /** The editor's own level, asked at every event; absent where there is no editor. */
  levelAllows?(): boolean;
  /** Called once after what several messages told was recorded. */
  onRecorded?(): void;
  /** Hears that another program has the port, and so is sent what the assistants report. */
  onForeign?(port: number): void;
  /** Hears, when it is closed, of events that could not be written. */
  onDropped?(dropped: DroppedEvents): void;
}

/** Milliseconds over which calls are added up: an end that nobody can tell of loses so much at most. */
const ADDED_UP = 5 * 60_000;
/** Milliseconds that messages are waited for before who shows them is told. */
const TOGETHER = 500;
/** Milliseconds that an assistant may wait with a report; what it tells just after midnight was yesterday. */
const REPORTED_LATE = 5 * 60_000;

/**
 * Listens for the assistants that are connected and records what they tell.
 * @throws HandrailError `config` while recording is off or none is connected, `conflict` when the port is taken.
 */
export async function openReceiver({
  home,
  env,
  clock,
  port,
  roots = () => [],
  levelAllows = () => true,
  onRecorded,
  onForeign,
  onDropped,
}: OpenReceiverOptions): Promise<Receiver> {
  requireRecording(telemetryPaths(home), env, roots());
  const connections = createConnectionStore({ home, env, roots });
  const endpoint = connections.endpoint();
  if (endpoint === undefined) {
    throw new HandrailError('config', 'No assistant is connected, so there is nothing to listen for.', {
      hint: 'Connect one with handrail usage connect ASSISTANT, or Handrail: Connect Assistants… in the editor.',
    });
  }
  const recorder = createRecorder({ home, env, clock, roots, allowed: levelAllows });
  // What is decided elsewhere counts here at once, another secret too.
  const allowed = (): boolean => levelAllows() && connections.endpoint()?.secret === endpoint.secret;
  const batch = new UsageBatch();
  let telling: NodeJS.Timeout | undefined;
  const record = (observations: readonly Observation[]): void => {
    for (const observation of observations) recorder.record(observation);
    if (onRecorded === undefined || observations.length === 0) return;
    telling ??= setTimeout(() => {
      telling = undefined;
      onRecorded();
    }, TOGETHER);
  };
  const recordSums = (): void => {
    // What was told under a decision goes with it.
    if (allowed()) record(batch.take());
    else batch.drop();
  };
  const marked = new Set<string>();
  const mark = ({ source }: Observation): void => {
    const assistant = LOGGING.find((one) => one === source);
    if (assistant === undefined) return;
    for (const day of new Set([clock.now() - REPORTED_LATE, clock.now()].map(dayOf))) {
      if (marked.has(`${assistant} ${day}`)) continue;
      markTold(telemetryPaths(home), assistant, day);
      marked.add(`${assistant} ${day}`);
    }
  };
  const proofKey = await connections.ensureProofKey();
  const wantedPort = port ?? endpoint.port;
  const receiver = await startReceiver({
    port: wantedPort,
    proofKey,
    secret: endpoint.secret,
    allowed,
    usage: {
      record(observation) {
        // First what keeps it from counting twice; where that cannot be kept, the assistant is told that nothing was taken.
        mark(observation);
        record(batch.add(observation, dayOf(clock.now())));
      },
    },
    clock,
  }).catch(async (error: unknown) => {
    if (failureOf(error)?.reason !== 'conflict' || (await whoListens(wantedPort, proofKey)) !== 'other') throw error;
    onForeign?.(wantedPort);
    throw foreignPort(wantedPort, error);
  });
  const adding = setInterval(recordSums, ADDED_UP);
  adding.unref();
  return {
    port: receiver.port,
    counts: receiver.counts,
    async close() {
      clearInterval(adding);
      await receiver.close();
      recordSums();
      clearTimeout(telling);
      recorder.close();
      if (recorder.dropped > 0) onDropped?.({ count: recorder.dropped, folder: telemetryPaths(home).folder });
    },
  };
}

function foreignPort(port: number, cause: unknown): HandrailError {
  return new HandrailError('conflict', `Another program has port ${port}, and gets what connected assistants send there.`, {
    hint: 'End that program, or disconnect the assistants: handrail usage disconnect ASSISTANT.',
    cause,
  });
}
