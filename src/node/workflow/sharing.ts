import { join } from 'node:path';
import { latestByStep, standingByStep } from '../../core/workflow/evidence.ts';
import type { SharingState } from '../../core/workflow/run.ts';
import { stamp } from '../git/fingerprint.ts';
import type { Repository } from '../git/repository.ts';
import type { RunSnapshot } from './runReader.ts';

const KEY = 'handrail.shareEvidence';

/**
 * Whether a person lets their records be committed where a workflow says `evidence: tracked`: colleagues see then who did which step with
 * which model. Kept in git's configuration of the repository, on this machine.
 */
export class Sharing {
  readonly #repository: Repository;
  #last: { stamp: string; state: SharingState } | undefined;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  async state(): Promise<SharingState> {
    const written = stamp(join(this.#repository.commonDir, 'config'));
    if (this.#last?.stamp !== written) {
      const answer = (await this.#repository.git(['config', '--local', '--default', '', '--get', KEY])).trim();
      // What git takes for true; its own reading as a boolean would make one that is not there false.
      const isYes = /^(?:true|yes|on|1)$/i.test(answer);
      this.#last = { stamp: written, state: answer === '' ? 'undecided' : isYes ? 'agreed' : 'declined' };
    }
    return this.#last.state;
  }

  async decide(agreed: boolean): Promise<void> {
    await this.#repository.git(['config', '--local', KEY, String(agreed)]);
    this.#last = undefined;
  }
}

/**
 * Writes what steps stand on among the committed records, where it was recorded on this machine only. Returns for how many steps. The run
 * must have been read after the person agreed.
 */
export async function shareStanding({ records, store }: RunSnapshot): Promise<number> {
  const latest = latestByStep(records);
  let count = 0;
  for (const [step, standing] of standingByStep(records)) {
    if (standing.result.outcome === 'running' || store.isShared(standing)) continue;
    const { id: _, ...body } = standing;
    await store.add({ ...body, previous: latest.get(step)?.id ?? null });
    count++;
  }
  return count;
}
