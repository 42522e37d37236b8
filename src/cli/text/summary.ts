import { countsText, modelText, reviewText, type RunSummary, withoutFindings } from '../../core/workflow/summary.ts';
import { type Paint, shortList } from './status.ts';

/** The summary of a run for people at a terminal. */
export function summaryText(summary: RunSummary, paint: Paint): string {
  const { workflow, branch, done, total, steps, models, reviews } = summary;
  if (workflow === null) return summary.note ?? 'No workflow applies to this branch.';
  const width = Math.max(...steps.map(({ id }) => id.length), 0);
  const lines = [
    `${paint('bold', workflow.title)} · ${branch ?? 'detached head'} · ${done} of ${total} done`,
    '',
    ...steps.map(({ id, title, standing, proof }) => `  ${id.padEnd(width)}  ${title} · ${[standing, proof].filter(Boolean).join(' · ')}`),
  ];
  lines.push(...verifiedLines(summary, paint));
  if (models.length > 0) lines.push('', paint('bold', 'Models'), ...models.map((use) => `  ${modelText(use)}: ${shortList(use.steps)}`));
  if (reviews.length > 0)
    lines.push('', paint('bold', 'What was read'), ...reviews.map((review) => `  ${review.title}: ${reviewText(review)}`));
  return [...lines, '', ...findingLines(summary, paint), '', paint('dim', `Workflow ${workflow.id}, ${workflow.digest}`)].join('\n');
}

function verifiedLines({ verified }: RunSummary, paint: Paint): string[] {
  if (verified === undefined) return [];
  const at = verified.commit.slice(0, 12);
  if (verified.ok) return ['', paint('bold', `Verified by CI at ${at}`)];
  return ['', paint('bold', `CI found problems at ${at}`), ...verified.problems.map(({ code, detail }) => `  ${code}: ${detail}`)];
}

function findingLines(summary: RunSummary, paint: Paint): string[] {
  const { counts, shown, more, elsewhere } = summary.findings;
  const head = shown.length === 0 ? withoutFindings(summary) : countsText(counts);
  return [
    `${paint('bold', 'Open findings')}: ${head}`,
    ...shown.map(
      ({ severity, file, startLine, title }) => `  ${file}${startLine === undefined ? '' : `:${startLine}`}  ${severity}  ${title}`,
    ),
    ...(more === 0 ? [] : [`  and ${more} more`]),
    ...(elsewhere === 0 ? [] : [`  ${elsewhere} more in files that this change does not touch`]),
  ];
}
