import { COUNTERS } from '../../telemetry/counters.ts';
import { windowsOf } from '../insight/enough.ts';
import type { Release } from '../release/release.ts';
import { marginIn } from './noise.ts';
import { type Absence, absencesOfAll } from './withheld.ts';

/**
 * Every published figure, a line each, as RFC 4180 with a head; a counter that is withheld, or left out since it follows from
 * another, has a line that says so and no number. Cells that a spreadsheet would take for a formula begin with an apostrophe.
 * `margin`: a figure with noise is off by no more, 95 times of 100. Figures of several teams are summed, each with of how many teams it is:
 * no figure of one team stands beside another's.
 */
export function releasesCsv(releases: readonly Release[]): string {
  const teams = new Set(releases.map(({ team }) => team));
  const rows = teams.size > 1 ? [SUMS_HEAD, ...summed(releases)] : [TEAM_HEAD, ...ofTeam(releases)];
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

/** The head that all reports had; later columns follow, so that who reads by name or place still can. */
const FIRST: readonly string[] = ['release', 'team', 'from', 'to', 'counter', 'of', 'value', 'unit'];
const TEAM_HEAD: readonly string[] = [...FIRST, 'margin'];
const SUMS_HEAD: readonly string[] = ['from', 'to', 'counter', 'of', 'value', 'unit', 'teams', 'margin'];

/** Whether a text begins as such a file does. */
export function isReleasesCsv(text: string): boolean {
  return [FIRST, SUMS_HEAD].some((head) => text.startsWith(head.join(',')));
}

const UNITS = new Map(COUNTERS.map(({ name, unit }) => [name, unit]));
const ABSENT: Readonly<Record<Absence, string>> = { linked: 'left out', withheld: 'withheld' };

function ofTeam(releases: readonly Release[]): string[][] {
  return absencesOfAll(windowsOf(releases).flat()).flatMap(({ release, absences }) => {
    const { id, team, window, cells, privacy } = release;
    const row = (counter: string, of: string, value: string, margin = ''): string[] => [
      id,
      team,
      window.from,
      window.to,
      counter,
      of,
      value,
      UNITS.get(counter) ?? '',
      margin,
    ];
    return [
      ...cells.map(({ counter, dims, value }) =>
        row(counter, dimsText(dims), String(value), String(privacy === undefined ? '' : (marginIn(privacy, counter) ?? ''))),
      ),
      ...[...absences].map(([counter, absence]) => row(counter, '', ABSENT[absence])),
    ];
  });
}

/** A line of sums. */
interface Line {
  from: string;
  to: string;
  counter: string;
  of: string;
  /** Undefined of a figure. */
  absent?: Absence;
  sum: number;
  teams: number;
  /** Squares of the margins, summed. */
  squares: number;
}

function summed(releases: readonly Release[]): string[][] {
  const lines = new Map<string, Line & { last: string }>();
  for (const { release, absences } of absencesOfAll(windowsOf(releases).flat())) {
    const { team, window, cells, privacy } = release;
    const add = (counter: string, of: string, { value = 0, absent }: { value?: number; absent?: Absence }): void => {
      const key = JSON.stringify([window.from, window.to, counter, of, absent]);
      const line = lines.get(key) ?? { ...window, counter, of, ...(absent && { absent }), sum: 0, teams: 0, squares: 0, last: '' };
      line.sum += value;
      // Releases of a window come team after team, and a team may have several cells of a line.
      if (line.last !== team) [line.teams, line.last] = [line.teams + 1, team];
      const margin = privacy === undefined || absent !== undefined ? undefined : marginIn(privacy, counter);
      line.squares += (margin ?? 0) ** 2;
      lines.set(key, line);
    };
    for (const { counter, dims, value } of cells) add(counter, dimsText(withoutStep(dims)), { value });
    for (const [counter, absent] of absences) add(counter, '', { absent });
  }
  return [...lines.values()]
    .toSorted(inOrder)
    .map(({ from, to, counter, of, absent, sum, teams, squares }) => [
      from,
      to,
      counter,
      of,
      absent === undefined ? String(sum) : ABSENT[absent],
      UNITS.get(counter) ?? '',
      String(teams),
      squares === 0 ? '' : String(Math.round(Math.sqrt(squares))),
    ]);
}

/** Steps of one name need not be the same in two teams. */
function withoutStep(dims: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { step: _, ...others } = dims;
  return others;
}

const PLACES = new Map(COUNTERS.map(({ name }, index) => [name, index]));

/** By window, then as in the catalogue; what has no name after what has, and what is no figure at the end of its counter. */
function inOrder(one: Line, other: Line): number {
  const keys = ({ from, to, counter, of, absent }: Line): (string | number)[] => [
    from,
    to,
    PLACES.get(counter) ?? COUNTERS.length,
    counter,
    absent ?? '',
    of === OTHERS ? 1 : 0,
    of,
  ];
  const [mine, yours] = [keys(one), keys(other)];
  const at = mine.findIndex((key, index) => key !== yours[index]);
  return at < 0 ? 0 : (mine[at] ?? 0) < (yours[at] ?? 0) ? -1 : 1;
}

const OTHERS = 'others together';

function dimsText(dims: Readonly<Record<string, string>>): string {
  return '*' in dims
    ? OTHERS
    : Object.entries(dims)
        .map(([dim, value]) => `${dim}=${value}`)
        .join(' ');
}

/** One cell: defused first, then quoted where it has to be. */
export function cellText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
