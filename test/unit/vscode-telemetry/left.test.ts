import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHARING_VERSION } from '../../../src/core/team/sharing.ts';
import { writeSharing } from '../../../src/node/team/sharingFiles.ts';
import { createTelemetryStore } from '../../../src/node/telemetry/consentStore.ts';
import { telemetryPaths } from '../../../src/node/telemetry/paths.ts';
import { leftIn, type LeftState } from '../../../src/vscode/telemetry/left.ts';

interface MenuEntry {
  command: string;
  when: string;
}
const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  contributes: { menus: { 'view/title': MenuEntry[] } };
};

describe('what can be undone in the Telemetry view', () => {
  let home: string;
  let root: string;
  const left = (folder: string | undefined = root): Promise<LeftState> => leftIn(telemetryPaths(home).folder, folder);

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'handrail-left-'));
    root = join(home, 'project');
    mkdirSync(join(root, '.handrail'), { recursive: true });
    writeFileSync(join(root, '.handrail', 'telemetry.yml'), 'version: 1\nteam: payments\nk: 5\ncounters: [review.runs]\n');
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('is nothing before anything was decided', async () => {
    assert.deepEqual(await left(), { canStop: false, canDelete: false });
    assert.equal(existsSync(telemetryPaths(home).folder), false);
  });

  it('is what is kept once it was turned on, and an agreement also while nothing may be recorded', async () => {
    const store = createTelemetryStore({ home, env: {} });
    await store.turnOn();
    assert.deepEqual(await left(), { canStop: false, canDelete: true });
    const agreement = { team: 'search', day: '2026-11-20', automatic: true, assistants: false, config: 'sha256:0' };
    await writeSharing(telemetryPaths(home).sharing, { version: SHARING_VERSION, ...agreement });
    await store.setVeto(true);
    assert.deepEqual(await leftIn(telemetryPaths(home).folder, undefined), { canStop: true, canDelete: true });
  });

  it('is what was sent by the team of the folder, also when sharing has ended and it is off', async () => {
    const { contributions } = telemetryPaths(home);
    mkdirSync(contributions, { recursive: true });
    writeFileSync(join(contributions, '2026-W46-search.json'), '{}');
    assert.deepEqual(await left(), { canStop: false, canDelete: true });
    writeFileSync(join(contributions, '2026-W46-payments.json'), '{}');
    assert.deepEqual(await left(), { canStop: true, canDelete: true });
    assert.deepEqual(await leftIn(telemetryPaths(home).folder, undefined), { canStop: false, canDelete: true });
  });

  it('is what its menu offers, in any state of the view', () => {
    const whenOf = (command: string): string[] =>
      manifest.contributes.menus['view/title'].filter((entry) => entry.command === command).map(({ when }) => when);
    assert.deepEqual(whenOf('handrail.stopSharing'), ['view == handrail.telemetry && handrail.telemetryCanStop']);
    assert.deepEqual(whenOf('handrail.deleteRecorded'), ['view == handrail.telemetry && handrail.telemetryCanDelete']);
  });
});
