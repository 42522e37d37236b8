import type { DraftEvent, DraftRequest, DraftResult } from '../core/ai/draft/draft.ts';
import type { RunSummary } from '../core/workflow/summary.ts';
import { failureOf } from '../core/errors.ts';
import type { RunChoice } from '../core/workflow/service.ts';
import type { Answer, Context } from './command.ts';
import { previewLines } from './text/generate.ts';
import { draftSummary } from './text/draft.ts';
import { printable, printableLine } from './text/printable.ts';

/** Writes a commit message or a description of a pull request to stdout; what it was made of goes to stderr. */
export async function runDraft(
  context: Context,
  request: DraftRequest,
  { choice, dryRun }: { choice: RunChoice; dryRun: boolean },
): Promise<Answer> {
  const { terminal, services, signal, format } = context;
  const drafts = await services.drafts();
  const summary = await summaryOf(context, choice);
  const steps = summary?.steps.map(({ title }) => title) ?? [];
  const full: DraftRequest = { ...request, ...(steps.length === 0 ? {} : { steps }) };
  if (dryRun) {
    const preview = await drafts.preview(full, { signal });
    if (format === 'json') terminal.document({ dryRun: true, ...preview });
    else for (const line of previewLines(preview)) terminal.line(line);
    return 0;
  }
  const result = await drafts.draft(full, { signal, onEvent: (event) => tell(context, event) });
  const facts = request.kind === 'pull-request' && summary !== undefined ? await factsOf(summary) : undefined;
  if (format === 'json') terminal.document({ ...result, ...(facts === undefined ? {} : { facts }) });
  else {
    for (const line of draftSummary(result)) terminal.note(line);
    show(context, result, facts);
  }
  return 0;
}

function tell({ terminal }: Context, event: DraftEvent): void {
  if (event.type === 'chosen') terminal.note(`Model: ${printableLine(event.model)} – ${printableLine(event.because)}`);
  else if (event.type === 'progress') {
    terminal.progress(`${printableLine(event.message)}${event.outputTokens > 0 ? ` · ${event.outputTokens} tokens` : ''}`);
  }
}

/** Byte for byte where something else takes it, e.g. `git commit -F -`. */
function show({ terminal }: Context, { text }: DraftResult, facts: string | undefined): void {
  const whole = facts === undefined ? `${text}\n` : `${text}\n\n${facts}`;
  if (terminal.showsToPerson) terminal.line(printable(whole.trimEnd()));
  else terminal.writeOut(whole);
}

/** How the run of this branch stands; undefined where no workflow follows it, which is no reason to write nothing. */
async function summaryOf({ root, services }: Context, choice: RunChoice): Promise<RunSummary | undefined> {
  try {
    const [{ readSummary }, workflow, review] = await Promise.all([
      import('../node/workflow/runSummary.ts'),
      services.workflow({ looksOnly: true }),
      services.review(),
    ]);
    const summary = await readSummary({ root, workflow, review }, choice);
    return summary.workflow === null ? undefined : summary;
  } catch (error) {
    if (failureOf(error) === undefined) throw error;
    return undefined;
  }
}

async function factsOf(summary: RunSummary): Promise<string> {
  const { summaryMarkdown } = await import('../core/workflow/summaryMarkdown.ts');
  return summaryMarkdown(summary);
}
