import type { ProposedChange, UnplacedEdit } from '../../core/ai/generate/generation.ts';
import { changedLines } from '../../core/ai/generate/patch.ts';
import { asMarkdown, codeBlock, oneLine } from '../review/plainText.ts';
import type { Localise } from '../review/plainText.ts';
import { sizeText } from './proposal.ts';
import type { ChangeSize, Proposal } from './proposal.ts';

/** The page that says how a proposal came about; what a model wrote stands there literally. */
export function proposalPage(proposal: Proposal, l10n: Localise): string {
  const { result, subject } = proposal;
  const { changes, unplaced, explanation, notices } = result;
  const page = [`# ${l10n.t('Proposal for {0}', asMarkdown(oneLine(subject, 120)))}`, l10n.t('Asked for:'), quoted(proposal.asked)];
  if (changes.length > 0) {
    page.push(`## ${l10n.t('What would change')} (${sizeText(sizeOf(changes), l10n)})`);
    page.push(list(changes.map(({ file, kind }) => (kind === 'create' ? l10n.t('{0}, a new file', file) : file))));
  }
  if (unplaced.length > 0) {
    page.push(`## ${l10n.t('What could not be placed')}`, l10n.t('These blocks are shown instead of applied.'));
    page.push(...unplaced.flatMap((edit) => unplacedParts(edit, l10n)));
  }
  if (notices.length > 0) page.push(`## ${l10n.t('Worth knowing')}`, list(notices));
  if (explanation.trim() !== '') page.push(`## ${l10n.t('What the model says')}`, asMarkdown(explanation));
  page.push(`## ${l10n.t('What was read')}`, coverageList(proposal, l10n));
  page.push(`## ${l10n.t('Where it comes from')}`, list(provenance(proposal, l10n)));
  return `${page.filter((part) => part !== '').join('\n\n')}\n`;
}

function sizeOf(changes: readonly ProposedChange[]): ChangeSize {
  const counts = changes.map(changedLines);
  const sum = (pick: 'added' | 'removed'): number => counts.reduce((all, count) => all + count[pick], 0);
  return { files: changes.length, added: sum('added'), removed: sum('removed') };
}

function unplacedParts(edit: UnplacedEdit, l10n: Localise): string[] {
  const parts = [`### ${asMarkdown(oneLine(edit.file, 200))}`, asMarkdown(edit.because)];
  if (edit.search !== '') parts.push(l10n.t('To be replaced:'), codeBlock(shortened(edit.search)));
  parts.push(edit.search === '' ? l10n.t('New text:') : l10n.t('By:'), codeBlock(shortened(edit.replacement)));
  return parts;
}

/** A page stays readable whatever a model wrote. In UTF-16 units. */
const LONGEST_BLOCK = 20_000;

function shortened(code: string): string {
  return code.length <= LONGEST_BLOCK ? code : `${code.slice(0, LONGEST_BLOCK)}\n…`;
}

function coverageList({ result }: Proposal, l10n: Localise): string {
  const { coverage, redactions } = result;
  const words = { full: l10n.t('in full'), partial: l10n.t('in part'), skipped: l10n.t('not read') };
  const files = coverage.map((entry) => `${entry.file}: ${words[entry.status]}${entry.reason === undefined ? '' : `, ${entry.reason}`}`);
  const parts = [files.length === 0 ? l10n.t('No file was read.') : list(files)];
  if (redactions.length > 0) {
    parts.push(l10n.t('Replaced before sending, as only known patterns are caught:'));
    parts.push(list(redactions.map((one) => `${one.kind} (${one.file}:${one.line})`)));
  }
  return parts.join('\n\n');
}

function provenance({ result, choice }: Proposal, l10n: Localise): string[] {
  const { usage, model, modelId } = result;
  const lines = [l10n.t('Written by a model: {0}', modelId === model ? model : `${model} (${modelId})`), choice.because];
  lines.push(l10n.t('Tokens: {0} sent, {1} received.', usage.inputTokens.toLocaleString('en'), usage.outputTokens.toLocaleString('en')));
  if (usage.cost !== undefined) lines.push(l10n.t('Cost: {0} {1}', usage.cost.amount.toFixed(4), usage.cost.currency));
  return [...lines, l10n.t('Prompt digest: {0}', result.promptDigest)];
}

function quoted(text: string): string {
  return asMarkdown(text)
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${asMarkdown(oneLine(line, 500))}`).join('\n');
}
