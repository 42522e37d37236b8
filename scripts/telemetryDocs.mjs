/** `node scripts/telemetryDocs.mjs` writes what the catalogue generates: the pages, the editor's telemetry.json, the setting. */
import fs from 'node:fs';
import path from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';

await bootstrap();
const { telemetryFiles } = await import('./telemetryFiles.mjs');
for (const [file, text] of Object.entries(telemetryFiles())) fs.writeFileSync(path.join(root, file), text);
