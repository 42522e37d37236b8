import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { isShallow } from '../../core/usage/depth.ts';
import type { OtlpSignal } from '../../core/usage/usageReader.ts';
import { decodeOtlp } from './otlpProtobuf.ts';

/** Bodies of OTLP requests: within bounds, unpacked, and in their JSON form. */

/** Bytes of a body, as sent and when unpacked. A message with more was not made of figures. */
export const LARGEST_BODY = 8 * 1024 * 1024;

export type Encoding = 'json' | 'protobuf';

/** Why a request is refused: the HTTP status and a sentence without anything of the request. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}

const TOO_LARGE = 'The body is larger than what a message of figures needs.';

/** The encoding that a request names, whatever parameters follow it. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  return type === 'application/x-protobuf' ? 'protobuf' : undefined;
}

/** The message. Rejects with a {@link Refusal} for one that is too large, damaged or of another kind. */
export async function readMessage(request: IncomingMessage, signal: OtlpSignal, encoding: Encoding): Promise<unknown> {
  const packing = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (packing !== 'identity' && packing !== 'gzip') throw new Refusal(415, 'Content-Encoding is neither gzip nor identity.');
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_BODY) throw new Refusal(413, TOO_LARGE);
  const sent = await readAll(request);
  const body = packing === 'gzip' ? await unpacked(sent) : sent;
  try {
    return encoding === 'json' ? parseJson(body) : decodeOtlp(signal, body);
  } catch {
    // Nothing of it is repeated: it could be content.
    throw new Refusal(400, `The body is no OTLP message in ${encoding === 'json' ? 'JSON' : 'protobuf'}.`);
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > LARGEST_BODY) throw new Refusal(413, TOO_LARGE);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size);
}

const unpack = promisify(gunzip);

async function unpacked(bytes: Buffer): Promise<Buffer> {
  try {
    return await unpack(bytes, { maxOutputLength: LARGEST_BODY });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLarge ? new Refusal(413, TOO_LARGE) : new Refusal(400, 'The body is not what gzip makes.');
  }
}

function parseJson(body: Buffer): unknown {
  const text = body.toString('utf8');
  if (!isShallow(text)) throw new SyntaxError('too deep');
  return JSON.parse(text);
}
