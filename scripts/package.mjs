import { bootstrap } from './bootstrap.mjs';

await bootstrap();
const { packageExtension } = await import('./vsix.mjs');
const { packCommandLine } = await import('./tarball.mjs');
try {
  console.log(await packageExtension());
  console.log(packCommandLine());
} catch (error) {
  if (!error.errors) console.error(error.message);
  process.exitCode = 1;
}
