/**
 * Host tests: each test file gets its own extension host on its own fresh copy of the example project. With HANDRAIL_DESKTOP
 * a desktop VS Code is downloaded; otherwise a stand-in runs the same tests in the VS Code server.
 */
import { defineConfig } from '@vscode/test-cli';
import fs from 'node:fs';
import path from 'node:path';
import { newExample, removeWorkspace } from './scripts/workspace.mjs';

const bundles = path.join(import.meta.dirname, 'dist/test/host');
const desktop = Boolean(process.env.HANDRAIL_DESKTOP);
const standIn = path.join(import.meta.dirname, 'scripts/vscode/standIn.mjs');
const asRoot = process.getuid?.() === 0;

const files = fs.readdirSync(bundles).filter((file) => file.endsWith('.test.js'));
/** Extensions that a test file needs beside ours, and the proposals they are allowed. */
const helpers = {
  'editorModels.test.js': {
    extension: path.join(import.meta.dirname, 'test/host/modelExtension'),
    args: ['--enable-proposed-api=handrail-tests.scripted-models'],
  },
  // Declares the settings of Copilot Chat, which is not there.
  'usage.test.js': { extension: path.join(import.meta.dirname, 'test/host/modelExtension'), args: [] },
};

// test-electron switches workspace trust off on the desktop, so restricted mode is tested with the stand-in.
const runnable = files.filter((file) => !desktop || !file.endsWith('.restricted.test.js'));

/** A desktop allows telemetry unless told otherwise, the stand-in forbids it; `NAME.telemetry.test.ts` is about a person who allows it. */
function telemetryArgs(file) {
  const allowed = file.endsWith('.telemetry.test.js');
  if (desktop) return allowed ? [] : ['--disable-telemetry'];
  return allowed ? ['--telemetry-level=all'] : [];
}

export default defineConfig(
  await Promise.all(
    runnable.map(async (file) => {
      const workspaceFolder = await newExample();
      process.once('exit', () => removeWorkspace(workspaceFolder));
      return {
        label: file.replace(/\.test\.js$/, ''),
        files: path.join(bundles, file),
        workspaceFolder,
        ...(helpers[file] ? { extensionDevelopmentPath: [import.meta.dirname, helpers[file].extension] } : {}),
        ...(desktop ? {} : { useInstallation: { fromPath: standIn } }),
        launchArgs: [
          ...(helpers[file]?.args ?? []),
          ...(file.endsWith('.restricted.test.js') ? ['--workspace-trust'] : []),
          ...telemetryArgs(file),
          ...(desktop && asRoot ? ['--no-sandbox'] : []),
        ],
        env: { HANDRAIL_HOME: path.join(path.dirname(workspaceFolder), 'home') },
        mocha: { ui: 'bdd', timeout: 60_000, forbidOnly: true },
      };
    }),
  ),
);
