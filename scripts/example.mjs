/**
 * Makes a working copy of the example project: a real git repository with a history on `main` and the branch
 * `feat/gift-cards` in progress, two commits and uncommitted work. The same copy, byte for byte and commit for commit, each time.
 *
 *     node scripts/example.mjs FOLDER
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const examples = path.resolve(import.meta.dirname, '../examples');

const MINA = { name: 'Mina Park', email: 'mina@shop.example' };
const JONAS = { name: 'Jonas Weber', email: 'jonas@shop.example' };

/** What each commit brings, oldest first. Paths are files or folders of `shop` (main) and `shop-branch/committed` (the branch). */
const MAIN = [
  {
    by: MINA,
    at: '2026-03-02T09:12:00+01:00',
    subject: 'Start the shop: money and cart',
    paths: ['.gitignore', 'package.json', 'tsconfig.json', 'src/money.ts', 'src/cart.ts', 'test/money.test.ts', 'test/cart.test.ts'],
  },
  {
    by: JONAS,
    at: '2026-03-09T14:40:00+01:00',
    subject: 'Take orders: stock, payment, checkout',
    paths: ['src/stock.ts', 'src/payments', 'src/checkout.ts', 'test/checkout.test.ts', 'test/node.d.ts'],
  },
  { by: JONAS, at: '2026-05-18T10:05:00+02:00', subject: 'Report the sales of a week', paths: ['report', 'test/report.test.ts'] },
  {
    by: MINA,
    at: '2026-09-01T08:30:00+02:00',
    subject: 'Agree on how we work: intent, tests, review, approval',
    paths: ['.handrail', '.github', 'docs', 'README.md'],
  },
];
const BRANCH = [
  { by: JONAS, at: '2026-11-16T09:20:00+01:00', subject: 'Say what gift cards are for', paths: ['docs/notes/feat-gift-cards.md'] },
  { by: JONAS, at: '2026-11-16T16:45:00+01:00', subject: 'Issue gift cards and pay with them', paths: ['src'] },
];

/**
 * @param {string} target a folder that does not exist yet or is empty
 * @returns {Promise<void>}
 */
export async function prepareExample(target) {
  const folder = path.resolve(target);
  fs.mkdirSync(folder, { recursive: true });
  if (fs.readdirSync(folder).length > 0) throw new Error(`${folder} is not empty; name a new folder for the example.`);
  const git = gitIn(folder);
  git(['init', '--quiet', '--initial-branch=main']);
  git(['config', 'user.name', JONAS.name]);
  git(['config', 'user.email', JONAS.email]);
  git(['config', 'commit.gpgsign', 'false']);
  git(['config', 'core.autocrlf', 'false']);
  commitAll(git, folder, path.join(examples, 'shop'), MAIN);
  git(['switch', '--quiet', '--create', 'feat/gift-cards']);
  commitAll(git, folder, path.join(examples, 'shop-branch', 'committed'), BRANCH);
  copyTree(path.join(examples, 'shop-branch', 'uncommitted'), folder);
  forgetAPassword(folder);
}

function commitAll(git, folder, from, commits) {
  for (const { by, at, subject, paths } of commits) {
    for (const part of paths) copyTree(path.join(from, part), path.join(folder, part));
    git(['add', '--all']);
    git(['commit', '--quiet', '--message', subject], {
      GIT_AUTHOR_NAME: by.name,
      GIT_AUTHOR_EMAIL: by.email,
      GIT_AUTHOR_DATE: at,
      GIT_COMMITTER_NAME: by.name,
      GIT_COMMITTER_EMAIL: by.email,
      GIT_COMMITTER_DATE: at,
    });
  }
}

/** Caches of earlier test runs in the sources do not belong to the example. */
function copyTree(from, to) {
  fs.cpSync(from, to, { recursive: true, filter: (source) => !/[\\/](__pycache__|node_modules)([\\/]|$)/.test(source) });
}

/** The secret that the review finds. It is put together here, so that this repository itself holds nothing that looks like one. */
function forgetAPassword(folder) {
  const file = path.join(folder, 'report', 'gift_cards.py');
  const address = ['postgres', '://report:', 'Nv8qT2wLx4', '@db.shop.example:5432/shop'].join('');
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('@DATABASE@', address));
}

/** Git as a fresh installation would behave: the person's own configuration, hooks and templates stay out of the example. */
function gitIn(folder) {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  const base = { ...clean, GIT_CONFIG_GLOBAL: nullDevice, GIT_CONFIG_NOSYSTEM: '1', GIT_TEMPLATE_DIR: '' };
  return (args, env = {}) => execFileSync('git', args, { cwd: folder, env: { ...base, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
}

const nullDevice = process.platform === 'win32' ? 'NUL' : '/dev/null';

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const target = process.argv[2];
  if (target === undefined) {
    console.error('Name a new folder: node scripts/example.mjs FOLDER');
    process.exit(2);
  }
  await prepareExample(target);
  console.log(`The example is in ${path.resolve(target)}, on branch feat/gift-cards.`);
}
