import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { writeFileAtomic } from '../atomicFile.ts';
import { handrailHome } from '../home.ts';

/**
 * Which workflow digests this person lets run commands outside the editor. One small file an answer, so that two processes never
 * overwrite each other's. A changed command has another digest and is asked about again.
 */
export interface TrustStore {
  isTrusted(workflowDigest: string): boolean;
  trust(workflowDigest: string): Promise<void>;
}

export function createTrustStore(home: string = handrailHome()): TrustStore {
  const pathOf = (digest: string): string | undefined => {
    const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
    return hex === undefined ? undefined : join(home, 'state', 'trusted-workflows', hex);
  };
  return {
    isTrusted(workflowDigest) {
      const path = pathOf(workflowDigest);
      return path !== undefined && existsSync(path);
    },
    async trust(workflowDigest) {
      const path = pathOf(workflowDigest);
      if (path === undefined) throw new TypeError(`${workflowDigest} is not a workflow digest.`);
      try {
        await writeFileAtomic(path, '');
      } catch (cause) {
        throw new HandrailError('io', `Your trust could not be remembered in ${dirname(path)}, so nothing was run.`, {
          hint: 'Make the folder writable, or set HANDRAIL_HOME to one that is.',
          cause,
        });
      }
    },
  };
}
