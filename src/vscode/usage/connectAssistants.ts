import * as vscode from 'vscode';
import { ASSISTANT_NAMES, CONNECTABLE, type Connectable } from '../../core/usage/connection.ts';
import type { AssistantSettings } from '../../node/usage/assistantFiles.ts';
import type { Plan } from '../../node/usage/connecting.ts';
import { execute } from '../commands.ts';
import { showInformation } from '../messages.ts';
import type { Services } from '../services.ts';
import { editorConnecting } from './editorConnecting.ts';
import type { SettingsPages } from './settingsPages.ts';

/** *Connect Assistants…*: what is there, what would change, and the change once the person agreed; the same the other way round. */
export async function connectAssistants(services: Services, pages: SettingsPages): Promise<boolean> {
  const { connections, connecting, settings } = editorConnecting();
  // What is set up can be undone whatever else was decided.
  const leftovers = await connecting.leftovers();
  if (leftovers.length === 0 && !(await isRecording(services))) return false;
  const { store } = await services.usage.load();
  const undoable = [...connections.connected(), ...leftovers];
  const found = CONNECTABLE.filter((one) => undoable.includes(one) || (store.state().recording && settings(one).found()));
  const assistant = await choose(found, { undoable, settings });
  if (assistant === undefined) return false;
  const plan = await (undoable.includes(assistant) ? connecting.planDisconnect(assistant) : connecting.planConnect(assistant));
  await pages.show(plan);
  if (!(await isAgreed(plan))) return false;
  await connecting.apply(plan);
  void tell(plan);
  return true;
}

/** Recording comes first, and is a choice of its own. */
async function isRecording(services: Services): Promise<boolean> {
  const { store } = await services.usage.load();
  if (store.state().recording) return true;
  const turnOn = vscode.l10n.t('Turn On Telemetry…');
  const text = vscode.l10n.t('Telemetry is off, so nothing of other assistants is recorded either. Turn it on first, if you want this.');
  if ((await showInformation(text, turnOn)) === turnOn) await execute('handrail.turnOnTelemetry');
  return store.state().recording;
}

async function choose(
  found: readonly Connectable[],
  { undoable, settings }: { undoable: readonly Connectable[]; settings(assistant: Connectable): AssistantSettings },
): Promise<Connectable | undefined> {
  if (found.length === 0) {
    void showInformation(
      vscode.l10n.t('None of Copilot Chat, Claude Code, Codex and Gemini CLI was found here, so there is nothing to connect.'),
    );
    return undefined;
  }
  const items = found.map((assistant) => ({
    assistant,
    label: `$(${undoable.includes(assistant) ? 'pass-filled' : 'circle-large-outline'}) ${ASSISTANT_NAMES[assistant]}`,
    description: undoable.includes(assistant) ? vscode.l10n.t('connected · choose to disconnect') : vscode.l10n.t('not connected'),
    detail: settings(assistant).place,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Connect Assistants'),
    placeHolder: vscode.l10n.t('Whose usage shall be recorded? You see the change of its settings before it is made'),
  });
  return picked?.assistant;
}

/** The change stands behind the question. */
async function isAgreed({ assistant, place, endpoint, change }: Plan): Promise<boolean> {
  const name = ASSISTANT_NAMES[assistant];
  const isSame = change.before === change.after;
  if (endpoint === undefined) {
    const disconnect = vscode.l10n.t('Disconnect');
    const detail = isSame
      ? vscode.l10n.t('Its settings hold nothing of Handrail any more.')
      : vscode.l10n.t('The change of {0} is shown behind this question. What you changed there yourself stays.', place);
    return (
      (await vscode.window.showInformationMessage(vscode.l10n.t('Disconnect {0}?', name), { modal: true, detail }, disconnect)) ===
      disconnect
    );
  }
  const connect = vscode.l10n.t('Connect');
  const detail = [
    vscode.l10n.t('The change of {0} is shown behind this question. You can undo it here at any time.', place),
    vscode.l10n.t(
      'Recorded of what {0} then reports: the day, the family of the model, and about how many tokens, how much money and how long.',
      name,
    ),
    vscode.l10n.t(
      'Dropped before anything is written: prompts, answers, code, names, who you are, sessions, and everything else. It goes to this machine only, to a port of your own, until you disconnect it: also while Handrail does not listen there, and another program could.',
    ),
  ].join('\n\n');
  return (await vscode.window.showInformationMessage(vscode.l10n.t('Connect {0}?', name), { modal: true, detail }, connect)) === connect;
}

async function tell({ assistant, endpoint }: Plan): Promise<void> {
  const name = ASSISTANT_NAMES[assistant];
  if (assistant !== 'copilot') {
    void showInformation(
      endpoint === undefined
        ? vscode.l10n.t('{0} is disconnected from its next start on.', name)
        : vscode.l10n.t('{0} is connected from its next start on.', name),
    );
    return;
  }
  const reload = vscode.l10n.t('Reload Window');
  const text =
    endpoint === undefined
      ? vscode.l10n.t('{0} is disconnected once the window is loaded anew.', name)
      : vscode.l10n.t('{0} is connected once the window is loaded anew.', name);
  if ((await showInformation(text, reload)) === reload) await vscode.commands.executeCommand('workbench.action.reloadWindow');
}
