/**
 * `npm start`: a real VS Code with the packaged extension on a working copy of the example project.
 *
 *     npm start [-- FOLDER] [-- --port N] [-- --fresh] [-- --desktop] [-- --no-open]
 *
 * FOLDER opens a project of your own. What you do is kept for the next start; `--fresh` begins anew. `--desktop` uses the `code` on the PATH.
 */
import { bootstrap } from './bootstrap.mjs';

await bootstrap();
const { parseArgs } = await import('node:util');
const { giveUp } = await import('./bootstrap.mjs');
const { startDesktop, startInBrowser } = await import('./tryout.mjs');

let options;
try {
  options = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      port: { type: 'string', default: '7357' },
      data: { type: 'string' },
      fresh: { type: 'boolean', default: false },
      desktop: { type: 'boolean', default: false },
      open: { type: 'boolean', default: true },
    },
  });
} catch (error) {
  giveUp(`${error.message}\nUsage: npm start [-- FOLDER] [--port N] [--fresh] [--desktop] [--no-open]`);
}
const { values, positionals } = options;
try {
  await (values.desktop ? startDesktop : startInBrowser)({ ...values, port: Number(values.port), folder: positionals[0] });
} catch (error) {
  if (!error.errors) giveUp(error.message);
  process.exitCode = 1;
}
