import type { KeyStore } from '../../../../core/ai/service.ts';
import { runKeyCommand, type KeyCommandOptions } from './keyCommand.ts';
import { readKeysFile } from './keysFile.ts';

/**
 * Keys that commands of `<home>/keys.json` print, each for its own origin and no other. A command runs when its key is first needed; the
 * key is held in memory until the process ends or the endpoint refuses it, and is written nowhere.
 */
export function commandKeys(options: KeyCommandOptions): KeyStore {
  const held = new Map<string, { command: string; key: Promise<string> }>();
  return {
    async get(origin) {
      const commands = await readKeysFile(options.home, options.root);
      const command = Object.hasOwn(commands, origin) ? commands[origin] : undefined;
      if (command === undefined) return undefined;
      const named = JSON.stringify(command);
      const known = held.get(origin);
      if (known?.command === named) return await known.key;
      const key = runKeyCommand(origin, command, options);
      held.set(origin, { command: named, key });
      // One that failed is tried again next time.
      key.catch(() => held.get(origin)?.key === key && held.delete(origin));
      return await key;
    },
    origins: async () => Object.keys(await readKeysFile(options.home, options.root)),
    has: async (origin) => Object.hasOwn(await readKeysFile(options.home, options.root), origin),
    refused: (origin) => void held.delete(origin),
  };
}
