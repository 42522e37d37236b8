import * as vscode from 'vscode';
import { copilotEntries } from '../../core/usage/jsonEntries.ts';
import { REPORTS_ELSEWHERE } from '../../core/usage/reportsElsewhere.ts';
import type { AssistantSettings } from '../../node/usage/assistantFiles.ts';

/** Names of the settings that connecting Copilot Chat touches. What they are set to is of no matter here. */
const NAMES = copilotEntries({ port: 0, secret: '' }).flatMap(({ path }) => path);
/** Those that only decide whether it may be connected. */
const LOOKED_AT = REPORTS_ELSEWHERE.copilot.entries.flat();

/** The settings of Copilot Chat in the person's own settings of the editor, as the part of that file which is looked at. */
export function copilotSettings(): AssistantSettings {
  return {
    place: vscode.l10n.t('the settings of the editor'),
    found: () => inspect('github.copilot.chat.otel.enabled')?.defaultValue !== undefined,
    async read() {
      const set = [...NAMES, ...LOOKED_AT]
        .map((name) => [name, inspect(name)?.globalValue] as const)
        .filter(([, value]) => value !== undefined);
      return set.length === 0 ? undefined : `${JSON.stringify(Object.fromEntries(set), undefined, 2)}\n`;
    },
    async write(text) {
      const wanted = JSON.parse(text ?? '{}') as Record<string, unknown>;
      for (const name of NAMES) {
        // An editor without Settings Sync does not know the list, and has nothing to keep out of it.
        if (inspect(name)?.defaultValue === undefined && name.startsWith('settingsSync.')) continue;
        if (JSON.stringify(wanted[name]) === JSON.stringify(inspect(name)?.globalValue)) continue;
        await vscode.workspace.getConfiguration().update(name, wanted[name], vscode.ConfigurationTarget.Global);
      }
    },
  };
}

function inspect(name: string): { defaultValue?: unknown; globalValue?: unknown } | undefined {
  return vscode.workspace.getConfiguration().inspect(name);
}
