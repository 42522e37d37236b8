/** `node scripts/ciJobs.mjs` writes the jobs that release a team's figures into examples/ci, as `handrail team init --ci` prints them. */
import fs from 'node:fs';
import path from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';

await bootstrap();
const { ciJobFiles } = await import('./ciJobFiles.mjs');
for (const [file, text] of Object.entries(ciJobFiles())) {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), text, { mode: file.endsWith('.sh') ? 0o755 : 0o644 });
}
