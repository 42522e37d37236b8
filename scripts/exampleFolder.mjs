/** Makes `dist/example/shop`, the folder that F5 opens, unless it is there. */
import fs from 'node:fs';
import path from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';

await bootstrap();
const { prepareExample } = await import('./example.mjs');
const folder = path.join(root, 'dist/example/shop');
if (!fs.existsSync(path.join(folder, '.git'))) {
  fs.rmSync(folder, { recursive: true, force: true });
  await prepareExample(folder);
}
