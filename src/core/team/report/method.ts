import type { ReportInput, Section } from './report.ts';
import { percent } from './words.ts';

/** What the figures are, and what they are not. */
export function methodSection({ releases }: ReportInput): Section {
  return {
    id: 'method',
    title: 'Method and limits',
    lead: releases.at(-1)?.guarantee ?? '',
    metrics: [withheldShare({ releases })],
    charts: [],
    tables: [
      {
        caption: 'Releases that this report is made of',
        table: {
          columns: ['Release', 'Team', 'Window', 'Withheld'],
          rows: releases.map(({ id, team, window, withheld }) => [
            id,
            team,
            `${window.from} to ${window.to}`,
            withheld.length === 0 ? 'nothing' : withheld.join(', '),
          ]),
        },
      },
    ],
    notes: [
      'People share by their own choice, weekly sums only; who does not is indistinguishable from who did nothing. So all counts are lower bounds.',
      'A counter is withheld where too few people are behind it, where one person would be most of it, or because its figures would follow from another counter that is published.',
      'Figures of several teams are sums of what each of them published; what a team withheld is in none of them.',
      'There are no rankings, no rows of people, and no claims about causes. Comparisons say what went together.',
    ],
  };
}

/** The part of tables, over all releases, of which nothing is published. */
export function withheldShare({ releases }: Pick<ReportInput, 'releases'>) {
  const published = releases.reduce((sum, { cells }) => sum + new Set(cells.map(({ counter }) => counter)).size, 0);
  const withheld = releases.reduce((sum, release) => sum + release.withheld.length, 0);
  const label = 'Tables that are withheld';
  return { label, value: published + withheld === 0 ? 'none' : `${percent(withheld / (published + withheld))} of ${published + withheld}` };
}
