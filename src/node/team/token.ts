import { createHmac, randomBytes } from 'node:crypto';
import { canonicalJson } from '../../core/workflow/digests.ts';

/** Bytes of a person's secret. */
export const SECRET_BYTES = 32;

/** A new secret of a person, from the system's source of randomness. */
export function newSecret(): Uint8Array {
  return randomBytes(SECRET_BYTES);
}

/**
 * What tells contributions of the same person apart from others' within one week and team, and nothing across them: the first 16 bytes
 * of HMAC-SHA256 of the canonical JSON of [week, team], in base64url.
 */
export function tokenOf(secret: Uint8Array, week: string, team: string): string {
  return mac(secret, [week, team]).subarray(0, 16).toString('base64url');
}

/**
 * When the contribution of a week leaves, 0 to below 1, see `dueAt`. Anybody who does not know the secret
 * sees a random time; all devices that share it, and every start of a process, choose the same.
 */
export function delayOf(secret: Uint8Array, week: string, team: string): number {
  return mac(secret, ['delay', week, team]).readUIntBE(0, 6) / 2 ** 48;
}

function mac(secret: Uint8Array, value: readonly string[]): Buffer {
  return createHmac('sha256', secret).update(canonicalJson(value)).digest();
}
