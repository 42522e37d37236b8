import { randomBytes } from 'node:crypto';
import type { SecretScanner } from '../../core/ai/provider.ts';
import type { ModelChoice } from '../../core/ai/service.ts';
import { failureOf, HandrailError } from '../../core/errors.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { chooserRequest } from './chosenModel.ts';

/** What every service that lets a model write needs beside the chooser. */

/** The role of models.yml that answers when a request names none. */
const ROLE = 'generate';

/** Without role and model: the team's model for generations where it names one, else the one that reviews. */
export async function asWriter<T>(
  request: { role?: string; model?: string },
  ask: (request: { role?: string; model?: string }) => Promise<T>,
): Promise<T> {
  if (request.role !== undefined || request.model !== undefined) return await ask(chooserRequest(request));
  try {
    return await ask({ role: ROLE });
  } catch (error) {
    if (failureOf(error)?.reason !== 'usage') throw error;
    return await ask({});
  }
}

export function requireWriter({ kind }: ModelChoice): void {
  if (kind === 'builtin') throw needsModel();
}

export function needsModel(): HandrailError {
  return new HandrailError('config', 'Generating needs a model; the built-in reviewer only reviews.', {
    hint: 'Choose one: “Handrail: Choose Model…” in the editor, .handrail/models.yml, or --model NAME; handrail models lists what is here.',
  });
}

/** Git, which obeys the configuration of the repository, tells what is ignored; and a prompt of the repository is followed. */
export function requireTrust(trusted: () => boolean): void {
  if (trusted()) return;
  throw new HandrailError('untrusted', 'This folder is not trusted, so nothing is generated in it.', { hint: 'Trust the folder first.' });
}

/** Undefined outside a repository. */
export async function repositoryAround(root: string): Promise<Repository | undefined> {
  return await openRepository(root).catch((error: unknown) => {
    if (failureOf(error)?.reason === 'no-git') return undefined;
    throw error;
  });
}

/** The secret scan runs in a worker, which ends by itself when idle. */
export async function openSecretScanner(): Promise<SecretScanner> {
  const [{ createSecretScanner }, { createEngineHost }] = await Promise.all([
    import('./builtin/builtinReviewer.ts'),
    import('./builtin/engineHost.ts'),
  ]);
  return createSecretScanner({ host: createEngineHost() });
}

export function marker(): string {
  return `DATA-${randomBytes(9).toString('base64url')}`;
}
