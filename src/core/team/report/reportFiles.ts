import type { Release } from '../release/release.ts';
import { isReleasesCsv, releasesCsv } from './reportCsv.ts';
import { reportHtml } from './reportHtml.ts';
import { reportMarkdown } from './reportMarkdown.ts';
import { REPORT_SCHEMA, type Report } from './reportModel.ts';

/** The forms that a report has. */
export const REPORT_FORMATS = ['html', 'md', 'json', 'csv'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** The text of a report's file. */
export function reportText(format: ReportFormat, report: Report, releases: readonly Release[]): string {
  switch (format) {
    case 'html':
      return reportHtml(report);
    case 'md':
      return reportMarkdown(report);
    case 'csv':
      return releasesCsv(releases);
    case 'json':
      return `${JSON.stringify(withoutDrawings(report), undefined, 2)}\n`;
  }
}

/** Whether a file is a report that was written before, and may be replaced. */
export function isReport(format: ReportFormat, text: string): boolean {
  return format === 'csv' ? isReleasesCsv(text) : text.includes(REPORT_SCHEMA);
}

/** How a chart is drawn is no part of the report: its table is. */
function withoutDrawings({ sections, ...report }: Report): object {
  return {
    ...report,
    sections: sections.map(({ charts, ...section }) => ({
      ...section,
      charts: charts.map(({ id, caption, table }) => ({ id, caption, table })),
    })),
  };
}
