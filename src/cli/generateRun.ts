import type { GenerateEvent, GenerateRequest, GenerateResult } from '../core/ai/generate/generation.ts';
import { patchOf } from '../core/ai/generate/patch.ts';
import type { GenerateService } from '../core/ai/service.ts';
import { failureOf } from '../core/errors.ts';
import type { Answer, Context } from './command.ts';
import { PartialFailure } from './partialFailure.ts';
import { generateSummary, patchText, previewLines, writtenLines } from './text/generate.ts';
import { printableLine } from './text/printable.ts';

/** Asks the model and says on stderr how it goes; stdout is left to the patch. */
export async function runGenerate(context: Context, service: GenerateService, request: GenerateRequest): Promise<GenerateResult> {
  const { terminal, signal } = context;
  const onEvent = (event: GenerateEvent): void => {
    if (event.type === 'chosen') terminal.note(`Model: ${printableLine(event.model)} – ${printableLine(event.because)}`);
    else if (event.type === 'progress') {
      const blocks = event.blocks > 0 ? `, ${event.blocks} edit${event.blocks === 1 ? '' : 's'}` : '';
      const tokens = event.outputTokens > 0 ? ` · ${event.outputTokens} tokens${blocks}` : '';
      terminal.progress(`${printableLine(event.message)}${tokens}`);
    }
  };
  const result = await service.generate(request, { signal, onEvent });
  if (context.format === 'text') for (const line of generateSummary(result)) terminal.note(line);
  return result;
}

/** The patch on stdout: for people on a terminal, byte for byte for `git apply` elsewhere. */
export function showPatch({ terminal }: Context, { changes }: GenerateResult): void {
  const patch = patchOf(changes);
  if (!terminal.showsToPerson) terminal.writeOut(patch);
  else if (patch !== '') terminal.line(patchText(patch.replace(/\n$/u, ''), (style, text) => terminal.style(style, text)));
}

/** Writes what was proposed. A failure keeps what the model was paid for: with `--format json` the document stands beside the error. */
export async function writeChanges(service: GenerateService, result: GenerateResult): Promise<void> {
  try {
    await service.apply(result.changes);
  } catch (error) {
    const failure = failureOf(error);
    throw failure === undefined ? error : new PartialFailure(failure, generateDocument(result, false));
  }
}

export function showWritten({ terminal }: Context, { changes }: GenerateResult): void {
  for (const line of writtenLines(changes)) terminal.line(line);
}

/** What would be sent, and where; nothing is sent. */
export async function showGeneratePreview(context: Context, service: GenerateService, request: GenerateRequest): Promise<Answer> {
  const preview = await service.preview(request, { signal: context.signal });
  if (context.format === 'json') context.terminal.document({ dryRun: true, ...preview });
  else for (const line of previewLines(preview)) context.terminal.line(line);
  return 0;
}

/** `patch` beside what the model answered, as the one document. */
export function generateDocument(result: GenerateResult, applied: boolean): Record<string, unknown> {
  return { ...result, patch: patchOf(result.changes), applied };
}

/** Nothing to write is a no. */
export function answerOf({ changes }: GenerateResult): Answer {
  return changes.length > 0 ? 0 : 1;
}
