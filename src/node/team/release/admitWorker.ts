import { parentPort, workerData } from 'node:worker_threads';
import { admitPieces, type AdmitTask } from './admitPieces.ts';

/** Entry of a thread that takes in a part of the inputs, and hands over what it took in without copying it. */
const parts = (await admitPieces(workerData as AdmitTask)).parts();
parentPort?.postMessage(
  parts,
  Object.values(parts.columns).map(({ buffer }) => buffer),
);
