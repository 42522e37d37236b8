/**
 * `node scripts/orgData.mjs DIR` makes the releases of an organisation that does not exist, DIR/TEAM/{ledger.json, r-….json} with the
 * team's file beside them, by the code that releases. `--team payments` makes those of one team; `--contributions DIR` keeps what they
 * are made of as well, DIR/TEAM/TEAM.ndjson. Always the same bytes.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap, giveUp } from './bootstrap.mjs';

await bootstrap();
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { team: { type: 'string' }, contributions: { type: 'string' } },
});
const [folder] = positionals;
if (folder === undefined) giveUp('Name a new folder: node scripts/orgData.mjs DIR');
if (fs.existsSync(folder) && fs.readdirSync(folder).length > 0) giveUp(`${folder} is not empty. Name a new folder.`);

const { orgTeams, releaseOrgTeam } = await import('./orgDataFiles.mjs');
const teams = orgTeams().filter(({ team }) => values.team === undefined || team === values.team);
if (teams.length === 0) giveUp(`There is no team ${values.team}. The first is payments.`);
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'handrail-organisation-'));
let count = 0;
try {
  for (const team of teams) {
    // A folder for each: whoever releases a team opens what was sent to it, and no more.
    const input = path.join(values.contributions ?? temporary, team.team);
    count += await releaseOrgTeam(team, { input, out: path.join(folder, team.team) });
    if (values.contributions === undefined) fs.rmSync(input, { recursive: true });
  }
} finally {
  fs.rmSync(temporary, { recursive: true });
}
fs.writeFileSync(
  path.join(folder, 'GENERATED.md'),
  `# Generated\n\n${teams.length} teams that do not exist, from the numbers in \`scripts/orgDataFiles.mjs\`. Nobody's work is in it.\n`,
);
console.log(`${count} releases of ${teams.length} generated teams are in ${path.resolve(folder)}.`);
