import { z } from 'zod';
import { HandrailError } from '../../core/errors.ts';
import { asContribution, type Contribution } from '../../core/team/contribution.ts';
import { LONGEST_CONTRIBUTION } from '../../core/team/contributionSize.ts';
import { TEAM_NAME } from '../../core/telemetry/catalogue.ts';
import { startOfWeek } from '../../core/telemetry/week.ts';
import { canonicalJson } from '../../core/workflow/digests.ts';
import { fromBase64url, hpkeSuite, keyIdOf, publicKeyOf, type TeamKey } from './keys.ts';

/** A contribution that only who has the team's private key can open. The format is fixed: others read it. */

export const ENVELOPE_SCHEMA = 'handrail.envelope/1';
/** Every contribution is as long as every other, so that its length tells nothing. Bytes before sealing. */
export const PADDED_BYTES = LONGEST_CONTRIBUTION;
/** AES-GCM adds its tag. */
const SEALED_BYTES = PADDED_BYTES + 16;
const ENC_BYTES = 32;

export interface Envelope {
  schema: typeof ENVELOPE_SCHEMA;
  team: string;
  week: string;
  keyId: string;
  /** The encapsulated key, base64url. */
  enc: string;
  ciphertext: string;
}

const envelopeSchema = z.object({
  schema: z.literal(ENVELOPE_SCHEMA),
  team: z.string().regex(TEAM_NAME),
  week: z.string().refine((week) => startOfWeek(week) !== undefined),
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  enc: z.string().refine((text) => fromBase64url(text)?.length === ENC_BYTES),
  ciphertext: z.string().refine((text) => fromBase64url(text)?.length === SEALED_BYTES),
});

/** The envelope that a value is, or undefined. Keys that later versions add are left out. */
export function asEnvelope(value: unknown): Envelope | undefined {
  const parsed = envelopeSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/**
 * Seals a contribution for the team's public key (base64url). Fails with `config` where that is no key, with `too-large` where the
 * contribution is longer than all are padded to.
 */
export async function seal(contribution: Contribution, publicKey: string): Promise<Envelope> {
  const raw = publicKeyOf(publicKey);
  const { team, week } = contribution;
  const head = { schema: ENVELOPE_SCHEMA, team, week, keyId: keyIdOf(raw) } as const;
  const text = Buffer.from(canonicalJson(contribution));
  if (text.length > PADDED_BYTES) {
    throw new HandrailError('too-large', 'The contribution holds more than a contribution can.', {
      hint: 'List fewer counters in .handrail/telemetry.yml.',
    });
  }
  const padded = Buffer.alloc(PADDED_BYTES, ' ');
  text.copy(padded);
  const suite = hpkeSuite();
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(bytesOf(raw));
    const sender = await suite.createSenderContext({ recipientPublicKey, info: INFO });
    const ciphertext = await sender.seal(bytesOf(padded), associated(head));
    return { ...head, enc: Buffer.from(sender.enc).toString('base64url'), ciphertext: Buffer.from(ciphertext).toString('base64url') };
  } catch (error) {
    // A point of small order: the shared secret would be known to everybody.
    throw new HandrailError('config', 'Nothing can be sealed for the public key of the team.', {
      hint: 'Make a new one with handrail team keygen, and put it into .handrail/telemetry.yml.',
      cause: error,
    });
  }
}

export type Opened =
  | { contribution: Contribution }
  /** `foreign`: sealed for another key. `unreadable`: changed, or never sealed. `invalid`: what is inside is no contribution of the team and week on it. */
  | { refused: 'foreign' | 'unreadable' | 'invalid' };

/** Opens an envelope. Never throws for what is in it. */
export async function open(envelope: Envelope, { keyId, privateKey }: TeamKey): Promise<Opened> {
  if (envelope.keyId !== keyId) return { refused: 'foreign' };
  let text: string;
  try {
    const suite = hpkeSuite();
    const recipientKey = await suite.kem.deserializePrivateKey(bytesOf(decoded(privateKey)));
    const recipient = await suite.createRecipientContext({ recipientKey, enc: bytesOf(decoded(envelope.enc)), info: INFO });
    const bytes = await recipient.open(bytesOf(decoded(envelope.ciphertext)), associated(envelope));
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { refused: 'unreadable' };
  }
  const contribution = asContribution(parsed(text));
  const isOfEnvelope = contribution?.team === envelope.team && contribution.week === envelope.week;
  return contribution !== undefined && isOfEnvelope ? { contribution } : { refused: 'invalid' };
}

const INFO = bytesOf(Buffer.from(ENVELOPE_SCHEMA));

/** What stands on the envelope is bound to what is in it: canonical JSON of schema, team, week and keyId. */
function associated({ schema, team, week, keyId }: Pick<Envelope, 'schema' | 'team' | 'week' | 'keyId'>): ArrayBuffer {
  return bytesOf(Buffer.from(canonicalJson({ schema, team, week, keyId })));
}

/** A buffer of its own: Node shares one among small ones. */
function bytesOf(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}

function decoded(text: string): Buffer {
  return Buffer.from(text, 'base64url');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
