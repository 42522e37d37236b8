import * as vscode from 'vscode';
import { EDITOR_VETO_VARIABLE } from '../../core/telemetry/consent.ts';
import { systemClock } from '../../node/clock.ts';
import { handrailHome } from '../../node/home.ts';
import { createConnectionStore } from '../../node/usage/connectionStore.ts';
import { openReceiver } from '../../node/usage/openReceiver.ts';
import { createReceiverKeeper, type ReceiverKeeper } from '../../node/usage/receiverKeeper.ts';
import type { Services } from '../services.ts';
import { windowFolders } from '../telemetry/editorUsage.ts';

/** The receiver of this window: it listens while recording is on and an assistant is connected, unless another window does. */
export function keepListening(services: Services): ReceiverKeeper {
  const home = handrailHome();
  // Inherited from the terminal that this window was opened from, while the window knows its own level.
  const env = { ...process.env, [EDITOR_VETO_VARIABLE]: undefined };
  const connections = createConnectionStore({ home, env, roots: windowFolders });
  const levelAllows = (): boolean => vscode.env.isTelemetryEnabled;
  return createReceiverKeeper({
    wanted: () => levelAllows() && connections.endpoint() !== undefined,
    open: () =>
      openReceiver({ home, env, clock: systemClock, roots: windowFolders, levelAllows, onRecorded: () => services.usage.noticed() }),
    log: services.log,
  });
}
