import { SEVERITIES, type CoverageEntry, type Finding, type ReviewResult, type Severity } from '../../core/ai/finding.ts';
import type { Style } from '../terminal.ts';
import { shortList, type Paint } from './status.ts';

const SEVERITY_STYLE: Record<Severity, Style> = { critical: ['bold', 'red'], high: 'red', medium: 'yellow', low: 'blue', info: 'dim' };

/** One finding: a place that terminals link, what is wrong, the quoted lines, and its id for `handrail dismiss`. */
export function findingText(finding: Finding, paint: Paint): string {
  const place =
    finding.startLine === undefined
      ? `${finding.file} ${paint('yellow', '(could not be placed)')}`
      : `${finding.file}:${finding.startLine}${finding.endLine !== undefined && finding.endLine !== finding.startLine ? `-${finding.endLine}` : ''}`;
  const marks = [
    ...(finding.onUnchangedCode === true ? ['on unchanged code'] : []),
    ...(finding.outsideSelection === true ? ['outside the selection'] : []),
    ...(finding.fix === undefined ? [] : ['fix available']),
    finding.source === 'builtin' ? (finding.rule ?? 'built-in') : 'model',
    `id ${finding.id}`,
  ];
  return [
    `${paint('underline', place)}  ${paint(SEVERITY_STYLE[finding.severity], finding.severity.toUpperCase())}  ${finding.category}  ${paint('bold', finding.title)}`,
    ...(finding.message === '' || finding.message === finding.title ? [] : indented(finding.message)),
    ...indented(finding.quote).map((line) => paint('dim', line.replace(/^ {2}/, '  | '))),
    `  ${paint('dim', marks.join(' · '))}`,
  ].join('\n');
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `  ${line}`);
}

/** What was found, what was read, what left the machine. */
export function reviewSummary(result: ReviewResult, paint: Paint): string {
  const { findings, dismissed, coverage, notices, redactions } = result;
  if (coverage.length === 0 && findings.length === 0) return ['There was nothing to review: no file has changed.', ...notices].join('\n');
  const counts = SEVERITIES.map((severity) => ({ severity, n: findings.filter((finding) => finding.severity === severity).length })).filter(
    ({ n }) => n > 0,
  );
  const split =
    counts.length === 0 ? '' : ` (${counts.map(({ severity, n }) => paint(SEVERITY_STYLE[severity], `${n} ${severity}`)).join(', ')})`;
  const unplaced = findings.filter(({ anchor }) => anchor.status === 'unanchored').length;
  return [
    `${paint('bold', findings.length === 0 ? 'No findings' : `${findings.length} finding${findings.length === 1 ? '' : 's'}`)}${split}${
      unplaced === 0 ? '' : `, ${unplaced} could not be placed`
    }${dismissed.length === 0 ? '' : `; ${dismissed.length} dismissed before`}.`,
    ...coverageLines(coverage),
    ...usageLines(result),
    ...(redactions.length === 0 || result.model === 'builtin'
      ? []
      : [
          `${redactions.length} secret${redactions.length === 1 ? ' was' : 's were'} replaced before anything was sent: ${shortList(redactions.map(({ file, line, kind }) => `${file}:${line} (${kind})`))}.`,
        ]),
    ...notices,
  ].join('\n');
}

export function coverageLines(coverage: readonly CoverageEntry[]): string[] {
  const of = (status: CoverageEntry['status']): CoverageEntry[] => coverage.filter((entry) => entry.status === status);
  const [full, partial, skipped] = [of('full'), of('partial'), of('skipped')];
  const counts = `What was read: ${full.length} in full, ${partial.length} in part, ${skipped.length} not at all.`;
  const reasons = [...partial.map((entry) => ({ ...entry, word: 'in part' })), ...skipped.map((entry) => ({ ...entry, word: 'not read' }))];
  const most = 20;
  return [
    counts,
    ...reasons.slice(0, most).map(({ file, reason, word }) => `  ${word}: ${file}${reason === undefined ? '' : ` – ${reason}`}`),
    ...(reasons.length > most ? [`  and ${reasons.length - most} more; --format json lists all`] : []),
  ];
}

function usageLines({ usage, model }: ReviewResult): string[] {
  if (model === 'builtin' || usage.requests === 0) return [];
  const cost = usage.cost === undefined ? '' : `, ${usage.cost.amount.toFixed(4)} ${usage.cost.currency}`;
  return [`Model calls: ${usage.requests}, ${usage.inputTokens} tokens in, ${usage.outputTokens} out${cost}.`];
}
