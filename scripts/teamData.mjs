/** `node scripts/teamData.mjs` writes examples/team-data. */
import fs from 'node:fs';
import path from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';

await bootstrap();
const { teamDataFiles } = await import('./teamDataFiles.mjs');
for (const [file, text] of Object.entries(teamDataFiles())) {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), text);
}
