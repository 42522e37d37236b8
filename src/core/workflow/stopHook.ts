import { applyEdits, modify, parse, type ParseError } from 'jsonc-parser';
import { HandrailError } from '../errors.ts';
import { sha256Hex } from './digests.ts';

/**
 * The stop hook: a script in the repository that an assistant runs when it is about to stop, and the entry of the assistant's settings
 * that names the script. All four assistants hand the script JSON on stdin and go on working when it answers
 * `{"decision":"block","reason":"…"}`, as their references say:
 * Claude Code https://code.claude.com/docs/en/hooks#stop, Codex https://developers.openai.com/codex/hooks, Gemini CLI
 * https://geminicli.com/docs/hooks/reference (AfterAgent), Copilot https://docs.github.com/en/copilot/reference/hooks-reference (agentStop).
 */

export const STOP_HOOK_FILE = '.handrail/hooks/stop.mjs';

/** Seconds that the assistant waits for the script; the script itself gives up earlier. */
const TIMEOUT_S = 60;

export interface Assistant {
  /** As on the command line: `--stop-hook claude-code`. */
  name: string;
  title: string;
  /** Its settings in the repository. */
  settings: string;
  /** What the person still has to do, one sentence. */
  note?: string;
  /** Path of the list of hooks inside the settings. */
  list: readonly string[];
  entry: Readonly<Record<string, unknown>>;
  /** Keys that a new settings file needs beside the hooks. */
  fresh?: Readonly<Record<string, unknown>>;
  /** Repository paths that tell that the assistant is in use. */
  signs: readonly string[];
}

export const ASSISTANTS: readonly Assistant[] = [
  {
    name: 'claude-code',
    title: 'Claude Code',
    settings: '.claude/settings.json',
    list: ['hooks', 'Stop'],
    entry: { hooks: [{ type: 'command', command: `node "$CLAUDE_PROJECT_DIR/${STOP_HOOK_FILE}"`, timeout: TIMEOUT_S }] },
    signs: ['.claude/settings.json', '.claude/settings.local.json', 'CLAUDE.md'],
  },
  {
    name: 'codex',
    title: 'Codex',
    settings: '.codex/hooks.json',
    note: 'Codex runs a new hook only after you trusted it: type /hooks there.',
    list: ['hooks', 'Stop'],
    entry: { hooks: [{ type: 'command', command: `node "$(git rev-parse --show-toplevel)/${STOP_HOOK_FILE}"`, timeout: TIMEOUT_S }] },
    signs: ['.codex/hooks.json', '.codex/config.toml'],
  },
  {
    name: 'gemini-cli',
    title: 'Gemini CLI',
    settings: '.gemini/settings.json',
    list: ['hooks', 'AfterAgent'],
    // Milliseconds here.
    entry: { hooks: [{ type: 'command', command: `node "$GEMINI_PROJECT_DIR/${STOP_HOOK_FILE}"`, timeout: TIMEOUT_S * 1000 }] },
    signs: ['.gemini/settings.json', 'GEMINI.md'],
  },
  {
    name: 'copilot',
    title: 'Copilot CLI',
    settings: '.github/hooks/handrail.json',
    list: ['hooks', 'agentStop'],
    entry: { type: 'command', bash: `node ${STOP_HOOK_FILE}`, powershell: `node ${STOP_HOOK_FILE}`, cwd: '.', timeoutSec: TIMEOUT_S },
    fresh: { version: 1 },
    signs: ['.github/hooks/handrail.json', '.github/copilot-instructions.md'],
  },
];

/** What to paste where the settings cannot be edited. */
export function hookSnippet({ list, entry, fresh }: Assistant): string {
  const nested = list.reduceRight<unknown>((inner, key) => ({ [key]: inner }), [entry]);
  return JSON.stringify({ ...fresh, ...(nested as object) }, undefined, 2);
}

/**
 * The settings with the hook in them; the same text when a hook of this script is there already. Other keys, comments, order and form
 * stay as they are.
 * @throws HandrailError `config` when the text is not JSON of the expected shape; its hint tells what to add.
 */
export function withHook(assistant: Assistant, text: string | undefined): string {
  const bom = text?.startsWith('\ufeff') === true ? '\ufeff' : '';
  const json = text?.slice(bom.length) ?? '';
  if (json.trim() === '') return `${bom}${hookSnippet(assistant)}\n`;
  const { depth, list } = placeOf(assistant, json);
  if (JSON.stringify(list).includes(STOP_HOOK_FILE)) return text ?? '';
  return bom + inserted(json, assistant, depth, list.length);
}

/** The library says where the entry goes; its own layout would rewrite the lines around it. */
function inserted(json: string, { list, entry }: Assistant, depth: number, position: number): string {
  const isInList = depth === list.length;
  const path = isInList ? [...list, position] : [...list];
  const [edit] = modify(json, path, isInList ? entry : [entry], { isArrayInsertion: isInList });
  if (edit === undefined) throw new TypeError('The hook has no place in the settings.');
  const { indent, eol } = layoutOf(json);
  const line = (level: number): string => eol + indent.repeat(level);
  const value = isInList ? entry : list.slice(depth + 1).reduceRight<unknown>((inner, key) => ({ [key]: inner }), [entry]);
  const name = isInList ? '' : `${JSON.stringify(list[depth])}: `;
  const body = name + JSON.stringify(value, undefined, indent).replaceAll('\n', line(depth + 1));
  const isFirst = !edit.content.startsWith(',');
  const closing = isFirst && !/^[ \t]*\r?\n/.test(json.slice(edit.offset)) ? line(depth) : '';
  return applyEdits(json, [{ ...edit, content: `${isFirst ? '' : ','}${line(depth + 1)}${body}${closing}` }]);
}

/** How many keys on the way to the list are there, and the hooks that are in it. */
function placeOf(assistant: Assistant, json: string): { depth: number; list: unknown[] } {
  let value = parsed(assistant, json);
  for (const [depth, key] of assistant.list.entries()) {
    if (!isRecord(value)) throw refusal(assistant, `holds no object where ${assistant.list.join('.')} belongs`);
    if (!Object.hasOwn(value, key)) return { depth, list: [] };
    value = value[key];
  }
  if (!Array.isArray(value)) throw refusal(assistant, `holds no list as ${assistant.list.join('.')}`);
  return { depth: assistant.list.length, list: value };
}

function parsed(assistant: Assistant, json: string): unknown {
  const errors: ParseError[] = [];
  let value: unknown;
  try {
    value = parse(json, errors, { allowTrailingComma: true });
  } catch {
    // Nested so deep that the parser's stack ends.
    throw refusal(assistant, 'cannot be read');
  }
  const [error] = errors;
  if (error === undefined) return value;
  throw refusal(assistant, 'is not valid JSON', json.slice(0, error.offset).split('\n').length);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refusal(assistant: Assistant, why: string, line?: number): HandrailError {
  return new HandrailError('config', `${assistant.settings} ${why}, so it was left alone.`, {
    hint: `Add this yourself: ${JSON.stringify(JSON.parse(hookSnippet(assistant)))}`,
    location: { path: assistant.settings, ...(line === undefined ? {} : { line }) },
  });
}

function layoutOf(json: string): { indent: string; eol: string } {
  return { indent: /\n([ \t]+)\S/.exec(json)?.[1] ?? '  ', eol: /\r\n/.test(json) ? '\r\n' : '\n' };
}

const HEAD = '// handrail:stop-hook ';

/** The script, with the digest of what follows in its first line: an edited one is a team's own and is left alone. */
export function stopHookScript(): string {
  return `${HEAD}${sha256Hex(SCRIPT)}\n${SCRIPT}`;
}

/** Whether a script was written by Handrail, this version or another, and not edited since. */
export function isOwnScript(text: string): boolean {
  const unix = text.replaceAll('\r\n', '\n');
  const end = unix.indexOf('\n');
  return unix.startsWith(HEAD) && unix.slice(HEAD.length, end) === sha256Hex(unix.slice(end + 1));
}

const SCRIPT = String.raw`// Written by "handrail init --stop-hook". An assistant runs this when it is about to stop. It is asked to go on while the workflow
// of the branch has steps that an agent may do: once for each state of the steps, and within one turn only after one more step
// was done, so that it ends. Steps that take a person's word never hold an assistant up, nor does anything that goes wrong here.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const MARK = join('.handrail', 'hooks', 'stop.mjs');

function main() {
  const input = readInput();
  const folder = workspaceOf(input.cwd);
  const status = readStatus(folder);
  if (!status?.workflow) return;
  const steps = status.steps.filter((step) => status.next.includes(step.id));
  const own = steps.filter(isForAgents);
  const others = steps.filter((step) => !own.includes(step));
  if (own.length === 0) {
    if (others.length > 0) note('left for a person: ' + others.map((step) => step.id).join(', '));
    return;
  }
  if (!mayAskAgain(folder, input, status, own)) {
    note('still open: ' + own.map((step) => step.id).join(', '));
    return;
  }
  return { decision: 'block', reason: reasonFor(own, others) };
}

function readInput() {
  try {
    const input = process.stdin.isTTY ? {} : JSON.parse(readFileSync(0, 'utf8'));
    return typeof input === 'object' && input !== null ? input : {};
  } catch {
    return {};
  }
}

/** The checkout the assistant works in, which may be another worktree than the one it was started in. */
function workspaceOf(cwd) {
  for (let folder = resolve(typeof cwd === 'string' ? cwd : '.'); ; folder = dirname(folder)) {
    if (existsSync(join(folder, MARK))) return folder;
    if (folder === dirname(folder)) return resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
  }
}

function readStatus(folder) {
  // As npm does it, so that a copy of Handrail among the project's own packages is found too.
  const path = join(folder, 'node_modules', '.bin') + delimiter + (process.env.PATH ?? process.env.Path ?? '');
  const done = spawnSync('handrail', ['status', '--format', 'json'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: path, Path: path },
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 40_000,
  });
  if (done.error?.code === 'ENOENT') return note('the command "handrail" was not found, so the workflow was not looked at');
  try {
    const status = JSON.parse(done.stdout);
    if (done.status === 0 && Array.isArray(status.steps) && Array.isArray(status.next)) return status;
    return note('the workflow could not be read: ' + (status.error?.message ?? 'exit code ' + done.status));
  } catch {
    return note('the workflow could not be read: ' + (done.error?.code ?? 'exit code ' + done.status));
  }
}

/** A person's word is never an agent's to give, and what the editor shows cannot be seen from here. */
function isForAgents({ kind, expect = [] }) {
  if (kind === 'approval' || expect.some((one) => one.kind === 'attest')) return false;
  return !expect.some((one) => one.kind === 'diagnostics' && !one.met);
}

/**
 * Remembers what the session was told, below git's own folder. A turn that this hook prolonged goes on only after one more step was
 * done; a new turn is not told again what has not changed since. Where nothing can be remembered, a prolonged turn ends.
 */
function mayAskAgain(folder, input, status, own) {
  const session = input.session_id ?? input.sessionId;
  const file = typeof session === 'string' ? memoryFile(folder, session) : undefined;
  const state = createHash('sha256').update(JSON.stringify([status.branch, own.map((step) => [step.id, step.state])])).digest('hex');
  const before = file === undefined ? undefined : readMemory(file);
  const isNewTurn = input.stop_hook_active === false;
  if (!isNews(before, { isNewTurn, isUnknown: input.stop_hook_active === undefined && file !== undefined, state, done: status.done })) return false;
  const kept = file !== undefined && remember(file, { state, done: status.done });
  return kept || isNewTurn;
}

function isNews(before, { isNewTurn, isUnknown, state, done }) {
  if (before === undefined) return isNewTurn || isUnknown;
  return isNewTurn ? before.state !== state : done > before.done;
}

function memoryFile(folder, session) {
  const asked = spawnSync('git', ['rev-parse', '--path-format=absolute', '--git-path', 'handrail/cache/stop-hook'], { cwd: folder, encoding: 'utf8' });
  if (asked.status !== 0) return undefined;
  return join(asked.stdout.replace(/\r?\n$/, ''), createHash('sha256').update(session).digest('hex').slice(0, 32) + '.json');
}

function readMemory(file) {
  try {
    const { state, done } = JSON.parse(readFileSync(file, 'utf8'));
    return typeof state === 'string' && Number.isInteger(done) ? { state, done } : undefined;
  } catch {
    return undefined;
  }
}

const MOST_SESSIONS = 50;

function remember(file, memory) {
  try {
    const folder = dirname(file);
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify(memory) + '\n');
    const all = readdirSync(folder).map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }));
    for (const { path } of all.sort((a, b) => b.time - a.time).slice(MOST_SESSIONS)) rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  }
}

const MOST_STEPS = 10;

function reasonFor(own, others) {
  const lines = own.slice(0, MOST_STEPS).map((step) => '- ' + actionFor(step) + missingOf(step));
  if (own.length > MOST_STEPS) lines.push('- and ' + (own.length - MOST_STEPS) + ' more: handrail status');
  return [
    'The workflow of this branch has steps left that are yours to do:',
    ...lines,
    ...(others.length > 0 ? ['Leave to a person: ' + others.map((step) => step.id).join(', ') + '.'] : []),
    'Do them if they belong to what you were asked for. Otherwise, or when one cannot be done, say which are left and stop. Do not',
    'change anything under .handrail/, dismiss a finding or use --trust to get through.',
  ].join('\n');
}

function actionFor({ id, kind, prompt }) {
  if (kind === 'command' || kind === 'review') return 'handrail run ' + id;
  if (kind === 'generate') return 'follow ' + oneLine(prompt ?? 'its prompt') + ', then handrail check ' + id;
  return 'do ' + id + ', then handrail check ' + id;
}

function missingOf({ title, state, missing = [] }) {
  const parts = [oneLine(title), ...(state === 'stale' || state === 'failed' ? [state] : []), ...missing.slice(0, 2).map(oneLine)];
  return ' (' + parts.join('; ') + ')';
}

function oneLine(text) {
  const line = String(text).replace(/\s+/g, ' ').trim();
  return line.length > 160 ? line.slice(0, 159) + '…' : line;
}

function note(text) {
  process.stderr.write('handrail: ' + text + '\n');
}

let answer;
try {
  answer = main();
} catch (error) {
  note('the stop hook failed: ' + error.message);
}
process.stdout.write(JSON.stringify(answer ?? {}) + '\n');
`;
