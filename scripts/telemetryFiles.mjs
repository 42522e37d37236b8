/**
 * Files that say what the telemetry catalogue says. `node scripts/telemetryDocs.mjs` writes them; a unit test fails when one differs.
 */
import fs from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap.mjs';
import { FIELDS, RETENTION_DAYS, RETENTION_RANGE } from '../src/core/telemetry/catalogue.ts';
import { telemetryPage } from './telemetryPage.mjs';
import { privacyPack } from './privacyPack.mjs';

/** Path of each file, relative to the project, to its text. */
export function telemetryFiles() {
  return {
    'docs/telemetry.md': telemetryPage(),
    'docs/privacy-pack.md': privacyPack(),
    'telemetry.json': json(editorManifest()),
    'package.json': json(withSetting(read('package.json'))),
    'package.nls.json': json({ ...read('package.nls.json'), 'config.keepDays': settingText() }),
  };
}

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
const read = (file) => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));

/**
 * `telemetry.json` as the editor collects it of its extensions for `code --telemetry`: every property with a classification and a purpose
 * of its vocabulary (https://code.visualstudio.com/docs/configure/telemetry). Nothing of it is sent to anybody.
 */
function editorManifest() {
  const properties = Object.entries(FIELDS).map(([name, { purpose, classification }]) => [
    name,
    {
      classification: 'SystemMetaData',
      purpose: classification === 'measure' ? 'PerformanceAndHealth' : 'FeatureInsight',
      comment: purpose,
    },
  ]);
  return {
    events: {
      'handrail/event': {
        comment: 'Opt-in, and written to a file on this machine only. See docs/telemetry.md.',
        ...Object.fromEntries(properties),
      },
    },
  };
}

/** The setting's bounds are the catalogue's. */
function withSetting(manifest) {
  const setting = manifest.contributes.configuration.properties['handrail.telemetry.keepDays'];
  Object.assign(setting, { default: RETENTION_DAYS, minimum: RETENTION_RANGE.least, maximum: RETENTION_RANGE.most });
  return manifest;
}

function settingText() {
  const names = Object.keys(FIELDS).map((name) => `\`${name}\``);
  return (
    'How many days recorded events stay on this machine before they are deleted. Only matters after telemetry was turned on. An event ' +
    `can hold ${names.slice(0, -1).join(', ')} and ${names.at(-1)}, and nothing else: ` +
    '[what each of them is for](command:handrail.openTelemetryCatalogue).'
  );
}
