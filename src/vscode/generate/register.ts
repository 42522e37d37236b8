import * as vscode from 'vscode';
import type { ProposedChange } from '../../core/ai/generate/generation.ts';
import { failureOf, HandrailError } from '../../core/errors.ts';
import { DisposableStore } from '../../core/lifecycle.ts';
import type { Observation } from '../../core/telemetry/observation.ts';
import { guarded, registerCommands, Remedies } from '../commands.ts';
import type { CommandTable, GenerateWish, ProposedChangeTarget, StepTarget } from '../commands.ts';
import { requireModel } from '../models/consent.ts';
import { modelRemedy } from '../models/modelRemedy.ts';
import { fileUri } from '../review/boards.ts';
import { oneLine } from '../review/plainText.ts';
import type { ReviewServices } from '../review/reviewServices.ts';
import type { Services } from '../services.ts';
import type { ChangeTarget, ProposalChoice } from './choice.ts';
import { targetAtCursor } from './generateTarget.ts';
import type { GenerationTarget } from './generateTarget.ts';
import { offerText } from './proposal.ts';
import type { Proposal } from './proposal.ts';
import { askPromptInputs } from './promptInputs.ts';
import { ProposalDesk } from './proposalDesk.ts';
import { GenerateRunner, wishOf } from './runGenerate.ts';
import { decisionOf, providerOf } from './usage.ts';
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
  #recording = false;

  constructor(services: Services, reviews: ReviewServices) {
    this.#services = services;
    this.#reviews = reviews;
    this.#desk = this.#store.add(new ProposalDesk());
    this.#store.add(this.#desk.onDidChange(() => this.#noteProposal()));
    this.#runner = new GenerateRunner(services, reviews, this.#remedies);
    this.#store.add(registerCommands(services.log, this.#commands(), (failure) => this.#remedies.of(failure)));
    // A reloaded window brings the tabs of a proposal back, but not the proposal.
    void this.#desk.clear();
  }

  #commands(): CommandTable {
    return {
      'handrail.generate': (wish) => this.#atCursor(wish),
      'handrail.generateTests': (uri) => this.#tests(uri),
      'handrail.runGenerateStep': (target) => this.#step(target),
      'handrail.cancelGeneration': () => this.#runner.cancel(),
      'handrail.acceptProposal': () => this.#accept(this.#waiting()),
      'handrail.discardProposal': () => this.#reject(this.#waiting()),
      'handrail.showProposal': () => this.#desk.show(this.#waiting()),
      'handrail.showProposedChange': (target) => this.#onChange(target, (change) => this.#desk.showChange(change)),
      'handrail.takeOnlyChange': (target) => this.#onChange(target, (change) => this.#desk.takeOnly(change)),
      'handrail.toggleProposedChange': () => this.#toggle(),
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

  async #tests(uri: vscode.Uri | undefined): Promise<void> {
    this.#runner.requireIdle();
    const { targetOfTests } = await import('./testsTarget.ts');
    const outcome = await targetOfTests(uri instanceof vscode.Uri ? uri : undefined);
    if ('failure' in outcome) throw this.#remedies.with(outcome.failure, outcome.remedy);
    const { target } = outcome;
    const tested = fileUri(target.folder, target.request.files?.[0] ?? '');
    const again = (): Thenable<unknown> => vscode.commands.executeCommand('handrail.generateTests', tested);
    await this.#requireModel(target, again);
    await this.#generate({ ...target, again }, target.request.instruction);
  }

  async #step(target: StepTarget | undefined): Promise<void> {
    this.#runner.requireIdle();
    const { targetOfStep } = await import('./generateStep.ts');
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
    const again = (): unknown => target.again?.() ?? this.#again(target, instruction);
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
    const text = offerText(proposal, this.#desk.choice?.size ?? { files: 0, added: 0, removed: 0 }, vscode.l10n);
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
    const { choice } = this.#desk;
    const changes = choice?.changes ?? [];
    if (choice === undefined || changes.length === 0) {
      throw new HandrailError('usage', vscode.l10n.t('Every change is left out, so nothing was written.'), {
        hint: vscode.l10n.t('Tick what you want in Proposed Changes, or discard the proposal.'),
      });
    }
    this.#recording = true;
    try {
      await this.#take(proposal, changes, choice.size);
    } finally {
      this.#recording = false;
      this.#noteProposal();
    }
  }

  async #take(proposal: Proposal, changes: readonly ProposedChange[], { taken, all }: ProposalChoice['size']): Promise<void> {
    this.#accepting = true;
    let documents: vscode.TextDocument[];
    try {
      const { applyChanges } = await import('./acceptProposal.ts');
      const service = await this.#reviews.generator(proposal.folder);
      documents = await this.#withAgain(proposal, () => applyChanges(proposal.folder, changes, service));
      await this.#desk.clear();
    } finally {
      this.#accepting = false;
    }
    await (await import('./acceptProposal.ts')).showFirst(changes, documents);
    this.#services.usage.record(decisionOf(proposal, taken === all ? 'accepted' : 'edited'));
    this.#services.usage.remember(proposal.folder, { changes, ...providerOf(proposal.choice) });
    const after = proposal.step && (await (await import('./generateStep.ts')).settleStep(this.#services, proposal, documents));
    if (after !== undefined && after.state !== 'done') {
      void showInformation(vscode.l10n.t('“{0}” is not done yet. {1}', after.title, after.missing.join(' ') || after.because));
    }
    const text =
      taken === all
        ? vscode.l10n.t('Accepted. One undo takes it back.')
        : vscode.l10n.t('Accepted {0} of {1} changes, the rest is discarded. One undo takes it back.', taken, all);
    vscode.window.setStatusBarMessage(`$(check) ${text}`, 8_000);
  }

  /** A decided proposal is told of once what was accepted is recorded, so that whoever waits finds it. */
  #noteProposal(): void {
    if (!this.#recording) this.#services.noteProposal(this.#desk.current?.step?.id);
  }

  /** Where the text is another by now, the button that mends it asks once more. */
  async #withAgain<T>(proposal: Proposal, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
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

  async #onChange(target: ProposedChangeTarget | undefined, work: (target: ChangeTarget) => unknown): Promise<void> {
    this.#waiting();
    const { file, hunk } = target ?? {};
    if (file !== undefined) await work(hunk === undefined ? { file } : { file, hunk });
  }

  #toggle(): void {
    this.#waiting();
    if (this.#desk.toggleAtCursor()) return;
    throw new HandrailError('usage', vscode.l10n.t('There is no change at the cursor.'), {
      hint: vscode.l10n.t('Put the cursor on a change in the right side of the diff, or tick it in Proposed Changes.'),
    });
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

function linesText(first: number, last: number): string {
  return first === last ? vscode.l10n.t('line {0}', first) : vscode.l10n.t('lines {0} to {1}', first, last);
}
