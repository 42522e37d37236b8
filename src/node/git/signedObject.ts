import { utf8 } from './objects.ts';

/** Signed tags and commits as git stores them (gitformat-signature(5)): what was signed, the signature, and the message. */

export interface SignedObject {
  /** Bytes that the signature is about. */
  payload: Buffer;
  /** Armoured SSH signature. */
  signature: string;
  message: string;
  /** E-mail address of who made it, as it says itself. */
  maker: string;
  /** Object name that a tag is about. */
  object?: string;
  /** Name that a tag says it has. */
  tag?: string;
}

/** A signed object, or why nothing of it counts, as the end of a sentence. */
export type ReadSigned = SignedObject | { problem: string };

const SSH = '-----BEGIN SSH SIGNATURE-----';
const UNSIGNED = { problem: 'is not signed' };
const FOREIGN = { problem: 'is not signed with an SSH key, and no other counts' };
const NO_TEXT = { problem: 'is not UTF-8 text' };

/** Reads a tag: headers, a blank line, the message, and the signature at its end. */
export function readSignedTag(content: Buffer): ReadSigned {
  // The last one at the beginning of a line, as git takes it: a message may quote another.
  const at = content.lastIndexOf(`\n${SSH}`) + 1;
  if (at === 0) return content.includes('\n-----BEGIN ') ? FOREIGN : UNSIGNED;
  const payload = content.subarray(0, at);
  const text = utf8(payload);
  if (text === undefined) return NO_TEXT;
  const headers = headersOf(text);
  const [object, tag] = [headers.get('object'), headers.get('tag')];
  return {
    payload,
    signature: content.toString('latin1', at),
    message: text.slice(messageStart(text)),
    maker: emailOf(headers.get('tagger')),
    ...(object === undefined ? {} : { object }),
    ...(tag === undefined ? {} : { tag }),
  };
}

/** Reads a commit, whose signature is a header of several lines. */
export function readSignedCommit(content: Buffer): ReadSigned {
  const text = utf8(content);
  if (text === undefined) return NO_TEXT;
  const start = messageStart(text);
  const kept: string[] = [];
  const signature: string[] = [];
  let isSignature = false;
  for (const line of text.slice(0, start).split('\n')) {
    const first = /^gpgsig(?:-sha256)? (.*)$/.exec(line)?.[1];
    isSignature = first !== undefined || (isSignature && line.startsWith(' '));
    if (isSignature) signature.push(first ?? line.slice(1));
    else kept.push(line);
  }
  const armoured = signature.join('\n');
  if (armoured === '') return UNSIGNED;
  if (!armoured.startsWith(SSH)) return FOREIGN;
  return {
    payload: Buffer.from(kept.join('\n') + text.slice(start)),
    signature: `${armoured}\n`,
    message: text.slice(start),
    maker: emailOf(headersOf(text).get('committer')),
  };
}

/** Base64 of the public key that an armoured SSH signature names (openssh, PROTOCOL.sshsig); undefined for what is none. */
export function keyOfSignature(armoured: string): string | undefined {
  const body = /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SSH SIGNATURE-----/.exec(armoured)?.[1];
  const blob = Buffer.from(body ?? '', 'base64');
  // "SSHSIG" and a version of four bytes, then the key as a string with its length before it.
  if (blob.length < 14 || blob.toString('latin1', 0, 6) !== 'SSHSIG') return undefined;
  const end = 14 + blob.readUInt32BE(10);
  return end <= blob.length ? blob.toString('base64', 14, end) : undefined;
}

export function messageStart(text: string): number {
  const blank = text.indexOf('\n\n');
  return blank < 0 ? text.length : blank + 2;
}

export function headersOf(text: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of text.slice(0, messageStart(text)).split('\n')) {
    const space = line.indexOf(' ');
    const name = line.slice(0, space);
    // The first counts; a second one of that name is none of git's.
    if (space > 0 && !headers.has(name)) headers.set(name, line.slice(space + 1));
  }
  return headers;
}

export function emailOf(person: string | undefined): string {
  return /<([^<>]*)>/.exec(person ?? '')?.[1] ?? '';
}
