import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureOf } from '../../src/core/errors.ts';
import { assistantFile } from '../../src/node/usage/assistantFiles.ts';

describe('the settings file of an assistant', () => {
  let person: string;
  let path: string;
  beforeEach(() => {
    person = mkdtempSync(join(tmpdir(), 'handrail-person-'));
    path = join(person, '.claude', 'settings.json');
    mkdirSync(join(path, '..'));
  });
  afterEach(() => rmSync(person, { recursive: true, force: true }));

  const settings = () => assistantFile('claude-code', { HOME: person });

  it('is left as it is where the person made it read-only, also for an administrator', async () => {
    writeFileSync(path, '{}\n');
    chmodSync(path, 0o444);
    for (const text of ['{"a":1}\n', undefined])
      await assert.rejects(settings().write(text), (error) => failureOf(error)?.reason === 'read-only');
    assert.equal(readFileSync(path, 'utf8'), '{}\n');
    assert.equal(statSync(path).mode & 0o777, 0o444);
    chmodSync(path, 0o640);
    await settings().write('{"a":1}\n');
    assert.equal(readFileSync(path, 'utf8'), '{"a":1}\n');
    assert.equal(statSync(path).mode & 0o777, 0o640);
  });

  it('is beside that of an administrator, where there is one', async () => {
    const system = join(person, 'system.json');
    const gemini = assistantFile('gemini-cli', { HOME: person, GEMINI_CLI_SYSTEM_SETTINGS_PATH: system });
    assert.equal(await gemini.administered?.(), undefined);
    writeFileSync(system, '{ "telemetry": {} }');
    assert.equal(await gemini.administered?.(), '{ "telemetry": {} }');
    assert.equal(assistantFile('codex', { HOME: person }).administered, undefined);
  });
});
