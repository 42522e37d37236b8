const BIOME = new Set(['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx', 'css', 'json', 'jsonc']);
const RUFF = new Set(['py', 'pyw']);

/** The engine that reads files of this path beyond the secret scan. */
export function engineFor(path: string): 'biome' | 'ruff' | undefined {
  const name = path.split('/').at(-1) ?? '';
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
  if (BIOME.has(extension)) return 'biome';
  return RUFF.has(extension) ? 'ruff' : undefined;
}
