/**
 * The real workbench with the packaged extension installed, on a fresh copy of the example project, in a fresh browser profile.
 * One server a worker; `test.use({ trust, settings, extensions, serverEnv, files })` changes what a test gets.
 */
import { test as base, expect } from '@playwright/test';
import fs from 'node:fs';
import path from 'node:path';
import {
  installExtension,
  linkExtensions,
  newDataFolder,
  startServer,
  workbenchAddress,
  writeSettings,
} from '../../scripts/vscode/server.mjs';
import { startModelServer, type ModelScript, type ModelServer } from '../support/modelServer.ts';
import { Workbench } from './workbench.ts';
import { newExample, newRepository, removeWorkspace } from '../../scripts/workspace.mjs';

const root = path.resolve(import.meta.dirname, '../..');

interface Server {
  origin: string;
  port: number;
  dataFolder: string;
  log: string;
  stop(): Promise<void>;
}

interface TestOptions {
  trust: 'trusted' | 'restricted';
  /** Settings of the person, on top of the quiet ones. */
  settings: Record<string, unknown>;
  /** Files of a new repository instead of the example project. */
  files: Record<string, string> | undefined;
  /** Files of a second repository that is open in the same window. */
  filesBeside: Record<string, string> | undefined;
}

interface WorkerOptions {
  /** Folders of extensions that are there beside ours; proposed API is allowed then. */
  extensions: string[];
  /** Environment of the extension host; changing it starts another server. */
  serverEnv: Record<string, string>;
  /** What the person allows in the editor; changing it starts another server. */
  telemetryLevel: 'off' | 'all';
}

interface Fixtures {
  folder: string;
  /** The second folder of the window; empty without one. */
  folderBeside: string;
  workbench: Workbench;
  /** Starts the scripted model server; it ends with the test. */
  modelServer: (script: ModelScript) => Promise<ModelServer>;
}

/** A workspace file for two folders; none for one. */
function workspaceOf(folder: string, beside: string): string | undefined {
  if (beside === '') return undefined;
  const file = path.join(path.dirname(folder), 'both.code-workspace');
  const folders = [
    { name: 'shop', path: folder },
    { name: 'tools', path: beside },
  ];
  fs.writeFileSync(file, JSON.stringify({ folders }));
  return file;
}

export const test = base.extend<TestOptions & Fixtures, WorkerOptions & { server: Server }>({
  trust: ['trusted', { option: true }],
  settings: [{}, { option: true }],
  files: [undefined, { option: true }],
  filesBeside: [undefined, { option: true }],
  extensions: [[], { option: true, scope: 'worker' }],
  serverEnv: [{}, { option: true, scope: 'worker' }],
  telemetryLevel: ['off', { option: true, scope: 'worker' }],

  server: [
    async ({ extensions, serverEnv, telemetryLevel }, use) => {
      const dataFolder = newDataFolder();
      installExtension(dataFolder, path.join(root, 'dist/handrail.vsix'));
      linkExtensions(dataFolder, extensions);
      const server: Server = await startServer({
        dataFolder,
        telemetryLevel,
        env: { HANDRAIL_HOME: path.join(dataFolder, 'home'), ...serverEnv },
      });
      await use(server);
      await server.stop();
      fs.rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  folder: async ({ files }, use) => {
    const folder = files ? newRepository(files) : await newExample();
    await use(folder);
    removeWorkspace(folder);
  },

  folderBeside: async ({ filesBeside }, use) => {
    const folder = filesBeside ? newRepository(filesBeside) : '';
    await use(folder);
    if (folder !== '') removeWorkspace(folder);
  },

  workbench: async ({ page, server, folder, folderBeside, trust, settings, extensions, telemetryLevel }, use) => {
    writeSettings(server.dataFolder, {
      'security.workspace.trust.enabled': trust === 'restricted',
      'security.workspace.trust.startupPrompt': 'never',
      'window.dialogStyle': 'custom',
      // Where a page that is just being drawn takes the focus, lists stay: no test is about the editor closing them.
      'workbench.quickOpen.closeOnFocusLost': false,
      'telemetry.telemetryLevel': telemetryLevel,
      'workbench.colorTheme': 'Default Light Modern',
      ...settings,
    });
    const workbench = new Workbench(page, {
      folder,
      home: path.join(server.dataFolder, 'home'),
      address: workbenchAddress(server, { folder, workspace: workspaceOf(folder, folderBeside), proposals: extensions.length > 0 }),
    });
    await workbench.open();
    await use(workbench);
  },

  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixtures a fixture needs from its pattern
  modelServer: async ({}, use) => {
    const started: ModelServer[] = [];
    await use(async (script) => {
      const server = await startModelServer(script);
      started.push(server);
      return server;
    });
    for (const server of started) await server.close();
  },
});

export { expect, Workbench };
