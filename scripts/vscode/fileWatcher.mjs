import fs from 'node:fs';
import path from 'node:path';

/**
 * The server's recursive file watcher is a native module that its package builds from source. Without it the editor hears of no
 * change made outside, so the prebuilt binary that its makers publish is put beside it.
 */
export function addFileWatcher(server, cacheFolder, installOnce) {
  const { version } = JSON.parse(fs.readFileSync(path.join(server, 'node_modules/@parcel/watcher/package.json'), 'utf8'));
  const name = prebuiltName();
  const target = path.join(server, 'node_modules', name);
  if (fs.existsSync(target)) return;
  const folder = installOnce(path.join(cacheFolder, `watcher-${version}`), (fresh, npm) => npm(fresh, `${name}@${version}`));
  // Whole under another name first: a server may be starting.
  const fresh = `${target}.${process.pid}`;
  fs.cpSync(path.join(folder, 'node_modules', name), fresh, { recursive: true });
  try {
    fs.renameSync(fresh, target);
  } catch (error) {
    fs.rmSync(fresh, { recursive: true, force: true });
    if (!fs.existsSync(target)) throw error;
  }
}

/** As `@parcel/watcher` looks for it. */
function prebuiltName() {
  const base = `@parcel/watcher-${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return base;
  const glibc = process.report.getReport().header.glibcVersionRuntime !== undefined;
  return `${base}-${glibc ? 'glibc' : 'musl'}`;
}
