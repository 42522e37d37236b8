import { approverNames } from '../../core/workflow/approverNames.ts';
import type { StepKind } from '../../core/workflow/definition.ts';
import type { Assurance, StepStatus } from '../../core/workflow/run.ts';

/** The part of `vscode.l10n` that pure modules need, so that they run without the editor. */
export interface Localiser {
  t(message: string, ...args: (string | number)[]): string;
}

/** What an assurance level means, as a person would say it. Undefined where there is nothing to say. */
export function assuranceWords(l10n: Localiser, assurance: Assurance): string | undefined {
  switch (assurance) {
    case 'verified':
      return l10n.t('checked by CI');
    case 'bound':
      return l10n.t('checked here');
    case 'self-reported':
      return l10n.t("someone's word");
    case 'waived':
      return l10n.t('skipped with a reason');
    case 'stale':
      return l10n.t('no longer covers the present content');
    case 'missing':
      return l10n.t('no evidence yet');
    case 'none':
      return undefined;
  }
}

/** Whose word CI takes for a step that is skipped. */
export function provenByText(l10n: Localiser, names: readonly string[]): string {
  return l10n.t('CI counts it once approved by {0}.', approverNames(names).join(l10n.t(' or ')));
}

export function kindWords(l10n: Localiser, kind: StepKind): string {
  switch (kind) {
    case 'manual':
      return l10n.t('by hand');
    case 'command':
      return l10n.t('command');
    case 'generate':
      return l10n.t('AI generation');
    case 'review':
      return l10n.t('AI review');
    case 'approval':
      return l10n.t('approval');
  }
}

/** The state in a few words, with its cause: what stands beside a step's title. `waitsFor` holds titles of steps. */
export function stateWords(l10n: Localiser, step: StepStatus, waitsFor: readonly string[]): string {
  switch (step.state) {
    case 'done':
      return doneWords(l10n, step);
    case 'ready':
      // A record that does not settle the step says more than that it is its turn.
      return step.evidence === undefined ? l10n.t('ready') : l10n.t('not done: {0}', withoutStop(step.because));
    case 'running':
      return l10n.t('running');
    case 'stale':
      return staleWords(l10n, step.staleBecause ?? []);
    case 'failed':
      return l10n.t('failed: {0}', withoutStop(failureOf(step)));
    case 'blocked':
      return waitsFor.length === 0 ? l10n.t('waits') : l10n.t('waits for {0}', waitsFor.join(', '));
    case 'skipped':
      return l10n.t('not needed: {0}', withoutStop(withoutLead(step.because)));
    case 'waived':
      return waivedWords(l10n, step);
  }
}

function waivedWords(l10n: Localiser, { waiver }: StepStatus): string {
  if (waiver === undefined) return l10n.t('skipped with a reason');
  return waiver.expires === undefined
    ? l10n.t('skipped: {0}', waiver.reason)
    : l10n.t('skipped until {0}: {1}', waiver.expires, waiver.reason);
}

/** What a run left unmet is more telling than that it failed. */
function failureOf(step: StepStatus): string {
  const unmet = step.expect.find((expectation) => !expectation.met && OUTCOMES.has(expectation.kind));
  return unmet === undefined || step.evidence === undefined ? step.because : lowerFirst(unmet.detail);
}

const OUTCOMES: ReadonlySet<string> = new Set(['exit', 'findings', 'coverage-receipt']);

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLocaleLowerCase() + sentence.slice(1);
}

function doneWords(l10n: Localiser, step: StepStatus): string {
  const assurance = assuranceWords(l10n, step.assurance);
  const by = step.evidence?.provider === 'builtin' ? l10n.t('built-in reviewer') : step.evidence?.model;
  return [assurance ?? l10n.t('done'), by].filter((part) => part !== undefined).join(' · ');
}

function staleWords(l10n: Localiser, paths: readonly string[]): string {
  const [first] = paths;
  if (first === undefined) return l10n.t('stale: what it covers changed');
  return paths.length === 1 ? l10n.t('stale: {0} changed', first) : l10n.t('stale: {0} and {1} more changed', first, paths.length - 1);
}

/** Sentences stand in the middle of other text here. */
function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

function withoutLead(sentence: string): string {
  return sentence.replace(/^not needed: */i, '');
}
