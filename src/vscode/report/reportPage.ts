import type { HandrailError } from '../../core/errors.ts';
import { escapeHtml } from '../../core/html.ts';
import type { Report } from '../../core/team/report/reportModel.ts';
import { reportBody } from '../../core/team/report/reportHtml.ts';
import { commandLink, paragraph } from '../page/pageHtml.ts';
import type { PageContent } from '../page/pagePanel.ts';
import type { Localise } from '../review/plainText.ts';

/** What links of the page may run. */
export const REPORT_COMMANDS = [
  'handrail.openReport',
  'handrail.chooseReportFolder',
  'handrail.exportReport',
  'handrail.changeReportAssumptions',
  'handrail.tryWorkflowChange',
] as const;

/** The report as it is exported, between links of the editor. `folder` is where its releases lie, as people know it. */
export function reportPage(report: Report, folder: string, l10n: Localise): PageContent {
  const links = [
    commandLink('handrail.exportReport', l10n.t('Export…')),
    commandLink('handrail.tryWorkflowChange', l10n.t('What If…'), 'secondary'),
    commandLink('handrail.changeReportAssumptions', l10n.t('Change Assumptions…'), 'secondary'),
    commandLink('handrail.chooseReportFolder', l10n.t('Another Folder…'), 'secondary'),
    commandLink('handrail.openReport', l10n.t('Read Again'), 'secondary'),
  ];
  return {
    title: report.title,
    body: [
      `<p class="note">${escapeHtml(report.subtitle)}</p>`,
      `<p class="note">${escapeHtml(l10n.t('Releases of {0}, checked against their ledger.', folder))}</p>`,
      actions(links),
      reportBody(report),
    ].join('\n'),
  };
}

/** The page where nothing was ever released. */
export function noReleasesPage(folder: string | undefined, l10n: Localise): PageContent {
  return {
    title: l10n.t('Team Report'),
    body: [
      paragraph(
        folder === undefined
          ? l10n.t('No folder is open, and no folder of releases was chosen yet.')
          : l10n.t('There are no releases in {0} yet.', folder),
      ),
      paragraph(
        l10n.t(
          'A report is made of a team’s releases: figures of at least five people, for windows of whole weeks. CI, or whoever has the team’s key, makes them with “handrail team release”; a folder of several teams’ releases gives a report of all of them.',
        ),
      ),
      actions([
        commandLink('handrail.chooseReportFolder', l10n.t('Choose a Folder…')),
        commandLink('handrail.openReport', l10n.t('Look Again'), 'secondary'),
      ]),
    ].join('\n'),
  };
}

/** The page of releases that cannot be reported: why, and what to do. */
export function failedPage({ message, hint }: Pick<HandrailError, 'message' | 'hint'>, folder: string, l10n: Localise): PageContent {
  return {
    title: l10n.t('Team Report'),
    body: [
      paragraph(l10n.t('There is no report of {0}.', folder)),
      paragraph(message),
      ...(hint === undefined ? [] : [paragraph(hint)]),
      actions([
        commandLink('handrail.openReport', l10n.t('Try Again')),
        commandLink('handrail.chooseReportFolder', l10n.t('Another Folder…'), 'secondary'),
      ]),
    ].join('\n'),
  };
}

function actions(links: readonly string[]): string {
  return `<div class="actions">${links.join('')}</div>`;
}
