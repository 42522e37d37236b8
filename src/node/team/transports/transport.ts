import { resolve } from 'node:path';
import { HandrailError } from '../../../core/errors.ts';
import type { CancelSignal } from '../../../core/ports.ts';
import type { TeamTransport } from '../../../core/team/teamFile.ts';
import { isOfRepository } from '../../programs.ts';
import type { Envelope } from '../envelope.ts';

/** How envelopes get to where the team collects them. */
export interface Transport {
  readonly kind: TeamTransport['kind'];
  /** Where they go, for people, and to tell two places apart; without what signs in. */
  readonly target: string;
  /**
   * Delivers an envelope under a name that the sender chose at random. The same name with the same envelope again is no mistake: it may
   * not be known whether it arrived. Fails with HandrailError.
   */
  deliver(envelope: Envelope, name: string): Promise<void>;
  /** Takes it back. Returns whether it is gone; false where this way allows none. Fails with HandrailError. */
  withdraw(week: string, name: string): Promise<boolean>;
}

export interface TransportOptions {
  /** Workspace folder. */
  root: string;
  env: Readonly<Record<string, string | undefined>>;
  signal: CancelSignal;
}

/** Opens the way that the team's file names. Fails with `config` or `not-found` where it leads nowhere. */
export async function openTransport(way: TeamTransport, options: TransportOptions): Promise<Transport> {
  switch (way.kind) {
    case 'folder':
      return (await import('./folder.ts')).folderTransport(way.path, options);
    case 'git':
      return (await import('./git.ts')).gitTransport(way.remote, options);
    case 'otlp':
      return (await import('./otlp.ts')).otlpTransport(way.url, options);
  }
}

/**
 * Fails with `config` for a folder in the workspace or the repository around it: the next commit would take contributions along, with an
 * author.
 */
export function requireElsewhere(way: TeamTransport, root: string): void {
  if (way.kind !== 'folder' || !isOfRepository(resolve(root, way.path), root)) return;
  throw new HandrailError(
    'config',
    `The folder ${way.path} lies in the repository itself, whose next commit could take contributions along.`,
    {
      hint: 'Name a folder elsewhere in .handrail/telemetry.yml.',
    },
  );
}

/** The one text that an envelope travels as. */
export function envelopeText(envelope: Envelope): string {
  return `${JSON.stringify(envelope)}\n`;
}
