import { connectCodex, disconnectCodex } from './codexSettings.ts';
import type { Connectable, Endpoint } from './connection.ts';
import { claudeCodeEntries, copilotEntries, geminiEntries } from './jsonEntries.ts';
import { connectJson, disconnectJson } from './jsonSettings.ts';
import type { SettingsChange } from './settingsChange.ts';

/**
 * The change that makes the assistant send to the endpoint; `added` are entries of an earlier connection.
 * @throws HandrailError `config` for settings that cannot be read, `conflict` when it sends elsewhere already.
 */
export function connectChange(
  assistant: Connectable,
  before: string | undefined,
  endpoint: Endpoint,
  added: readonly string[] = [],
): SettingsChange {
  switch (assistant) {
    case 'claude-code':
      return connectJson(before, claudeCodeEntries(endpoint), added);
    case 'gemini-cli':
      return connectJson(before, geminiEntries(endpoint), added);
    case 'copilot':
      return connectJson(before, copilotEntries(endpoint), added);
    case 'codex':
      return connectCodex(before, endpoint);
  }
}

/** The change that takes our entries out, those that a person changed since excepted. `added` undefined: which were ours is not known any more. */
export function disconnectChange(assistant: Connectable, before: string | undefined, added: readonly string[] | undefined): SettingsChange {
  switch (assistant) {
    case 'claude-code':
      return disconnectJson(before, claudeCodeEntries(ANY), added);
    case 'gemini-cli':
      return disconnectJson(before, geminiEntries(ANY), added);
    case 'copilot':
      return disconnectJson(before, copilotEntries(ANY), added);
    case 'codex':
      return disconnectCodex(before);
  }
}

/** Only to name the entries; what they hold is recognised by its form. */
const ANY: Endpoint = { port: 0, secret: '' };
