/** `npm run eval -- ARGUMENTS`: `handrail eval` from the sources. Paths are relative to where npm was called. */
import { bootstrap } from './bootstrap.mjs';

await bootstrap();
const called = process.env.INIT_CWD;
if (called !== undefined) process.chdir(called);
process.argv.splice(2, 0, 'eval');
await import('../src/cli/main.ts');
