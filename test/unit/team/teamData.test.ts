import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { teamDataFiles } from '../../../scripts/teamDataFiles.mjs';

describe('the example of a team', () => {
  for (const [file, text] of Object.entries(teamDataFiles())) {
    it(`is what ${file} says`, () => {
      assert.equal(readFileSync(join(import.meta.dirname, '../../..', file), 'utf8'), text, 'run node scripts/teamData.mjs');
    });
  }
});
