import type { RedactionMarker } from '../review/redact.ts';

const MARKER = /\[redacted:[a-z0-9-]+\]/gu;

/** The lines that an edit takes away, as the model saw them and as they are. */
export interface ReplacedLines {
  redacted: readonly string[];
  original: readonly string[];
  /** The secrets in them, in order; `line` counts in the file. */
  markers: readonly RedactionMarker[];
  firstLine: number;
}

/**
 * New lines with the secrets put back where the model kept their markers. Undefined where that cannot be told for certain: a marker is
 * gone, was made up, or could stand for one of several secrets. Whoever has not seen a secret must not delete or move it.
 */
export function restoreSecrets(lines: readonly string[], replaced: ReplacedLines, usedMarkers: ReadonlySet<string>): string[] | undefined {
  const open = new Set(replaced.markers);
  const result: (string | undefined)[] = lines.map((line) => (hasMarker(line, usedMarkers) ? undefined : line));
  for (const [index, line] of lines.entries()) {
    if (result[index] !== undefined) continue;
    const whole = sameLine(line, replaced, open);
    if (whole === undefined) continue;
    for (const marker of whole.markers) open.delete(marker);
    result[index] = whole.text;
  }
  for (const [index, line] of lines.entries()) {
    if (result[index] !== undefined) continue;
    const restored = changedLine(line, open, usedMarkers);
    if (restored === undefined) return undefined;
    result[index] = restored;
  }
  return open.size > 0 ? undefined : result.map((line) => line ?? '');
}

/** Markers that stand for a secret in some text of this request; the same words elsewhere are just words. */
export function hasMarker(text: string, usedMarkers: ReadonlySet<string>): boolean {
  return markersIn(text).some((marker) => usedMarkers.has(marker));
}

function markersIn(text: string): string[] {
  return text.match(MARKER) ?? [];
}

/** The replaced line that reads the same, with its secrets; its indentation may be another. */
function sameLine(
  line: string,
  replaced: ReplacedLines,
  open: ReadonlySet<RedactionMarker>,
): { text: string; markers: RedactionMarker[] } | undefined {
  for (const [index, there] of replaced.redacted.entries()) {
    if (there.trim() !== line.trim()) continue;
    const markers = replaced.markers.filter((marker) => marker.line === replaced.firstLine + index);
    const text = replaced.original[index];
    if (text === undefined || markers.length === 0 || !markers.every((marker) => open.has(marker))) continue;
    return { text: (/^\s*/u.exec(line)?.[0] ?? '') + text.trim(), markers };
  }
  return undefined;
}

/** A line that was changed around its markers: each has to be the only one of its kind that is left. */
function changedLine(line: string, open: Set<RedactionMarker>, usedMarkers: ReadonlySet<string>): string | undefined {
  let certain = true;
  const text = line.replace(MARKER, (word) => {
    if (!usedMarkers.has(word)) return word;
    const candidates = [...open].filter(({ marker }) => marker === word);
    const [only] = candidates;
    if (candidates.length !== 1 || only === undefined) {
      certain = false;
      return word;
    }
    open.delete(only);
    return only.original;
  });
  return certain ? text : undefined;
}
