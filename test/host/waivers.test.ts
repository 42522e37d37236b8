import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { createWorkflowService } from '../../src/node/workflow/workflowService.ts';
import { Services } from '../../src/vscode/services.ts';
import { takeOver } from '../../src/vscode/workflow/formerCommand.ts';
import { waiveStep } from '../../src/vscode/workflow/waiveStep.ts';
import { WorkflowModel } from '../../src/vscode/workflow/workflowModel.ts';
import { Person, until } from '../support/person.ts';

const WORKFLOW = `version: 1
id: feature
title: Feature or fix
on: { branches: ["feat/**"] }
waive: { expires: 7d }
steps:
  - id: threats
    kind: manual
    title: Threat notes
    expect: [{ attest: Abuse cases listed }]
  - id: notes
    kind: manual
    title: Write the notes
    needs: [threats]
`;

/** What the editor keeps for a workspace. */
function memento(): vscode.Memento {
  const kept = new Map<string, unknown>();
  return {
    keys: () => [...kept.keys()],
    get: (key: string) => kept.get(key),
    update: async (key: string, value: unknown) => void kept.set(key, value),
  } as vscode.Memento;
}

describe('skipping a step with a reason, in the editor', () => {
  let folder: vscode.WorkspaceFolder;
  let services: Services;
  let model: WorkflowModel;
  let person: Person;
  const stateOf = (id: string) => model.step(id)?.state;
  const skip = async (id: string) => waiveStep(services, model, folder, model.step(id) ?? assert.fail(`no step ${id}`));

  before(async () => {
    folder = vscode.workspace.workspaceFolders?.[0] ?? assert.fail('a folder is open');
    const root = folder.uri.fsPath;
    fs.rmSync(path.join(root, '.handrail'), { recursive: true, force: true });
    execFileSync('git', ['switch', '-q', '-c', 'feat/skips'], { cwd: root, stdio: 'pipe' });
    fs.mkdirSync(path.join(root, '.handrail/workflows'), { recursive: true });
    fs.writeFileSync(path.join(root, '.handrail/workflows/feature.yml'), WORKFLOW);
    const context = { workspaceState: memento() } as Partial<vscode.ExtensionContext> as vscode.ExtensionContext;
    services = new Services(context, vscode.window.createOutputChannel('Skips', { log: true }));
    model = new WorkflowModel(services);
    await model.refresh();
    person = new Person();
  });

  beforeEach(() => person.forget());

  after(() => {
    person.restore();
    model.dispose();
    services.dispose();
  });

  it('asks why and until when, says it in the view, and takes it back at once', async () => {
    person.picks(/Another reason/, /For 3 days/);
    person.types('Only words were changed');
    person.answers(/is skipped until/, /Undo/);
    await skip('threats');
    await until('the message', () => person.said.some((text) => /“Threat notes” is skipped until \d{4}-\d\d-\d\d/.test(text)));
    await until('the undo', () => stateOf('threats') === 'ready');
    assert.equal(stateOf('notes'), 'blocked');
  });

  it('offers the reason and the time of before first, and no day beyond what the workflow allows', async () => {
    person.picks(/^Only words were changed$/, /For 3 days/);
    await skip('threats');
    assert.equal(person.offered[0]?.trim(), 'Only words were changed');
    assert.equal(person.offered.filter((label) => /For \d+ days|Until tomorrow/.test(label))[0]?.trim(), 'For 3 days');
    assert.doesNotMatch(person.offered.join('\n'), /For (?:14|30|90) days/);
    assert.deepEqual([stateOf('threats'), stateOf('notes')], ['waived', 'ready']);
    assert.equal(model.step('threats')?.waiver?.reason, 'Only words were changed');
  });

  it('is the same for another window, and can be taken back later', async () => {
    const other = await createWorkflowService({ root: folder.uri.fsPath, env: {} }).status();
    assert.equal(other.steps[0]?.state, 'waived');
    await vscode.commands.executeCommand('handrail.refreshWorkflow');
    await vscode.commands.executeCommand('handrail.unwaiveStep', { stepId: 'threats' });
    await model.refresh();
    assert.equal(stateOf('threats'), 'ready');
  });

  it('does nothing when a question is closed', async () => {
    for (const picks of [[], [/Not needed/]]) {
      person.forget();
      person.picks(...picks);
      await skip('threats');
      assert.equal(stateOf('threats'), 'ready');
    }
  });

  it('takes no day that is past or too far off', async () => {
    person.picks(/Not needed/, /Until a date/);
    person.types('2001-01-01');
    await assert.rejects(skip('threats'), /already past/);
    person.picks(/Not needed/, /Until a date/);
    person.types('2999-01-01');
    await assert.rejects(skip('threats'), /7 days at most/);
    assert.equal(stateOf('threats'), 'ready');
  });

  it('are not lost with the name of their branch: its records are offered after a rename, and stand as they stood', async () => {
    person.picks(/^Only words were changed$/, /For 3 days/);
    await skip('threats');
    execFileSync('git', ['branch', '-m', 'feat/renamed'], { cwd: folder.uri.fsPath, stdio: 'pipe' });
    await model.refresh();
    assert.deepEqual([model.run?.branch, stateOf('threats')], ['feat/renamed', 'ready']);
    await takeOver(services, model);
    assert.match(person.said.join('\n'), /feat\/renamed was called feat\/skips before/);
    assert.equal(stateOf('threats'), 'ready', 'not before the person said yes');
    person.answers(/Take over what was recorded/, /^Take Over$/);
    await takeOver(services, model);
    assert.equal(stateOf('threats'), 'waived');
    await assert.rejects(takeOver(services, model), /no records of a former branch/);
  });
});
