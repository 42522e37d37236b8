import type { Release } from '../release/release.ts';
import { decimal, marginsText } from './noise.ts';
import type { ReportInput, Section } from './reportModel.ts';
import { absencesOfAll } from './withheld.ts';
import { percent, plural, whole } from './words.ts';

/** What the figures are, and what they are not. */
export function methodSection({ releases, noise, teams }: ReportInput): Section {
  return {
    id: 'method',
    title: 'Method and limits',
    lead: '',
    metrics: [withheldShare({ releases })],
    charts: [],
    tables: [releases.length > MANY ? byTeam(releases) : byRelease(releases)],
    notes: [
      ...noiseNotes(releases),
      `People share by their own choice, weekly sums only; who does not is indistinguishable from who did nothing. ${
        noise === 'all' ? 'So what they did is in no figure.' : 'So all counts are lower bounds.'
      }`,
      ...(noise === 'all'
        ? []
        : [
            'A counter is withheld where too little was counted, where too few people are behind it, or where one person would be most of it.',
          ]),
      'A counter whose figures would follow from those of another is left out where the other is published, now or right before.',
      ...(teams > 1
        ? [
            'Figures of several teams are sums of what each of them published; what a team withheld is in none of them. “9 of 10 teams” says that the tenth publishes nothing of it.',
          ]
        : []),
      'There are no rankings, no rows of people, and no claims about causes. Comparisons say what went together.',
    ],
  };
}

/** How far figures with noise may be off; those without have none. */
function noiseNotes(releases: readonly Release[]): string[] {
  const last = releases.findLast(({ privacy }) => privacy !== undefined)?.privacy;
  if (last === undefined) return [];
  return [
    `Figures carry noise, so that they are differentially private (epsilon ${last.epsilon}, delta ${decimal(last.delta)}, for each ${last.unit === 'week' ? 'week of a person' : 'person'}). Each published figure is off by no more than this, 95 times of 100: ${marginsText(last)}. Noise below zero was taken for zero, so sums of many small figures are too high.`,
    'Shares and sums say what noise may add to them. What is made of many figures smaller than their margins is called drowned in noise, and what never gets out of its noise is in the tables and in no chart. Where work waits, and values in money, otherwise take figures as they are.',
  ];
}

/** More releases than this are listed by team. */
const MANY = 40;

function byRelease(releases: readonly Release[]): Section['tables'][number] {
  const rows = absencesOfAll(releases).map(({ release: { id, team, window }, absences }) => {
    const those = (absence: string): string => {
      const names = [...absences].filter(([, one]) => one === absence).map(([name]) => name);
      return names.length === 0 ? 'nothing' : names.join(', ');
    };
    return [id, team, `${window.from} to ${window.to}`, those('withheld'), those('linked')];
  });
  const columns = ['Release', 'Team', 'Window', 'Withheld', 'Left out'];
  return { caption: 'Releases that this report is made of', table: { columns, rows } };
}

/** By name, so that no order says who is better; and no figure of what a team did. */
function byTeam(releases: readonly Release[]): Section['tables'][number] {
  const teams = new Map<string, Release[]>();
  for (const release of releases) teams.set(release.team, [...(teams.get(release.team) ?? []), release]);
  const rows = [...teams]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([team, own]) => [team, own.length, `${own[0]?.window.from ?? ''} to ${own.at(-1)?.window.to ?? ''}`, own.at(-1)?.id ?? '']);
  const columns = ['Team', 'Releases', 'Windows', 'Last release'];
  return { caption: `Releases that this report is made of: ${whole(releases.length)}, by team`, table: { columns, rows }, folded: true };
}

/** The part of tables, over all releases, of which nothing is published; those that follow from another are no part of it. */
export function withheldShare({ releases }: Pick<ReportInput, 'releases'>) {
  const published = releases.reduce((sum, { cells }) => sum + new Set(cells.map(({ counter }) => counter)).size, 0);
  const absences = absencesOfAll(releases).flatMap((release) => [...release.absences.values()]);
  const withheld = absences.filter((absence) => absence === 'withheld').length;
  const linked = absences.length - withheld;
  const value =
    published + withheld === 0 ? 'none' : `${percent(withheld / (published + withheld))} of ${plural(published + withheld, 'table')}`;
  const detail = `A table is one counter of one release.${linked === 0 ? '' : ` ${plural(linked, 'more', 'more')} would follow from tables that are published.`}`;
  return { label: 'Tables that are withheld', value, detail };
}
