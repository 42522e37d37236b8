import { HandrailError } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import type { Redaction } from '../finding.ts';
import type { SecretScanner } from '../provider.ts';
import type { ReviewUnit } from './collect.ts';
import { selectionHunk, touchedLines, type Hunk } from './hunks.ts';
import { splitLines } from './lines.ts';
import { Placer } from './place.ts';
import { Redactor, redactPaths, type Learnt } from './redact.ts';

/** A file under review without its secrets, with what places findings in it. */
export interface PreparedUnit {
  /** Redacted: this is what leaves the machine. Its path is the real one. */
  unit: ReviewUnit;
  /** The path as it is told. */
  shownPath: string;
  /** As it is, for engines on this machine only. */
  original: string;
  originalLines: readonly string[];
  placer: Placer;
  /** Lines that the review is about, of the text as it is now; undefined when it is the whole file. */
  touched: ReadonlySet<number> | undefined;
}

/** What was found in both sides of a file. */
interface Scanned {
  unit: ReviewUnit;
  text: Learnt;
  /** The file as it was before, where lines went: one may be a secret only because of what stands elsewhere in the file. */
  before: { text: Learnt; removed: readonly number[] } | undefined;
}

/** Replaces the secrets of every file, in its name too. Fails with `cancelled`. */
export async function prepareUnits(
  units: readonly ReviewUnit[],
  secrets: SecretScanner,
  signal: CancelSignal,
  redactor = new Redactor(secrets),
): Promise<{ units: PreparedUnit[]; redactions: Redaction[] }> {
  const scanned: Scanned[] = [];
  for (const unit of units) {
    if (signal.aborted) throw new HandrailError('cancelled', 'The review was cancelled.');
    scanned.push(await scan(unit, redactor));
  }
  const paths = await redactPaths(
    redactor,
    units.map(({ path }) => path),
  );
  const redactions: Redaction[] = [...paths.redactions];
  const prepared = scanned.map((one): PreparedUnit => {
    const { unit } = one;
    const { text, markers, redactions: found } = one.text.redact();
    redactions.push(...found);
    const hunks = unit.hunks && redactHunks(unit.hunks, text, one.before);
    const clean = { ...unit, text, ...(hunks ? { hunks } : {}) };
    const touched = touchedIn(unit);
    return {
      unit: clean,
      shownPath: paths.shown.get(unit.path) ?? unit.path,
      original: unit.text,
      originalLines: splitLines(unit.text),
      placer: new Placer(clean, touched, markers),
      touched,
    };
  });
  return { units: prepared, redactions };
}

function touchedIn({ hunks, selection, text }: ReviewUnit): ReadonlySet<number> | undefined {
  if (hunks !== undefined) return touchedLines(hunks);
  return selection && touchedLines([selectionHunk(splitLines(text), selection)]);
}

async function scan(unit: ReviewUnit, redactor: Redactor): Promise<Scanned> {
  const text = await redactor.learn(unit.path, unit.text);
  const { lines, removed } = linesBefore(unit);
  if (removed.length === 0) return { unit, text, before: undefined };
  return { unit, text, before: { text: await redactor.learn(unit.path, lines.join('\n')), removed } };
}

/** The lines before the change, and which of them are the removed ones, in order. */
function linesBefore({ text, hunks = [] }: ReviewUnit): { lines: string[]; removed: number[] } {
  const now = splitLines(text);
  const lines: string[] = [];
  const removed: number[] = [];
  let next = 1;
  const keepUntil = (line: number): void => {
    for (; next < line; next++) lines.push(now[next - 1] ?? '');
  };
  for (const hunk of hunks) {
    keepUntil(hunk.startLine);
    for (const { kind, line, text: old } of hunk.lines) {
      if (kind === 'removed') removed.push(lines.push(old) - 1);
      else if (line !== undefined) {
        keepUntil(kind === 'context' ? line + 1 : line);
        next = line + 1;
      }
    }
  }
  keepUntil(now.length + 1);
  return { lines, removed };
}

/** New lines are shown from the redacted text, removed ones from the redacted text before. */
function redactHunks(hunks: readonly Hunk[], text: string, before: Scanned['before']): Hunk[] {
  const now = splitLines(text);
  const was = before?.text.redact().text.split('\n') ?? [];
  let next = 0;
  return hunks.map((hunk) => ({
    ...hunk,
    lines: hunk.lines.map((line) => {
      if (line.kind !== 'removed') return { ...line, text: now[(line.line ?? 0) - 1] ?? '' };
      return { ...line, text: was[before?.removed[next++] ?? -1] ?? '' };
    }),
  }));
}
