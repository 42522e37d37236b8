import { bootstrap } from './bootstrap.mjs';

await bootstrap();
const { packageExtension } = await import('./vsix.mjs');
try {
  console.log(await packageExtension());
} catch (error) {
  if (!error.errors) console.error(error.message);
  process.exitCode = 1;
}
