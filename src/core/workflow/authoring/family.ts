import type { TextSpan } from '../problem.ts';
import { resolveBeside } from '../paths.ts';
import { childOf } from '../../yaml/grammar.ts';
import { parseLocatedYaml } from '../../yaml/locatedYaml.ts';
import type { LocatedYaml, YamlPath } from '../../yaml/locatedYaml.ts';
import { placeOf } from '../../yaml/placeAt.ts';
import type { Surroundings } from './surroundings.ts';
import { workflowFiles } from './surroundings.ts';

/** A step as one file has it, whatever else of the file is wrong. */
export interface WrittenStep {
  id: string;
  index: number;
  kind?: string;
  title?: string;
  needs: string[];
  removes: boolean;
}

/** What one workflow file says about steps, variables and the files it builds on. */
export interface WorkflowText {
  path: string;
  file: LocatedYaml;
  steps: readonly WrittenStep[];
  vars: ReadonlyMap<string, string>;
  /** Paths of the workspace; absent ones are left out. */
  bases: readonly string[];
}

/** A place in a file of the workspace. */
export interface Place {
  path: string;
  span: TextSpan;
}

/** Files that build on files that build on files: deeper than anybody goes. */
const MAX_BASES = 50;

export function readWorkflowText(path: string, file: LocatedYaml): WorkflowText {
  const root = file.value;
  const vars = Object.entries(mapping(childOf(root, 'vars'))).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return {
    path,
    file,
    steps: list(childOf(root, 'steps')).flatMap((step, index): WrittenStep[] => {
      const id = childOf(step, 'id');
      if (typeof id !== 'string' || id === '') return [];
      const [kind, title] = [textOf(step, 'kind'), textOf(step, 'title')];
      return [
        {
          id,
          index,
          ...(kind !== undefined && { kind }),
          ...(title !== undefined && { title }),
          needs: texts(childOf(step, 'needs')),
          removes: childOf(step, 'remove') === true,
        },
      ];
    }),
    vars: new Map(vars),
    bases: texts(childOf(root, 'extends')).map((target) => resolveBeside(path, target)),
  };
}

/** A workflow file with the files it builds on, read once each. */
export class Family {
  readonly own: WorkflowText;
  readonly #around: Surroundings;
  readonly #texts = new Map<string, WorkflowText | undefined>();

  constructor(own: WorkflowText, around: Surroundings) {
    this.own = own;
    this.#around = around;
    this.#texts.set(own.path, own);
  }

  /** A file of the workspace as it is, or undefined when it cannot be read. */
  at(path: string): WorkflowText | undefined {
    if (!this.#texts.has(path)) {
      const text = this.#around.read(path);
      this.#texts.set(path, text === undefined ? undefined : readWorkflowText(path, parseLocatedYaml(text, { lenient: true })));
    }
    return this.#texts.get(path);
  }

  /** The files that one builds on, near ones first, each once. A circle ends where it closes. */
  basesOf(from: WorkflowText = this.own): WorkflowText[] {
    const found = new Set<WorkflowText>([from]);
    for (const text of found) {
      for (const path of text.bases) {
        const base = found.size < MAX_BASES ? this.at(path) : undefined;
        if (base) found.add(base);
      }
    }
    return [...found].slice(1);
  }

  /** The steps after overlays, those of the bases first, and which file says last what a step is. */
  steps(): (WrittenStep & { from: WorkflowText })[] {
    const merged = new Map<string, WrittenStep & { from: WorkflowText }>();
    for (const text of [...this.basesOf().reverse(), this.own]) {
      for (const step of text.steps) {
        const before = merged.get(step.id);
        if (step.removes) merged.delete(step.id);
        else if (before?.from === text) continue;
        else merged.set(step.id, { ...before, ...step, needs: needsWritten(text, step) ? step.needs : (before?.needs ?? []), from: text });
      }
    }
    return [...merged.values()];
  }

  vars(): Map<string, string> {
    return new Map([...this.basesOf().reverse(), this.own].flatMap(({ vars }) => [...vars]));
  }

  /** Where a step is defined: in the file itself, else in the nearest that it builds on. */
  definitionOf(id: string): Place | undefined {
    for (const text of [this.own, ...this.basesOf()]) {
      const step = text.steps.find((one) => one.id === id && !one.removes);
      if (step) return { path: text.path, span: text.file.spanOf(['steps', step.index, 'id']) };
    }
    return undefined;
  }

  definitionOfVar(name: string): Place | undefined {
    const text = [this.own, ...this.basesOf()].find(({ vars }) => vars.has(name));
    return text && { path: text.path, span: text.file.keySpanOf(['vars', name]) };
  }

  /**
   * The files in which an id means the same step: they build on one another, and each has the step itself or through a base. Two files that
   * build on one base without that step may both have a step of that name, and it is not the same.
   */
  sharing(id: string): WorkflowText[] {
    const all = new Set(workflowFiles(this.#around).flatMap((path) => this.at(path) ?? []));
    for (const text of [this.own, ...this.basesOf()]) all.add(text);
    const has = [...all].filter((text) => [text, ...this.basesOf(text)].some(({ steps }) => steps.some((step) => step.id === id)));
    const found = new Set<WorkflowText>([this.own]);
    for (const text of found) {
      for (const other of has) {
        if (text.bases.includes(other.path) || other.bases.includes(text.path)) found.add(other);
      }
    }
    return [...found];
  }

  /** Every place that names a step in one file: its own `id`, `needs`, `independent-of`. An alias is named where its anchor is. */
  static mentions(text: WorkflowText, id: string): TextSpan[] {
    const spans = new Map<number, TextSpan>();
    const add = (path: YamlPath): void => {
      const span = text.file.spanOf(path);
      spans.set(span.start, span);
    };
    list(childOf(text.file.value, 'steps')).forEach((step, index) => {
      if (childOf(step, 'id') === id) add(['steps', index, 'id']);
      for (const key of ['needs', 'independent-of']) {
        list(childOf(step, key)).forEach((one, at) => one === id && add(['steps', index, key, at]));
      }
    });
    return [...spans.values()].sort((left, right) => left.start - right.start);
  }
}

function needsWritten(text: WorkflowText, step: WrittenStep): boolean {
  return text.file.has(['steps', step.index, 'needs']);
}

/** The span of the node at a path as it stands in the text: of an alias its own. */
export function writtenSpan(file: LocatedYaml, path: YamlPath): TextSpan {
  let node = file.root;
  for (const key of path) {
    const next = typeof key === 'number' ? node.items?.[key] : node.entries?.get(key)?.node;
    if (!next) return placeOf(node);
    node = next;
  }
  return placeOf(node);
}

export function mapping(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): string[] {
  return list(value).filter((one): one is string => typeof one === 'string');
}

function textOf(value: unknown, key: string): string | undefined {
  const found = childOf(value, key);
  return typeof found === 'string' ? found : undefined;
}
