import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleText, collectStrings, presentBundle } from '../../scripts/l10n.mjs';

const root = join(import.meta.dirname, '../..');

describe('strings that people see', () => {
  it('are written out where they are used, so that they can be translated', () => {
    assert.deepEqual(collectStrings().unreadable, []);
    assert.ok(collectStrings().strings.includes("someone's word"));
  });

  it('stand in the bundle from which translations start', () => {
    assert.equal(presentBundle(), bundleText(), 'run: node scripts/l10n.mjs');
  });

  it('of the manifest stand in package.nls.json, each used', () => {
    const manifest = readFileSync(join(root, 'package.json'), 'utf8');
    const used = new Set([...manifest.matchAll(/"%([\w.-]+)%"/g)].map((match) => match[1]));
    const there = new Set(Object.keys(JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Record<string, string>));
    assert.deepEqual([...used].sort(), [...there].sort());
  });
});
