import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { connectChange, disconnectChange } from '../../core/usage/assistantSettings.ts';
import { ASSISTANT_NAMES, CONNECTABLE, type Connectable, type Endpoint } from '../../core/usage/connection.ts';
import type { SettingsChange } from '../../core/usage/settingsChange.ts';
import { writeFileAtomic } from '../atomicFile.ts';
import type { AssistantSettings } from './assistantFiles.ts';
import type { ConnectionStore } from './connectionStore.ts';

/** A change of an assistant's settings that was worked out and not made. */
export interface Plan {
  assistant: Connectable;
  place: string;
  change: SettingsChange;
  /** To be sent to, when it is a connection. */
  endpoint?: Endpoint;
}

export interface ConnectingOptions {
  /** The person's own folder, see `handrailHome`. */
  home: string;
  connections: ConnectionStore;
  /** What assistants would be started with, as far as this process sees it. */
  env: Readonly<Record<string, string | undefined>>;
  settings(assistant: Connectable): AssistantSettings;
}

/**
 * Connects assistants and disconnects them, each in two steps, so that the change can be shown in between. What was added is remembered
 * beside the consent and not with it, because it has to be undone also after everything recorded was deleted: names of entries, no more.
 */
export interface Connecting {
  /** @throws HandrailError `config` while recording is off or for settings that cannot be read, `conflict` when it reports elsewhere. */
  planConnect(assistant: Connectable, options?: { port?: number | undefined }): Promise<Plan>;
  /** @throws HandrailError `config` for settings that cannot be read. */
  planDisconnect(assistant: Connectable): Promise<Plan>;
  /** Assistants that are not connected, and whose settings hold what we wrote all the same: telemetry was turned off meanwhile. Never fails. */
  leftovers(): Promise<Connectable[]>;
  /** @throws HandrailError `conflict` when the settings changed since, `read-only` when something cannot be written. */
  apply(plan: Plan): Promise<void>;
}

export function createConnecting({ home, connections, env, settings }: ConnectingOptions): Connecting {
  const memory = (assistant: Connectable): string => join(home, 'state', 'connected', `${assistant}.json`);
  const planDisconnect = async (assistant: Connectable): Promise<Plan> => {
    const own = settings(assistant);
    return { assistant, place: own.place, change: disconnectChange(assistant, await own.read(), rememberedIn(memory(assistant))) };
  };
  return {
    planDisconnect,
    async leftovers() {
      const connected = connections.connected();
      const found: Connectable[] = [];
      for (const assistant of CONNECTABLE) {
        // Settings that cannot be read hold nothing that we could take out.
        const change = connected.includes(assistant) ? undefined : (await planDisconnect(assistant).catch(() => undefined))?.change;
        if (change !== undefined && change.before !== change.after) found.push(assistant);
      }
      return found;
    },
    async planConnect(assistant, chosen) {
      const own = settings(assistant);
      const endpoint = connections.prepare(chosen);
      const options = { added: rememberedIn(memory(assistant)), env, administered: await own.administered?.() };
      const change = connectChange(assistant, await own.read(), endpoint, options);
      return { assistant, place: own.place, change, endpoint };
    },
    async apply({ assistant, place, change: { before, after, added }, endpoint }) {
      const own = settings(assistant);
      if ((await own.read()) !== before) {
        throw new HandrailError('conflict', `The settings of ${ASSISTANT_NAMES[assistant]} in ${place} have changed meanwhile.`, {
          hint: 'Nothing was changed. Look at the change again.',
        });
      }
      if (endpoint === undefined) {
        if (after !== before) await own.write(after);
        await rm(memory(assistant), { force: true });
        await connections.disconnect(assistant);
        return;
      }
      const earlier = { isConnected: connections.connected().includes(assistant), memory: textOf(memory(assistant)) };
      try {
        // What was added is known before it is there, so that an end in between leaves nothing that cannot be undone.
        await connections.connect(assistant, endpoint);
        await writeFileAtomic(memory(assistant), memoryText(added));
        if (after !== before) await own.write(after);
      } catch (error) {
        // Nobody agreed to a connection that is not there, and usage is not to be left out because of it.
        if (!earlier.isConnected) await connections.disconnect(assistant).catch(() => undefined);
        // Where a part was written, what is known of it undoes that.
        const isUnchanged = (await own.read().catch(() => undefined)) === before;
        if (isUnchanged) await restore(memory(assistant), earlier.memory).catch(() => undefined);
        throw error;
      }
    },
  };
}

/** Names of the entries that an earlier connection added, or undefined when nothing tells. */
function rememberedIn(path: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(textOf(path) ?? '');
    const added: unknown = typeof value === 'object' && value !== null && 'added' in value ? value.added : undefined;
    return Array.isArray(added) && added.every((name) => typeof name === 'string') ? added : undefined;
  } catch {
    return undefined;
  }
}

function memoryText(added: readonly string[]): string {
  return `${JSON.stringify({ version: 1, added })}\n`;
}

async function restore(path: string, text: string | undefined): Promise<void> {
  if (text === undefined) await rm(path, { force: true });
  else await writeFileAtomic(path, text);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
