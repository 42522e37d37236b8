import { HandrailError } from '../../errors.ts';
import type { CancelSignal } from '../../ports.ts';
import type { Redaction } from '../finding.ts';
import type { SecretScanner } from '../provider.ts';
import type { ReviewUnit } from './collect.ts';
import { touchedLines, type Hunk } from './hunks.ts';
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
  /** New-side lines that the review is about; undefined when it is the whole file. */
  touched: ReadonlySet<number> | undefined;
}

/** What was found in both sides of a file. */
interface Scanned {
  unit: ReviewUnit;
  text: Learnt;
  /** The changed stretches as they were before: a removed line may be a secret only because of what stands around it. */
  before: Learnt | undefined;
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
    const touched = unit.hunks && touchedLines(unit.hunks);
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

async function scan(unit: ReviewUnit, redactor: Redactor): Promise<Scanned> {
  const text = await redactor.learn(unit.path, unit.text);
  const before = unit.hunks && (await redactor.learn(unit.path, unit.hunks.map(textBefore).join('\n\n')));
  return { unit, text, before };
}

function textBefore({ lines }: Hunk): string {
  return lines
    .filter(({ kind }) => kind !== 'added')
    .map(({ text }) => text)
    .join('\n');
}

/** New lines are shown from the redacted text, removed ones from the redacted text before. */
function redactHunks(hunks: readonly Hunk[], text: string, before: Learnt | undefined): Hunk[] {
  const now = splitLines(text);
  const was = before?.redact().text.split('\n') ?? [];
  let next = 0;
  return hunks.map((hunk) => {
    const first = next;
    const lines = hunk.lines.map((line) => {
      const old = line.kind === 'added' ? '' : (was[next++] ?? '');
      return { ...line, text: line.kind === 'removed' ? old : (now[(line.line ?? 0) - 1] ?? '') };
    });
    // A stretch without old lines was joined in as one empty line, and one stands between two stretches.
    next = Math.max(next, first + 1) + 1;
    return { ...hunk, lines };
  });
}
