import fs from 'node:fs';
import path from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)([-.].*)?$/i;

function packageOf(root, input) {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.split(path.sep).join('/'));
  return match ? path.resolve(root, match[1]) : undefined;
}

function notice(directory) {
  const manifest = JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8'));
  const files = fs
    .readdirSync(directory)
    .filter((file) => LICENCE_FILE.test(file))
    .sort();
  const texts = files.map((file) => fs.readFileSync(path.join(directory, file), 'utf8').trim());
  return { title: `${manifest.name} ${manifest.version} (${manifest.license ?? 'licence in its text'})`, texts };
}

/** Licence texts of every package that went into the bundles (`inputs`: esbuild's paths) or beside them, sorted by name. */
export function thirdPartyNotices(root, inputs, copied) {
  const directories = new Set(inputs.map((input) => packageOf(root, input)).filter(Boolean));
  for (const name of copied) {
    const directory = path.join(root, 'node_modules', name);
    if (fs.existsSync(directory)) directories.add(directory);
  }
  const notices = [...directories].map(notice).sort((a, b) => (a.title < b.title ? -1 : 1));
  const line = '-'.repeat(80);
  return notices.map(({ title, texts }) => [line, title, line, ...texts, ''].join('\n\n')).join('\n');
}
