import { parse } from 'smol-toml';
import type { Endpoint } from './connection.ts';
import { baseUrl } from './jsonEntries.ts';
import { FILE, refuseDamaged, refuseOther, type SettingsChange } from './settingsChange.ts';

/**
 * The lines in `~/.codex/config.toml` that make Codex report to us. No library writes TOML and keeps what a person wrote, so lines are
 * added and removed whole, each with a mark of ours, and a parser checks that the rest still says the same.
 */

const MARK = '# Handrail';
const HEADER = `[otel] ${MARK}`;
const PROMPT_LINE = `log_user_prompt = false ${MARK}`;
const OWN_EXPORTER =
  /^exporter = \{ otlp-http = \{ endpoint = "http:\/\/127\.0\.0\.1:\d{1,5}\/v1\/logs", protocol = "json", headers = \{ "x-handrail-secret" = "[\w-]{22,64}" \} \} \} # Handrail$/;

/** Log events are what it documents; the tokens of a turn are in one of them. */
function exporterLine(endpoint: Endpoint): string {
  const url = `${baseUrl(endpoint, { inPath: false })}/v1/logs`;
  return `exporter = { otlp-http = { endpoint = "${url}", protocol = "json", headers = { "x-handrail-secret" = "${endpoint.secret}" } } } ${MARK}`;
}

export function connectCodex(before: string | undefined, endpoint: Endpoint, earlier: readonly string[]): SettingsChange {
  const text = before ?? '';
  const own = new Set(['exporter', 'log_user_prompt']);
  const bare = withoutOurs(text);
  const otel = otelOf(bare);
  const foreign = Object.keys(otel ?? {}).filter((key) => own.has(key) && !(key === 'log_user_prompt' && otel?.[key] === false));
  if (foreign.length > 0) refuseOther(foreign.map((key) => `otel.${key}`));
  const lines = [exporterLine(endpoint), ...(otel?.['log_user_prompt'] === undefined ? [PROMPT_LINE] : [])];
  const eol = bare.includes('\r\n') ? '\r\n' : '\n';
  const after = otel === undefined ? appended(bare, [HEADER, ...lines], eol) : inserted(bare, lines, eol);
  if (after === undefined || !saysSame(bare, after)) return refuseOther(['otel']);
  return { before, after, added: before === undefined ? [FILE] : earlier.filter((name) => name === FILE) };
}

/** Without `added` nothing tells that an empty file is ours to delete. */
export function disconnectCodex(before: string | undefined, added: readonly string[] = []): SettingsChange {
  if (before === undefined) return { before, after: undefined, added: [] };
  const after = withoutOurs(before);
  if (!saysSame(before, after)) refuseDamaged();
  return { before, after: after === '' && before !== '' && added.includes(FILE) ? undefined : after, added: [] };
}

function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}

/** Without the lines that we wrote and nobody has changed; the header goes when nothing else is left under it. */
function withoutOurs(text: string): string {
  let lines = linesOf(text).filter((line) => !OWN_EXPORTER.test(line.trim()) && line.trim() !== PROMPT_LINE);
  const header = lines.findIndex((line) => line.trim() === HEADER);
  if (header === -1) return lines.join('');
  const next = lines.findIndex((line, at) => at > header && line.trim() !== '');
  const isAlone = next === -1 || lines[next]?.trimStart().startsWith('[') === true;
  if (isAlone) {
    // With the empty line that set it apart.
    const from = header > 0 && lines[header - 1]?.trim() === '' ? header - 1 : header;
    lines = [...lines.slice(0, from), ...lines.slice(header + 1)];
  }
  return lines.join('');
}

function appended(text: string, lines: readonly string[], eol: string): string {
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : `${eol}${eol}`;
  return `${text}${gap}${lines.join(eol)}${eol}`;
}

/** Below the header of the table, undefined when it is written in another way. */
function inserted(text: string, added: readonly string[], eol: string): string | undefined {
  const lines = linesOf(text);
  const at = lines.findIndex((line) => /^\s*\[\s*otel\s*\]\s*(#.*)?$/.test(line.trimEnd()));
  const header = lines[at];
  if (header === undefined) return undefined;
  const ended = header.endsWith('\n') ? header : `${header}${eol}`;
  return [...lines.slice(0, at), ended, ...added.map((line) => `${line}${eol}`), ...lines.slice(at + 1)].join('');
}

type Table = Readonly<Record<string, unknown>>;

function tableOf(text: string): Table {
  try {
    return parse(text);
  } catch (error) {
    return refuseDamaged(error);
  }
}

function otelOf(text: string): Table | undefined {
  const otel = tableOf(text)['otel'];
  if (otel === undefined) return undefined;
  return typeof otel === 'object' && otel !== null && !Array.isArray(otel) ? (otel as Table) : refuseOther(['otel']);
}

/** Whether two texts differ in nothing but what is ours in `otel`. */
function saysSame(one: string, other: string): boolean {
  const rest = (text: string): string => {
    const { otel, ...tables } = tableOf(text);
    const { exporter: _exporter, log_user_prompt: _prompt, ...more } = (otel ?? {}) as Table;
    return JSON.stringify([tables, more], (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  };
  return rest(one) === rest(other);
}
