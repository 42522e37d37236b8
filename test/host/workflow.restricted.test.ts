import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Services } from '../../src/vscode/services.ts';
import { runCommandStep } from '../../src/vscode/workflow/commandTask.ts';
import { WorkflowModel } from '../../src/vscode/workflow/workflowModel.ts';

describe('the workflow in an untrusted workspace', () => {
  let services: Services;
  before(async () => {
    await vscode.extensions.getExtension('handrail.handrail')?.activate();
    services = new Services({} as vscode.ExtensionContext, vscode.window.createOutputChannel('Restricted', { log: true }));
  });
  after(() => services.dispose());

  it('reads no run, since that would ask git', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const model = new WorkflowModel(services);
    await model.refresh();
    assert.equal(model.state.kind, 'untrusted');
    model.dispose();
  });

  it('runs no command of the repository and says why', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0] ?? assert.fail('a folder is open');
    await assert.rejects(runCommandStep(services, folder, { id: 'tests', title: 'Run the tests' }, undefined), {
      reason: 'untrusted',
      message: 'This folder is not trusted, so its commands do not run.',
    });
    assert.deepEqual(vscode.tasks.taskExecutions, []);
  });

  it('answers its commands instead of failing silently', async () => {
    const commands = await vscode.commands.getCommands(true);
    assert.ok(commands.includes('handrail.goToNextStep'));
  });
});
