import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { HandrailError } from '../../core/errors.ts';
import { fromBase64url, hpkeSuite, newTeamKey, parseTeamKey, publicKeyOf, type TeamKey } from './keys.ts';
import { LINKED_ALREADY, secretFile, writePrivate, type SecretPlace } from './secretFile.ts';
import { newSecret, SECRET_BYTES } from './token.ts';

/**
 * How several devices of a person come to share one secret, so that they count as one. The new device makes a key pair for this once
 * and shows its public half; a linked device answers with the secret sealed for it. What travels between them is of no use to anybody
 * else, so it may be copied over any clipboard or chat.
 */

/** Without them a text could begin with a dash, which a command line takes for an option. */
const PREFIX = 'handrail-link-';
const ANSWER_PREFIX = 'handrail-answer-';
const INFO = new TextEncoder().encode('handrail.link/1').buffer;
const ENC_BYTES = 32;
const ANSWER_BYTES = ENC_BYTES + SECRET_BYTES + 16;

export interface LinkPlaces {
  secret: SecretPlace;
  /** File with the private half of a request that waits for its answer. */
  linkRequest: string;
}

/** Those of the command line: files of the person's own folder. */
export function linkFiles({ secret, linkRequest }: { secret: string; linkRequest: string }): LinkPlaces {
  return { secret: secretFile(secret), linkRequest };
}

/** Makes this device the first: a new secret. Fails with `conflict` where it is linked already. */
export async function linkFirst({ secret, linkRequest }: LinkPlaces): Promise<void> {
  await secret.store(newSecret());
  await rm(linkRequest, { force: true });
}

/** The request to show to a device that is linked; the same until it is answered. Fails with `conflict` where this one is linked already. */
export async function requestLink({ secret, linkRequest }: LinkPlaces): Promise<string> {
  if ((await secret.read()) !== undefined) throw new HandrailError('conflict', LINKED_ALREADY, { hint: 'Nothing was changed.' });
  const waiting = readRequest(linkRequest);
  if (waiting !== undefined) return `${PREFIX}${waiting.publicKey}`;
  await rm(linkRequest, { recursive: true, force: true });
  const key = await newTeamKey();
  await writePrivate(linkRequest, `${JSON.stringify(key)}\n`, 'Another process is linking this device.');
  return `${PREFIX}${key.publicKey}`;
}

/** What a linked device answers to a request. Fails with `not-found` where this one is not linked, with `usage` for what is no request. */
export async function answerLink({ secret: place }: LinkPlaces, request: string): Promise<string> {
  const secret = await place.read();
  if (secret === undefined) {
    throw new HandrailError('not-found', 'This device is not linked itself.', {
      hint: 'Ask a device that is, or make this the first: handrail telemetry link --yes',
    });
  }
  const text = request.trim();
  if (!text.startsWith(PREFIX)) throw noCode('request');
  const suite = hpkeSuite();
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(new Uint8Array(publicKeyOf(text.slice(PREFIX.length))).buffer);
    const sender = await suite.createSenderContext({ recipientPublicKey, info: INFO });
    const sealed = await sender.seal(new Uint8Array(secret).buffer);
    return `${ANSWER_PREFIX}${Buffer.concat([Buffer.from(sender.enc), Buffer.from(sealed)]).toString('base64url')}`;
  } catch {
    throw noCode('request');
  }
}

/** Takes the answer. Fails with `not-found` where nothing was asked, with `usage` for an answer to something else. */
export async function acceptLink({ secret, linkRequest }: LinkPlaces, answer: string): Promise<void> {
  const key = readRequest(linkRequest);
  if (key === undefined) {
    throw new HandrailError('not-found', 'This device has asked for nothing.', { hint: 'Begin with handrail telemetry link.' });
  }
  await secret.store(await opened(answer.trim(), key));
  await rm(linkRequest, { force: true });
}

async function opened(answer: string, { privateKey }: TeamKey): Promise<Uint8Array> {
  const bytes = answer.startsWith(ANSWER_PREFIX) ? fromBase64url(answer.slice(ANSWER_PREFIX.length)) : undefined;
  if (bytes?.length !== ANSWER_BYTES) throw noCode('answer');
  const suite = hpkeSuite();
  try {
    const recipientKey = await suite.kem.deserializePrivateKey(new Uint8Array(Buffer.from(privateKey, 'base64url')).buffer);
    const enc = new Uint8Array(bytes.subarray(0, ENC_BYTES)).buffer;
    const recipient = await suite.createRecipientContext({ recipientKey, enc, info: INFO });
    return new Uint8Array(await recipient.open(new Uint8Array(bytes.subarray(ENC_BYTES)).buffer));
  } catch {
    throw noCode('answer');
  }
}

function readRequest(path: string): TeamKey | undefined {
  try {
    return parseTeamKey(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function noCode(what: 'request' | 'answer'): HandrailError {
  const hint =
    what === 'request'
      ? 'Copy what handrail telemetry link printed on the other device.'
      : 'Copy what the linked device printed, and answer the request that this device showed last.';
  return new HandrailError('usage', `This is no ${what} of a device to be linked.`, { hint });
}
