/** `npm run bench`: every benchmark of test/bench; `npm run bench -- NAME` one. */
import { bootstrap, giveUp } from './bootstrap.mjs';

await bootstrap();
const { runBenchmarks } = await import('../test/bench/run.ts');
try {
  await runBenchmarks(process.argv.slice(2));
  // Engines may have left workers behind that wait for more.
  process.exit(0);
} catch (error) {
  giveUp(error.stack ?? String(error));
}
