import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ENGINES = {
  biome: { shipped: '../engines/biome/biome_wasm.js', packageName: '@biomejs/wasm-nodejs' },
  ruff: { shipped: '../engines/ruff/ruff_wasm.js', packageName: '@astral-sh/ruff-wasm-nodejs' },
} as const;

/**
 * Loads an engine's own JavaScript, which reads its WebAssembly from beside itself: from the files shipped next to the bundle,
 * in a checkout from the installed package. The bundler must not follow it, hence the name put together here.
 */
export function loadEngine(engine: keyof typeof ENGINES): unknown {
  const { shipped, packageName } = ENGINES[engine];
  const require = createRequire(import.meta.url);
  const file = fileURLToPath(new URL(shipped, import.meta.url));
  return require(existsSync(file) ? file : packageName);
}
