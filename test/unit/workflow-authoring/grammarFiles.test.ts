import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { grammarFiles } from '../../../scripts/grammarFiles.mjs';

describe('what the grammar says elsewhere', () => {
  const root = join(import.meta.dirname, '../../..');

  for (const [path, text] of Object.entries(grammarFiles() as Record<string, string>)) {
    it(`is what ${path} says`, () => assert.equal(readFileSync(join(root, path), 'utf8'), text, 'run: node scripts/grammar.mjs'));
  }

  it('goes to the YAML tools that the manifest names', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { contributes: { yamlValidation: { url: string }[] } };
    const urls = manifest.contributes.yamlValidation.map(({ url }) => url.replace('./', ''));
    assert.deepEqual(
      urls,
      Object.keys(grammarFiles() as Record<string, string>).filter((path) => path.endsWith('.json')),
    );
  });
});
