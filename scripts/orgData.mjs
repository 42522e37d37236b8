/**
 * `node scripts/orgData.mjs DIR` makes the releases of an organisation that does not exist, DIR/TEAM/{ledger.json, r-….json} with the
 * team's file beside them, by the code that releases. `--team payments` makes those of one team; `--contributions DIR` keeps what they
 * are made of as well, one file a team. Always the same bytes.
 */
import fs from 'node:fs';
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

const { contributionsOf, NOW, orgTeams, WEEKS_OF_A_WINDOW } = await import('./orgDataFiles.mjs');
const { admit } = await import('../src/core/team/release/admit.ts');
const { releaseTeam } = await import('../src/node/team/release/releaseTeam.ts');

const teams = orgTeams().filter(({ team }) => values.team === undefined || team === values.team);
if (teams.length === 0) giveUp(`There is no team ${values.team}. The first is payments.`);
let count = 0;
for (const team of teams) count += await released(team);
fs.writeFileSync(
  path.join(folder, 'GENERATED.md'),
  `# Generated\n\n${teams.length} teams that do not exist, from the numbers in \`scripts/orgDataFiles.mjs\`. Nobody's work is in it.\n`,
);
console.log(`${count} releases of ${teams.length} generated teams are in ${path.resolve(folder)}.`);

async function released({ team, k, roster, registry }) {
  const contributions = [...contributionsOf({ team, roster, registry })];
  const engine = { admit: async (options) => admit(contributions, options) };
  const out = path.join(folder, team);
  const done = await releaseTeam({ team, k, roster, registry, window: WEEKS_OF_A_WINDOW, engine, output: out, prove: false, now: NOW });
  fs.mkdirSync(out, { recursive: true });
  fs.writeFileSync(path.join(out, 'telemetry.yml'), teamFile({ team, k, roster, registry }));
  if (values.contributions !== undefined) {
    fs.mkdirSync(values.contributions, { recursive: true });
    fs.writeFileSync(path.join(values.contributions, `${team}.ndjson`), contributions.map((one) => `${JSON.stringify(one)}\n`).join(''));
  }
  return done.released.length;
}

function teamFile({ team, k, roster, registry }) {
  const counters = registry.counters.map(({ name }) => `  - ${name}\n`).join('');
  return `version: 1\nteam: ${team}\nk: ${k}\nroster: ${roster}\nwindow: ${WEEKS_OF_A_WINDOW}w\ncounters:\n${counters}`;
}
