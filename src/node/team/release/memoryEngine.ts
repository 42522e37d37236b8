import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { AdmissionParts } from '../../../core/team/release/admission.ts';
import type { ReleaseEngine } from '../../../core/team/release/tables.ts';
import { admitPieces, type AdmitTask } from './admitPieces.ts';
import { type PartsOptions, piecesIn } from './inputPieces.ts';
import type { OpenOptions } from './openInputs.ts';

export interface MemoryEngineOptions extends OpenOptions {
  /** Folder that contributions were collected in. */
  folder: string;
  /** How the inputs are divided among threads, this one included. */
  threads?: PartsOptions;
}

/** A thread takes a while to begin, and more of them would wait for the disk. */
const usualThreads = (): PartsOptions => ({ most: Math.min(4, availableParallelism()), worth: 16 * 1024 * 1024 });

/** The engine without a database: reads a folder of inputs, and holds the numbers of what is admitted in memory. */
export function memoryEngine({ folder, threads = usualThreads(), ...open }: MemoryEngineOptions): ReleaseEngine {
  return {
    async admit(admit) {
      const [own, ...others] = piecesIn(folder, threads).map((pieces) => ({ pieces, open, admit }));
      const elsewhere = others.map(admitElsewhere);
      const [admission, ...parts] = await Promise.all([admitPieces(own ?? { pieces: [], open, admit }), ...elsewhere]);
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
