#!/usr/bin/env node
/**
 * Stands in for the desktop `code` executable, so that @vscode/test-cli and @vscode/test-electron run unchanged where no
 * desktop VS Code can be downloaded: it runs the given tests in the extension host of the VS Code server, with the workbench
 * in a headless Chromium.
 */
import fs from 'node:fs';
import path from 'node:path';
import { bootstrap } from '../bootstrap.mjs';

await bootstrap();
const { chromium } = await import('@playwright/test');
const { ensureChromium } = await import('./chromium.mjs');
const { linkExtensions, newDataFolder, startServer, workbenchAddress, writeSettings } = await import('./server.mjs');

const TIME_LIMIT_MS = 300_000;
const values = (name) => process.argv.filter((arg) => arg.startsWith(`--${name}=`)).map((arg) => arg.slice(name.length + 3));
const flag = (name) => process.argv.includes(`--${name}`);
const folder = process.argv
  .slice(2)
  .filter((arg) => !arg.startsWith('-'))
  .at(-1);

/** Copies what was added to the file to stdout; returns the new end. */
function forward(file, from) {
  const bytes = fs.readFileSync(file);
  if (bytes.length > from) process.stdout.write(bytes.subarray(from));
  return bytes.length;
}

async function untilEnded(page, address) {
  let ended;
  const exit = new Promise((resolve, reject) => {
    ended = resolve;
    page.on('crash', () => reject(new Error('the workbench crashed')));
    setTimeout(() => reject(new Error(`no result within ${TIME_LIMIT_MS / 1000} s`)), TIME_LIMIT_MS).unref();
  });
  await page.exposeFunction('codeAutomationLog', () => {});
  await page.exposeFunction('codeAutomationExit', (code) => ended(code));
  await page.goto(address);
  return exit;
}

async function run(dataFolder) {
  const output = path.join(dataFolder, 'output.txt');
  const verdict = path.join(dataFolder, 'verdict.json');
  fs.writeFileSync(output, '');
  const [telemetryLevel = 'off'] = values('telemetry-level');
  // Trust is off by default, as in a desktop run through test-electron.
  writeSettings(dataFolder, {
    'telemetry.telemetryLevel': telemetryLevel,
    'security.workspace.trust.enabled': flag('workspace-trust'),
    'security.workspace.trust.startupPrompt': 'never',
  });
  const [developmentPath, ...helpers] = values('extensionDevelopmentPath');
  linkExtensions(dataFolder, helpers);
  const { VSCODE_TEST_OPTIONS, NODE_V8_COVERAGE } = process.env;
  const server = await startServer({
    dataFolder,
    smokeDriver: true,
    telemetryLevel,
    env: {
      ...(VSCODE_TEST_OPTIONS ? { VSCODE_TEST_OPTIONS } : {}),
      ...(NODE_V8_COVERAGE ? { NODE_V8_COVERAGE } : {}),
      HANDRAIL_TESTS_PATH: path.resolve(values('extensionTestsPath')[0]),
      HANDRAIL_TESTS_OUTPUT: output,
      HANDRAIL_TESTS_VERDICT: verdict,
    },
  });
  let seen = 0;
  const tail = setInterval(() => (seen = forward(output, seen)), 200);
  const browser = await chromium.launch(await ensureChromium());
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const address = workbenchAddress(server, {
      folder: folder && path.resolve(folder),
      developmentPath,
      testsPath: path.join(import.meta.dirname, 'testsEntry.cjs'),
      proposals: values('enable-proposed-api').length > 0,
    });
    const code = await untilEnded(page, address);
    if (!fs.existsSync(verdict)) throw new Error(`the extension host ended (${code}) without a verdict; see ${server.log}`);
    return JSON.parse(fs.readFileSync(verdict, 'utf8')).ok ? 0 : code || 1;
  } finally {
    clearInterval(tail);
    forward(output, seen);
    await browser.close();
    await server.stop();
  }
}

const dataFolder = newDataFolder();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
try {
  process.exitCode = await run(dataFolder);
  if (process.exitCode === 0) fs.rmSync(dataFolder, { recursive: true, force: true });
} catch (error) {
  console.error(`${error.message}\nFiles of this run: ${dataFolder}`);
  process.exitCode = 1;
}
