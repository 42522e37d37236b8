import type { Redaction } from '../finding.ts';
import type { SecretMatch, SecretScanner } from '../provider.ts';
import { KnownSecrets } from './knownSecrets.ts';

export interface Redacted {
  /** As many lines as before; the ends of lines are the same. */
  text: string;
  redactions: Redaction[];
  /** What each marker stands for, in order. */
  markers: RedactionMarker[];
}

/** A marker in a redacted text, and what it took the place of. Never leaves the machine. */
export interface RedactionMarker {
  line: number;
  marker: string;
  original: string;
}

/** Text that was looked through for secrets. */
export interface Learnt {
  /** Replaces each secret by `[redacted:kind]`; one over several lines leaves a marker on each. */
  redact(): Redacted;
}

/**
 * Takes the secrets out of everything that goes into one request. First all texts are looked through, then each is redacted: a value
 * that is known as a secret from one text is one wherever else it stands.
 */
export class Redactor {
  readonly #scanner: SecretScanner;
  readonly #known = new KnownSecrets();

  constructor(scanner: SecretScanner) {
    this.#scanner = scanner;
  }

  async learn(path: string, text: string): Promise<Learnt> {
    const matches = await this.#scanner.scan(path, text);
    for (const { start, end, kind } of matches) this.#known.add(text.slice(start, end), kind);
    return { redact: () => applyRedactions(path, text, [...matches, ...this.#known.within(text)]) };
  }
}

export function applyRedactions(path: string, text: string, matches: readonly SecretMatch[]): Redacted {
  const redactions: Redaction[] = [];
  const markers: RedactionMarker[] = [];
  let result = '';
  let from = 0;
  let line = 1;
  for (const { start, end, kind } of merged(matches, text.length)) {
    line += countLines(text.slice(from, start));
    const name = kind.toLowerCase().replace(/[^a-z0-9-]+/gu, '-') || 'secret';
    redactions.push({ file: path, line, kind: name });
    const secret = text.slice(start, end);
    result += text.slice(from, start);
    for (const [index, part] of secret.split(/(\r\n|\n|\r)/u).entries()) {
      const isEnd = index % 2 === 1;
      if (isEnd) line++;
      if (isEnd || part === '') {
        result += part;
        continue;
      }
      const marker = `[redacted:${name}]`;
      markers.push({ line, marker, original: part });
      result += marker;
    }
    from = end;
  }
  return { text: result + text.slice(from), redactions, markers };
}

/**
 * Paths as they may be told, where a secret stands in one. Its redaction names line 1 of the file, since a name has no line.
 * Nothing is told of paths that stay as they are.
 */
export async function redactPaths(
  redactor: Redactor,
  paths: readonly string[],
): Promise<{ shown: Map<string, string>; redactions: Redaction[]; markers: RedactionMarker[] }> {
  const lines = paths.map((path) => path.replace(/[\r\n]/gu, ' '));
  const { text, redactions, markers } = (await redactor.learn('', lines.join('\n'))).redact();
  const told = text.split('\n');
  const shown = new Map<string, string>();
  for (const [index, path] of paths.entries()) if (told[index] !== lines[index]) shown.set(path, told[index] ?? '');
  return { shown, redactions: redactions.map(({ line, kind }) => ({ file: paths[line - 1] ?? '', line: 1, kind })), markers };
}

/** Shorter ones are a part of too many words. */
const MIN_KNOWN_LENGTH = 4;

/** A text that may repeat secrets found elsewhere, with their markers in their place. */
export function withoutSecrets(text: string, secrets: readonly RedactionMarker[]): string {
  return secrets
    .filter(({ original }) => original.length >= MIN_KNOWN_LENGTH && text.includes(original))
    .sort((a, b) => b.original.length - a.original.length)
    .reduce((rest, { original, marker }) => rest.replaceAll(original, () => marker), text);
}

/** Sorted, inside the text, overlapping ones joined under the first one's kind. */
function merged(matches: readonly SecretMatch[], length: number): SecretMatch[] {
  const sorted = matches
    .map((match) => ({ ...match, start: Math.max(0, match.start), end: Math.min(length, match.end) }))
    .filter((match) => match.start < match.end)
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const result: SecretMatch[] = [];
  for (const match of sorted) {
    const last = result.at(-1);
    if (last && match.start < last.end) last.end = Math.max(last.end, match.end);
    else result.push(match);
  }
  return result;
}

function countLines(text: string): number {
  return text.match(/\r\n|\n|\r/gu)?.length ?? 0;
}
