import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AssistantId } from '../../../core/ai/models/assistants.ts';
import type { ModelRequest } from '../../../core/ai/provider.ts';
import type { Environment } from '../models/keys/environmentKeys.ts';
import type { EventReader } from './assistantEvent.ts';
import { claudeReader } from './claudeEvents.ts';
import { codexReader } from './codexEvents.ts';
import { geminiReader } from './geminiEvents.ts';

/**
 * How each assistant is asked one question in print mode. The text goes over stdin, never through the arguments, which every
 * process of the machine can read. What is reviewed was written by others, so tools are switched off: an assistant that follows an
 * instruction in it has nothing to read, write or call with.
 */
export interface Invocation {
  args: string[];
  stdin: string;
  /** Set on top of the person's environment. */
  env: Record<string, string>;
  /** Written before the start: text by path, relative to the private folder. The assistant runs in `run/` of it. */
  files: Record<string, string>;
  reader: EventReader;
  /** Exit codes that the assistant documents for a missing sign-in. */
  signInExitCodes: readonly number[];
}

/** Where the assistant's own files are looked up, and what the person chose. */
export interface InvocationContext {
  env: Environment;
  /** Absolute path of the private folder. */
  folder: string;
  model: string | undefined;
}

/** The folder in which the assistant runs, below the private one. */
export const RUN_FOLDER = 'run';

export function invocationOf(id: AssistantId, request: ModelRequest, context: InvocationContext): Promise<Invocation> | Invocation {
  if (id === 'claude-code') return claude(request, context);
  return id === 'codex' ? codex(request, context) : gemini(request, context);
}

/**
 * https://code.claude.com/docs/en/cli-reference and https://code.claude.com/docs/en/env-vars. The person's own settings stay
 * (they hold the sign-in helper and the cloud provider), those of a project do not; `@path` in the text is not replaced by the file.
 */
function claude(request: ModelRequest, { folder, model }: InvocationContext): Invocation {
  return {
    args: [
      '-p',
      '--output-format',
      'stream-json',
      '--verbose',
      '--include-partial-messages',
      '--system-prompt-file',
      join(folder, 'system.txt'),
      '--tools',
      '',
      '--strict-mcp-config',
      '--setting-sources',
      'user',
      '--disable-slash-commands',
      '--no-session-persistence',
      ...(model === undefined ? [] : ['--model', model]),
    ],
    stdin: request.user,
    env: { CLAUDE_CODE_DISABLE_ATTACHMENTS: '1', CLAUDE_CODE_DISABLE_CLAUDE_MDS: '1', CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1' },
    files: { 'system.txt': request.system },
    reader: claudeReader(),
    signInExitCodes: [],
  };
}

/** Tools and sources of instructions that Codex has switches for; versions that do not know one ignore it. */
const CODEX_OFF = ['shell_tool', 'unified_exec', 'apps', 'plugins', 'multi_agent', 'hooks', 'memories'];

/**
 * https://developers.openai.com/codex/cli/reference#codex-exec and https://developers.openai.com/codex/config-reference. The person's
 * configuration stays, since it says which provider gets the text; its MCP servers are switched off one by one.
 */
async function codex(request: ModelRequest, { env, model }: InvocationContext): Promise<Invocation> {
  const settings = [
    'approval_policy="never"',
    'web_search="disabled"',
    'project_doc_max_bytes=0',
    ...CODEX_OFF.map((feature) => `features.${feature}=false`),
    ...(await codexServers(env)).map((server) => `mcp_servers.${server}.enabled=false`),
  ];
  return {
    args: [
      'exec',
      '--json',
      '--color',
      'never',
      '--sandbox',
      'read-only',
      '--skip-git-repo-check',
      '--ephemeral',
      '--ignore-rules',
      ...settings.flatMap((setting) => ['-c', setting]),
      ...(model === undefined ? [] : ['--model', model]),
      '-',
    ],
    stdin: `${request.system}\n\n${request.user}`,
    env: {},
    files: {},
    reader: codexReader(),
    signInExitCodes: [],
  };
}

/** Names of the MCP servers in the person's configuration: the heads of its TOML tables. */
async function codexServers(env: Environment): Promise<string[]> {
  const home = env['CODEX_HOME'] ?? join(env['HOME'] ?? homedir(), '.codex');
  const text = await readFile(join(home, 'config.toml'), 'utf8').catch(() => '');
  const names = [...text.matchAll(/^[ \t]*\[[ \t]*mcp_servers[ \t]*\.[ \t]*"?([A-Za-z0-9_-]+)"?[ \t]*[\].]/gm)].map(([, name]) => name);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/**
 * https://geminicli.com/docs/reference/configuration and https://geminicli.com/docs/cli/headless (exit codes). Without `-p`, input that
 * is no terminal means print mode. The settings lie in the folder it runs in, which counts as trusted so that they are followed;
 * `@path` in the text cannot lead out of that folder.
 */
function gemini(request: ModelRequest, { model }: InvocationContext): Invocation {
  const settings = {
    tools: { core: [] },
    mcp: { allowed: [] },
    hooksConfig: { enabled: false },
    context: { includeDirectoryTree: false },
  };
  return {
    args: [
      '--output-format',
      'stream-json',
      '--approval-mode',
      'default',
      '--extensions',
      'none',
      '--allowed-mcp-server-names',
      'none',
      ...(model === undefined ? [] : ['--model', model]),
    ],
    stdin: `${request.system}\n\n${request.user}`,
    env: { GEMINI_CLI_TRUST_WORKSPACE: 'true' },
    files: { [`${RUN_FOLDER}/.gemini/settings.json`]: JSON.stringify(settings) },
    reader: geminiReader(),
    signInExitCodes: [41],
  };
}
