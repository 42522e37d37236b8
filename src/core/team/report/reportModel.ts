import type { ChartOption } from '../../charts/chartSvg.ts';
import type { FigureTable } from '../../charts/figureHtml.ts';
import type { Rosters } from '../insight/participationBands.ts';
import type { ValueAssumptions } from '../insight/value.ts';
import type { Noise } from './noise.ts';
import type { Period } from './periods.ts';
import { teamsText } from './tally.ts';

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
  /** Of how many teams it is, such as `9 of 10 teams`, where the others publish nothing of it. */
  teams?: string;
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
  /** How many teams there are. */
  teams: number;
  noise: Noise;
  rosters: Rosters;
  assumptions: ValueAssumptions;
}

/** What one figure is made of. */
export type MetricInput = Period & Pick<ReportInput, 'teams' | 'noise' | 'rosters' | 'assumptions'>;

/** A figure of the last windows, with that of as many before them. Which of the two is better is for people to say, and why. */
export function compared(metric: (of: MetricInput) => Metric, input: ReportInput): Metric {
  const { recent, before } = input;
  const now = metric({ ...input, ...recent });
  const then = before === undefined ? undefined : metric({ ...input, ...before }).value;
  return now.value === undefined || then === undefined ? now : { ...now, before: then };
}

/** A figure with of how many of all the teams it is. */
export function withTeams(metric: Metric, publishing: ReadonlySet<string>, all: number): Metric {
  const teams = teamsText(publishing, all);
  return teams === undefined ? metric : { ...metric, teams };
}
