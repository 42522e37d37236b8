import { COUNTERS } from '../../telemetry/counters.ts';
import type { Release } from '../release/release.ts';
import { absencesOfAll } from './withheld.ts';

/**
 * Every published figure, a line each, as RFC 4180 with a head; a counter that is withheld, or left out since it follows from
 * another, has a line that says so and no number. Cells
 * that a spreadsheet would take for a formula begin with an apostrophe. `margin`: a figure with noise is off by no more, 95 times of 100.
 */
export function releasesCsv(releases: readonly Release[]): string {
  const units = new Map(COUNTERS.map(({ name, unit }) => [name, unit]));
  const inOrder = releases.toSorted((one, other) => (one.window.from < other.window.from ? -1 : 1));
  const absences = new Map(absencesOfAll(inOrder).map((one) => [one.release, one.absences]));
  const rows = releases.flatMap((release) => {
    const { id, team, window, cells, privacy } = release;
    return [
      ...cells.map(({ counter, dims, value }) => [
        id,
        team,
        window.from,
        window.to,
        counter,
        dimsText(dims),
        String(value),
        units.get(counter) ?? '',
        String(privacy?.noise.find((one) => one.counter === counter)?.margin ?? ''),
      ]),
      ...[...(absences.get(release) ?? [])].map(([counter, absence]) => [
        id,
        team,
        window.from,
        window.to,
        counter,
        '',
        absence === 'linked' ? 'left out' : 'withheld',
        units.get(counter) ?? '',
        '',
      ]),
    ];
  });
  return [CSV_HEAD, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

/** The head that all reports had; later columns follow, so that who reads by name or place still can. */
export const CSV_FIRST: readonly string[] = ['release', 'team', 'from', 'to', 'counter', 'of', 'value', 'unit'];
const CSV_HEAD: readonly string[] = [...CSV_FIRST, 'margin'];

function dimsText(dims: Readonly<Record<string, string>>): string {
  return '*' in dims
    ? 'others together'
    : Object.entries(dims)
        .map(([dim, value]) => `${dim}=${value}`)
        .join(' ');
}

/** One cell: defused first, then quoted where it has to be. */
export function cellText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
