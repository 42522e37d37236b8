import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { EVIDENCE_FOLDER } from '../../core/workflow/changes.ts';
import type { Repository } from '../git/repository.ts';
import { createEvidenceStore, type EvidenceStore } from './evidenceStore.ts';
import { Sharing } from './sharing.ts';

export interface RunStoresOptions {
  repository: Repository;
  /** Workspace folder. */
  root: string;
  /** Records that another process read, by the path of their file. */
  known?: ReturnType<EvidenceStore['known']> | undefined;
}

/** Opens the records of runs. The run that was asked for last stays open, so that what was read of it is not read again. */
export class RunStores {
  readonly #options: RunStoresOptions;
  /** Whether the person's records are committed where a workflow tracks them. */
  readonly sharing: Sharing;
  #last: { id: string; store: EvidenceStore } | undefined;

  constructor(options: RunStoresOptions) {
    this.#options = options;
    this.sharing = new Sharing(options.repository);
  }

  /** Committed records are read when the workflow tracks them, and written only by who agreed to share theirs. */
  async open({ key, tracked }: { key: string; tracked: boolean }): Promise<EvidenceStore> {
    const { root, repository } = this.#options;
    if (tracked) refuseLinkedEvidence(root, key);
    const writeTracked = tracked && (await this.sharing.state()) === 'agreed';
    const id = JSON.stringify([key, tracked, writeTracked]);
    if (this.#last?.id === id) return this.#last.store;
    const folder = runFolder(repository.commonDir, key);
    const trackedFolder = tracked ? join(root, EVIDENCE_FOLDER, key) : undefined;
    const store = createEvidenceStore({ folder, runKey: key, trackedFolder, writeTracked, known: this.#options.known });
    this.#last = { id, store };
    return store;
  }
}

export function runFolder(commonDir: string, key: string): string {
  return join(commonDir, 'handrail', 'runs', key);
}

/** A repository may hold a symbolic link where the evidence belongs, so that records would be written elsewhere. */
function refuseLinkedEvidence(root: string, key: string): void {
  for (const part of ['.handrail', EVIDENCE_FOLDER, `${EVIDENCE_FOLDER}/${key}`]) {
    const stat = lstatSync(join(root, part), { throwIfNoEntry: false });
    if (stat === undefined || stat.isDirectory()) continue;
    throw new HandrailError('config', `${part} is not a folder, so evidence cannot be kept there.`, {
      hint: `Replace ${part} by a folder.`,
      location: { path: part },
    });
  }
}
