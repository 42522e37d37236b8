import type { KnownProblem } from '../service.ts';
import type { PlacedFinding } from './place.ts';

/** Words shared from which on two texts say the same. Jaccard index of their words. */
const SAME_WORDS = 0.35;
/** Lines apart within which two model findings of the same words are one. */
const NEAR_LINES = 3;

const COMMON: ReadonlySet<string> = new Set(
  'the and for with this that from not are was will can may when which because should does has have its you use used instead value code line'.split(
    ' ',
  ),
);

/** A finding with its telling words, taken once. */
interface Told {
  finding: PlacedFinding;
  title: ReadonlySet<string>;
  message: ReadonlySet<string>;
}

/**
 * Keeps what is new. A finding that was already let through, that an engine reported before the model did, or that the editor
 * reports for the same line, is not repeated. Findings come one at a time, so the first of two equal ones stays.
 */
export class FindingFilter {
  readonly #kept: Told[] = [];
  readonly #editor: readonly KnownProblem[];

  constructor(editor: readonly KnownProblem[]) {
    this.#editor = editor;
  }

  /** Whether to show the finding; it is remembered when so. */
  admit(finding: PlacedFinding): boolean {
    if (this.#editor.some((problem) => repeatsEditor(finding, problem))) return false;
    const told: Told = { finding, title: words(finding.title), message: words(finding.message) };
    if (this.#kept.some((earlier) => repeats(told, earlier))) return false;
    this.#kept.push(told);
    return true;
  }
}

/** Engines and the editor's tools find the same things on a line; a model may well see another defect there. */
function repeatsEditor(finding: PlacedFinding, problem: KnownProblem): boolean {
  if (finding.file !== problem.file || finding.startLine === undefined || finding.endLine === undefined) return false;
  if (problem.line < finding.startLine || problem.line > finding.endLine) return false;
  if (finding.source === 'builtin') return problem.line === finding.startLine && finding.category !== 'secret';
  return sameWords(`${finding.title} ${finding.message}`, problem.message);
}

function repeats(told: Told, kept: Told): boolean {
  const finding = told.finding;
  const earlier = kept.finding;
  if (finding.file !== earlier.file) return false;
  const apart = linesApart(finding, earlier);
  if (earlier.source === 'builtin' && finding.source === 'builtin') {
    return apart === 0 && finding.rule === earlier.rule && finding.startLine === earlier.startLine && finding.message === earlier.message;
  }
  if (apart === undefined ? finding.quote !== earlier.quote : apart > NEAR_LINES) return false;
  if (earlier.source === 'builtin' && apart !== 0) return false;
  if (earlier.category === 'secret' && earlier.source === 'builtin' && mentionsSecret(finding)) return true;
  // Texts too short to have telling words repeat as well.
  if (finding.title === earlier.title && finding.message === earlier.message) return true;
  return shareWords(told.title, kept.title) || shareWords(told.message, kept.message);
}

/** 0 when the ranges meet; undefined when one has no place. */
function linesApart(a: PlacedFinding, b: PlacedFinding): number | undefined {
  if (a.startLine === undefined || b.startLine === undefined || a.endLine === undefined || b.endLine === undefined) return undefined;
  return Math.max(0, a.startLine - b.endLine, b.startLine - a.endLine);
}

function mentionsSecret(finding: PlacedFinding): boolean {
  return /secret|credential|password|token|api.?key|private key|hard-?coded/iu.test(`${finding.title} ${finding.message}`);
}

/** Whether two texts share enough of their telling words. */
export function sameWords(a: string, b: string): boolean {
  return shareWords(words(a), words(b));
}

function shareWords(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size === 0 || b.size === 0) return false;
  let shared = 0;
  for (const word of a) if (b.has(word)) shared++;
  return shared / (a.size + b.size - shared) >= SAME_WORDS;
}

/** Lower case, plural and past endings off, common words out. */
function words(text: string): Set<string> {
  const found = text.toLowerCase().match(/[\p{L}\p{N}_$]{3,}/gu) ?? [];
  return new Set(found.filter((word) => !COMMON.has(word)).map((word) => word.replace(/(?:ing|ed|es|s)$/u, '')));
}
