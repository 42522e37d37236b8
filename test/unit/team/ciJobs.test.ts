import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ciJobFiles } from '../../../scripts/ciJobFiles.mjs';
import { CI_HOSTS, ciJob } from '../../../src/cli/team/ciJobs.ts';

describe('the job that releases a team’s figures', () => {
  for (const [file, text] of Object.entries(ciJobFiles())) {
    it(`is what ${file} says`, () => {
      assert.equal(readFileSync(join(import.meta.dirname, '../../..', file), 'utf8'), text, 'run node scripts/ciJobs.mjs');
    });
  }

  it('runs the same commands on every host, from where contributions travel', () => {
    const lines = (text: string): string[] => [...text.matchAll(/^ *(handrail team .*)$/gm)].map(([, command = '']) => command);
    const commands = (text: string): string[] => lines(text).map((line) => line.replace(/ > \/dev\/null$/, ''));
    const [first, ...others] = CI_HOSTS.map((host) => commands(ciJob(host)));
    assert.equal(first?.length, 2);
    for (const other of others) assert.deepEqual(other, first);
    assert.match(commands(ciJob('sh', 'folder:/srv/it is $HERE/`x`')).join('\n'), /--from 'folder:\/srv\/it is \$HERE\/`x`' --out/);
    assert.match(commands(ciJob('sh', "folder:/srv/o'clock")).join('\n'), /--from 'folder:\/srv\/o'\\''clock' --out/);
  });

  it('keeps counts out of a log that others read', () => {
    const told = (host: (typeof CI_HOSTS)[number]): number => [...ciJob(host).matchAll(/^ *handrail team .*(?<!> \/dev\/null)$/gm)].length;
    assert.deepEqual(Object.fromEntries(CI_HOSTS.map((host) => [host, told(host)])), { github: 0, gitlab: 0, sh: 2 });
  });

  it('never puts the key where a log or the repository could have it', () => {
    for (const host of CI_HOSTS) {
      const text = ciJob(host);
      assert.doesNotMatch(text, /(?:echo|cat)[^\n;]*(?:TEAM_KEY|"\$KEY")/);
      assert.match(text, /trap 'rm -rf "\$WORK"' EXIT/);
    }
    assert.match(ciJob('github'), /environment: handrail-figures/);
  });
});
