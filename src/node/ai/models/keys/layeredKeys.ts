import type { KeyStore } from '../../../../core/ai/service.ts';

/** Several stores as one: the first that has a key for an origin gives it. */
export function layeredKeys(...layers: readonly KeyStore[]): KeyStore {
  const has = async (layer: KeyStore, origin: string): Promise<boolean> =>
    layer.has ? await layer.has(origin) : (await layer.get(origin)) !== undefined;
  return {
    async get(origin) {
      for (const layer of layers) {
        const key = await layer.get(origin);
        if (key !== undefined) return key;
      }
      return undefined;
    },
    async has(origin) {
      for (const layer of layers) if (await has(layer, origin)) return true;
      return false;
    },
    async origins() {
      const all = await Promise.all(layers.map(async (layer) => (await layer.origins?.()) ?? []));
      return [...new Set(all.flat())];
    },
    refused(origin) {
      for (const layer of layers) layer.refused?.(origin);
    },
  };
}
