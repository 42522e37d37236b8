/** `node scripts/telemetryDocs.mjs` writes docs/telemetry.md from the catalogue. */
import fs from 'node:fs';
import path from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';

await bootstrap();
const { telemetryPage } = await import('./telemetryPage.mjs');
fs.writeFileSync(path.join(root, 'docs/telemetry.md'), telemetryPage());
