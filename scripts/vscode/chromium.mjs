import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { cacheFolder, installOnce } from './install.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'msedge'];
const FIXED = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];
const PORTABLE = '153.0.0';

const FLAGS = [
  '--no-sandbox', // containers rarely allow Chromium's own; only the local workbench is opened
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function installed() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const candidates = [...NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name + suffix))), ...FIXED];
  return candidates.find((file) => fs.existsSync(file));
}

function fromDebian() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  if (spawnSync('apt-get', ['--version']).status !== 0) return undefined;
  console.error('Installing Chromium (once)…');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
  ]) {
    if (spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status !== 0) return undefined;
  }
  return installed();
}

/** The build on npm brings the libraries that a bare Linux lacks, so it works without root. */
async function fromNpm() {
  if (process.platform !== 'linux') return undefined;
  console.error('Installing a portable Chromium (once)…');
  const folder = installOnce(path.join(cacheFolder(), `chromium-${PORTABLE}`), (fresh, npm) =>
    npm(fresh, `@sparticuz/chromium@${PORTABLE}`),
  );
  const { default: chromium } = await import(createRequire(path.join(folder, 'package.json')).resolve('@sparticuz/chromium'));
  return { executablePath: await chromium.executablePath(), args: [...new Set([...chromium.args, ...FLAGS])] };
}

/** Launch options of a Chromium: HANDRAIL_CHROMIUM, one that is installed, Debian's package (as root), the portable one from npm. */
export async function ensureChromium() {
  const executablePath = process.env.HANDRAIL_CHROMIUM || installed() || fromDebian();
  if (executablePath) return { executablePath, args: FLAGS };
  const portable = await fromNpm();
  if (portable) return portable;
  throw new Error('No Chromium was found. Install Chromium or Chrome, or set HANDRAIL_CHROMIUM to its executable.');
}
