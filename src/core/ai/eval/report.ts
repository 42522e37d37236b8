import { caseSetDigest, LANGUAGE_NAMES, type EvalLanguage } from './case.ts';
import { figuresOf, type Figures } from './figures.ts';
import type { CaseIdentity, CaseOutcome } from './outcome.ts';

export const REPORT_SCHEMA = 'handrail.eval/1';

/** Who was measured, with what. */
export interface Measured {
  /** Version of Handrail: its engines, its prompt and its cases. */
  version: string;
  /** Name of the entry, or `builtin`. */
  model: string;
  /** What the endpoint calls the model; absent for the built-in reviewer. */
  modelId?: string;
  /** Absent for the built-in reviewer, which gets no prompt. */
  promptVersion?: string;
  /** Cases reviewed at the same time: latencies are comparable only at the same number. */
  parallel: number;
  /** When it began, ISO 8601 in UTC. */
  date: string;
}

/** An evaluation, as `handrail eval --format json` prints it and `--compare` reads it. */
export interface EvalReport extends Measured {
  schema: typeof REPORT_SCHEMA;
  /** False when it ended before its last case. */
  complete: boolean;
  /** What was to be measured. */
  caseSet: { digest: string; bugs: number; clean: number };
  all: Figures;
  /** Only languages that have a case. */
  languages: Partial<Record<EvalLanguage, Figures>>;
  cases: CaseOutcome[];
}

/** The report on these outcomes of `planned` cases, in the order of the cases. */
export function reportOf(measured: Measured, planned: readonly CaseIdentity[], outcomes: readonly CaseOutcome[]): EvalReport {
  const position = new Map(planned.map(({ id }, index) => [id, index]));
  const cases = outcomes.toSorted((a, b) => (position.get(a.id) ?? 0) - (position.get(b.id) ?? 0));
  const bugs = planned.filter(({ kind }) => kind === 'bug').length;
  const languages = LANGUAGE_NAMES.flatMap((language) => {
    const own = cases.filter((outcome) => outcome.language === language);
    return own.length === 0 ? [] : [[language, figuresOf(own)] as const];
  });
  return {
    schema: REPORT_SCHEMA,
    ...measured,
    complete: cases.length === planned.length,
    caseSet: { digest: caseSetDigest(planned.map(({ digest }) => digest)), bugs, clean: planned.length - bugs },
    all: figuresOf(cases),
    languages: Object.fromEntries(languages),
    cases,
  };
}
