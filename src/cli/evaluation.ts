import { access, constants, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { EvalCase } from '../core/ai/eval/case.ts';
import { compareReports, requireSameCases, type Comparison } from '../core/ai/eval/compare.ts';
import { identityOf, type CaseOutcome } from '../core/ai/eval/outcome.ts';
import { reportOf, type EvalReport } from '../core/ai/eval/report.ts';
import { parseReport } from '../core/ai/eval/reportFile.ts';
import { runCases } from '../core/ai/eval/run.ts';
import { selectCases } from '../core/ai/eval/select.ts';
import { costOf } from '../core/ai/models/models.ts';
import { failureOf, HandrailError } from '../core/errors.ts';
import { writeFileAtomic } from '../node/atomicFile.ts';
import type { CaseReviewer } from '../node/ai/eval/caseReviewer.ts';
import { shippedCases } from '../node/ai/eval/shippedCases.ts';
import type { Answer, Context } from './command.ts';
import { PartialFailure } from './partialFailure.ts';
import { caseList, comparisonText, outlookText, reportText } from './text/eval.ts';
import { printable, printableData } from './text/printable.ts';
import { VERSION } from './version.ts';

interface Wanted {
  languages: readonly string[];
  ids: readonly string[];
}

export async function listCases({ terminal, format }: Context, wanted: Wanted): Promise<Answer> {
  const cases = selectCases(await shippedCases(), wanted);
  if (format === 'json') {
    terminal.document({
      cases: cases.map(({ id, language, title, path, bug }) => ({
        id,
        language,
        kind: bug === undefined ? 'clean' : 'bug',
        title,
        path,
        ...(bug === undefined ? {} : { category: bug.category, severity: bug.severity }),
      })),
    });
  } else for (const line of caseList(cases)) terminal.line(line);
  return 0;
}

/** Compares two reports that were written before. */
export async function compareFiles(context: Context, before: string, after: string, { common }: { common: boolean }): Promise<Answer> {
  const comparison = compareReports(await readReport(context, before), await readReport(context, after), { common });
  if (context.format === 'json') context.terminal.document(comparison);
  else showComparison(context, comparison);
  return 0;
}

/** Measures the reviewer that would answer here. What was measured is shown and written however it ends. */
export async function evaluate(
  context: Context,
  options: {
    request: { role?: string; model?: string };
    wanted: Wanted;
    out: string | undefined;
    compare: string | undefined;
    common: boolean;
  },
): Promise<Answer> {
  // What would fail at the end fails before anything is spent.
  const cases = selectCases(await shippedCases(), options.wanted);
  const earlier = options.compare === undefined ? undefined : await readReport(context, options.compare);
  if (earlier !== undefined) requireSameCases(earlier.cases, cases.map(identityOf), options);
  const out = options.out === undefined ? undefined : await writableFile(context, options.out);
  const { report, stopped } = await measure(context, cases, options.request);
  const comparison = earlier === undefined || stopped !== undefined ? undefined : compareReports(earlier, report, options);
  if (context.format === 'text') {
    for (const line of reportText(printableData(report), (style, text) => context.terminal.style(style, text))) context.terminal.line(line);
    if (comparison !== undefined) showComparison(context, comparison);
  }
  if (out !== undefined) await writeReport(out, report);
  if (out !== undefined) context.terminal.note(`The report is in ${printable(out)}.`);
  if (stopped !== undefined) throw ended(stopped.error, report);
  if (context.format === 'json') context.terminal.document(comparison === undefined ? report : { ...report, comparison });
  return 0;
}

async function measure(
  context: Context,
  cases: readonly EvalCase[],
  request: { role?: string; model?: string },
): Promise<{ report: EvalReport; stopped?: { error: unknown } }> {
  const { terminal, services, signal } = context;
  const reviewer = await services.caseReviewer(request);
  try {
    await sayOutlook(context, reviewer, cases);
    const date = new Date().toISOString();
    let done = 0;
    const { outcomes, stopped } = await runCases(cases, {
      parallel: reviewer.parallel,
      signal,
      review: (one, onFinding) => reviewer.review(one, signal, onFinding),
      now: () => performance.now(),
      onOutcome: (outcome) => {
        done++;
        if (outcome.failure !== undefined) terminal.note(printable(`${outcome.id}: ${outcome.failure.message}`));
        terminal.progress(progressOf(outcome, done, cases.length));
      },
    });
    const { choice, promptVersion, parallel } = reviewer;
    const measured = {
      version: VERSION,
      model: choice.name,
      ...(choice.model === undefined ? {} : { modelId: choice.model }),
      ...(promptVersion === undefined ? {} : { promptVersion }),
      parallel,
      date,
    };
    return { report: reportOf(measured, cases.map(identityOf), outcomes), ...(stopped === undefined ? {} : { stopped }) };
  } finally {
    reviewer.dispose();
  }
}

/** Who is measured, how much is sent and what that costs, before the first request. */
async function sayOutlook({ terminal, signal }: Context, reviewer: CaseReviewer, cases: readonly EvalCase[]): Promise<void> {
  const { choice, price } = reviewer;
  let inputTokens: number | undefined;
  if (choice.kind === 'model') {
    inputTokens = 0;
    for (const [index, one] of cases.entries()) {
      if (signal.aborted) break;
      terminal.progress(`Counting what would be sent ${index + 1}/${cases.length}`);
      inputTokens += await reviewer.inputTokens(one, signal);
    }
  }
  const cost = inputTokens === undefined ? undefined : costOf(price, { inputTokens, outputTokens: 0, cachedTokens: 0 });
  for (const line of outlookText({ choice, cases: cases.length, inputTokens, cost })) terminal.note(printable(line));
}

function progressOf({ id, result }: CaseOutcome, done: number, total: number): string {
  return `${done}/${total} ${id}: ${result}`;
}

function ended(error: unknown, report: EvalReport): unknown {
  const failure = failureOf(error);
  return failure === undefined ? error : new PartialFailure(failure, { ...report });
}

function showComparison({ terminal }: Context, comparison: Comparison): void {
  for (const line of comparisonText(printableData(comparison), (style, text) => terminal.style(style, text))) terminal.line(line);
}

async function readReport({ cwd }: Context, path: string): Promise<EvalReport> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, path), 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new HandrailError(missing ? 'not-found' : 'io', missing ? `There is no file ${path}.` : `${path} cannot be read.`, {
      hint: 'Give a file that `handrail eval --out FILE` wrote.',
      cause: error,
    });
  }
  return parseReport(text, path);
}

/** Absolute path of a file that can be written, as far as that can be told beforehand. */
async function writableFile({ cwd }: Context, path: string): Promise<string> {
  const file = resolve(cwd, path);
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory() === true) {
    throw new HandrailError('usage', `${path} is a folder.`, { hint: 'Name a file: --out report.json' });
  }
  try {
    await mkdir(dirname(file), { recursive: true });
    await access(dirname(file), constants.W_OK);
  } catch (error) {
    throw new HandrailError('io', `No file can be written in ${dirname(file)}.`, { hint: 'Choose another folder.', cause: error });
  }
  return file;
}

async function writeReport(file: string, report: EvalReport): Promise<void> {
  try {
    await writeFileAtomic(file, `${JSON.stringify(report, undefined, 2)}\n`);
  } catch (error) {
    throw new PartialFailure(
      new HandrailError('io', `The report cannot be written to ${file}.`, { hint: 'Choose another file with --out.', cause: error }),
      { ...report },
    );
  }
}
