import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { HandrailError } from '../../core/errors.ts';
import { jsonObject } from '../../core/jsonObject.ts';

/** HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM. */
export function hpkeSuite(): CipherSuite {
  return new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
}

/** A team's key pair as it is stored; raw X25519 keys in base64url. */
export interface TeamKey {
  schema: typeof KEY_SCHEMA;
  keyId: string;
  publicKey: string;
  privateKey: string;
}

const KEY_SCHEMA = 'handrail.key/1';
const KEY_BYTES = 32;

/** Says which key opens an envelope: 16 hex digits of the SHA-256 of the raw public key. */
export function keyIdOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
}

/** Bytes of base64url, or undefined for anything that is not exactly their encoding. */
export function fromBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

export async function newTeamKey(): Promise<TeamKey> {
  const { kem } = hpkeSuite();
  const pair = await kem.generateKeyPair();
  const [publicKey, privateKey] = await Promise.all([kem.serializePublicKey(pair.publicKey), kem.serializePrivateKey(pair.privateKey)]);
  return {
    schema: KEY_SCHEMA,
    keyId: keyIdOf(new Uint8Array(publicKey)),
    publicKey: Buffer.from(publicKey).toString('base64url'),
    privateKey: Buffer.from(privateKey).toString('base64url'),
  };
}

/** The raw public key behind its text. Fails with `config` for what is none. */
export function publicKeyOf(text: string): Buffer {
  const bytes = fromBase64url(text);
  if (bytes?.length === KEY_BYTES) return bytes;
  throw new HandrailError('config', 'The public key of the team is none.', { hint: 'Copy it again from handrail team keygen.' });
}

/** What stands before a raw X25519 private key in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

function publicHalfOf(privateKey: string): string | undefined {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, Buffer.from(privateKey, 'base64url')]), format: 'der', type: 'pkcs8' });
  return createPublicKey(key).export({ format: 'jwk' }).x;
}

/** The key that a key file holds. Fails with `config` for anything else. */
export function parseTeamKey(text: string): TeamKey {
  const refused = new HandrailError('config', 'This is no key file of Handrail.', {
    hint: 'Make one with handrail team keygen --out FILE.',
  });
  const value = jsonObject(text);
  if (value === undefined) throw refused;
  const { schema, keyId, publicKey, privateKey } = value;
  if (schema !== KEY_SCHEMA || typeof keyId !== 'string' || typeof publicKey !== 'string' || typeof privateKey !== 'string') throw refused;
  const raw = fromBase64url(publicKey);
  if (raw?.length !== KEY_BYTES || fromBase64url(privateKey)?.length !== KEY_BYTES || keyIdOf(raw) !== keyId) throw refused;
  if (publicHalfOf(privateKey) !== publicKey) {
    throw new HandrailError('config', 'The two halves of this key file are of different keys, so it opens nothing.', {
      hint: 'Take the file back as handrail team keygen wrote it.',
    });
  }
  return { schema, keyId, publicKey, privateKey };
}
