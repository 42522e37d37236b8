import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HandrailError } from '../../core/errors.ts';
import type { CancelSignal } from '../../core/ports.ts';
import type { Step } from '../../core/workflow/definition.ts';
import { latestByStep } from '../../core/workflow/evidence.ts';
import { type Lease, takeLease } from './lease.ts';
import type { RunSnapshot } from './runReader.ts';

/** How often it is looked whether another start of the step is over, and after how long it is given up. A start takes some writes. Milliseconds. */
const LOOK_AGAIN = 20;
const LONGEST_START = 10_000;

/**
 * Does `start`, which records that the step is running, while nobody else starts the same step: between a look and that record, another
 * process would find the step free as well. `start` gets the run with the records of this moment. Fails with `conflict` where the step is
 * running, with `cancelled`.
 */
export async function startAlone<T>(
  snapshot: RunSnapshot,
  step: Step,
  { signal, start }: { signal: CancelSignal; start(now: RunSnapshot): Promise<T> },
): Promise<T> {
  const { store } = snapshot;
  const lease = await waitForTurn(join(store.folder, 'starting', `${step.id}.json`), step, signal);
  try {
    const { records } = await store.read();
    const now = { ...snapshot, records };
    await requireNotRunning(now, step);
    return await start(now);
  } finally {
    await lease.release();
  }
}

/** In a folder of its own: views look again at every change among the records. */
async function waitForTurn(path: string, step: Step, signal: CancelSignal): Promise<Lease> {
  const deadline = Date.now() + LONGEST_START;
  for (;;) {
    if (signal.aborted) throw new HandrailError('cancelled', 'The command was cancelled.');
    const lease = await takeLease(path);
    if (!('holder' in lease)) return lease;
    if (Date.now() >= deadline) throw performedAlready(step, lease.holder);
    await delay(LOOK_AGAIN);
  }
}

async function requireNotRunning({ records, store }: RunSnapshot, step: Step): Promise<void> {
  const latest = latestByStep(records).get(step.id);
  if (latest?.result.outcome !== 'running' || (await store.interrupted([latest])).has(latest.id)) return;
  throw performedAlready(step, await store.processOf(latest));
}

function performedAlready(step: Step, pid: number | undefined): HandrailError {
  const where = pid === undefined ? '' : ` by process ${pid}`;
  return new HandrailError('conflict', `"${step.title}" is being performed already${where}, so nothing was started.`, {
    hint: 'Wait until it ends: handrail status shows how it did. Or cancel it where it runs.',
  });
}
