import { setImmediate } from 'node:timers/promises';
import { openRepository, type Repository } from '../git/repository.ts';
import { openRunMemory, type RunMemoryFile } from './runMemory.ts';

/**
 * Begins to look at a run before everything is loaded that the look takes: git works meanwhile. Returns once git was started; what fails
 * is heard of by who looks. For what runs and records nothing.
 */
export async function beginLook(root: string, program: string): Promise<{ memory?: RunMemoryFile; begun?: Promise<Repository> }> {
  const memory = openRunMemory(root, program);
  if (memory === undefined) return {};
  const begun = openRepository(root, memory.read().repository);
  await Promise.all([begun, import('simple-git')]).then(
    ([repository]) => repository.begin(),
    () => undefined,
  );
  // The library starts git once its own queue was gone through.
  await setImmediate();
  return { memory, begun };
}
