import { jsonObject } from '../jsonObject.ts';

/** What is kept of the choice to connect assistants, in its stored form. Pure; `src/node/usage/connectionStore.ts` reads and writes. */

/** Assistants that can be connected. */
export const CONNECTABLE = ['copilot', 'claude-code', 'codex', 'gemini-cli'] as const;
export type Connectable = (typeof CONNECTABLE)[number];

export const ASSISTANT_NAMES: Readonly<Record<Connectable, string>> = {
  copilot: 'Copilot Chat',
  'claude-code': 'Claude Code',
  codex: 'Codex',
  'gemini-cli': 'Gemini CLI',
};

/** Where assistants send to, and what lets them. */
export interface Endpoint {
  port: number;
  secret: string;
}

/**
 * Where the port of a person is chosen from, at random: on a machine with several people, one that everybody knows could be taken by
 * somebody else first. Below the ports that systems hand out themselves.
 */
export const PORTS = { from: 20_000, to: 30_000 } as const;

const VERSION = 1;

export function formatEndpoint({ port, secret }: Endpoint): string {
  return `${JSON.stringify({ version: VERSION, port, secret })}\n`;
}

/** Undefined for what is not exactly one. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const { version, port, secret } = jsonObject(text) ?? {};
  const isOurs = version === VERSION && isPort(port) && typeof secret === 'string' && /^[\w-]{22,64}$/.test(secret);
  return isOurs ? { port, secret } : undefined;
}

export function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1024 && Number(value) <= 65_535;
}
