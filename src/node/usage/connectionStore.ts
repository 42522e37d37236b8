import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { dayOf } from '../../core/telemetry/week.ts';
import { CONNECTABLE, formatEndpoint, parseEndpoint, PORTS, type Connectable, type Endpoint } from '../../core/usage/connection.ts';
import { createFileAtomic } from '../atomicFile.ts';
import { systemClock } from '../clock.ts';
import { readConsent } from '../telemetry/consentFiles.ts';
import { telemetryPaths, type TelemetryPaths } from '../telemetry/paths.ts';

/**
 * Which assistants a person connected, and the secret that they send with. A choice of its own beside the consent to record: it is
 * kept with that and goes with it, and without it nothing listens. Every file holds one fact, as in the rest of telemetry.
 */
export interface ConnectionStore {
  /** The assistants that are connected; none while recording is off. Never fails. */
  connected(): Connectable[];
  /** Since which day in UTC, or undefined when it is not connected. */
  since(assistant: Connectable): string | undefined;
  /** Where the connected ones send to, or undefined when there are none. */
  endpoint(): Endpoint | undefined;
  /**
   * Where they will send to: as decided before, else with a secret made now. Stores nothing.
   * @throws HandrailError `config` while recording is off, `conflict` when connected ones send to another port.
   */
  prepare(options?: { port?: number | undefined }): Endpoint;
  /**
   * Keeps that the assistant is connected and where it sends to, or that it no longer is. With the last one the secret goes.
   * @throws HandrailError `config` while recording is off, `read-only` when it cannot be stored.
   */
  connect(assistant: Connectable, endpoint: Endpoint): Promise<void>;
  /** By which a receiver proves that it is the person's, see `whoListens.ts`; undefined where there was none yet. Never fails. */
  proofKey(): Buffer | undefined;
  /** The same, made where there is none. @throws HandrailError `read-only` when it cannot be stored. */
  ensureProofKey(): Promise<Buffer>;
  disconnect(assistant: Connectable): Promise<void>;
}

export function createConnectionStore({
  home,
  env = process.env,
  clock = systemClock,
  roots = () => [],
}: {
  home: string;
  env?: Readonly<Record<string, string | undefined>>;
  clock?: Clock;
  /** The workspace folders that are worked in: no consent in them counts. */
  roots?(): readonly string[];
}): ConnectionStore {
  return new FileConnectionStore(telemetryPaths(home), env, clock, roots);
}

/** A secret is a line; anything longer is none of ours. */
const LARGEST = 4096;

class FileConnectionStore implements ConnectionStore {
  readonly #paths: TelemetryPaths;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #clock: Clock;
  readonly #roots: () => readonly string[];

  constructor(paths: TelemetryPaths, env: Readonly<Record<string, string | undefined>>, clock: Clock, roots: () => readonly string[]) {
    this.#paths = paths;
    this.#env = env;
    this.#clock = clock;
    this.#roots = roots;
  }

  connected(): Connectable[] {
    if (!readConsent(this.#paths, this.#env, this.#roots()).recording) return [];
    return CONNECTABLE.filter((assistant) => existsSync(this.#fileOf(assistant)));
  }

  since(assistant: Connectable): string | undefined {
    if (!this.connected().includes(assistant)) return undefined;
    const [day] = /^\d{4}-\d{2}-\d{2}/.exec(textOf(this.#fileOf(assistant)) ?? '') ?? [];
    // Not readable any more: as if it were for ever, so that nothing is counted twice.
    return day ?? '';
  }

  endpoint(): Endpoint | undefined {
    return this.connected().length === 0 ? undefined : this.#stored();
  }

  prepare({ port }: { port?: number | undefined } = {}): Endpoint {
    requireRecording(this.#paths, this.#env, this.#roots());
    const stored = this.#stored();
    if (port !== undefined && stored !== undefined && stored.port !== port && this.connected().length > 0) {
      throw new HandrailError('conflict', `Assistants that are connected already send to port ${stored.port}.`, {
        hint: 'Leave --port out, or disconnect them first.',
      });
    }
    return {
      port: port ?? stored?.port ?? randomInt(PORTS.from, PORTS.to),
      secret: stored?.secret ?? randomBytes(24).toString('base64url'),
    };
  }

  async connect(assistant: Connectable, endpoint: Endpoint): Promise<void> {
    requireRecording(this.#paths, this.#env, this.#roots());
    await this.#write(this.#endpointFile, formatEndpoint(endpoint));
    const day = this.since(assistant) ?? dayOf(this.#clock.now());
    await this.#write(this.#fileOf(assistant), `${day}\n`);
    await this.ensureProofKey();
  }

  proofKey(): Buffer | undefined {
    const [text] = /^[\w-]{43}(?=\n$)/.exec(textOf(this.#proofFile) ?? '') ?? [];
    return text === undefined ? undefined : Buffer.from(text, 'base64url');
  }

  async ensureProofKey(): Promise<Buffer> {
    const stored = this.proofKey();
    if (stored !== undefined) return stored;
    const text = `${randomBytes(32).toString('base64url')}\n`;
    try {
      // Of two windows that make one at once, both take that of the first.
      await createFileAtomic(this.#proofFile, text, { makeFolder: false });
      await chmod(this.#proofFile, 0o600);
    } catch {
      // Made by another meanwhile, or damaged.
    }
    if (this.proofKey() === undefined) await this.#write(this.#proofFile, text);
    return this.proofKey() ?? Buffer.from(text, 'base64url');
  }

  async disconnect(assistant: Connectable): Promise<void> {
    const { assistants } = this.#paths;
    await rm(this.#fileOf(assistant), { force: true });
    if (!CONNECTABLE.some((one) => existsSync(this.#fileOf(one)))) await rm(assistants, { recursive: true, force: true });
  }

  #stored(): Endpoint | undefined {
    const text = textOf(this.#endpointFile);
    return text === undefined ? undefined : parseEndpoint(text);
  }

  get #endpointFile(): string {
    return join(this.#paths.assistants, 'endpoint.json');
  }

  get #proofFile(): string {
    return join(this.#paths.assistants, 'proof');
  }

  #fileOf(assistant: Connectable): string {
    return join(this.#paths.assistants, assistant);
  }

  /** Readable for nobody else from the first byte on. Only the last folder is made: where everything was deleted, nothing comes back. */
  async #write(path: string, text: string): Promise<void> {
    try {
      await mkdir(this.#paths.assistants, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      await rm(path, { force: true });
      await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      throw new HandrailError('read-only', `The choice could not be stored in ${this.#paths.folder}.`, {
        hint: 'Make the folder writable and the disk less full.',
        cause: error,
      });
    }
  }
}

function textOf(path: string): string | undefined {
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size <= LARGEST ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** @throws HandrailError `config` while recording is off. */
export function requireRecording(
  paths: TelemetryPaths,
  env: Readonly<Record<string, string | undefined>>,
  roots: readonly string[] = [],
): void {
  const state = readConsent(paths, env, roots);
  if (state.recording) return;
  throw new HandrailError('config', 'Telemetry is off, so nothing of other assistants is recorded either.', {
    hint:
      state.because === 'forbidden' || state.forbidden !== undefined
        ? 'handrail telemetry status says what forbids it.'
        : 'Turn it on first: handrail telemetry on says what is recorded, and asks.',
  });
}
