import { childOf } from '../../yaml/grammar.ts';
import type { YamlPath } from '../../yaml/locatedYaml.ts';
import type { TextSpan } from '../problem.ts';
import type { Draft } from './draft.ts';
import { list, mapping } from './family.ts';

/** A line of a file's outline. */
export interface OutlineItem {
  name: string;
  detail: string;
  is: 'group' | 'step' | 'variable' | 'model' | 'dismissal';
  span: TextSpan;
  /** The name inside of the span. */
  selection: TextSpan;
  children: OutlineItem[];
}

/** The outline of a draft: steps and variables, models and roles, or dismissals. */
export function outlineOf(draft: Draft): OutlineItem[] {
  switch (draft.language) {
    case 'workflow':
      return [...group(draft, 'vars', named(draft, 'vars', 'variable')), ...group(draft, 'steps', steps(draft))];
    case 'models':
      return [...group(draft, 'models', named(draft, 'models', 'model')), ...group(draft, 'roles', named(draft, 'roles', 'variable'))];
    case 'dismissals':
      return group(draft, 'dismissals', dismissals(draft));
    case 'telemetry':
      // A dozen lines without names.
      return [];
  }
}

function group(draft: Draft, key: string, children: OutlineItem[]): OutlineItem[] {
  if (children.length === 0) return [];
  const selection = draft.file.keySpanOf([key]);
  const end = Math.max(draft.file.spanOf([key]).end, ...children.map(({ span }) => span.end));
  return [{ name: key, detail: '', is: 'group', selection, span: { start: selection.start, end: Math.max(end, selection.end) }, children }];
}

function steps(draft: Draft): OutlineItem[] {
  return list(childOf(draft.file.value, 'steps')).flatMap((step, index) => {
    const id = textOf(step, 'id');
    if (id === '') return [];
    return [
      item(draft, ['steps', index], ['steps', index, 'id'], {
        name: textOf(step, 'title') || id,
        detail: [id, textOf(step, 'kind')].filter(Boolean).join(' · '),
        is: 'step',
      }),
    ];
  });
}

function named(draft: Draft, key: string, is: OutlineItem['is']): OutlineItem[] {
  const entries = Object.entries(mapping(childOf(draft.file.value, key)));
  // Editors take no line without a name.
  return entries
    .filter(([name]) => name.trim() !== '')
    .map(([name, value]) => {
      const detail = typeof value === 'string' ? value : textOf(value, 'model') || textOf(value, 'provider');
      const selection = draft.file.keySpanOf([key, name]);
      const { end } = draft.file.spanOf([key, name]);
      return { name, detail, is, selection, span: { start: selection.start, end: Math.max(end, selection.end) }, children: [] };
    });
}

function dismissals(draft: Draft): OutlineItem[] {
  return list(childOf(draft.file.value, 'dismissals')).flatMap((entry, index) => {
    const name = textOf(entry, 'title') || textOf(entry, 'reason');
    return name === ''
      ? []
      : [item(draft, ['dismissals', index], ['dismissals', index, 'reason'], { name, detail: textOf(entry, 'file'), is: 'dismissal' })];
  });
}

function item(draft: Draft, whole: YamlPath, name: YamlPath, words: Pick<OutlineItem, 'name' | 'detail' | 'is'>): OutlineItem {
  const span = draft.file.spanOf(whole);
  const selection = draft.file.spanOf(name);
  const isInside = selection.start >= span.start && selection.end <= span.end;
  return { ...words, span, selection: isInside ? selection : span, children: [] };
}

function textOf(value: unknown, key: string): string {
  const found = childOf(value, key);
  return typeof found === 'string' ? found : '';
}
