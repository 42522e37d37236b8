import * as vscode from 'vscode';
import { EDITOR_VETO_VARIABLE } from '../../core/telemetry/consent.ts';
import { systemClock } from '../../node/clock.ts';
import { handrailHome } from '../../node/home.ts';
import { createConnectionStore } from '../../node/usage/connectionStore.ts';
import { openReceiver } from '../../node/usage/openReceiver.ts';
import { createReceiverKeeper, type ReceiverKeeper } from '../../node/usage/receiverKeeper.ts';
import { execute } from '../commands.ts';
import { showWarning } from '../messages.ts';
import type { Services } from '../services.ts';
import { windowFolders } from '../telemetry/editorUsage.ts';

/** The receiver of this window: it listens while recording is on and an assistant is connected, unless another window does. */
export function keepListening(services: Services): ReceiverKeeper {
  const home = handrailHome();
  // Inherited from the terminal that this window was opened from, while the window knows its own level.
  const env = { ...process.env, [EDITOR_VETO_VARIABLE]: undefined };
  const connections = createConnectionStore({ home, env, roots: windowFolders });
  const levelAllows = (): boolean => vscode.env.isTelemetryEnabled;
  let isTold = false;
  const onForeign = (port: number): void => {
    if (isTold) return;
    isTold = true;
    services.log.warn(`usage: another program has port ${port}, which connected assistants send to`);
    void tellForeign(port);
  };
  return createReceiverKeeper({
    wanted: () => levelAllows() && connections.endpoint() !== undefined,
    open: () =>
      openReceiver({
        home,
        env,
        clock: systemClock,
        roots: windowFolders,
        levelAllows,
        onForeign,
        onRecorded: () => services.usage.noticed(),
      }),
    log: services.log,
  });
}

/** Once a window: it is tried again every few seconds, and stays until that program ends. */
async function tellForeign(port: number): Promise<void> {
  const disconnect = vscode.l10n.t('Disconnect Assistants…');
  const text = vscode.l10n.t(
    'Another program has port {0}, which your connected assistants send to: it gets what they send, and Handrail records nothing of it. End that program, or disconnect them.',
    port,
  );
  if ((await showWarning(text, disconnect)) === disconnect) await execute('handrail.connectAssistants');
}
