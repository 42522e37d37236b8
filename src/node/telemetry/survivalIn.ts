import type { Clock } from '../../core/ports.ts';
import type { UsageRecorder } from '../../core/telemetry/observation.ts';
import type { SurvivalPort } from '../../core/telemetry/recorded.ts';
import { repositoryAround } from '../ai/writingModel.ts';
import { createAcceptedNotes, type AcceptedNotesOptions } from './acceptedNotes.ts';
import { measureSurvival } from './measureSurvival.ts';

/** What is accepted in one workspace folder, remembered and measured. An acceptance must not fail because of it. */
export function survivalIn(root: string, options: AcceptedNotesOptions & { clock?: Clock; usage: UsageRecorder }): SurvivalPort {
  const notes = createAcceptedNotes(options);
  return {
    async remember(accepted) {
      await quietly(async () => {
        const repository = await repositoryAround(root);
        // Outside of a repository nobody could tell later which files are whose.
        if (repository !== undefined) notes.remember(root, { ...accepted, branch: (await repository.head()).branch });
      });
    },
    measure: () => quietly(() => measureSurvival(root, notes, options.usage)),
  };
}

async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    // The folder may be gone, or git.
  }
}
