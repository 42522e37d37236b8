import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';

/** What a command line prints in a new terminal of the editor; it has to end well. */
export async function inTerminal(line: string): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'handrail-terminal-'));
  const seen = path.join(folder, 'seen.txt');
  const execution = new vscode.ShellExecution(process.platform === 'win32' ? `${line} > "${seen}"` : `${line} > '${seen}'`);
  const name = path.basename(folder);
  const ended = new Promise<number | undefined>((resolve) => {
    const listener = vscode.tasks.onDidEndTaskProcess((event) => {
      if (event.execution.task.name !== name) return;
      listener.dispose();
      resolve(event.exitCode);
    });
  });
  try {
    await vscode.tasks.executeTask(new vscode.Task({ type: 'shell' }, vscode.TaskScope.Workspace, name, 'test', execution));
    assert.equal(await ended, 0, line);
    return fs.readFileSync(seen, 'utf8');
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
