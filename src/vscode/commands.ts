import * as vscode from 'vscode';
import { failureOf } from '../core/errors.ts';
import type { FailureReason, HandrailError } from '../core/errors.ts';
import { DisposableStore } from '../core/lifecycle.ts';
import { exists } from './folders.ts';
import type { Proposal } from './generate/proposal.ts';
import { defectText } from './log.ts';
import { showError, showWarning } from './messages.ts';

/** What a menu of the *Workflow* view, a link or another feature hands to a command about a step. */
export interface StepTarget {
  stepId: string;
}

export interface ReviewStepTarget extends StepTarget {
  scope: 'file' | 'working' | 'staged' | 'branch';
}

/** A finding as a menu names it: by identifier, as a row of the *Findings* view, or as its comment thread. */
export type FindingTarget = { findingId: string } | { item: { findingId?: string } } | vscode.CommentThread;

/** A file of the proposal, or one of its changes by index, as a row of the *Proposed Changes* view names it. */
export interface ProposedChangeTarget {
  file?: string;
  hunk?: number;
}

/** A generation that somebody asked for in words already, e.g. in the chat. A menu hands over the address of its file, which has none of this. */
export interface GenerateWish {
  instruction: string;
  /** Told when the proposal is there. */
  made(proposal: Proposal): void;
}

/** Who starts a review and tells the person how it ended. A menu hands over a list of files, which has none of this. */
export interface ReviewTeller {
  toldBy: 'chat';
}

/** A model as a row of the *Models* view names it. */
export interface ModelTarget {
  modelName?: string;
  origin?: string;
}

/**
 * The one typed list of commands: identifier to arguments. Every argument may be missing, since the palette passes none.
 * A feature adds its commands here and in package.json; a test compares the two.
 */
export interface CommandMap {
  'handrail.showLog': [];
  'handrail.refreshWorkflow': [];
  'handrail.goToNextStep': [];
  'handrail.runStep': [target?: StepTarget];
  'handrail.runWorkflow': [];
  'handrail.runWorkflowUntil': [target?: StepTarget];
  'handrail.cancelStep': [target?: StepTarget];
  'handrail.checkStep': [target?: StepTarget];
  'handrail.uncheckStep': [target?: StepTarget];
  'handrail.waiveStep': [target?: StepTarget];
  'handrail.unwaiveStep': [target?: StepTarget];
  'handrail.explainStep': [target?: StepTarget];
  'handrail.openPrompt': [target?: StepTarget];
  'handrail.openLearn': [target?: StepTarget];
  'handrail.openWorkflowFile': [];
  'handrail.openProblem': [];
  'handrail.dryRun': [];
  'handrail.chooseTemplate': [];
  'handrail.importChecklist': [];
  'handrail.selectWorkflow': [];
  'handrail.updateShared': [];
  'handrail.takeOverRecords': [];
  'handrail.shareEvidence': [];
  'handrail.tellAgents': [];
  'handrail.copySummary': [];
  'handrail.selectFolder': [];
  'handrail.runReviewStep': [target?: ReviewStepTarget];
  'handrail.reviewFile': [uri?: vscode.Uri, teller?: Partial<ReviewTeller>];
  'handrail.reviewSelection': [];
  'handrail.reviewChanges': [source?: vscode.SourceControl, teller?: Partial<ReviewTeller>];
  'handrail.reviewWorkingTree': [source?: vscode.SourceControl, teller?: Partial<ReviewTeller>];
  'handrail.reviewStaged': [source?: vscode.SourceControl, teller?: Partial<ReviewTeller>];
  'handrail.reviewAnew': [];
  'handrail.previewReview': [];
  'handrail.cancelReview': [];
  'handrail.applyFix': [target?: FindingTarget];
  'handrail.dismissFinding': [target?: FindingTarget];
  'handrail.explainFinding': [target?: FindingTarget];
  'handrail.showFinding': [target?: FindingTarget];
  'handrail.nextFinding': [target?: FindingTarget];
  'handrail.previousFinding': [target?: FindingTarget];
  'handrail.showDismissed': [];
  'handrail.hideDismissed': [];
  'handrail.generate': [wish?: Partial<GenerateWish>];
  'handrail.generateTests': [uri?: vscode.Uri];
  'handrail.generateCommitMessage': [source?: vscode.SourceControl];
  'handrail.restoreCommitMessage': [];
  'handrail.generatePullRequest': [];
  'handrail.runGenerateStep': [target?: StepTarget];
  'handrail.cancelGeneration': [];
  'handrail.acceptProposal': [];
  'handrail.discardProposal': [];
  'handrail.showProposal': [];
  'handrail.showProposedChange': [target?: ProposedChangeTarget];
  'handrail.takeOnlyChange': [target?: ProposedChangeTarget];
  'handrail.toggleProposedChange': [];
  'handrail.explainProposal': [];
  'handrail.chooseModel': [];
  'handrail.setApiKey': [target?: ModelTarget];
  'handrail.removeApiKey': [];
  'handrail.switchModel': [];
  'handrail.testModel': [target?: ModelTarget];
  'handrail.confirmModel': [target?: ModelTarget];
  'handrail.openModelsFile': [];
  'handrail.refreshModels': [];
  'handrail.turnOnTelemetry': [];
  'handrail.turnOffTelemetry': [];
  'handrail.showRecorded': [];
  'handrail.deleteRecorded': [];
  'handrail.showMyWeeks': [];
  'handrail.previewShared': [];
  'handrail.contribute': [];
  'handrail.stopSharing': [];
  'handrail.linkDevice': [];
  'handrail.openTelemetryCatalogue': [];
  'handrail.refreshTelemetry': [];
  'handrail.connectAssistants': [];
  'handrail.openReport': [folder?: string];
  'handrail.chooseReportFolder': [];
  'handrail.exportReport': [format?: string];
  'handrail.changeReportAssumptions': [];
  'handrail.tryWorkflowChange': [step?: string, change?: string];
  'handrail.openWalkthrough': [];
  'handrail.askInChat': [];
}

export type CommandId = keyof CommandMap;
export type CommandTable = { [Id in CommandId]?: (...args: CommandMap[Id]) => void | Promise<void> };

/** A button on an error message: the next action, done for the person. */
export interface Remedy {
  label: string;
  run(): unknown;
}

/** Buttons for failures that a feature is about to throw. */
export class Remedies {
  readonly #remedies = new WeakMap<HandrailError, Remedy>();

  /** Remembers the button, when there is one, and gives the failure back. */
  with(failure: HandrailError, remedy: Remedy | undefined): HandrailError {
    if (remedy !== undefined) this.#remedies.set(failure, remedy);
    return failure;
  }

  of(failure: HandrailError): Remedy | undefined {
    return this.#remedies.get(failure);
  }
}

/** Offers the button that mends a failure; the first remedy that answers wins. */
export type RemedyFor = (failure: HandrailError) => Remedy | undefined;

/**
 * Registers a feature's commands. Failures end in one place: an expected one becomes its message with its hint and, where
 * there is one, a button that does the hint; a cancelled one is silent; a defect goes to the log.
 */
export function registerCommands(
  log: vscode.LogOutputChannel,
  table: CommandTable,
  remedyFor: RemedyFor = () => undefined,
): vscode.Disposable {
  const store = new DisposableStore();
  for (const [id, handler] of Object.entries(table)) {
    // Object.entries widens the handlers to a union; each is called with the arguments of its own identifier.
    const run = handler as (...args: unknown[]) => void | Promise<void>;
    store.add(vscode.commands.registerCommand(id, (...args: unknown[]) => guarded(log, id, () => run(...args), remedyFor)));
  }
  return store;
}

/** Calls a command of the table with its own argument types. */
export async function execute<Id extends CommandId>(id: Id, ...args: CommandMap[Id]): Promise<void> {
  await vscode.commands.executeCommand(id, ...args);
}

/** Runs something on a person's behalf and tells failures as commands do. Never rejects. */
export async function guarded(
  log: vscode.LogOutputChannel,
  name: string,
  work: () => unknown,
  remedyFor: RemedyFor = () => undefined,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    // Not awaited: a message stays until the person closes it, and the command must not hang on it.
    void tell(log, name, error, remedyFor);
  }
}

async function tell(log: vscode.LogOutputChannel, name: string, error: unknown, remedyFor: RemedyFor): Promise<void> {
  const failure = failureOf(error);
  if (failure?.reason === 'cancelled' || error instanceof vscode.CancellationError) return;
  if (failure === undefined) {
    log.error(`${name}: ${defectText(error)}`);
    await offer(showError, vscode.l10n.t('Handrail could not do this. The log says more.'), showLogRemedy(log));
    return;
  }
  log.warn(`${name}: ${failure.reason}: ${failure.message}`);
  const text = failure.hint === undefined ? failure.message : `${failure.message} ${failure.hint}`;
  await offer(messageKind(failure.reason), text, remedyFor(failure) ?? locationRemedy(failure) ?? trustRemedy(failure));
}

async function offer(show: typeof showError, text: string, remedy: Remedy | undefined): Promise<void> {
  if (remedy === undefined) {
    await show(text);
    return;
  }
  if ((await show(text, remedy.label)) === remedy.label) await remedy.run();
}

function messageKind(reason: FailureReason): typeof showError {
  return reason === 'internal' || reason === 'io' ? showError : showWarning;
}

function showLogRemedy(log: vscode.LogOutputChannel): Remedy {
  return { label: vscode.l10n.t('Show Log'), run: () => log.show() };
}

function trustRemedy(failure: HandrailError): Remedy | undefined {
  if (failure.reason !== 'untrusted' || vscode.workspace.isTrusted) return undefined;
  return { label: vscode.l10n.t('Manage Workspace Trust'), run: () => vscode.commands.executeCommand('workbench.trust.manage') };
}

function locationRemedy(failure: HandrailError): Remedy | undefined {
  const at = failure.location;
  if (at === undefined) return undefined;
  const position = new vscode.Position(Math.max(0, (at.line ?? 1) - 1), Math.max(0, (at.column ?? 1) - 1));
  return {
    label: vscode.l10n.t('Open File'),
    run: async () => vscode.window.showTextDocument(await locate(at.path), { selection: new vscode.Range(position, position) }),
  };
}

/** A failure names files relative to a folder without saying which; the first folder that has the file is meant. */
async function locate(path: string): Promise<vscode.Uri> {
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return vscode.Uri.file(path);
  const candidates = (vscode.workspace.workspaceFolders ?? []).map((folder) => vscode.Uri.joinPath(folder.uri, path));
  for (const candidate of candidates) {
    if (await exists(candidate)) return candidate;
  }
  return candidates[0] ?? vscode.Uri.file(path);
}
