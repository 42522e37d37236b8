import type { StepStatus } from '../../core/workflow/run.ts';
import { code, codeBlock, plain } from './markdown.ts';
import { assuranceWords, kindWords, provenByText } from './words.ts';
import type { Localiser } from './words.ts';

/** At most this many matched paths are listed; the rest is counted. */
const PATHS_SHOWN = 5;

/** The hover of a step as Markdown: why it exists, why it is here, what proves it, what is missing. Repository text is escaped. */
export function tooltipOf(l10n: Localiser, step: StepStatus, state: string): string {
  return [
    `**${plain(step.title)}**  \n${plain(kindWords(l10n, step.kind))} · ${plain(state)}`,
    ...stepSections(l10n, step, ICON_MARKS),
  ].join('\n\n');
}

/** The page that *Explain* opens, as Markdown. */
export function explanationOf(l10n: Localiser, step: StepStatus, state: string): string {
  const parts = [
    `# ${plain(step.title)}`,
    `${plain(kindWords(l10n, step.kind))} · **${plain(state)}**`,
    ...stepSections(l10n, step, SIGN_MARKS),
  ];
  if (step.run !== undefined) parts.push(`## ${l10n.t('What it runs')}`, codeBlock(step.run, 'sh'));
  if (step.prompt !== undefined) parts.push(l10n.t('Its prompt is {0}.', code(step.prompt)));
  if (step.learn !== undefined) parts.push(l10n.t('To learn more: {0}', code(step.learn)));
  parts.push(`## ${l10n.t('What its proof is worth')}`, proof(l10n, step));
  return `${parts.join('\n\n')}\n`;
}

/** Hovers draw theme icons; a page of the Markdown preview does not. */
const ICON_MARKS = { met: '$(pass)', unmet: '$(circle-large-outline)' };
export const SIGN_MARKS = { met: '✓', unmet: '○' };

/** Why a step exists, where it stands, why it is here, when it is done, what is missing: one paragraph each. */
export function stepSections(l10n: Localiser, step: StepStatus, marks: { met: string; unmet: string }): string[] {
  const parts: string[] = [];
  if (step.why !== undefined) parts.push(`**${l10n.t('Why')}** · ${plain(step.why)}`);
  parts.push(`**${l10n.t('Where it stands')}** · ${plain(sentence(step.because))}`);
  if (step.waiver?.provenBy !== undefined) parts.push(plain(provenByText(l10n, step.waiver.provenBy)));
  if (step.when !== undefined) parts.push(`**${l10n.t('Why it is here')}** · ${condition(l10n, step.when)}`);
  const expectations = step.expect.map((expectation) => `- ${expectation.met ? marks.met : marks.unmet} ${plain(expectation.detail)}`);
  if (expectations.length > 0) parts.push(`**${l10n.t('Done when')}**\n\n${expectations.join('\n')}`);
  const unmet = new Set(step.expect.map((expectation) => expectation.detail));
  const missing = step.missing.filter((text) => !unmet.has(text)).map((text) => `- ${plain(text)}`);
  if (missing.length > 0) parts.push(`**${l10n.t('What is missing')}**\n\n${missing.join('\n')}`);
  return parts;
}

function condition(l10n: Localiser, when: NonNullable<StepStatus['when']>): string {
  const expression = code(when.expression);
  if (when.error !== undefined) {
    return `${l10n.t('Its condition {0} failed, so it applies:', expression)} ${plain(when.error)}`;
  }
  if (!when.applies) return l10n.t('Its condition {0} does not hold.', expression);
  if (when.matched.length === 0) return l10n.t('Its condition {0} holds.', expression);
  const shown = when.matched.slice(0, PATHS_SHOWN).map((path) => code(path));
  const more = when.matched.length - shown.length;
  const paths = more > 0 ? l10n.t('{0} and {1} more', shown.join(', '), more) : shown.join(', ');
  return l10n.t('Its condition {0} holds because of {1}.', expression, paths);
}

function proof(l10n: Localiser, step: StepStatus): string {
  const words = assuranceWords(l10n, step.assurance);
  const level = words === undefined ? l10n.t('Nothing has been recorded for this step.') : sentence(words);
  if (step.evidence === undefined) return plain(level);
  const by = step.evidence.model ?? (step.evidence.provider === 'builtin' ? l10n.t('the built-in reviewer') : undefined);
  const lines = [plain(level)];
  if (by !== undefined) lines.push(plain(l10n.t('Reviewed by {0}.', by)));
  lines.push(`${l10n.t('Record:')} ${code(step.evidence.id.replace(/^sha256:/, '').slice(0, 12))}`);
  return lines.join('  \n');
}

function sentence(text: string): string {
  const start = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
