import { accessSync, constants, existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { chmod, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { HandrailError } from '../../core/errors.ts';
import { ASSISTANT_NAMES, type Connectable } from '../../core/usage/connection.ts';
import { writeFileAtomic } from '../atomicFile.ts';

/** An assistant's own settings, as a text that is read and replaced whole. */
export interface AssistantSettings {
  /** Where they are, for people. */
  readonly place: string;
  /** Whether the assistant seems to be in use here. */
  found(): boolean;
  /** Undefined when there are none. */
  read(): Promise<string | undefined>;
  /** Those of an administrator, which win over them; absent where there are none that we know. Undefined when there is no such file. */
  administered?(): Promise<string | undefined>;
  /** Undefined deletes them. */
  write(text: string | undefined): Promise<void>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The assistants whose settings are a file of the person. Those of Copilot Chat are the editor's. */
export type FiledAssistant = Exclude<Connectable, 'copilot'>;

/** @throws HandrailError `usage` for Copilot Chat. */
export function assistantFile(assistant: Connectable, env: Env): AssistantSettings {
  if (assistant === 'copilot') {
    throw new HandrailError('usage', 'Copilot Chat is set up in the editor, not on the command line.', {
      hint: 'Run Handrail: Connect Assistants… in the editor.',
    });
  }
  const path = join(
    folderOf(assistant, env),
    { 'claude-code': 'settings.json', codex: 'config.toml', 'gemini-cli': 'settings.json' }[assistant],
  );
  const system = administeredFile(assistant, env);
  return {
    place: path,
    found: () => existsSync(dirname(path)),
    read: () => readSettings(path, assistant),
    ...(system === undefined ? {} : { administered: () => readSettings(system, assistant) }),
    write: (text) => writeSettings(path, text, assistant),
  };
}

/** Where an assistant keeps what is its own: as its variable says, else below the person's home. */
export function folderOf(assistant: FiledAssistant, env: Env): string {
  const home = env['HOME'] ?? env['USERPROFILE'] ?? homedir();
  const own = (name: string): string | undefined => (isAbsolute(env[name] ?? '') ? env[name] : undefined);
  switch (assistant) {
    case 'claude-code':
      return own('CLAUDE_CONFIG_DIR') ?? join(home, '.claude');
    case 'codex':
      return own('CODEX_HOME') ?? join(home, '.codex');
    case 'gemini-cli':
      return join(own('GEMINI_CLI_HOME') ?? home, '.gemini');
  }
}

/** Where an administrator sets it up for everybody on the machine, as its documentation says. */
function administeredFile(assistant: FiledAssistant, env: Env): string | undefined {
  const on = (places: { darwin: string; win32: string; other: string }): string =>
    process.platform === 'darwin' || process.platform === 'win32' ? places[process.platform] : places.other;
  switch (assistant) {
    case 'claude-code':
      return on({
        darwin: '/Library/Application Support/ClaudeCode/managed-settings.json',
        win32: 'C:\\Program Files\\ClaudeCode\\managed-settings.json',
        other: '/etc/claude-code/managed-settings.json',
      });
    case 'gemini-cli':
      return (
        env['GEMINI_CLI_SYSTEM_SETTINGS_PATH'] ??
        on({
          darwin: '/Library/Application Support/GeminiCli/settings.json',
          win32: 'C:\\ProgramData\\gemini-cli\\settings.json',
          other: '/etc/gemini-cli/settings.json',
        })
      );
    case 'codex':
      return undefined;
  }
}

/** Nobody's settings are longer. */
const LARGEST = 4 * 1024 * 1024;

async function readSettings(path: string, assistant: Connectable): Promise<string | undefined> {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > LARGEST) throw new TypeError('no settings');
    return await readFile(path, 'utf8');
  } catch (error) {
    // A link that leads nowhere is there too, and writing would replace it.
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT' && lstatSync(path, { throwIfNoEntry: false }) === undefined;
    if (isMissing) return undefined;
    throw new HandrailError('config', `The settings of ${ASSISTANT_NAMES[assistant]} in ${path} cannot be read.`, {
      hint: 'Make it a readable file first; nothing was changed.',
      cause: error,
    });
  }
}

async function writeSettings(path: string, text: string | undefined, assistant: Connectable): Promise<void> {
  try {
    requireWritable(path);
    if (text === undefined) {
      await rm(path, { force: true });
      return;
    }
    // Through a link, as somebody has who keeps settings in a repository of their own; and for nobody else than before.
    const target = existsSync(path) ? realpathSync(path) : path;
    const mode = existsSync(target) ? statSync(target).mode & 0o777 : 0o600;
    await writeFileAtomic(target, text, { mode });
    // What the system took off a new file, it had before.
    await chmod(target, mode);
  } catch (error) {
    throw new HandrailError('read-only', `The settings of ${ASSISTANT_NAMES[assistant]} in ${path} could not be written.`, {
      hint: 'Make the file writable, or make the change yourself.',
      cause: error,
    });
  }
}

/** A file that nobody may write is meant to stay as it is: a new one in its place would be another, and an administrator may always. */
function requireWritable(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if ((stats.mode & 0o222) === 0) throw Object.assign(new Error(`${path} is read-only`), { code: 'EACCES' });
  accessSync(path, constants.W_OK);
}
