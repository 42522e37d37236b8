import type { ModelStatus } from '../../../core/ai/models/modelStatus.ts';
import { countText } from '../../../core/ai/models/figures.ts';
import { oneLine, type Localise } from '../../review/plainText.ts';
import { circuitText, healthText, shownText, spendText, whereText } from './modelWords.ts';
import type { ModelsState } from './modelsState.ts';

/** One row of the *Models* view, free of editor types. */
export interface ModelItem {
  id: string;
  label: string;
  description?: string;
  tooltip?: string;
  /** What is read aloud. */
  spoken: string;
  icon: string;
  color?: string;
  /** What the row's menu offers, as words: `test`, `key`, `confirm`, `switch`. */
  context?: string;
  /** Its details are open at first. */
  isOpen?: boolean;
  /** Runs when the row is chosen. */
  command?: { id: string; arguments?: unknown[] };
  children?: ModelItem[];
  /** For commands of the row. */
  modelName?: string;
  origin?: string;
}

const RED = 'problemsErrorIcon.foreground';
const YELLOW = 'problemsWarningIcon.foreground';
const GREEN = 'charts.green';

/** The rows of the view; none where there is no model, which the welcome text explains. */
export function toItems(state: ModelsState, l10n: Localise): ModelItem[] {
  if (state.kind === 'failed') return failedItems(state, l10n);
  if (state.kind !== 'models' || state.status.models.length === 0) return [];
  const { choice } = state.status;
  return [
    ...(choice.kind === 'builtin' ? [builtinItem(choice.because, l10n)] : []),
    ...state.status.models.map((one) => modelItem(one, state, l10n)),
  ];
}

/** The context key that the welcome texts and menus go by. */
export function contextOf(state: ModelsState): string {
  return state.kind === 'models' && state.status.models.length === 0 ? 'empty' : state.kind;
}

/** Beside the view's title. */
export function descriptionOf(state: ModelsState): string {
  return state.kind === 'models' ? (state.folder ?? '') : '';
}

/** The line above the rows. */
export function messageOf(state: ModelsState): string {
  return state.kind === 'failed' ? [state.message, state.hint].filter((part) => part !== undefined).join(' ') : '';
}

function failedItems({ isFile }: { isFile: boolean }, l10n: Localise): ModelItem[] {
  const row = (id: string, label: string, icon: string, command: string): ModelItem => ({
    id,
    label,
    spoken: label,
    icon,
    command: { id: command },
  });
  return [
    ...(isFile ? [row('open', l10n.t('Open .handrail/models.yml'), 'go-to-file', 'handrail.openModelsFile')] : []),
    row('retry', l10n.t('Try again'), 'refresh', 'handrail.refreshModels'),
  ];
}

function builtinItem(because: string, l10n: Localise): ModelItem {
  const label = l10n.t('Built-in reviewer');
  const description = l10n.t('answers here');
  return {
    id: 'builtin',
    label,
    description,
    tooltip: because,
    spoken: `${label}, ${description}. ${because}`,
    icon: 'shield',
    color: GREEN,
    context: 'switch',
  };
}

type Shown = Extract<ModelsState, { kind: 'models' }>;

function modelItem(model: ModelStatus, state: Shown, l10n: Localise): ModelItem {
  const isConfirmed = model.confirmed === true && !state.declined(model.origin);
  const isTesting = state.testing.has(model.name);
  const words = [
    ...(isTesting ? [l10n.t('testing…')] : []),
    ...(model.inUse ? [l10n.t('answers here')] : []),
    ...(model.roles.length === 0 ? [] : [model.roles.join(', ')]),
    ...troubleWords(model, isConfirmed, l10n),
    ...(model.budget?.perDay === undefined && model.today.length === 0 ? [] : [spendText(model, l10n)]),
  ];
  const description = words.join(' · ');
  const details = detailItems(model, isConfirmed, l10n);
  return {
    id: model.name + (model.inFile ? '' : ` ${model.model} ${model.origin}`),
    label: oneLine(model.name),
    ...(description === '' ? {} : { description }),
    tooltip: details.map((one) => `${one.label}: ${one.description ?? ''}`).join('\n'),
    spoken: description === '' ? model.name : `${model.name}, ${description}`,
    ...iconOf(model, isConfirmed, isTesting),
    ...contextFor(model, isConfirmed),
    isOpen: model.inUse,
    children: details,
    modelName: model.name,
    origin: model.origin,
  };
}

/** What keeps it from answering, or from answering well. */
function troubleWords(model: ModelStatus, isConfirmed: boolean, l10n: Localise): string[] {
  return [
    ...(model.problem === undefined ? [] : [l10n.t('cannot be asked here')]),
    ...(model.needsKey === true ? [l10n.t('no key')] : []),
    ...(model.inFile && model.confirmed !== undefined && !isConfirmed ? [l10n.t('not confirmed')] : []),
    ...(model.circuit.state === 'closed' ? [] : [l10n.t('left alone after failures')]),
    ...(model.slo?.verdict === 'missed' ? [l10n.t('misses its SLO')] : []),
  ];
}

function iconOf(model: ModelStatus, isConfirmed: boolean, isTesting: boolean): { icon: string; color?: string } {
  if (isTesting) return { icon: 'loading~spin' };
  if (model.circuit.state !== 'closed') return { icon: 'debug-disconnect', color: RED };
  const isWanted = model.inUse || model.roles.length > 0;
  if (model.problem !== undefined || (isWanted && (model.needsKey === true || (model.confirmed === false && !isConfirmed)))) {
    return { icon: 'warning', color: YELLOW };
  }
  if (model.slo?.verdict === 'missed') return { icon: 'pulse', color: YELLOW };
  return model.inUse ? { icon: 'circle-filled', color: GREEN } : { icon: 'circle-outline' };
}

/** What can be done with it here. A model that only others used is no choice of this workspace. */
function contextFor(model: ModelStatus, isConfirmed: boolean): { context?: string } {
  if (!model.inFile && !model.inUse) return {};
  const words = [
    'test',
    ...(/^https?:/.test(model.origin) ? ['key'] : []),
    ...(isConfirmed ? [] : ['confirm']),
    ...(model.inUse ? ['switch'] : []),
  ];
  return { context: words.join(' ') };
}

function detailItems(model: ModelStatus, isConfirmed: boolean, l10n: Localise): ModelItem[] {
  const { name, origin, problem, fallback, roles, slo, capabilities, budget } = model;
  const row = (id: string, label: string, description: string, icon: string, more: Partial<ModelItem> = {}): ModelItem => ({
    id: `${name} ${origin} ${id}`,
    label,
    description,
    tooltip: `${label}: ${description}`,
    spoken: `${label}: ${description}`,
    icon,
    ...more,
  });
  const target = { modelName: name, origin };
  const act = (id: string): Partial<ModelItem> => ({ color: YELLOW, command: { id, arguments: [target] } });
  const isOurs = model.inFile || model.inUse;
  return [
    row('where', l10n.t('Goes to'), whereText(model, l10n), isLocal(origin) ? 'vm' : 'globe'),
    ...(problem === undefined
      ? []
      : [
          row('problem', l10n.t('Cannot be asked'), oneLine([problem.message, problem.hint ?? ''].join(' ')), 'warning', { color: YELLOW }),
        ]),
    ...(isOurs && model.confirmed !== undefined && !isConfirmed
      ? [row('confirm', l10n.t('Not confirmed'), l10n.t('no code goes there before you agree…'), 'shield', act('handrail.confirmModel'))]
      : []),
    ...(isOurs && model.needsKey === true ? [row('key', l10n.t('No key'), l10n.t('set it…'), 'key', act('handrail.setApiKey'))] : []),
    ...(roles.length === 0 ? [] : [row('roles', l10n.t('Used for'), roles.join(', '), 'tag')]),
    ...(fallback.length === 0 ? [] : [row('fallback', l10n.t('Falls back to'), fallback.join(', '), 'arrow-swap')]),
    row(
      'health',
      l10n.t('Health'),
      healthText(model, l10n),
      slo?.verdict === 'missed' ? 'pulse' : 'graph',
      slo?.verdict === 'missed' ? { color: YELLOW } : {},
    ),
    ...(model.cost.length === 0 && budget === undefined
      ? []
      : [row('spend', l10n.t('Spent'), spendText(model, l10n, true), 'credit-card')]),
    ...(model.circuit.state === 'closed'
      ? []
      : [row('circuit', l10n.t('Left alone'), circuitText(model.circuit, l10n), 'debug-disconnect', { color: RED })]),
    ...(capabilities === undefined ? [] : [row('shown', l10n.t('Answers'), shownText(capabilities, l10n), 'json')]),
    ...(model.calls === 0
      ? []
      : [
          row(
            'tokens',
            l10n.t('Tokens'),
            l10n.t('{0} read, {1} written in 30 days', countText(model.inputTokens), countText(model.outputTokens)),
            'symbol-number',
          ),
        ]),
  ];
}

function isLocal(origin: string): boolean {
  return /^https?:\/\/(?:127\.|localhost|\[::1\])/.test(origin) || origin.startsWith('assistant:');
}
