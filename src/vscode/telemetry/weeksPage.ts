import { chartSvg, type ChartOption } from '../../core/charts/chartSvg.ts';
import { figureHtml, tableHtml } from '../../core/charts/figureHtml.ts';
import { escapeHtml } from '../../core/html.ts';
import type { MyWeek, MyWeeks, Share, Source } from '../../core/telemetry/myWeeks.ts';
import { ASSISTANT_NAMES } from '../../core/usage/connection.ts';
import { commandLink, paragraph } from '../page/pageHtml.ts';
import type { PageContent } from '../page/pagePanel.ts';
import type { Localise } from '../review/plainText.ts';

/** *My Weeks*: what a person's own events say to them, as small charts with their figures behind them. Nobody else gets it. */

/** Of fewer than this, a share says more about chance than about a model. */
const FEW = 5;
const SIZE = { width: 420, height: 190 };

export function weeksPage(mine: MyWeeks, keepDays: number, l10n: Localise): PageContent {
  const title = l10n.t('My Weeks');
  const intro = l10n.t(
    'From what is recorded on this machine, kept for {0} days. Only you see this page. Tokens and costs are lower bounds, because only ranges are recorded.',
    keepDays,
  );
  const body =
    mine.weeks.length === 0
      ? [paragraph(l10n.t('Nothing is recorded yet. Review something, or generate something, and look again.'))]
      : [figures(mine, l10n), worked(mine, l10n), cost(mine, l10n)];
  const links = [
    commandLink('handrail.showRecorded', l10n.t('Show Everything Recorded'), 'secondary'),
    commandLink('handrail.previewShared', l10n.t('Preview What My Lead Sees'), 'secondary'),
  ];
  return { title, body: [`<p class="note">${escapeHtml(intro)}</p>`, ...body, `<div class="actions">${links.join('')}</div>`].join('\n') };
}

interface Series {
  name: string;
  value(week: MyWeek): number;
}

function figures({ weeks }: MyWeeks, l10n: Localise): string {
  const sources = [...new Set(weeks.flatMap(({ tokens }) => Object.keys(tokens) as Source[]))];
  const charts: { id: string; caption: string; series: Series[] }[] = [
    {
      id: 'done',
      caption: l10n.t('What you did'),
      series: [
        { name: l10n.t('Reviews'), value: ({ reviews }) => reviews },
        { name: l10n.t('Proposals decided'), value: ({ accepted, edited, rejected }) => accepted + edited + rejected },
        { name: l10n.t('Steps done'), value: ({ steps }) => steps },
      ],
    },
    {
      id: 'proposals',
      caption: l10n.t('What became of proposals'),
      series: [
        { name: l10n.t('accepted'), value: ({ accepted }) => accepted },
        { name: l10n.t('accepted in part'), value: ({ edited }) => edited },
        { name: l10n.t('rejected'), value: ({ rejected }) => rejected },
      ],
    },
    {
      id: 'findings',
      caption: l10n.t('What became of findings'),
      series: [
        { name: l10n.t('fixes applied'), value: ({ findingsApplied }) => findingsApplied },
        { name: l10n.t('dismissed'), value: ({ findingsDismissed }) => findingsDismissed },
      ],
    },
    {
      id: 'tokens',
      caption: l10n.t('Tokens of models, in thousands'),
      series: sources.map((source) => ({ name: sourceWords(source, l10n), value: ({ tokens }) => Math.round(tokens[source] ?? 0) })),
    },
    { id: 'cost', caption: l10n.t('Cost, in cents'), series: [{ name: l10n.t('at least'), value: ({ cost: cents }) => cents }] },
  ];
  const shown = charts.filter(({ series }) => weeks.some((week) => series.some(({ value }) => value(week) > 0)));
  return `<div class="figures">\n${shown.map((chart) => figure(chart, weeks, l10n)).join('\n')}\n</div>`;
}

function figure({ id, caption, series }: { id: string; caption: string; series: Series[] }, weeks: MyWeek[], l10n: Localise): string {
  const used = series.filter(({ value }) => weeks.some((week) => value(week) > 0));
  const option: ChartOption = {
    legend: {},
    xAxis: { type: 'category', data: weeks.map(({ week }) => week.slice(5)) },
    yAxis: { type: 'value', minInterval: 1, splitNumber: 3 },
    series: used.map(({ name, value }) => ({ type: 'bar', stack: 'all', name, data: weeks.map(value), barMaxWidth: 36 })),
  };
  const label = l10n.t('Bars by week: {0}. The table has the figures.', caption);
  const rows = weeks.map((week) => [week.week, ...used.map(({ value }) => value(week))]);
  const table = { columns: [l10n.t('Week'), ...used.map(({ name }) => name)], rows };
  return figureHtml({ caption, svg: chartSvg(option, { id, label, ...SIZE }), table, tableLabel: l10n.t('As a table') });
}

function worked({ worked: families, applied }: MyWeeks, l10n: Localise): string {
  const rows = families.map(({ family, accepted, survived }) => [
    family,
    shareText(accepted, l10n),
    survived.all === 0 ? l10n.t('not measured yet') : shareText(survived, l10n),
  ]);
  const table =
    rows.length === 0
      ? ''
      : tableHtml(
          { columns: [l10n.t('Model family'), l10n.t('proposals you took'), l10n.t('still there after a week')], rows },
          l10n.t('What worked for you, by model family'),
        );
  const findings = applied.all === 0 ? '' : paragraph(l10n.t('Findings you acted on by a proposed fix: {0}.', shareText(applied, l10n)));
  const nothing = table === '' && findings === '' ? paragraph(l10n.t('You have not decided about a proposal or a finding yet.')) : '';
  return `<h2>${escapeHtml(l10n.t('What worked for you'))}</h2>\n${table}${findings}${nothing}`;
}

/** `7 of 9`, or that it is too early to say. */
function shareText({ good, all }: Share, l10n: Localise): string {
  const counted = l10n.t('{0} of {1}', good, all);
  return all < FEW ? l10n.t('{0}, too few to say', counted) : l10n.t('{0} ({1} %)', counted, Math.round((100 * good) / all));
}

function cost({ cost: families }: MyWeeks, l10n: Localise): string {
  const heading = `<h2>${escapeHtml(l10n.t('What it cost'))}</h2>`;
  if (families.length === 0) {
    return `${heading}\n${paragraph(l10n.t('No cost is known: the models in use have no prices in the models file, or cost nothing.'))}`;
  }
  const rows = families.map(({ family, cents }) => [family, (cents / 100).toFixed(2)]);
  return `${heading}\n${tableHtml({ columns: [l10n.t('Model family'), l10n.t('at least, in US dollars or euros')], rows }, l10n.t('Cost by model family'))}`;
}

function sourceWords(source: Source, l10n: Localise): string {
  if (source === 'handrail') return 'Handrail';
  return source === 'other' ? l10n.t('others') : ASSISTANT_NAMES[source];
}
