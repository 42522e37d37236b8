import { HandrailError } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import type { Redaction } from '../finding.ts';
import type { SecretScanner } from '../provider.ts';
import type { ReviewUnit } from './collect.ts';
import { selectionHunk, touchedLines, type Hunk } from './hunks.ts';
import { splitLines } from './lines.ts';
import { Placer } from './place.ts';
import { redact } from './redact.ts';

/** A file under review without its secrets, with what places findings in it. */
export interface PreparedUnit {
  /** Redacted: this is what leaves the machine. */
  unit: ReviewUnit;
  /** As it is, for engines on this machine only. */
  original: string;
  originalLines: readonly string[];
  placer: Placer;
  /** Lines that the review is about, of the text as it is now; undefined when it is the whole file. */
  touched: ReadonlySet<number> | undefined;
}

/** Replaces the secrets of every file. Fails with `cancelled`. */
export async function prepareUnits(
  units: readonly ReviewUnit[],
  secrets: SecretScanner,
  signal: CancelSignal,
): Promise<{ units: PreparedUnit[]; redactions: Redaction[] }> {
  const prepared: PreparedUnit[] = [];
  const redactions: Redaction[] = [];
  for (const unit of units) {
    if (signal.aborted) throw new HandrailError('cancelled', 'The review was cancelled.');
    const redacted = await redact(secrets, unit.path, unit.text);
    redactions.push(...redacted.redactions);
    const hunks = unit.hunks && (await redactHunks(unit.path, unit.hunks, redacted.text, secrets));
    const clean = { ...unit, text: redacted.text, ...(hunks ? { hunks } : {}) };
    const touched = touchedIn(unit);
    prepared.push({
      unit: clean,
      original: unit.text,
      originalLines: splitLines(unit.text),
      placer: new Placer(clean, touched),
      touched,
    });
  }
  return { units: prepared, redactions };
}

function touchedIn({ hunks, selection, text }: ReviewUnit): ReadonlySet<number> | undefined {
  if (hunks !== undefined) return touchedLines(hunks);
  return selection && touchedLines([selectionHunk(splitLines(text), selection)]);
}

/** New lines are shown from the redacted text; removed ones stand only in the hunks and are scanned by themselves. */
async function redactHunks(path: string, hunks: readonly Hunk[], text: string, secrets: SecretScanner): Promise<Hunk[]> {
  const removed = hunks.flatMap((hunk) => hunk.lines.filter((line) => line.kind === 'removed').map((line) => line.text));
  const clean = (await redact(secrets, path, removed.join('\n'))).text.split('\n');
  const now = splitLines(text);
  let next = 0;
  return hunks.map((hunk) => ({
    ...hunk,
    lines: hunk.lines.map((line) => {
      if (line.kind === 'removed') return { ...line, text: clean[next++] ?? '' };
      return { ...line, text: now[(line.line ?? 0) - 1] ?? '' };
    }),
  }));
}
