import { bootstrap } from './bootstrap.mjs';

await bootstrap();
const { build, watch } = await import('../esbuild.mjs');
const flags = new Set(process.argv.slice(2));
try {
  if (flags.has('--watch')) await watch();
  else await build({ production: !flags.has('--development') });
} catch (error) {
  // esbuild has printed its errors with their places.
  if (!error.errors) console.error(error);
  process.exitCode = 1;
}
