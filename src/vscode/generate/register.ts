import * as vscode from 'vscode';
import { failureOf, HandrailError } from '../../core/errors.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { Observation } from '../../core/telemetry/observation.ts';
import { guarded, registerCommands, Remedies } from '../commands.ts';
import type { CommandTable, GenerateWish, StepTarget } from '../commands.ts';
import { requireModel } from '../models/consent.ts';
import { modelRemedy } from '../models/modelRemedy.ts';
import { fileUri } from '../review/boards.ts';
import { oneLine } from '../review/plainText.ts';
import type { ReviewServices } from '../review/reviewServices.ts';
import type { Services } from '../services.ts';
import { applyProposal } from './acceptProposal.ts';
import { settleStep, targetOfStep } from './generateStep.ts';
import { targetAtCursor } from './generateTarget.ts';
import type { GenerationTarget } from './generateTarget.ts';
import { offerText } from './proposal.ts';
import type { Proposal } from './proposal.ts';
import { askPromptInputs } from './promptInputs.ts';
import { ProposalDesk } from './proposalDesk.ts';
import { GenerateRunner, wishOf } from './runGenerate.ts';
import { textEditsOf } from './textEdits.ts';
import { decisionOf } from './usage.ts';
import { showInformation, showWarning } from '../messages.ts';

/** Generation in the editor: asked for at the cursor or by a step, shown as a diff, written when it is accepted. */
export function registerGenerate(services: Services, reviews: ReviewServices): vscode.Disposable {
  return new GenerateFeature(services, reviews);
}

/** The instruction typed last in this workspace. */
const LAST_INSTRUCTION = 'handrail.lastInstruction';

class GenerateFeature implements vscode.Disposable {
  readonly #services: Services;
  readonly #reviews: ReviewServices;
  readonly #store = new DisposableStore();
  readonly #remedies = new Remedies();
  readonly #desk: ProposalDesk;
  readonly #runner: GenerateRunner;
  #made = 0;
  #accepting = false;

  constructor(services: Services, reviews: ReviewServices) {
    this.#services = services;
    this.#reviews = reviews;
    this.#desk = this.#store.add(new ProposalDesk());
    this.#runner = new GenerateRunner(services, reviews, this.#remedies);
    this.#store.add(registerCommands(services.log, this.#commands(), (failure) => this.#remedies.of(failure)));
    // A reloaded window brings the tabs of a proposal back, but not the proposal.
    void this.#desk.clear();
  }

  #commands(): CommandTable {
    return {
      'handrail.generate': (wish) => this.#atCursor(wish),
      'handrail.runGenerateStep': (target) => this.#step(target),
      'handrail.cancelGeneration': () => this.#runner.cancel(),
      'handrail.acceptProposal': () => this.#accept(this.#waiting()),
      'handrail.discardProposal': () => this.#reject(this.#waiting()),
      'handrail.showProposal': () => this.#desk.show(this.#waiting()),
      'handrail.explainProposal': () => this.#desk.showMade(this.#desk.newest ?? this.#waiting()),
    };
  }

  async #atCursor(wish?: Partial<GenerateWish>): Promise<void> {
    this.#runner.requireIdle();
    const outcome = await targetAtCursor();
    if ('failure' in outcome) throw this.#remedies.with(outcome.failure, outcome.remedy);
    const again = (): Thenable<unknown> => vscode.commands.executeCommand('handrail.generate');
    await this.#requireModel(outcome.target, again);
    const instruction = wish?.instruction ?? (await this.#askInstruction(outcome.target));
    if (instruction === undefined) return;
    const before = this.#desk.newest;
    await this.#generate(outcome.target, instruction);
    const made = this.#desk.newest;
    if (made && made !== before) wish?.made?.(made);
  }

  async #step(target: StepTarget | undefined): Promise<void> {
    this.#runner.requireIdle();
    const prepared = await targetOfStep(this.#services, this.#remedies, target);
    await this.#requireModel(prepared, () => vscode.commands.executeCommand('handrail.runGenerateStep', target));
    const asked = await askPromptInputs(prepared.folder, prepared.request.prompt ?? '');
    if (asked === undefined) return;
    await this.#generate({ ...prepared, request: { ...prepared.request, ...asked } });
  }

  /** Nobody should type an instruction that no model will ever read. */
  async #requireModel({ folder, request }: GenerationTarget, again: () => unknown): Promise<void> {
    try {
      const service = await this.#reviews.of(folder);
      await requireModel(service, await wishOf(service, request));
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      const { keys, answers } = this.#reviews;
      const parts = { keys, answers, service: () => this.#reviews.of(folder), origin: undefined };
      throw this.#remedies.with(failure, modelRemedy(failure, parts, again));
    }
  }

  async #askInstruction({ request, subject }: GenerationTarget): Promise<string | undefined> {
    const state = this.#services.context.workspaceState;
    const at = request.at;
    const where = at?.selected === true ? linesText(at.startLine, at.endLine) : vscode.l10n.t('at line {0}', at?.startLine ?? 1);
    const instruction = await vscode.window.showInputBox({
      title: vscode.l10n.t('Generate in {0}, {1}', oneLine(subject, 60), where),
      prompt: vscode.l10n.t('What is to be made or changed? The result is shown before anything is written.'),
      value: state.get<string>(LAST_INSTRUCTION, ''),
      ignoreFocusOut: true,
      validateInput: (text) => (text.trim() === '' ? vscode.l10n.t('Say in a few words what is wanted.') : undefined),
    });
    if (instruction === undefined) return undefined;
    await state.update(LAST_INSTRUCTION, instruction.trim());
    return instruction.trim();
  }

  /** Asks the model and puts what it makes before the person. */
  async #generate(target: GenerationTarget, instruction?: string): Promise<void> {
    if (!(await this.#roomForAnother())) return;
    const request = { ...target.request, ...(instruction === undefined ? {} : { instruction }) };
    const again = (): unknown => this.#again(target, instruction);
    const { result, choice, duration } = await this.#runner.run({ ...target, request }, again);
    const proposal: Proposal = {
      id: ++this.#made,
      folder: target.folder,
      subject: target.subject,
      asked: instruction ?? request.prompt ?? '',
      choice,
      result,
      duration,
      ...(target.step === undefined ? {} : { step: target.step }),
      again,
    };
    await this.#desk.put(proposal);
    if (result.changes.length === 0) this.#services.usage.record(decisionOf(proposal, 'completed'));
    // Not awaited: the question stays until the person answers, and the command must not hang on it.
    void guarded(
      this.#services.log,
      'proposal',
      () => this.#offer(proposal),
      (failure) => this.#remedies.of(failure),
    );
  }

  /** The same once more: for the same step, or with the same instruction at the lines the cursor is at now. */
  async #again(target: GenerationTarget, instruction: string | undefined): Promise<void> {
    await guarded(
      this.#services.log,
      'generate again',
      async () => {
        const { step, request, folder } = target;
        if (step !== undefined) return this.#step({ stepId: step.id });
        if (request.at !== undefined) await vscode.window.showTextDocument(fileUri(folder, request.at.file));
        const outcome = await targetAtCursor();
        if ('failure' in outcome) throw this.#remedies.with(outcome.failure, outcome.remedy);
        await this.#generate(outcome.target, instruction);
      },
      (failure) => this.#remedies.of(failure),
    );
  }

  /** One proposal at a time: an undecided one gives way only when the person says so. */
  async #roomForAnother(): Promise<boolean> {
    const { current } = this.#desk;
    if (current === undefined) return true;
    const replace = vscode.l10n.t('Discard It and Generate');
    const show = vscode.l10n.t('Show It');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('The proposal for {0} is not decided yet.', oneLine(current.subject, 80)),
      { modal: true, detail: vscode.l10n.t('There is one proposal at a time. Nothing of it has been written.') },
      replace,
      show,
    );
    if (answer === show) await this.#desk.show(current);
    if (answer !== replace) return false;
    await this.#discard(current, 'abandoned');
    return true;
  }

  async #offer(proposal: Proposal): Promise<void> {
    const { changes } = proposal.result;
    const text = offerText(proposal, vscode.l10n);
    const accept = vscode.l10n.t('Accept');
    const discard = vscode.l10n.t('Discard');
    const made = vscode.l10n.t('How It Was Made');
    const again = vscode.l10n.t('Generate Again');
    const answer = changes.length > 0 ? await showInformation(text, accept, discard, made) : await showWarning(text, made, again);
    if (answer === made) await this.#desk.showMade(proposal);
    if (answer === again) await proposal.again();
    if (answer !== accept && answer !== discard) return;
    if (this.#desk.current !== proposal) {
      void showInformation(vscode.l10n.t('That proposal was decided already.'));
      return;
    }
    if (answer === accept) await this.#accept(proposal);
    else await this.#reject(proposal);
  }

  async #accept(proposal: Proposal): Promise<void> {
    // A second press while the first is carried out would make the same edits again.
    if (this.#accepting) return;
    this.#accepting = true;
    let documents: vscode.TextDocument[];
    try {
      documents = await this.#apply(proposal);
      await this.#desk.clear();
    } finally {
      this.#accepting = false;
    }
    await showFirst(proposal, documents);
    this.#services.usage.record(decisionOf(proposal, 'accepted'));
    const after = await settleStep(this.#services, proposal, documents);
    if (after !== undefined && after.state !== 'done') {
      void showInformation(vscode.l10n.t('“{0}” is not done yet. {1}', after.title, after.missing.join(' ') || after.because));
    }
    vscode.window.setStatusBarMessage(`$(check) ${vscode.l10n.t('Accepted. One undo takes it back.')}`, 8_000);
  }

  async #apply(proposal: Proposal): Promise<vscode.TextDocument[]> {
    try {
      return await applyProposal(proposal);
    } catch (error) {
      const failure = failureOf(error);
      if (failure?.reason !== 'conflict') throw error;
      const again = async (): Promise<void> => {
        if (this.#desk.current === proposal) await this.#discard(proposal, 'abandoned');
        await proposal.again();
      };
      throw this.#remedies.with(failure, { label: vscode.l10n.t('Generate Again'), run: again });
    }
  }

  /** What is being written is no longer to be discarded; an undo takes it back. */
  async #reject(proposal: Proposal): Promise<void> {
    if (!this.#accepting) await this.#discard(proposal, 'rejected');
  }

  async #discard(proposal: Proposal, outcome: Observation['outcome']): Promise<void> {
    await this.#desk.clear();
    this.#services.usage.record(decisionOf(proposal, outcome));
  }

  #waiting(): Proposal {
    const { current } = this.#desk;
    if (current !== undefined) return current;
    throw new HandrailError('not-found', vscode.l10n.t('There is no proposal to decide about.'), {
      hint: vscode.l10n.t('Run “Handrail: Generate at Cursor or Selection…”.'),
    });
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** The first changed file, at its first change. */
async function showFirst({ result }: Proposal, [document]: readonly vscode.TextDocument[]): Promise<void> {
  const [change] = result.changes;
  if (document === undefined || change === undefined) return;
  const { line, character } = (change.kind === 'edit' ? textEditsOf(change)[0]?.start : undefined) ?? { line: 0, character: 0 };
  const editor = await vscode.window.showTextDocument(document, {
    preview: false,
    selection: new vscode.Range(line, character, line, character),
  });
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

function linesText(first: number, last: number): string {
  return first === last ? vscode.l10n.t('line {0}', first) : vscode.l10n.t('lines {0} to {1}', first, last);
}
