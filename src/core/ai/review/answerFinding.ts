import { replaceHidden } from '../../hiddenCharacters.ts';
import { SEVERITIES, type RawFinding, type Severity } from '../finding.ts';
import { asWritten } from '../shownText.ts';

/** What models write instead of the severities they were asked for. */
const SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  blocker: 'critical',
  fatal: 'critical',
  severe: 'critical',
  error: 'high',
  major: 'high',
  important: 'high',
  moderate: 'medium',
  warning: 'medium',
  warn: 'medium',
  minor: 'low',
  trivial: 'info',
  note: 'info',
  hint: 'info',
  suggestion: 'info',
  information: 'info',
};

/** Categories the prompt asks for; a synonym must not make the same finding look new. */
const CATEGORY_WORDS: Readonly<Record<string, string>> = {
  correctness: 'bug',
  logic: 'bug',
  defect: 'bug',
  'logic-error': 'bug',
  'error-handling': 'reliability',
  robustness: 'reliability',
  concurrency: 'reliability',
  vulnerability: 'security',
  perf: 'performance',
  efficiency: 'performance',
  readability: 'maintainability',
  style: 'maintainability',
  'code-quality': 'maintainability',
  testing: 'tests',
  test: 'tests',
};

const MAX_PATH = 4000;
const MAX_TITLE = 160;
const MAX_MESSAGE = 4000;
const MAX_QUOTE = 4000;
const MAX_REPLACEMENT = 20_000;

/**
 * A model's object as a finding. Wrong types are read where the meaning is plain (`"line": "12"`), anything else is left out;
 * undefined when nothing is said or no text says it. `file` stays empty when the model named none. What it copied from the prompt
 * (file, quote, replacement) is turned back into what it stands for.
 */
export function readFinding(value: unknown): RawFinding | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const object = value as Record<string, unknown>;
  const title = words(object['title']);
  const message = words(object['message'] ?? object['description'] ?? object['body']) || title;
  if (message === '') return undefined;
  const line = lineNumber(object['line'] ?? object['startLine'] ?? object['start_line']);
  const endLine = lineNumber(object['endLine'] ?? object['end_line']);
  const replacement = replacementOf(object);
  return {
    file: asWritten(text(object['file'] ?? object['path'], MAX_PATH)).trim(),
    ...(line === undefined ? {} : { line }),
    ...(line === undefined || endLine === undefined || endLine < line ? {} : { endLine }),
    severity: severityOf(object['severity']),
    category: categoryOf(object['category'] ?? object['type']),
    title: oneLine(title || message),
    message,
    quote: asWritten(text(object['quote'] ?? object['code'], MAX_QUOTE)),
    ...(replacement === undefined ? {} : { replacement: asWritten(replacement) }),
  };
}

/** Findings in a part of an answer: the value itself, or those of a list below some key. */
export function findingsIn(value: unknown): RawFinding[] {
  const listed = listedIn(value);
  return listed.length > 0 ? listed : readListed(value);
}

/** Findings of lists below some key of the value. */
export function listedIn(value: unknown): RawFinding[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((item) => (Array.isArray(item) ? item.flatMap((one) => readListed(one)) : []));
}

function readListed(value: unknown): RawFinding[] {
  const finding = readFinding(value);
  return finding && (finding.quote !== '' || finding.line !== undefined) ? [finding] : [];
}

function text(value: unknown, limit: number): string {
  if (Array.isArray(value))
    return value
      .filter((item) => typeof item === 'string')
      .join('\n')
      .slice(0, limit);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.slice(0, limit) : '';
}

/** What a person is told, without what nobody sees or what steers a terminal. */
function words(value: unknown): string {
  return replaceHidden(text(value, MAX_MESSAGE).replace(/\r\n?/gu, '\n'), '').trim();
}

function lineNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(/^\D{0,6}(\d{1,9})/u.exec(value)?.[1] ?? Number.NaN) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

function severityOf(value: unknown): Severity {
  const word = text(value, 40).trim().toLowerCase();
  return (
    SEVERITIES.find((severity) => severity === word) ?? (Object.hasOwn(SEVERITY_WORDS, word) ? SEVERITY_WORDS[word] : undefined) ?? 'medium'
  );
}

function categoryOf(value: unknown): string {
  const word = text(value, 60)
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, '-')
    .replace(/^-|-$/gu, '');
  return (Object.hasOwn(CATEGORY_WORDS, word) ? CATEGORY_WORDS[word] : word) || 'bug';
}

function replacementOf(object: Record<string, unknown>): string | undefined {
  const value = object['replacement'];
  const whole = Array.isArray(value) && value.length > 0 && value.every((line) => typeof line === 'string') ? value.join('\n') : value;
  // Half of a replacement is none.
  return typeof whole === 'string' && whole.length <= MAX_REPLACEMENT ? whole : undefined;
}

function oneLine(value: string): string {
  const line = (value.split('\n')[0] ?? '').trim();
  if (line.length <= MAX_TITLE) return line;
  return `${line.slice(0, MAX_TITLE - 1).trimEnd()}…`;
}
