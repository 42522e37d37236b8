import { connectCodex, disconnectCodex } from './codexSettings.ts';
import { isJsonObject } from '../jsonObject.ts';
import type { Connectable, Endpoint } from './connection.ts';
import { claudeCodeEntries, copilotEntries, geminiEntries, holdsOurs, type Held, type JsonEntry } from './jsonEntries.ts';
import { connectJson, disconnectJson, heldBy } from './jsonSettings.ts';
import { isOn, otherVariables, proxyVariables, REPORTS_ELSEWHERE, type Variables } from './reportsElsewhere.ts';
import { afterMark, refuseOther, type SettingsChange } from './settingsChange.ts';

export interface ConnectOptions {
  /** Entries of an earlier connection. */
  added?: readonly string[] | undefined;
  /** What the assistant would be started with, as far as we see it. */
  env?: Variables;
  /** Settings of an administrator, which win over those of the person. */
  administered?: string | undefined;
}

/**
 * The change that makes the assistant send to the endpoint.
 * @throws HandrailError `config` for settings that cannot be read, `conflict` when it sends elsewhere already, or would once it sends.
 */
export function connectChange(
  assistant: Connectable,
  before: string | undefined,
  endpoint: Endpoint,
  { added = [], env = {}, administered = '' }: ConnectOptions = {},
): SettingsChange {
  if (assistant === 'codex') {
    const others = [...otherVariables(assistant, env, () => false).map(inEnvironment), ...proxyVariables(assistant, env).map(byProxy)];
    if (others.length > 0) refuseOther(others);
    return afterMark(before, (text) => connectCodex(text, endpoint, added));
  }
  const others = (settings: Held): string[] => [
    ...otherReports(assistant, settings, env),
    ...administeredReports(assistant, heldBy(administered)).map((name) => `${name} in the settings of an administrator`),
  ];
  return afterMark(before, (text) => connectJson(text, jsonEntries(assistant, endpoint), { earlier: added, others }));
}

/** The change that takes our entries out, those that a person changed since excepted. `added` undefined: which were ours is not known any more. */
export function disconnectChange(assistant: Connectable, before: string | undefined, added: readonly string[] | undefined): SettingsChange {
  return afterMark(before, (text) =>
    assistant === 'codex' ? disconnectCodex(text, added) : disconnectJson(text, jsonEntries(assistant, ANY), added),
  );
}

/** Only to name the entries; what they hold is recognised by its form. */
const ANY: Endpoint = { port: 0, secret: '' };

type JsonAssistant = Exclude<Connectable, 'codex'>;

function jsonEntries(assistant: JsonAssistant, endpoint: Endpoint): readonly JsonEntry[] {
  return { 'claude-code': claudeCodeEntries, 'gemini-cli': geminiEntries, copilot: copilotEntries }[assistant](endpoint);
}

/** What would report elsewhere, or more, once the assistant reports at all; in words, without what it holds. */
function otherReports(assistant: JsonAssistant, settings: Held, env: Variables): string[] {
  const own = new Map(jsonEntries(assistant, ANY).flatMap((entry) => (entry.path[0] === 'env' ? [[entry.path[1] ?? '', entry]] : [])));
  const found = own.size === 0 ? undefined : settings(['env']);
  const inTable = isJsonObject(found) ? found : {};
  const isOurs = (name: string, value: unknown): boolean => {
    const entry = own.get(name);
    return entry !== undefined && holdsOurs(entry, value, (path) => env[path[1] ?? '']);
  };
  return [
    ...REPORTS_ELSEWHERE[assistant].entries.filter((path) => isOn(settings(path))).map((path) => path.join('.')),
    // What we would write there is looked at where it would be written.
    ...otherVariables(assistant, inTable, (name) => own.has(name)).map((name) => `env.${name}`),
    ...[...own.keys()].filter((name) => (env[name] ?? '') !== '' && !isOurs(name, env[name])).map(inEnvironment),
    ...otherVariables(assistant, env, (name) => own.has(name)).map(inEnvironment),
    ...proxyVariables(assistant, { ...env, ...inTable }).map(byProxy),
  ];
}

/** The same of settings that nothing of ours is written to: ours count there as well, because they would not be what is in force. */
function administeredReports(assistant: JsonAssistant, settings: Held): string[] {
  const differing = jsonEntries(assistant, ANY).filter((entry) => {
    const held = settings(entry.path);
    return held !== undefined && entry.inList !== true && !holdsOurs(entry, held, settings);
  });
  return [...new Set([...differing.map(({ path }) => path.join('.')), ...otherReports(assistant, settings, {})])];
}

function byProxy(name: string): string {
  return `${inEnvironment(name)}, without 127.0.0.1 in NO_PROXY`;
}

function inEnvironment(name: string): string {
  return `${name} in the environment`;
}
