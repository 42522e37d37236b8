import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Terminal } from '../../../src/cli/terminal.ts';

const SOURCES = join(import.meta.dirname, '..', '..', '..', 'src', 'vscode');

/** The text of a call from its opening bracket to the closing one. */
function callAt(source: string, open: number): string {
  let depth = 0;
  for (let at = open; at < source.length; at++) {
    if (source[at] === '(') depth++;
    else if (source[at] === ')' && --depth === 0) return source.slice(open, at + 1);
  }
  return source.slice(open);
}

describe('places where text comes alive', () => {
  it('shows every message of the editor that is no dialog through messages.ts, which makes no links', () => {
    const files = globSync('**/*.ts', { cwd: SOURCES }).filter((name) => name !== 'messages.ts');
    assert.ok(files.length > 40);
    for (const name of files) {
      const source = readFileSync(join(SOURCES, name), 'utf8');
      for (const { index, 0: call } of source.matchAll(/vscode\.window\.show(?:Information|Warning|Error)Message\b/g)) {
        assert.match(callAt(source, index + call.length), /modal: true/, `${name}: use showInformation, showWarning or showError`);
      }
      assert.doesNotMatch(source, /ProgressLocation\.Notification/, `${name}: use withNotification`);
      assert.doesNotMatch(source, /isTrusted = true|supportHtml = true|isTrusted: true|supportHtml: true/, name);
    }
  });

  it('prints JSON that no terminal obeys and every reader reads alike', () => {
    const stdout = new PassThrough();
    const streams = { stdout, stderr: new PassThrough(), stdin: new PassThrough(), env: {} } as unknown as ConstructorParameters<
      typeof Terminal
    >[0];
    const value = { text: 'a\u001b[2Jb\u009b31mc\u202ed\u2028e\u007ff\u061cg é 漢 🎉' };
    new Terminal(streams).document(value);
    const printed = String(stdout.read());
    assert.doesNotMatch(printed, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u2028-\u202e]/);
    assert.match(printed, /é 漢 🎉/);
    assert.deepEqual(JSON.parse(printed), value);
  });
});
