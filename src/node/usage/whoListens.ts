import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';

/**
 * Who has the port that assistants send to. A receiver of the person proves itself by a key that never leaves the folder only they can
 * read: the secret would not do, because whoever has the port is sent that by the assistants.
 */
export type Listener = 'handrail' | 'other' | 'nobody';

export const PROOF_HEADER = 'x-handrail-proof';
const QUESTION = '/v1/receiver?nonce=';
/** Milliseconds; what is on this machine answers at once, or is not ours. */
const PATIENCE = 2_000;

/** The nonce of a request that asks who listens; undefined for any other. */
export function askedBy({ method, url = '' }: IncomingMessage): string | undefined {
  if (method !== 'GET' || !url.startsWith(QUESTION)) return undefined;
  const nonce = url.slice(QUESTION.length);
  return /^[\w-]{22,64}$/.test(nonce) ? nonce : undefined;
}

export function proofOf(key: Buffer, nonce: string): string {
  return createHmac('sha256', key).update(`handrail receiver ${nonce}`).digest('base64url');
}

/** Asks without telling anything that is secret. Without a key no answer counts as ours. Never fails. */
export function whoListens(port: number, key: Buffer | undefined): Promise<Listener> {
  const nonce = randomBytes(24).toString('base64url');
  const wanted = key === undefined ? undefined : Buffer.from(proofOf(key, nonce));
  return new Promise((resolve) => {
    const asking = get({ host: '127.0.0.1', port, path: `${QUESTION}${nonce}`, agent: false }, (response) => {
      const proof = Buffer.from(response.headers[PROOF_HEADER]?.toString() ?? '');
      response.destroy();
      resolve(wanted !== undefined && proof.length === wanted.length && timingSafeEqual(proof, wanted) ? 'handrail' : 'other');
    });
    // Not the idle time alone: somebody may answer a byte at a time.
    const waiting = setTimeout(() => asking.destroy(new Error('no answer')), PATIENCE);
    asking.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? 'nobody' : 'other'));
    asking.on('close', () => clearTimeout(waiting));
  });
}
