/**
 * `npm test`: every suite. `npm run check`: the fast ones (`--fast`). `npm run test:unit -- FILES`: one suite, whose arguments
 * follow its name. Ends with `N passed, N failed` and exit code 1 when anything failed.
 */
import { bootstrap } from './bootstrap.mjs';

await bootstrap();
const { extraSuites, fastSuites, suites } = await import('./suites.mjs');

const [first, ...rest] = process.argv.slice(2);
const all = { ...suites, ...extraSuites };
if (first !== undefined && first !== '--fast' && !all[first]) {
  console.error(`There is no suite "${first}". The suites are: ${Object.keys(all).join(', ')}.`);
  process.exit(2);
}
const names = first === undefined ? Object.keys(suites) : first === '--fast' ? fastSuites : [first];

// These test what is packed; in the full run the package suite has built it before them.
if (['contract', 'host', 'desktop', 'ui'].includes(first)) {
  const { failed } = await suites.package();
  if (failed > 0) process.exit(1);
}

const total = { passed: 0, failed: 0 };
const badly = [];
for (const name of names) {
  console.log(`\n== ${name}`);
  const started = performance.now();
  let counts;
  try {
    counts = await all[name](rest);
  } catch (error) {
    console.error(error);
    counts = { passed: 0, failed: 1 };
  }
  console.log(`-- ${name}: ${counts.passed} passed, ${counts.failed} failed (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  total.passed += counts.passed;
  total.failed += counts.failed;
  if (counts.failed > 0) badly.push(name);
}
if (badly.length > 0) console.log(`\nFailed: ${badly.join(', ')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
