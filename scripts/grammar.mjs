/** `node scripts/grammar.mjs` writes the JSON Schemas and the tables of the reference from the grammar. */
import fs from 'node:fs';
import path from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';

await bootstrap();
const { grammarFiles } = await import('./grammarFiles.mjs');
for (const [file, text] of Object.entries(grammarFiles())) {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), text);
}
