import type { ChartOption } from '../../charts/chartSvg.ts';
import type { FigureTable } from '../../charts/figureHtml.ts';
import type { Rosters } from '../insight/participationBands.ts';
import { USUAL_VALUE, type ValueAssumptions } from '../insight/value.ts';
import { windowsOf } from '../insight/enough.ts';
import type { Release } from '../release/release.ts';
import { adoptionSection } from './adoption.ts';
import { methodSection } from './method.ts';
import { outlookSections } from './outlook.ts';
import { type Period, periodsOf } from './periods.ts';
import { factsOf, headlines, inShort } from './summary.ts';
import { valueSection } from './value.ts';
import { workSection } from './work.ts';
import { firstDay, lastDay } from './words.ts';

/**
 * What a director reads: figures of published releases, one page first, then the detail. Nothing else goes in, so a report can say no more
 * than the releases do. Other programs read it as JSON: a change of a field is a new schema.
 */

export const REPORT_SCHEMA = 'handrail.report/1';

/** One figure in words. `value` is missing where nothing can be said, and then `why` says so. */
export interface Metric {
  label: string;
  value?: string;
  why?: string;
  /** The same of as many windows before, where there are that many. */
  before?: string;
  /** What it means, in a sentence. */
  detail?: string;
  /** The frameworks that know it, such as `DORA: lead time for changes`. */
  framework?: string;
}

/** A line of the head. */
export interface Fact {
  label: string;
  value: string;
}

export interface ReportChart {
  /** Unique in the report. */
  id: string;
  caption: string;
  /** What the picture shows, for those who do not see it. */
  label: string;
  option: ChartOption;
  table: FigureTable;
}

export interface Section {
  id: string;
  title: string;
  /** What it says, in a sentence or two. */
  lead: string;
  metrics: Metric[];
  charts: ReportChart[];
  /** `folded`: too long to stand open. */
  tables: { caption: string; table: FigureTable; folded?: boolean }[];
  notes: string[];
}

export interface Report {
  schema: typeof REPORT_SCHEMA;
  title: string;
  /** One line below the title. */
  subtitle: string;
  teams: string[];
  window: { from: string; to: string; windows: number };
  k: number;
  guarantee: string;
  /** Of each release: which, of whom, and what of it is withheld. */
  releases: { id: string; team: string; from: string; to: string; withheld: readonly string[] }[];
  /** The first page: whom it is about and how far it can be trusted, what it says in sentences, figures, and the chart of adoption. */
  facts: Fact[];
  inShort: string[];
  summary: Metric[];
  sections: Section[];
}

export interface ReportOptions {
  /** How many people each team has; of a team that is not here, nothing is said in shares. */
  rosters?: Rosters;
  assumptions?: ValueAssumptions;
}

/** Everything that a section is made of: all windows for charts, the last ones for figures. */
export interface ReportInput extends Period {
  recent: Period;
  before: Period | undefined;
  rosters: Rosters;
  assumptions: ValueAssumptions;
}

/** What one figure is made of. */
export type MetricInput = Period & Pick<ReportInput, 'rosters' | 'assumptions'>;

/** The report of at least one release, of one team or of many. The same releases give the same report. */
export function buildReport(
  releases: readonly [Release, ...Release[]],
  { rosters = {}, assumptions = USUAL_VALUE }: ReportOptions = {},
): Report {
  const windows = windowsOf(releases);
  const input: ReportInput = { releases: windows.flat(), windows, ...periodsOf(windows), rosters, assumptions };
  const teams = [...new Set(releases.map(({ team }) => team))].toSorted();
  const [first] = releases;
  const from = windows[0]?.[0]?.window.from ?? first.window.from;
  const to =
    windows
      .at(-1)
      ?.map(({ window }) => window.to)
      .toSorted()
      .at(-1) ?? first.window.to;
  const k = Math.min(...releases.map((release) => release.k));
  const of = teams.length === 1 ? `team ${teams[0] ?? ''}` : `${teams.length} teams`;
  return {
    schema: REPORT_SCHEMA,
    title: `How we work with AI: ${of}`,
    subtitle: `${firstDay(from)} to ${lastDay(to)} (weeks ${from} to ${to}). Every figure is of a group of at least ${k} people; none is of one person.`,
    teams,
    window: { from, to, windows: windows.length },
    k,
    guarantee: windows.at(-1)?.[0]?.guarantee ?? first.guarantee,
    releases: input.releases.map(({ id, team, window, withheld }) => ({ id, team, ...window, withheld })),
    facts: factsOf(input),
    inShort: inShort(input),
    summary: headlines(input),
    sections: [adoptionSection(input), workSection(input), valueSection(input), ...outlookSections(input), methodSection(input)],
  };
}

/** A figure of the last windows, with that of as many before them. Which of the two is better is for people to say, and why. */
export function compared(metric: (of: MetricInput) => Metric, { recent, before, rosters, assumptions }: ReportInput): Metric {
  const now = metric({ ...recent, rosters, assumptions });
  const then = before === undefined ? undefined : metric({ ...before, rosters, assumptions }).value;
  return now.value === undefined || then === undefined ? now : { ...now, before: then };
}
