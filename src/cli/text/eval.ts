import type { EvalCase } from '../../core/ai/eval/case.ts';
import type { Comparison, PairedOutcomes } from '../../core/ai/eval/compare.ts';
import type { Figures } from '../../core/ai/eval/figures.ts';
import type { CaseResult } from '../../core/ai/eval/outcome.ts';
import type { EvalReport, Measured } from '../../core/ai/eval/report.ts';
import type { Share } from '../../core/ai/eval/statistics.ts';
import type { ModelChoice } from '../../core/ai/service.ts';
import type { Paint } from './status.ts';
import { shortList } from './status.ts';
import { durationText } from '../../core/ai/models/figures.ts';
import { table } from './table.ts';

const MOST_NAMED = 12;

/** Said before the first case. `cost` is of what is sent; the answers come on top. */
export function outlookText(outlook: {
  choice: ModelChoice;
  cases: number;
  inputTokens: number | undefined;
  cost: { amount: number; currency: string } | undefined;
}): string[] {
  const { choice, cases, inputTokens, cost } = outlook;
  const model = choice.model === undefined || choice.model === choice.name ? choice.name : `${choice.name} (${choice.model})`;
  const first = `Reviewer: ${model} – ${choice.because}`;
  if (inputTokens === undefined) return [first, `${counted(cases, 'case')}. No model is measured, and nothing leaves this machine.`];
  const price = cost === undefined ? '' : `, ${money(cost)} before any answer`;
  return [first, `${counted(cases, 'case')}, about ${inputTokens} tokens to send${price}.`];
}

export function caseList(cases: readonly EvalCase[]): string[] {
  const width = Math.max(...cases.map(({ id }) => id.length));
  const bugs = cases.filter(({ bug }) => bug !== undefined).length;
  return [
    ...cases.map(
      ({ id, language, title, bug }) => `${id.padEnd(width)}  ${language.padEnd(10)}  ${(bug?.category ?? 'clean').padEnd(11)}  ${title}`,
    ),
    '',
    `${counted(bugs, 'seeded bug')}, ${counted(cases.length - bugs, 'clean change')}.`,
  ];
}

const HEADS = ['language', 'bugs found', '95 %', 'clean left alone', '95 %', 'wrong/clean', 'precision', 'p50', 'p95'] as const;

/** The table by language, and what it does not say. */
export function reportText(report: EvalReport, paint: Paint): string[] {
  const { all, cases, caseSet, complete, languages } = report;
  const planned = caseSet.bugs + caseSet.clean;
  const lines = [paint('bold', nameOf(report))];
  if (!complete) lines.push(paint('yellow', `Ended early: ${cases.length} of ${planned} cases were measured.`));
  if (cases.length === 0) return lines;
  const rows = Object.entries(languages).map(([language, figures]) => rowOf(language, figures));
  lines.push('', ...table(HEADS, [...rows, rowOf('all', all)], paint), '');
  lines.push(...findingLines(all), ...usageLines(all));
  const failed = all.bugs.failed + all.clean.failed;
  if (failed > 0) lines.push(`${counted(failed, 'review')} failed and count${failed === 1 ? 's' : ''} as neither found nor left alone.`);
  for (const result of ['missed', 'flagged', 'failed'] as const) lines.push(...namedLines(report, result));
  return lines;
}

function rowOf(name: string, { bugs, clean, findings, latency }: Figures): string[] {
  return [
    name,
    ...shareCells(bugs.recall),
    ...shareCells(clean.leftAlone),
    clean.findingsPerChange === undefined ? '–' : clean.findingsPerChange.toFixed(2),
    findings.precision === undefined ? '–' : percent(findings.precision),
    durationText(latency.p50),
    durationText(latency.p95),
  ];
}

function shareCells({ count, of, share, low, high }: Share): [string, string] {
  if (of === 0) return ['–', '–'];
  return [`${count}/${of} ${percent(share)}`, `${percent(low)} – ${percent(high)}`];
}

function findingLines({ bugs, findings, anchors }: Figures): string[] {
  const { hit, beside, wrong } = findings;
  const lines = [
    `Findings: ${hit} on the bug, ${wrong} wrong, ${beside} beside the bug (neither right nor wrong).`,
    ...(bugs.byEngines === bugs.recall.count
      ? []
      : [`The built-in engines alone would have found ${bugs.byEngines} of the ${bugs.recall.count} bugs that were found.`]),
  ];
  const placed = anchors.exact + anchors.moved + anchors.fuzzy + anchors.unanchored;
  if (placed > 0) {
    const shares = (['exact', 'moved', 'fuzzy', 'unanchored'] as const).map((status) => `${percent(anchors[status] / placed)} ${status}`);
    lines.push(`Places of the model's ${counted(placed, 'finding')}: ${shares.join(', ')}.`);
  }
  return lines;
}

function usageLines({ usage }: Figures): string[] {
  if (usage.requests === 0) return [];
  const cost = usage.cost === undefined ? '' : `, ${money(usage.cost)}`;
  return [`${counted(usage.requests, 'request')}, ${usage.inputTokens} tokens in, ${usage.outputTokens} out${cost}.`];
}

function namedLines({ cases }: EvalReport, result: CaseResult): string[] {
  const ids = cases.filter((outcome) => outcome.result === result).map(({ id }) => id);
  return ids.length === 0 ? [] : [`${result}: ${shortList(ids, MOST_NAMED)}`];
}

/** What is different between two reports, and whether it is more than chance. */
export function comparisonText({ before, after, bugs, clean, changed, leftOut }: Comparison, paint: Paint): string[] {
  const rows = [
    pairedRow('bugs found', bugs),
    pairedRow('clean left alone', clean),
    figureRow('wrong per clean change', before, after, ({ clean: { findingsPerChange } }) => findingsPerChange?.toFixed(2)),
    figureRow('precision', before, after, ({ findings: { precision } }) => (precision === undefined ? undefined : percent(precision))),
    figureRow('tokens in', before, after, ({ usage }) => String(usage.inputTokens)),
    figureRow('tokens out', before, after, ({ usage }) => String(usage.outputTokens)),
    figureRow('cost', before, after, ({ usage }) => usage.cost && money(usage.cost)),
    figureRow('p50', before, after, ({ latency }) => durationText(latency.p50)),
    figureRow('p95', before, after, ({ latency }) => durationText(latency.p95)),
  ];
  // The built-in reviewer has no tokens and no cost.
  const telling = rows.filter((row) => row.slice(1, 3).some((cell) => cell !== '0' && cell !== '–'));
  return [
    '',
    `A: ${nameOf(before)}`,
    `B: ${nameOf(after)}`,
    '',
    ...table(['', 'A', 'B', 'only A', 'only B', 'p'], telling, paint),
    '',
    `p: how likely a difference like this is by chance (McNemar's exact test on the cases that differ).`,
    ...(before.parallel === after.parallel ? [] : [`A ran ${before.parallel} cases at a time, B ${after.parallel}: compare no times.`]),
    ...changed.map((one) => `${one.id} (${one.language}): ${one.before} → ${one.after}`),
    ...(changed.length === 0 ? ['Every case came out the same.'] : []),
    ...leftOutLines(leftOut),
  ];
}

function pairedRow(name: string, { cases, before, after, gained, lost, p }: PairedOutcomes): string[] {
  return [name, `${before}/${cases}`, `${after}/${cases}`, String(lost), String(gained), p.toFixed(3)];
}

function figureRow(
  name: string,
  before: Comparison['before'],
  after: Comparison['after'],
  figure: (figures: Figures) => string | number | undefined,
): string[] {
  return [name, String(figure(before.figures) ?? '–'), String(figure(after.figures) ?? '–'), '', '', ''];
}

function leftOutLines({ onlyBefore, onlyAfter, edited }: Comparison['leftOut']): string[] {
  const count = onlyBefore.length + onlyAfter.length + edited.length;
  if (count === 0) return [];
  return [
    `${counted(count, 'case')} left out: ${onlyBefore.length} only in A, ${onlyAfter.length} only in B, ${edited.length} edited in between.`,
  ];
}

function nameOf({ model, modelId, promptVersion, version, date }: Measured): string {
  const who = model === 'builtin' ? 'the built-in reviewer' : modelId === undefined || modelId === model ? model : `${model} (${modelId})`;
  const prompt = promptVersion === undefined ? '' : `, prompt ${promptVersion}`;
  return `${who}${prompt}, Handrail ${version}, ${date.slice(0, 16).replace('T', ' ')} UTC`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function money({ amount, currency }: { amount: number; currency: string }): string {
  return `${amount.toFixed(4)} ${currency}`;
}
