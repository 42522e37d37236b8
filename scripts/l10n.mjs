/**
 * Collects the strings that people see (`l10n.t('…')` under src/vscode) into l10n/bundle.l10n.json, from which translations
 * start. `node scripts/l10n.mjs` writes the file; a unit test says when it is out of date.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const bundle = path.join(root, 'l10n/bundle.l10n.json');

const CALL = /\bl10n\s*\.t\(\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\$]|\\.)*`)?/g;

/** All strings, sorted, and the places whose string is not written out as a literal and so cannot be translated. */
export function collectStrings() {
  const strings = new Set();
  const unreadable = [];
  const folder = path.join(root, 'src/vscode');
  for (const name of fs.readdirSync(folder, { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    for (const [, literal] of text.matchAll(CALL)) {
      if (literal === undefined) unreadable.push(name);
      else strings.add(valueOf(literal));
    }
  }
  return { strings: [...strings].sort(), unreadable };
}

/** The text of a string literal. */
function valueOf(literal) {
  const escapes = { n: '\n', t: '\t' };
  return literal
    .slice(1, -1)
    .replace(/\\(u\{([0-9a-f]+)\}|.)/gi, (_all, one, hex) => (hex ? String.fromCodePoint(parseInt(hex, 16)) : (escapes[one] ?? one)));
}

export function bundleText() {
  return `${JSON.stringify(Object.fromEntries(collectStrings().strings.map((text) => [text, text])), null, 2)}\n`;
}

export function presentBundle() {
  return fs.existsSync(bundle) ? fs.readFileSync(bundle, 'utf8') : '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  fs.mkdirSync(path.dirname(bundle), { recursive: true });
  fs.writeFileSync(bundle, bundleText());
}
