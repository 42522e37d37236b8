import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { AdmissionParts } from '../../../core/team/release/admission.ts';
import type { ReleaseEngine } from '../../../core/team/release/tables.ts';
import { admitPieces, type AdmitTask } from './admitPieces.ts';
import { newTurn, piecesIn } from './inputPieces.ts';
import type { OpenOptions } from './openInputs.ts';

export interface MemoryEngineOptions extends OpenOptions {
  /** Folder that contributions were collected in. */
  folder: string;
  /** How many threads there are at most, this one included, and how many bytes are worth one. They take pieces of that size in turn. */
  threads?: { most: number; worth: number };
}

/** A thread takes a while to begin, and more of them would wait for the disk. */
const usualThreads = (): { most: number; worth: number } => ({ most: Math.min(4, availableParallelism()), worth: 4 * 1024 * 1024 });

/** The engine without a database: reads a folder of inputs, and holds the numbers of what is admitted in memory. */
export function memoryEngine({ folder, threads = usualThreads(), ...open }: MemoryEngineOptions): ReleaseEngine {
  return {
    async admit(admit) {
      const { pieces, bytes } = piecesIn(folder, threads.worth);
      const task: AdmitTask = { pieces, turn: newTurn(), open, admit };
      const others = Math.max(0, Math.min(threads.most, Math.ceil(bytes / threads.worth)) - 1);
      const elsewhere = Array.from({ length: others }, () => admitElsewhere(task));
      const [admission, ...parts] = await Promise.all([admitPieces(task), ...elsewhere]);
      for (const one of parts) admission.addParts(one);
      return admission.admitted();
    },
  };
}

function admitElsewhere(task: AdmitTask): Promise<AdmissionParts> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl(), { workerData: task, env: {} });
    worker.once('message', resolve);
    worker.once('error', reject);
    // After its message this changes nothing.
    worker.once('exit', (code) => reject(new Error(`A thread that reads contributions ended with ${code}.`)));
  });
}

function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './admitWorker.ts' : './admitWorker.mjs', import.meta.url);
}
