import * as vscode from 'vscode';
import { EDITOR_VETO_VARIABLE } from '../../core/telemetry/consent.ts';
import type { UsageRecorder } from '../../core/telemetry/observation.ts';
import type { SurvivalPort } from '../../core/telemetry/recorded.ts';

/** How much of what was accepted in a folder is left, as this window may tell. */
export async function editorSurvival(root: string, usage: UsageRecorder): Promise<SurvivalPort> {
  const [{ survivalIn }, { handrailHome }] = await Promise.all([
    import('../../node/telemetry/survivalIn.ts'),
    import('../../node/home.ts'),
  ]);
  // Inherited from the terminal that this window was opened from, while the window knows its own level.
  const env = { ...process.env, [EDITOR_VETO_VARIABLE]: undefined };
  return survivalIn(root, { home: handrailHome(), env, allowed: () => vscode.env.isTelemetryEnabled, usage });
}
