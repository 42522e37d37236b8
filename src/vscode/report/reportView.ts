import { existsSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import * as vscode from 'vscode';
import { failureOf, HandrailError } from '../../core/errors.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import { REPORT_FORMATS, reportText, type ReportFormat } from '../../core/team/report/reportFiles.ts';
import { buildReport } from '../../core/team/report/report.ts';
import type { Report } from '../../core/team/report/reportModel.ts';
import type { ValueAssumptions } from '../../core/team/insight/value.ts';
import { readReportedReleases, type ReportedReleases } from '../../node/team/report/reportedReleases.ts';
import { readTeam } from '../../node/team/teamFile.ts';
import { guarded } from '../commands.ts';
import { showInformation } from '../messages.ts';
import { PagePanel } from '../page/pagePanel.ts';
import type { Services } from '../services.ts';
import { askAssumptions, keptAssumptions } from './assumptions.ts';
import { failedPage, noReleasesPage, REPORT_COMMANDS, reportPage } from './reportPage.ts';
import { WHAT_IF_COMMANDS, whatIfPage } from './whatIfPage.ts';
import { type TrialStep, WorkflowTrial } from './workflowTrial.ts';

/** Where `handrail team release` writes by the guides, below the folder in use. */
const USUAL_FOLDER = '.handrail/releases';
const FOLDER = 'handrail.reportFolder';
const ASSUMPTIONS = 'handrail.reportAssumptions';

/** *Open Team Report*: the pages of a report and of what could be tried, and what of them a person chose. */
export class ReportView implements vscode.Disposable {
  readonly #services: Services;
  readonly #store = new DisposableStore();
  readonly #panel = this.#store.add(new PagePanel('handrail.report', REPORT_COMMANDS));
  readonly #whatIf = this.#store.add(new PagePanel('handrail.whatIf', WHAT_IF_COMMANDS, (step, percent) => this.#shorten(step, percent)));
  #trial: WorkflowTrial | undefined;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Shows the report of this folder, of the one that was chosen last, or of the usual one. */
  async open(folder?: string): Promise<void> {
    if (typeof folder === 'string') await this.#state.update(FOLDER, folder);
    const chosen = this.#folder();
    this.#trial = undefined;
    if (chosen === undefined || !existsSync(chosen)) {
      this.#panel.show(noReleasesPage(chosen === undefined ? undefined : shown(chosen), vscode.l10n));
      return;
    }
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Reading releases') }, async () => {
      try {
        const { report } = this.#read(chosen);
        this.#panel.show(reportPage(report, shown(chosen), vscode.l10n));
      } catch (error) {
        const failure = failureOf(error);
        if (failure === undefined) throw error;
        const isEmpty = failure.reason === 'not-found';
        this.#panel.show(isEmpty ? noReleasesPage(shown(chosen), vscode.l10n) : failedPage(failure, shown(chosen), vscode.l10n));
      }
    });
  }

  async chooseFolder(): Promise<void> {
    const current = this.#folder();
    const [folder] =
      (await vscode.window.showOpenDialog({
        canSelectFiles: false,
        canSelectFolders: true,
        openLabel: vscode.l10n.t('Open Report'),
        title: vscode.l10n.t('Folder with the releases of a team, or with a folder for each team'),
        ...(current === undefined || !existsSync(current) ? {} : { defaultUri: vscode.Uri.file(current) }),
      })) ?? [];
    if (folder !== undefined) await this.open(folder.fsPath);
  }

  /** Writes the report where the person says, in the form they choose. */
  async export(format?: string): Promise<void> {
    const { report, releases } = this.#read(this.#requireFolder());
    const chosen = REPORT_FORMATS.find((one) => one === format) ?? (await askFormat());
    if (chosen === undefined) return;
    const root = this.#services.folders.current?.uri ?? vscode.Uri.file(this.#requireFolder());
    const target = await vscode.window.showSaveDialog({
      title: vscode.l10n.t('Export Team Report'),
      defaultUri: vscode.Uri.joinPath(root, `report.${chosen}`),
      filters: { [formatWords(chosen)]: [chosen] },
    });
    if (target === undefined) return;
    try {
      // Where a window shows files of another machine, or none, the editor knows how to write there.
      await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(reportText(chosen, report, releases)));
    } catch (error) {
      throw new HandrailError('read-only', vscode.l10n.t('Nothing could be written to {0}.', target.fsPath), {
        hint: vscode.l10n.t('Choose another place.'),
        cause: error,
      });
    }
    const open = vscode.l10n.t('Open');
    if ((await showInformation(vscode.l10n.t('The report is in {0}.', target.fsPath), open)) !== open) return;
    // A browser reads HTML as it is meant; everything else is text.
    if (chosen === 'html') await vscode.env.openExternal(target);
    else await vscode.window.showTextDocument(target);
  }

  async changeAssumptions(): Promise<void> {
    const assumptions = await askAssumptions(this.#assumptions());
    if (assumptions === undefined) return;
    await this.#state.update(ASSUMPTIONS, assumptions);
    await this.open();
  }

  /** Tries a change of a step; without one, shows the workflow as it is today. */
  async tryChange(step?: string, change?: string): Promise<void> {
    const trial = (this.#trial ??= await this.#newTrial());
    if (typeof step === 'string' && typeof change === 'string') trial.try(step, change);
    else trial.reset();
    const page = whatIfPage(trial, vscode.l10n);
    if (this.#whatIf.isOpen && step !== undefined) this.#whatIf.update(page);
    else this.#whatIf.show(page);
  }

  /** A slider was moved. What it names and is set to comes from the page, so it is looked at as anything from outside. */
  #shorten(step: string, percent: number): void {
    void guarded(this.#services.log, 'handrail.tryWorkflowChange', async () => {
      // The report may have been read anew meanwhile.
      const trial = (this.#trial ??= await this.#newTrial());
      trial.shorten(step, percent);
      this.#whatIf.update(whatIfPage(trial, vscode.l10n));
    });
  }

  async #newTrial(): Promise<WorkflowTrial> {
    const { releases } = this.#read(this.#requireFolder());
    return new WorkflowTrial(releases, await this.#workflowSteps());
  }

  /** Steps of the workflow that the folder's branch follows; none where there is none, or where it may not be read. */
  async #workflowSteps(): Promise<TrialStep[]> {
    const folder = this.#services.folders.current;
    if (folder === undefined || !vscode.workspace.isTrusted) return [];
    const { steps } = await (await this.#services.workflow(folder)).status();
    return steps.map(({ id, kind, needs, title }) => ({ id, kind, needs, title }));
  }

  #read(folder: string): ReportedReleases & { report: Report } {
    const read = readReportedReleases(folder);
    const rosters = { ...this.#ownRoster(), ...read.rosters };
    return { ...read, report: buildReport(read.releases, { rosters, assumptions: this.#assumptions() }) };
  }

  /** How many people the team of the folder in use has, where its file says so. */
  #ownRoster(): Record<string, number> {
    const root = this.#services.folders.current?.uri.fsPath;
    if (root === undefined || !vscode.workspace.isTrusted) return {};
    const config = readTeam(root)?.config;
    return config?.roster === undefined ? {} : { [config.team]: config.roster };
  }

  #folder(): string | undefined {
    const kept = this.#state.get<unknown>(FOLDER);
    if (typeof kept === 'string' && isAbsolute(kept)) return kept;
    const root = this.#services.folders.current?.uri.fsPath;
    return root === undefined ? undefined : join(root, USUAL_FOLDER);
  }

  #requireFolder(): string {
    const folder = this.#folder();
    if (folder !== undefined) return folder;
    throw new HandrailError('not-found', vscode.l10n.t('There is no report yet.'), {
      hint: vscode.l10n.t('Open one first: Handrail: Open Team Report.'),
    });
  }

  #assumptions(): ValueAssumptions {
    return keptAssumptions(this.#state.get<unknown>(ASSUMPTIONS));
  }

  get #state(): vscode.Memento {
    return this.#services.context.workspaceState;
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** A folder as people know it: below the folder in use, by what is below. */
function shown(folder: string): string {
  const within = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => relative(uri.fsPath, folder));
  return within.find((path) => path !== '' && !path.startsWith('..') && !isAbsolute(path)) ?? folder;
}

async function askFormat(): Promise<ReportFormat | undefined> {
  const details: Record<ReportFormat, string> = {
    html: vscode.l10n.t('One page for a browser or a printer; it needs nothing else'),
    md: vscode.l10n.t('Text with tables, for a wiki or a pull request'),
    csv: vscode.l10n.t('Every published figure, a line each, for a spreadsheet'),
    json: vscode.l10n.t('For other programs: handrail.report/1'),
  };
  const items = REPORT_FORMATS.map((format) => ({ label: formatWords(format), detail: details[format], format }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Export Team Report') }))?.format;
}

function formatWords(format: ReportFormat): string {
  return { html: 'HTML', md: 'Markdown', csv: 'CSV', json: 'JSON' }[format];
}
