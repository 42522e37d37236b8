import type { CoverageEntry, Redaction, Severity } from '../../core/ai/finding.ts';
import { SEVERITIES } from '../../core/ai/finding.ts';
import { anchorSentence, severityName } from './findingText.ts';
import { asMarkdown, codeBlock, oneLine } from './plainText.ts';
import type { Localise } from './plainText.ts';
import type { DismissedFinding, ReviewSummary, RunningReview } from './reviewBoard.ts';
import type { TrackedFinding } from './trackedFinding.ts';

/** What the *Findings* view shows of one folder. */
export interface FindingsState {
  entries: readonly TrackedFinding[];
  dismissed: readonly DismissedFinding[];
  showDismissed: boolean;
  summary: ReviewSummary | undefined;
  running: RunningReview | undefined;
}

/** One row, free of editor types. `tooltip` is markdown with untrusted text escaped. */
export interface FindingsItem {
  id: string;
  label: string;
  description?: string;
  tooltip?: string;
  /** Identifier of a theme icon and of its colour. */
  icon?: string;
  color?: string;
  /** Paths get the icon of their file type. */
  path?: string;
  context?: string;
  spoken: string;
  findingId?: string;
  /** Opens this place. */
  open?: { file: string; line?: number };
  expanded?: boolean;
  children?: FindingsItem[];
}

/** The rows of findings that were shown before; a finding that changes is another object. */
export type KeptRows = WeakMap<TrackedFinding, FindingsItem>;

/**
 * The rows of the view; none when there was no review yet, so that the welcome text shows. `kept` carries the rows of findings from one call
 * to the next: a keystroke must not build thousands of them anew.
 */
export function toItems(state: FindingsState, l10n: Localise, kept: KeptRows = new WeakMap()): FindingsItem[] {
  const shown = state.entries.filter((entry) => entry.state !== 'resolved');
  const placed = shown.filter((entry) => entry.span !== undefined);
  const items: FindingsItem[] = byFile(placed).map(([file, entries]) => fileItem(file, entries, l10n, kept));
  const unplaced = shown.filter((entry) => entry.span === undefined);
  if (unplaced.length > 0) items.push(unplacedItem(unplaced, l10n));
  // Below the findings, where the summary will be: were it above, its end would move every row under the pointer of whoever clicks.
  if (state.running !== undefined) items.push(runningItem(state.running, l10n));
  else if (state.summary !== undefined) {
    if (shown.length === 0 && state.summary.stopped === undefined) items.push(nothingItem(state.summary, l10n));
    items.push(...summaryItems(state.summary, l10n));
  }
  if (state.showDismissed && state.dismissed.length > 0) items.push(dismissedItem(state.dismissed, l10n));
  return items;
}

/** `2 high · 1 low`, for the line beside the view's title. */
export function countsText(entries: readonly TrackedFinding[], l10n: Localise): string {
  const open = entries.filter((entry) => entry.state !== 'resolved');
  return SEVERITIES.map((severity) => ({ severity, count: open.filter((entry) => entry.finding.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severityName(severity, l10n)}`)
    .join(' · ');
}

const ICONS: Record<Severity, { icon: string; color: string }> = {
  critical: { icon: 'error', color: 'problemsErrorIcon.foreground' },
  high: { icon: 'error', color: 'problemsErrorIcon.foreground' },
  medium: { icon: 'warning', color: 'problemsWarningIcon.foreground' },
  low: { icon: 'info', color: 'problemsInfoIcon.foreground' },
  info: { icon: 'info', color: 'problemsInfoIcon.foreground' },
};

function runningItem(running: RunningReview, l10n: Localise): FindingsItem {
  const label = l10n.t('Reviewing {0}…', oneLine(running.subject));
  const description = progressText(running, l10n);
  return { id: 'running', label, description, icon: 'loading~spin', spoken: `${label} ${description}`, context: 'running' };
}

/** `2 of 5 parts · 3 findings · 1,240 tokens`. */
export function progressText(running: RunningReview, l10n: Localise): string {
  const { found } = running;
  const parts = [];
  if (running.total > 1) parts.push(l10n.t('{0} of {1}', running.done, running.total));
  parts.push(found === 1 ? l10n.t('1 finding') : l10n.t('{0} findings', found));
  if (running.outputTokens > 0) parts.push(l10n.t('{0} tokens', running.outputTokens.toLocaleString('en')));
  return parts.join(' · ');
}

function byFile(entries: readonly TrackedFinding[]): [string, TrackedFinding[]][] {
  const files = new Map<string, TrackedFinding[]>();
  for (const entry of entries) {
    const list = files.get(entry.finding.file);
    if (list === undefined) files.set(entry.finding.file, [entry]);
    else list.push(entry);
  }
  return [...files];
}

function fileItem(file: string, entries: readonly TrackedFinding[], l10n: Localise, kept: KeptRows): FindingsItem {
  const slash = file.lastIndexOf('/');
  const counts = countsText(entries, l10n);
  const folder = slash === -1 ? '' : `${oneLine(file.slice(0, slash))} · `;
  return {
    id: `file:${file}`,
    label: oneLine(file.slice(slash + 1)),
    description: `${folder}${counts}`,
    path: file,
    context: 'file',
    spoken: `${oneLine(file)}, ${counts}`,
    open: { file },
    expanded: true,
    children: entries.map((entry) => keptItem(entry, l10n, kept)),
  };
}

function keptItem(entry: TrackedFinding, l10n: Localise, kept: KeptRows): FindingsItem {
  const known = kept.get(entry) ?? findingItem(entry, l10n);
  kept.set(entry, known);
  return known;
}

function findingItem(entry: TrackedFinding, l10n: Localise): FindingsItem {
  const { finding, span } = entry;
  const stale = entry.state === 'stale';
  // Rows show plain text: the backticks of code would only be noise.
  const label = oneLine(finding.title, 120).replaceAll('`', '');
  const category = oneLine(finding.category, 40);
  const place = span === undefined ? undefined : l10n.t('line {0}', span.startLine);
  const facts = [stale ? l10n.t('stale: the lines have changed') : undefined, place, category].filter((fact) => fact !== undefined);
  return {
    id: `finding:${finding.id}`,
    label,
    description: facts.join(' · '),
    // Worked out for the rows that are looked at only.
    get tooltip() {
      return tooltip(entry, l10n);
    },
    ...(stale ? { icon: 'history', color: 'disabledForeground' } : ICONS[finding.severity]),
    context: contextOf(entry),
    spoken: [severityName(finding.severity, l10n), label, ...facts].join(', '),
    findingId: finding.id,
    open: span === undefined ? { file: finding.file } : { file: finding.file, line: span.startLine },
  };
}

/** `finding`, with what can be done: `finding.fix`, `finding.stale`, `finding.unplaced`. The manifest's menus test it. */
export function contextOf(entry: TrackedFinding): string {
  if (entry.span === undefined) return 'finding.unplaced';
  if (entry.state === 'stale') return 'finding.stale';
  return entry.edits.length > 0 ? 'finding.fix' : 'finding';
}

function tooltip(entry: TrackedFinding, l10n: Localise): string {
  const { finding } = entry;
  const source = finding.source === 'builtin' ? l10n.t('built-in reviewer') : l10n.t('model');
  const head = `**${asMarkdown(oneLine(finding.title))}**`;
  const facts = `${severityName(finding.severity, l10n)} · ${asMarkdown(oneLine(finding.rule ?? finding.category))} · ${source}`;
  return [head, facts, asMarkdown(finding.message), codeBlock(finding.quote), anchorSentence(entry, l10n)].join('\n\n');
}

function unplacedItem(entries: readonly TrackedFinding[], l10n: Localise): FindingsItem {
  const label = l10n.t('Could not be placed');
  return {
    id: 'unplaced',
    label,
    description: String(entries.length),
    tooltip: l10n.t('The quoted text was not found in the file, or stands there more than once. A wrong place would be worse than none.'),
    icon: 'question',
    spoken: `${label}, ${entries.length}`,
    expanded: true,
    children: entries.map((entry) => ({ ...findingItem(entry, l10n), description: unplacedDescription(entry) })),
  };
}

function unplacedDescription(entry: TrackedFinding): string {
  return `${oneLine(entry.finding.file)} · “${oneLine(entry.finding.quote, 60)}”`;
}

function nothingItem(summary: ReviewSummary, l10n: Localise): FindingsItem {
  const read = summary.coverage.filter((one) => one.status !== 'skipped').length;
  const label = read === 0 ? l10n.t('Nothing was read') : l10n.t('No open findings');
  return { id: 'nothing', label, icon: read === 0 ? 'circle-slash' : 'pass', spoken: label };
}

function summaryItems(summary: ReviewSummary, l10n: Localise): FindingsItem[] {
  const items: FindingsItem[] = [];
  if (summary.stopped !== undefined) {
    items.push({
      id: 'stopped',
      label: oneLine(summary.stopped),
      tooltip: asMarkdown(summary.stopped),
      icon: 'warning',
      spoken: oneLine(summary.stopped),
    });
  }
  items.push(readItem(summary, l10n));
  if (summary.redactions.length > 0) items.push(redactionsItem(summary.redactions, l10n));
  if (summary.notices.length > 0) items.push(noticesItem(summary.notices, l10n));
  return items;
}

function readItem(summary: ReviewSummary, l10n: Localise): FindingsItem {
  const label = l10n.t('What was read');
  const groups = (['full', 'partial', 'skipped'] as const)
    .map((status) =>
      coverageGroup(
        status,
        summary.coverage.filter((one) => one.status === status),
        l10n,
      ),
    )
    .filter((group) => group !== undefined);
  const description = l10n.t('by {0}', summary.reviewer.name === 'builtin' ? l10n.t('the built-in reviewer') : reviewerText(summary));
  return {
    id: 'read',
    label,
    description,
    tooltip: asMarkdown(summary.because),
    icon: 'book',
    spoken: `${label}, ${description}`,
    expanded: false,
    children: groups,
  };
}

function reviewerText(summary: ReviewSummary): string {
  const { name, model } = summary.reviewer;
  return model === undefined || model === name ? oneLine(name, 60) : `${oneLine(name, 60)} (${oneLine(model, 60)})`;
}

const COVERAGE_ICONS = { full: 'pass', partial: 'warning', skipped: 'circle-slash' } as const;

function coverageGroup(status: CoverageEntry['status'], entries: readonly CoverageEntry[], l10n: Localise): FindingsItem | undefined {
  if (entries.length === 0) return undefined;
  const label = { full: l10n.t('Read in full'), partial: l10n.t('Read in part'), skipped: l10n.t('Not read') }[status];
  return {
    id: `read:${status}`,
    label,
    description: String(entries.length),
    icon: COVERAGE_ICONS[status],
    spoken: `${label}, ${entries.length}`,
    expanded: status !== 'full',
    children: entries.map((entry) => coverageItem(entry)),
  };
}

function coverageItem(entry: CoverageEntry): FindingsItem {
  const reason = entry.reason === undefined ? undefined : oneLine(entry.reason);
  const file = oneLine(entry.file);
  return {
    id: `read:${entry.status}:${entry.file}`,
    label: file,
    ...(reason === undefined ? {} : { description: reason, tooltip: asMarkdown(`${file}\n${reason}`) }),
    path: entry.file,
    spoken: reason === undefined ? file : `${file}, ${reason}`,
    open: { file: entry.file },
  };
}

function redactionsItem(redactions: readonly Redaction[], l10n: Localise): FindingsItem {
  const label =
    redactions.length === 1
      ? l10n.t('1 secret was replaced before anything was sent')
      : l10n.t('{0} secrets were replaced before anything was sent', redactions.length);
  return {
    id: 'redactions',
    label,
    tooltip: l10n.t('Only known patterns of secrets are caught. Keep secrets out of the code all the same.'),
    icon: 'shield',
    spoken: label,
    expanded: false,
    children: redactions.map((one, index) => ({
      id: `redaction:${index}`,
      label: oneLine(one.kind, 60),
      description: `${oneLine(one.file)}:${one.line}`,
      icon: 'key',
      spoken: `${oneLine(one.kind, 60)}, ${oneLine(one.file)}, ${l10n.t('line {0}', one.line)}`,
      open: { file: one.file, line: one.line },
    })),
  };
}

function noticesItem(notices: readonly string[], l10n: Localise): FindingsItem {
  const label = l10n.t('Notes');
  return {
    id: 'notices',
    label,
    description: String(notices.length),
    icon: 'note',
    spoken: `${label}, ${notices.length}`,
    expanded: false,
    children: notices.map((notice, index) => ({
      id: `notice:${index}`,
      label: oneLine(notice),
      tooltip: asMarkdown(notice),
      spoken: oneLine(notice),
    })),
  };
}

function dismissedItem(dismissed: readonly DismissedFinding[], l10n: Localise): FindingsItem {
  const label = l10n.t('Dismissed');
  return {
    id: 'dismissed',
    label,
    description: String(dismissed.length),
    icon: 'eye-closed',
    spoken: `${label}, ${dismissed.length}`,
    expanded: true,
    children: dismissed.map((one) => {
      const title = oneLine(one.title ?? one.id, 120);
      const facts = [one.file && oneLine(one.file), oneLine(one.reason, 120)].filter((fact) => fact !== undefined).join(' · ');
      return {
        id: `dismissed:${one.id}`,
        label: title,
        description: facts,
        icon: 'eye-closed',
        color: 'disabledForeground',
        spoken: `${title}, ${facts}`,
        ...(one.file === undefined ? {} : { open: { file: one.file } }),
      };
    }),
  };
}
