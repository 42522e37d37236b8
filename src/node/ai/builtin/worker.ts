import { Worker } from 'node:worker_threads';
import { Engines } from './reviewFile.ts';
import { scanSecrets } from './secretScan.ts';
import type { WorkerReply, WorkerRequest } from './protocol.ts';

/** Entry of the worker process: one file after another, engines loaded on first use. */
const engines = new Engines();

process.on('message', (request: WorkerRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});
// Nobody is left to answer.
process.on('disconnect', () => process.exit());
endWithParent();

async function answer({ id, kind, path, text }: WorkerRequest): Promise<WorkerReply> {
  try {
    return { id, value: kind === 'review' ? await engines.review(path, text) : await scanSecrets(path, text) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

/** An engine that hangs hears of no event; a thread beside it sees that the parent is gone, which was to end it. */
function endWithParent(): void {
  const watch = `const { ppid } = process;
    const gone = () => { try { return process.ppid !== ppid || !process.kill(ppid, 0); } catch { return true; } };
    setInterval(() => { if (gone()) process.kill(process.pid, 'SIGKILL'); }, 2000);`;
  new Worker(watch, { eval: true, env: {} }).unref();
}
