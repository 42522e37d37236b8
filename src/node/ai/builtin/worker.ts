import { parentPort } from 'node:worker_threads';
import { Engines } from './reviewFile.ts';
import { scanSecrets } from './secretScan.ts';
import type { WorkerReply, WorkerRequest } from './protocol.ts';

/** Entry of the worker thread: one file after another, engines loaded on first use. */
const engines = new Engines();

parentPort?.on('message', (request: WorkerRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});

async function answer({ id, kind, path, text }: WorkerRequest): Promise<WorkerReply> {
  try {
    return { id, value: kind === 'review' ? await engines.review(path, text) : await scanSecrets(path, text) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}
