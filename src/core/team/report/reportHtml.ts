import { chartSvg } from '../../charts/chartSvg.ts';
import { figureHtml, tableHtml } from '../../charts/figureHtml.ts';
import { escapeHtml } from '../../html.ts';
import { CHART_SIZE } from './charts.ts';
import { pageNote } from './summary.ts';
import type { Metric, Report, ReportChart, Section } from './reportModel.ts';

/** The report as a page: it needs no other file, no script and no network, prints on A4, and follows light, dark and high contrast. */
export function reportHtml(report: Report): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="generator" content="${report.schema}">
<title>${escapeHtml(report.title)}</title>
<style>${COLOURS}${LAYOUT}</style>
</head>
<body>
<main>
<h1>${escapeHtml(report.title)}</h1>
<p class="note">${escapeHtml(report.subtitle)}</p>
${reportBody(report)}
</main>
</body>
</html>
`;
}

/** What stands below the heading; the editor puts it into a page of its own. */
export function reportBody(report: Report): string {
  const { facts, inShort, summary, sections } = report;
  return [
    '<section class="summary" aria-label="Summary">',
    `<dl>${facts.map(({ label, value }) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`,
    '<h2 id="in-short">In short</h2>',
    `<ul class="short">${inShort.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('')}</ul>`,
    `<div class="metrics">${summary.map(metricHtml).join('\n')}</div>`,
    `<p class="note">${escapeHtml(pageNote(report))}</p>`,
    '</section>',
    ...sections.map(sectionHtml),
  ].join('\n');
}

function sectionHtml({ id, title, lead, metrics, charts, tables, notes }: Section): string {
  return [
    `<section aria-labelledby="${escapeHtml(id)}">`,
    `<h2 id="${escapeHtml(id)}">${escapeHtml(title)}</h2>`,
    ...(lead === '' ? [] : [`<p>${escapeHtml(lead)}</p>`]),
    ...(metrics.length === 0 ? [] : [`<div class="metrics">${metrics.map(metricHtml).join('\n')}</div>`]),
    ...(charts.length === 0 ? [] : [`<div class="figures">${charts.map(chartHtml).join('\n')}</div>`]),
    ...tables.map(sectionTable),
    ...(notes.length === 0 ? [] : [`<ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`]),
    '</section>',
  ].join('\n');
}

function sectionTable({ caption, table, folded = false }: Section['tables'][number]): string {
  const html = `<div class="wide">${tableHtml(table, caption)}</div>`;
  return folded ? `<details><summary>${escapeHtml(caption)}</summary>${html}</details>` : `<h3>${escapeHtml(caption)}</h3>${html}`;
}

function metricHtml({ label, value, why, before, detail, teams, framework }: Metric): string {
  const lines = [
    `<p class="label">${escapeHtml(label)}</p>`,
    value === undefined ? `<p class="missing">${escapeHtml(why ?? 'Not known.')}</p>` : `<p class="value">${escapeHtml(value)}</p>`,
    ...(before === undefined ? [] : [`<p class="note">Before: ${escapeHtml(before)}</p>`]),
    ...(teams === undefined ? [] : [`<p class="note">Of ${escapeHtml(teams)}</p>`]),
    ...(detail === undefined ? [] : [`<p class="note">${escapeHtml(detail)}</p>`]),
    ...(framework === undefined ? [] : [`<p class="note framework">${escapeHtml(framework)}</p>`]),
  ];
  return `<div class="metric">${lines.join('')}</div>`;
}

function chartHtml({ id, caption, label, option, table }: ReportChart): string {
  const svg = chartSvg(option, { id: `chart-${id}`, label, ...CHART_SIZE });
  return figureHtml({ caption, svg, table, tableLabel: 'As a table' });
}

/** Contrast of text is at least 4.5, of bars at least 3, on each background. */
const COLOURS = `
:root {
  color-scheme: light dark;
  --text: #1f2328; --muted: #57606a; --back: #ffffff; --card: #f6f8fa; --rule: #d0d7de; --link: #0550ae;
  --chart-text: var(--text); --chart-line: var(--rule);
  --chart-1: #0969da; --chart-2: #bf5700; --chart-3: #1a7f37; --chart-4: #8250df; --chart-5: #cf222e; --chart-6: #57606a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3; --muted: #9da7b3; --back: #0d1117; --card: #161b22; --rule: #30363d; --link: #79c0ff;
    --chart-1: #58a6ff; --chart-2: #f0883e; --chart-3: #56d364; --chart-4: #bc8cff; --chart-5: #ff7b72; --chart-6: #9da7b3;
  }
}
@media (prefers-contrast: more) {
  :root { --text: #000000; --muted: #000000; --back: #ffffff; --card: #ffffff; --rule: #000000; --link: #00008b; }
}
@media (prefers-contrast: more) and (prefers-color-scheme: dark) {
  :root { --text: #ffffff; --muted: #ffffff; --back: #000000; --card: #000000; --rule: #ffffff; --link: #9ecbff; }
}
@media print {
  :root {
    --text: #000000; --muted: #333333; --back: #ffffff; --card: #ffffff; --rule: #999999; --link: #000000;
    --chart-1: #0969da; --chart-2: #bf5700; --chart-3: #1a7f37; --chart-4: #8250df; --chart-5: #cf222e; --chart-6: #57606a;
  }
}
`;

const LAYOUT = `
* { box-sizing: border-box; }
body { margin: 0; color: var(--text); background: var(--back); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 1.8em; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 1.3em; margin: 40px 0 4px; padding-top: 16px; border-top: 1px solid var(--rule); }
h3 { font-size: 1em; margin: 20px 0 4px; }
p { margin: 4px 0; max-width: 75ch; }
.note { color: var(--muted); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; margin: 16px 0; }
dt { color: var(--muted); }
dd { margin: 0; max-width: 75ch; overflow-wrap: anywhere; }
.short { font-size: 1.05em; }
.short li { margin: 4px 0; }
.metrics { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 12px; margin: 16px 0; }
.metric { background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 12px 14px; }
.metric p { margin: 0; }
.label { color: var(--muted); }
.value { font-size: 1.35em; font-weight: 600; line-height: 1.3; }
.missing { font-style: italic; }
.metric .note { font-size: 0.87em; margin-top: 2px; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(440px, 100%), 1fr)); gap: 16px; align-items: start; margin: 16px 0; }
figure { margin: 0; padding: 12px 14px; border: 1px solid var(--rule); border-radius: 6px; break-inside: avoid; }
figcaption { font-weight: 600; margin-bottom: 6px; }
.chart { width: 100%; height: auto; font-family: inherit; }
details { margin-top: 6px; overflow-x: auto; }
summary { cursor: pointer; color: var(--link); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9em; font-variant-numeric: tabular-nums; margin: 6px 0; }
th, td { text-align: right; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--rule); font-weight: normal; vertical-align: top; }
thead th { font-weight: 600; }
th:first-child, .text { text-align: left; overflow-wrap: break-word; }
ul { padding-left: 20px; max-width: 80ch; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media (forced-colors: active) { .chart { forced-color-adjust: none; } }
@media print {
  @page { size: A4; margin: 15mm; }
  body { font-size: 11px; }
  main { max-width: none; padding: 0; }
  .metrics { grid-template-columns: repeat(3, 1fr); }
  .figures { grid-template-columns: repeat(2, 1fr); }
  .summary { break-after: page; }
  section { break-inside: auto; }
  h2, h3 { break-after: avoid; }
  .metric { break-inside: avoid; }
  details { display: none; }
}
`;
