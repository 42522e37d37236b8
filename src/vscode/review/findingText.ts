import type { Finding, Severity } from '../../core/ai/finding.ts';
import { asMarkdown, codeBlock, oneLine } from './plainText.ts';
import type { Localise } from './plainText.ts';
import type { TrackedFinding } from './trackedFinding.ts';

export function severityName(severity: Severity, l10n: Localise): string {
  switch (severity) {
    case 'critical':
      return l10n.t('critical');
    case 'high':
      return l10n.t('high');
    case 'medium':
      return l10n.t('medium');
    case 'low':
      return l10n.t('low');
    case 'info':
      return l10n.t('info');
  }
}

/** `reviewer (gpt-5.2)`; the engines of the built-in reviewer have no model. */
export function reviewerName(entry: TrackedFinding, l10n: Localise): string {
  const { reviewer } = entry;
  if (entry.finding.source === 'builtin') return l10n.t('built-in');
  if (reviewer === undefined) return l10n.t('model');
  return reviewer.model === undefined ? oneLine(reviewer.name, 60) : `${oneLine(reviewer.name, 60)} (${oneLine(reviewer.model, 60)})`;
}

/** Title of the thread, e.g. `● HIGH bug · reviewer (gpt-5.2)`. */
export function threadTitle(entry: TrackedFinding, l10n: Localise): string {
  const { finding } = entry;
  const severity = severityName(finding.severity, l10n).toUpperCase();
  const title = `● ${severity}  ${oneLine(finding.category, 40)} · ${reviewerName(entry, l10n)}`;
  return entry.state === 'stale' ? `${title} · ${l10n.t('stale')}` : title;
}

/** Code of the problem: the engine's rule, else the category. */
export function problemCode(finding: Finding): string {
  return oneLine(finding.rule ?? finding.category, 80);
}

/** Body of the thread as markdown; everything a model wrote is escaped. */
export function threadBody(entry: TrackedFinding, l10n: Localise): string {
  const { finding } = entry;
  const parts = [`**${asMarkdown(oneLine(finding.title))}**`];
  if (finding.message.trim() !== '' && finding.message !== finding.title) parts.push(asMarkdown(finding.message));
  if (entry.state === 'stale') {
    parts.push(`_${l10n.t('The quoted lines have changed since the review, so this may no longer hold. A fix will not be applied.')}_`);
  }
  if (finding.onUnchangedCode === true) parts.push(`_${l10n.t('About lines that this branch did not change.')}_`);
  if (finding.outsideSelection === true) parts.push(`_${l10n.t('About lines outside the selection that was reviewed.')}_`);
  const preview = fixPreview(entry);
  if (preview !== undefined) parts.push(l10n.t('Suggested fix:'), preview);
  return parts.join('\n\n');
}

/** The fix as a diff, when it is one edit whose replaced lines are known; undefined without a fix. */
export function fixPreview(entry: TrackedFinding): string | undefined {
  const edits = entry.edits;
  if (edits.length === 0 || edits.length > 3) return undefined;
  const lines = edits.flatMap((edit) => [
    ...(edit.before ?? '').split('\n').map((line) => `-${line}`),
    ...(edit.newText === '' ? [] : edit.newText.replace(/\r?\n$/, '').split(/\r?\n/)).map((line) => `+${line}`),
  ]);
  return lines.length > 40 ? undefined : codeBlock(lines.join('\n'), 'diff');
}

/** How the finding was placed, in plain words. */
export function anchorSentence(entry: TrackedFinding, l10n: Localise): string {
  const { anchor } = entry.finding;
  const percent = Math.round(anchor.confidence * 100);
  if (entry.state === 'stale') return l10n.t('The quoted lines are no longer in the file.');
  switch (anchor.status) {
    case 'exact':
      return l10n.t('Placed exactly: the quoted text stands there word for word.');
    case 'moved':
      return l10n.t('Placed by its quoted text; the reviewer named another line (confidence {0} %).', percent);
    case 'fuzzy':
      return l10n.t('Placed by similar text, not word for word (confidence {0} %).', percent);
    case 'unanchored':
      return l10n.t('Could not be placed: the quoted text was not found in the file, or stands there more than once.');
  }
}
