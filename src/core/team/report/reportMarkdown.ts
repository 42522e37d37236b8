import { cellText, type FigureTable } from '../../charts/figureHtml.ts';
import { pageNote } from './summary.ts';
import type { Metric, Report, Section } from './reportModel.ts';

/** The report as Markdown, with the table of each chart in its place. */
export function reportMarkdown(report: Report): string {
  const parts = [
    `# ${plain(report.title)}`,
    plain(report.subtitle),
    report.facts.map(({ label, value }) => `- ${plain(label)}: ${plain(value)}`).join('\n'),
    '## In short',
    report.inShort.map((sentence) => `- ${plain(sentence)}`).join('\n'),
    report.summary.map(metricLine).join('\n'),
    plain(pageNote(report)),
    ...report.sections.flatMap(sectionParts),
  ];
  return `${[...parts, `<!-- ${report.schema} -->`].filter((part) => part !== '').join('\n\n')}\n`;
}

function sectionParts({ title, lead, metrics, charts, tables, notes }: Section): string[] {
  return [
    `## ${plain(title)}`,
    plain(lead),
    metrics.map(metricLine).join('\n'),
    ...[...charts, ...tables].flatMap(({ caption, table }) => [`### ${plain(caption)}`, markdownTable(table)]),
    notes.map((note) => `- ${plain(note)}`).join('\n'),
  ];
}

/** `- **Label**: value (before: value; of 9 of 10 teams). Detail. (DORA: …)` */
function metricLine({ label, value, why, before, detail, teams, framework }: Metric): string {
  const aside = [...(teams === undefined ? [] : [`of ${teams}`]), ...(before === undefined ? [] : [`before: ${before}`])];
  const said = `${value ?? why ?? ''}${aside.length === 0 ? '' : ` (${aside.join('; ')})`}`;
  const parts = [
    said.endsWith('.') ? said : `${said}.`,
    ...(detail === undefined ? [] : [detail]),
    ...(framework === undefined ? [] : [`(${framework})`]),
  ];
  return `- **${plain(label)}**: ${plain(parts.join(' '))}`;
}

function markdownTable({ columns, rows }: FigureTable): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.map((cell) => plain(cellText(cell))).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text that means nothing to Markdown: names of teams come from files. */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]<>|]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}
