import { USUAL_VALUE } from '../insight/value.ts';
import { windowsOf } from '../insight/enough.ts';
import type { Release } from '../release/release.ts';
import { adoptionSection } from './adoption.ts';
import { methodSection } from './method.ts';
import { type Noise, noiseOf } from './noise.ts';
import { outlookSections } from './outlook.ts';
import { ownStepsSection } from './ownSteps.ts';
import { periodsOf } from './periods.ts';
import { REPORT_SCHEMA, type Report, type ReportInput, type ReportOptions } from './reportModel.ts';
import { factsOf, headlines, inShort } from './summary.ts';
import { valueSection } from './value.ts';
import { workSection } from './work.ts';
import { firstDay, lastDay } from './words.ts';

/** The report of at least one release, of one team or of many. The same releases give the same report. */
export function buildReport(
  releases: readonly [Release, ...Release[]],
  { rosters = {}, assumptions = USUAL_VALUE }: ReportOptions = {},
): Report {
  const windows = windowsOf(releases);
  const teams = [...new Set(releases.map(({ team }) => team))].toSorted();
  const noise = noiseOf(releases);
  const input: ReportInput = {
    releases: windows.flat(),
    windows,
    ...periodsOf(windows),
    teams: teams.length,
    noise,
    rosters,
    assumptions,
  };
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
    subtitle: `${firstDay(from)} to ${lastDay(to)} (weeks ${from} to ${to}). ${PROMISE[noise](k)}`,
    teams,
    window: { from, to, windows: windows.length },
    k,
    guarantee: windows.at(-1)?.[0]?.guarantee ?? first.guarantee,
    releases: input.releases.map(({ id, team, window, withheld }) => ({ id, team, ...window, withheld })),
    facts: factsOf(input),
    inShort: inShort(input),
    summary: headlines(input),
    sections: [
      adoptionSection(input),
      workSection(input),
      ...[ownStepsSection(input)].filter((section) => section !== undefined),
      valueSection(input),
      ...outlookSections(input),
      methodSection(input),
    ],
  };
}

/** What stands below the title: why no figure tells of one person. */
const PROMISE: Readonly<Record<Noise, (k: number) => string>> = {
  none: (k) => `Every figure is of a group of at least ${k} people; none is of one person.`,
  some: (k) => `Every figure is of a group of at least ${k} people, or carries noise; none is of one person.`,
  all: () => 'Every figure carries noise, so that none tells of one person.',
};
