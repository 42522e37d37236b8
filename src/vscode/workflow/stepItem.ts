import type { StepKind } from '../../core/workflow/definition.ts';
import type { ExpectationStatus, RunStatus, StepState, StepStatus } from '../../core/workflow/run.ts';
import { tooltipOf } from './stepText.ts';
import { kindWords, stateWords } from './words.ts';
import type { Localiser } from './words.ts';

/** A line of the *Workflow* view without the editor's types; the view forwards it to a TreeItem. */
export interface ItemModel {
  id: string;
  label: string;
  description?: string;
  /** Markdown with theme icons, repository text escaped. */
  tooltip?: string;
  icon: { id: string; color?: string };
  /** Space-separated words that menus match on, e.g. `step runnable prompt`. */
  contextValue: string;
  expand: 'none' | 'collapsed' | 'expanded';
  /** Present on steps that a person settles. */
  checkbox?: { checked: boolean; tooltip: string };
  /** The next step stands out; what is not its turn steps back. */
  tone: 'next' | 'normal' | 'quiet';
  accessibilityLabel: string;
}

const ICONS: Record<StepState, { id: string; color?: string }> = {
  done: { id: 'pass-filled', color: 'testing.iconPassed' },
  ready: { id: 'circle-large-outline', color: 'charts.blue' },
  running: { id: 'loading~spin', color: 'charts.blue' },
  stale: { id: 'refresh', color: 'charts.yellow' },
  failed: { id: 'error', color: 'testing.iconFailed' },
  blocked: { id: 'circle-large-outline', color: 'disabledForeground' },
  skipped: { id: 'debug-step-over', color: 'disabledForeground' },
  waived: { id: 'debug-step-over', color: 'charts.yellow' },
};
const NEXT_ICON = { id: 'arrow-circle-right', color: 'charts.blue' };

/** States from which a step can be performed. Done ones too: a person may want to run the tests again. */
const RUNNABLE: ReadonlySet<StepState> = new Set(['ready', 'stale', 'failed', 'done']);
const QUIET: ReadonlySet<StepState> = new Set(['blocked', 'skipped', 'waived']);
const SETTLED: ReadonlySet<StepState> = new Set(['done', 'skipped', 'waived', 'stale']);

/** The line of a step. `run` gives the titles of what it waits for and whether it is next. */
export function toItem(l10n: Localiser, step: StepStatus, run: RunStatus): ItemModel {
  const next = run.next[0] === step.id;
  const state = stateWords(l10n, step, waitsFor(step, run));
  const icon = next && step.state === 'ready' ? NEXT_ICON : ICONS[step.state];
  const checkbox = checkboxOf(l10n, step);
  const details = step.expect.length + step.missing.length > 0 && step.state !== 'skipped';
  const expand = !details ? 'none' : next ? 'expanded' : 'collapsed';
  return {
    id: `step/${step.id}`,
    label: step.title,
    description: state,
    tooltip: tooltipOf(l10n, step, state),
    icon,
    contextValue: ['step', ...abilitiesOf(step)].join(' '),
    expand,
    ...(checkbox === undefined ? {} : { checkbox }),
    tone: next ? 'next' : QUIET.has(step.state) ? 'quiet' : 'normal',
    accessibilityLabel: [step.title, kindWords(l10n, step.kind), state, ...(next ? [l10n.t('next step')] : [])].join(', '),
  };
}

/** Titles of the needed steps that are not settled yet. */
export function waitsFor(step: StepStatus, run: { steps: readonly StepStatus[] }): string[] {
  return step.needs.flatMap((id) => {
    const need = run.steps.find((other) => other.id === id);
    return need === undefined || SETTLED.has(need.state) ? [] : [need.title];
  });
}

/** A person settles the step with a tick: what nothing here can perform. Generated work is looked at and then ticked. */
export function isTickable(step: StepStatus): boolean {
  return TICKED_KINDS.has(step.kind) && RUNNABLE.has(step.state);
}

const TICKED_KINDS: ReadonlySet<StepKind> = new Set(['manual', 'approval', 'generate']);

const RUN_KINDS: ReadonlySet<StepKind> = new Set(['command', 'review']);

export function isRunnable(step: StepStatus): boolean {
  return (RUN_KINDS.has(step.kind) || (step.kind === 'generate' && step.prompt !== undefined)) && RUNNABLE.has(step.state);
}

function abilitiesOf(step: StepStatus): string[] {
  const abilities: string[] = [];
  if (isRunnable(step)) abilities.push('runnable');
  if (isTickable(step)) abilities.push(step.state === 'done' ? 'ticked' : 'unticked');
  if (step.prompt !== undefined) abilities.push('prompt');
  if (step.learn !== undefined) abilities.push('learn');
  return abilities;
}

function checkboxOf(l10n: Localiser, step: StepStatus): ItemModel['checkbox'] | undefined {
  if (!isTickable(step)) return undefined;
  const checked = step.state === 'done';
  return { checked, tooltip: checked ? l10n.t('Undo: this is not done') : l10n.t('Mark as done') };
}

/** What a step expects, met or not, and what else is missing. */
export function detailItems(l10n: Localiser, step: StepStatus): ItemModel[] {
  const items = step.expect.map((expectation, index) => expectationItem(l10n, step.id, expectation, index));
  const said = new Set(step.expect.map((expectation) => expectation.detail));
  const others = step.missing.filter((text) => !said.has(text));
  return [
    ...items,
    ...others.map((text, index) => detail(`missing/${step.id}/${index}`, text, { id: 'info' }, l10n.t('missing: {0}', text))),
  ];
}

function expectationItem(l10n: Localiser, stepId: string, expectation: ExpectationStatus, index: number): ItemModel {
  const icon = expectation.met
    ? { id: 'pass', color: 'testing.iconPassed' }
    : { id: 'circle-large-outline', color: 'descriptionForeground' };
  const spoken = expectation.met ? l10n.t('holds: {0}', expectation.detail) : l10n.t('missing: {0}', expectation.detail);
  return detail(`expect/${stepId}/${index}`, expectation.detail, icon, spoken);
}

function detail(id: string, label: string, icon: ItemModel['icon'], accessibilityLabel: string): ItemModel {
  return { id, label, icon, contextValue: 'detail', expand: 'none', tone: 'normal', accessibilityLabel };
}

/** The line under which steps that this change does not need are folded away, so that small changes stay small. */
export function skippedGroupItem(l10n: Localiser, count: number): ItemModel {
  const label = l10n.t('{0} steps not needed for this change', count);
  return {
    id: 'skipped',
    label,
    icon: ICONS.skipped,
    contextValue: 'skipped',
    expand: 'collapsed',
    tone: 'quiet',
    accessibilityLabel: label,
  };
}

/** More skipped steps than this are folded into one line. */
const SKIPPED_SHOWN = 2;

/** The steps in the order in which they are shown: applying ones as the workflow has them, then those not needed. */
export function arrange(run: RunStatus): { steps: StepStatus[]; folded: StepStatus[] } {
  const applying = run.steps.filter((step) => step.state !== 'skipped');
  const skipped = run.steps.filter((step) => step.state === 'skipped');
  return skipped.length > SKIPPED_SHOWN ? { steps: applying, folded: skipped } : { steps: [...applying, ...skipped], folded: [] };
}
