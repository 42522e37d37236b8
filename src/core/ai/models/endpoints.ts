import { HandrailError } from '../../errors.ts';

/** Where text and keys may go. Pure: the address is taken apart here because the core has no `URL`. */

export const VENDOR_BASE_URL = 'https://api.openai.com/v1';

export interface Endpoint {
  /** Without a slash at the end. */
  baseURL: string;
  /** Lower-case scheme, host and, unless it is the scheme's own, port. */
  origin: string;
  /** The text does not leave the machine. */
  loopback: boolean;
}

// RFC 3986 without user information: a name or key in front of `@` would hide the real host and end up in logs.
const ADDRESS = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::(\d{1,5}))?(\/[^\s?#\\]*)?$/i;
const OWN_PORT: Record<string, string> = { http: '80', https: '443' };

/**
 * Takes a base address apart. Fails with `config` when it is no http(s) address, carries a user, query or fragment, or sends
 * plain text over the network: `http` is for loopback only.
 */
export function parseEndpoint(baseURL: string): Endpoint {
  const match = ADDRESS.exec(baseURL.trim());
  const scheme = match?.[1]?.toLowerCase();
  const host = match?.[2]?.toLowerCase();
  if (match === null || scheme === undefined || host === undefined || Number(match[3] ?? 0) > 65535) {
    throw new HandrailError('config', `"${printable(baseURL)}" is not the base address of a model server.`, {
      hint: 'Write it like https://api.openai.com/v1 or http://127.0.0.1:11434/v1, without user, query or fragment.',
    });
  }
  const loopback = isLoopbackHost(host);
  if (scheme === 'http' && !loopback) {
    throw new HandrailError('config', `http://${host} would send code and key unencrypted over the network.`, {
      hint: 'Use https, or a server on this machine (127.0.0.1).',
    });
  }
  const port = match[3] === undefined || Number(match[3]) === Number(OWN_PORT[scheme]) ? '' : `:${Number(match[3])}`;
  const origin = `${scheme}://${host}${port}`;
  return { baseURL: `${origin}${(match[4] ?? '').replace(/\/+$/, '')}`, origin, loopback };
}

/** `localhost`, 127.0.0.0/8 and ::1. Names that merely begin so (`localhost.example.com`) are not. */
export function isLoopbackHost(host: string): boolean {
  if (host === 'localhost' || host === '[::1]') return true;
  const parts = host.split('.');
  return parts.length === 4 && parts[0] === '127' && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

/** The failure of asking for a key that belongs to another origin. */
export function keyOfOtherOrigin(origin: string, bound: string): HandrailError {
  return new HandrailError('key-origin', `The key at hand belongs to ${bound} and is not sent to ${origin}.`, {
    hint: `Set a key for ${origin}, or correct baseURL in .handrail/models.yml.`,
  });
}

function printable(text: string): string {
  return text
    .replace(/\/\/[^/@\s]*@/, '//…@')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 120);
}
