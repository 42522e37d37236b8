import type { GenerateResult } from '../ai/generate/generation.ts';
import { patchOf } from '../ai/generate/patch.ts';
import { requireSameBranch } from '../workflow/sameBranch.ts';
import { generateRequestOf } from '../workflow/stepRequests.ts';
import { Refusal } from './failure.ts';
import { dataOf, Framed, oneLine } from './framed.ts';
import { requireModel } from './runReview.ts';
import type { Performing } from './runStep.ts';
import { stepData } from './stepText.ts';
import type { ToolAnswer } from './tool.ts';

/** Characters of a patch that are told. What is longer can still be written as a whole. */
const MOST_PATCH = 100_000;

/** Asks a model for what the step's prompt says. Writes and records it only with `apply`. */
export async function runGenerateStep({ ports, call, run, step, choice }: Performing, apply: boolean): Promise<ToolAnswer> {
  const { id } = step;
  const request = generateRequestOf(step);
  if (request === undefined) throw new Refusal('usage', `The step ${id} has no prompt.`, 'Ask the person who wrote the workflow.');
  await requireModel(await ports.review(), request.role ?? 'generate');
  const service = await ports.generate();
  call.progress(`A model is writing for ${id}.`);
  const result = await service.generate(request, {
    signal: call.signal,
    onEvent: (event) => {
      if (event.type === 'progress') call.progress(`A model is writing for ${id}: ${event.blocks} edits so far.`);
    },
  });
  const answer = answerFor(result);
  if (result.changes.length === 0) {
    const framed = new Framed().say(`The model proposed nothing that can be written. The step ${id} stays as it was.`);
    return { text: words(framed, result, '').toText(() => ports.marker()), data: dataOf({ ...answer, written: false }) };
  }
  if (!apply) {
    const framed = new Framed().say(
      `Nothing was written: this is what the model proposes for ${id}. Look at it. To write a proposal without looking first, call handrail_run_step with apply: true; it asks the model again.`,
    );
    return {
      text: words(framed, result, patchOf(result.changes)).toText(() => ports.marker()),
      data: dataOf({ ...answer, written: false }),
    };
  }
  // A call that was cancelled while the model wrote leaves nothing behind.
  if (call.signal.aborted)
    throw new Refusal('cancelled', 'The call was cancelled before anything was written.', 'Call it again when it is wanted.');
  const workflows = await ports.workflow();
  requireSameBranch(run, await workflows.status(choice));
  await service.apply(result.changes);
  const { model, modelId, promptDigest } = result;
  const after = await workflows.settleGenerate(id, { model, modelId, promptDigest }, { ...choice, actor: 'agent' });
  const framed = new Framed().say(
    `${result.changes.length === 1 ? '1 file was' : `${result.changes.length} files were`} written. The step ${id} is ${after.state}. The record says that an agent did it with a model.`,
  );
  return {
    text: words(framed, result, patchOf(result.changes))
      .quote('Still missing:', after.missing.join('\n'))
      .toText(() => ports.marker()),
    data: dataOf({ ...answer, written: true, step: stepData(after) }),
  };
}

function words(framed: Framed, { explanation, unplaced, notices, model }: GenerateResult, patch: string): Framed {
  const isLong = patch.length > MOST_PATCH;
  return framed
    .say(isLong ? 'The patch is too long to be told in full; its beginning follows.' : '')
    .quote('Patch, paths counted from the workspace folder:', isLong ? patch.slice(0, MOST_PATCH).toWellFormed() : patch)
    .quote('What the model says:', explanation)
    .quote('Edits that have no place in the files:', unplaced.map(({ file, because }) => `${file}: ${oneLine(because)}`).join('\n'))
    .quote('About the generation:', [`Model: ${model}`, ...notices].map((one) => oneLine(one)).join('\n'));
}

function answerFor({ model, changes, unplaced, explanation, notices }: GenerateResult): Record<string, unknown> {
  const patch = patchOf(changes);
  return {
    model,
    files: changes.map(({ file, kind }) => ({ file, kind })),
    patch: patch.length > MOST_PATCH ? null : patch,
    unplaced: unplaced.map(({ file, because }) => ({ file, because })),
    explanation,
    notices,
  };
}
