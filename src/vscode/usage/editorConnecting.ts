import { EDITOR_VETO_VARIABLE } from '../../core/telemetry/consent.ts';
import type { Connectable } from '../../core/usage/connection.ts';
import { handrailHome } from '../../node/home.ts';
import { assistantFile, type AssistantSettings } from '../../node/usage/assistantFiles.ts';
import { type Connecting, createConnecting } from '../../node/usage/connecting.ts';
import { type ConnectionStore, createConnectionStore } from '../../node/usage/connectionStore.ts';
import { windowFolders } from '../telemetry/editorUsage.ts';
import { copilotSettings } from './copilotSettings.ts';

/** What assistants are connected with from a window: Copilot's settings are the editor's, the others' are files. */
export function editorConnecting(): {
  connections: ConnectionStore;
  connecting: Connecting;
  settings(assistant: Connectable): AssistantSettings;
} {
  const env = process.env;
  const home = handrailHome();
  // Inherited from the terminal that this window was opened from, while the window knows its own level.
  const connections = createConnectionStore({ home, roots: windowFolders, env: { ...env, [EDITOR_VETO_VARIABLE]: undefined } });
  const settings = (assistant: Connectable): AssistantSettings =>
    assistant === 'copilot' ? copilotSettings() : assistantFile(assistant, env);
  return { connections, settings, connecting: createConnecting({ home, connections, env, settings }) };
}
