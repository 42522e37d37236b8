import type { Release } from '../release/release.ts';
import type { ReportInput, Section } from './reportModel.ts';
import { percent, plural } from './words.ts';

/** What the figures are, and what they are not. */
export function methodSection({ releases }: ReportInput): Section {
  return {
    id: 'method',
    title: 'Method and limits',
    lead: releases.at(-1)?.guarantee ?? '',
    metrics: [withheldShare({ releases })],
    charts: [],
    tables: [releases.length > MANY ? byTeam(releases) : byRelease(releases)],
    notes: [
      ...noiseNotes(releases),
      'People share by their own choice, weekly sums only; who does not is indistinguishable from who did nothing. So all counts are lower bounds.',
      'A counter is withheld where too few people are behind it, where one person would be most of it, or because its figures would follow from another counter that is published.',
      'Figures of several teams are sums of what each of them published; what a team withheld is in none of them.',
      'There are no rankings, no rows of people, and no claims about causes. Comparisons say what went together.',
    ],
  };
}

/** How far figures with noise may be off; those without have none. */
function noiseNotes(releases: readonly Release[]): string[] {
  const last = releases.findLast(({ privacy }) => privacy !== undefined)?.privacy;
  if (last === undefined) return [];
  const margins = last.noise.map(({ counter, margin }) => `${counter} ±${margin}`).join(', ');
  return [
    `Figures carry noise, so that they are differentially private (epsilon ${last.epsilon}, delta ${last.delta}, for each ${last.unit === 'week' ? 'week of a person' : 'person'}). Each published figure is off by no more than this, 95 times of 100: ${margins}. Noise below zero was taken for zero, so sums of many small figures are too high.`,
  ];
}

/** More releases than this are listed by team. */
const MANY = 40;

function byRelease(releases: readonly Release[]): Section['tables'][number] {
  const rows = releases.map(({ id, team, window, withheld }) => [
    id,
    team,
    `${window.from} to ${window.to}`,
    withheld.length === 0 ? 'nothing' : withheld.join(', '),
  ]);
  return { caption: 'Releases that this report is made of', table: { columns: ['Release', 'Team', 'Window', 'Withheld'], rows } };
}

/** By name, so that no order says who is better; and no figure of what a team did. */
function byTeam(releases: readonly Release[]): Section['tables'][number] {
  const teams = new Map<string, Release[]>();
  for (const release of releases) teams.set(release.team, [...(teams.get(release.team) ?? []), release]);
  const rows = [...teams]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([team, own]) => [team, own.length, `${own[0]?.window.from ?? ''} to ${own.at(-1)?.window.to ?? ''}`, own.at(-1)?.id ?? '']);
  const columns = ['Team', 'Releases', 'Windows', 'Last release'];
  return { caption: `Releases that this report is made of: ${releases.length}, by team`, table: { columns, rows }, folded: true };
}

/** The part of tables, over all releases, of which nothing is published. */
export function withheldShare({ releases }: Pick<ReportInput, 'releases'>) {
  const published = releases.reduce((sum, { cells }) => sum + new Set(cells.map(({ counter }) => counter)).size, 0);
  const withheld = releases.reduce((sum, release) => sum + release.withheld.length, 0);
  const label = 'Tables that are withheld';
  return {
    label,
    value:
      published + withheld === 0 ? 'none' : `${percent(withheld / (published + withheld))} of ${plural(published + withheld, 'table')}`,
  };
}
