import type { Heading, ListItem, Nodes, Paragraph } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { Document } from 'yaml';
import { HandrailError } from '../errors.ts';
import { MAX_YAML_CHARACTERS } from '../yaml/locatedYaml.ts';

/** Task lists of Markdown files (pull-request templates, CONTRIBUTING) as workflows: every box becomes a manual step. */

export interface ChecklistItem {
  /** Source text of the box without the marker, white space collapsed; may be empty. */
  text: string;
  done: boolean;
  /** Counts from 1. */
  line: number;
  /** How many lists stand around its own. */
  depth: number;
  /** How many boxes it stands under; less than `depth` where lists have items without a box. */
  level: number;
  /** Heading and list items without a box that it stands under, outermost first. */
  section: string[];
}

/** Longest Markdown text that is read, in characters: a task list people tick is far below, and more takes long to parse. */
const MAX_MARKDOWN = 200_000;
/** Fifty quotes or lists opened on one line: the parser takes quadratic time for them, and nobody writes them. */
const TOO_DEEP = /^[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]*){50}/m;
/** Shown before the title of a box under another box, once a level. */
const NESTED = '↳ ';

/** `[ ]`, `[x]`, `[X]`, and marks such as `[~]` and `[-]`, which count as open; not `[1]` or `[a](b)`, which are text. */
const BOX = /^\[([ \t\u00A0xX]|[^\w\s[\]])?\](?:\s+|$)/;

/**
 * All boxes of a Markdown text in order: every list marker, nested lists, lists in quotes. Code blocks and HTML comments are left out.
 * Fails with `too-large` for a text that is no task list.
 */
export function readChecklist(markdown: string): ChecklistItem[] {
  const source = markdown.startsWith('\uFEFF') ? markdown.slice(1) : markdown;
  if (source.length > MAX_MARKDOWN || isTooDeep(source)) {
    throw new HandrailError('too-large', 'The file is too large for a task list.', { hint: 'Copy the list into a file of its own.' });
  }
  const items: ChecklistItem[] = [];
  let heading: string[] = [];
  const walk = (node: Nodes, depth: number, level: number, section: readonly string[]): void => {
    if (node.type === 'heading') heading = [plain(source, node)].filter((text) => text !== '');
    if (node.type !== 'listItem') {
      if ('children' in node) for (const child of node.children) walk(child, node.type === 'list' ? depth + 1 : depth, level, section);
      return;
    }
    const first = firstLine(source, node);
    const box = first && BOX.exec(first.text);
    let inner = section;
    if (first && box) {
      const text = collapse(first.text.slice(box[0].length));
      const done = box[1] === 'x' || box[1] === 'X';
      items.push({ text, done, line: first.line, depth: depth - 1, level, section: [...heading, ...section] });
    } else if (first) inner = [...section, collapse(first.text)];
    for (const child of node.children) walk(child, depth, box ? level + 1 : level, inner);
  };
  walk(fromMarkdown(source), 0, 0, []);
  return items;
}

/** Thematic breaks (`- - - -`) and lines of stars look deep and are not. */
function isTooDeep(source: string): boolean {
  return TOO_DEEP.test(source.replace(/^[ \t]*(?:(?:-[ \t]*)+|(?:\*[ \t]*)+)$/gm, ''));
}

function firstLine(source: string, item: ListItem): { text: string; line: number } | undefined {
  const paragraph = item.children[0];
  // A lone "[ ]" followed by a definition-like line may be parsed as something else than a paragraph; only paragraphs hold boxes.
  if (paragraph?.type !== 'paragraph' || !paragraph.position) return undefined;
  return { text: sourceOf(source, paragraph), line: paragraph.position.start.line };
}

function sourceOf(source: string, node: Paragraph | Heading): string {
  return source.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);
}

function plain(source: string, heading: Heading): string {
  return collapse(
    sourceOf(source, heading)
      .replace(/^#+/, '')
      .replace(/#+\s*$/, '')
      .replace(/\n[=-]+\s*$/, ''),
  );
}

/** On one line; a quoted list's continuation lines bring their `>` along. */
function collapse(text: string): string {
  return text
    .replace(/\n[ \t]*(?:>[ \t]?)+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

export interface ChecklistSource {
  /** Shown as the place the boxes come from. */
  path: string;
  items: readonly ChecklistItem[];
}

export interface ChecklistWorkflow {
  yaml: string;
  /** Ids of the steps whose box is ticked; evidence records are the only store of ticks, so the caller records them as checks. */
  done: string[];
}

/**
 * A workflow of manual steps, one a box, in order; nothing blocks anything, as in the list itself. A box under another box gets `↳ ` before
 * its title, once a level. Fails with `config` when there is no box and `too-large` when the file would be too large to be read again.
 */
export function checklistWorkflow(header: { id: string; title: string }, sources: readonly ChecklistSource[]): ChecklistWorkflow {
  const taken = new Set<string>();
  const done: string[] = [];
  const steps = sources.flatMap(({ path, items }) => {
    return items.map((item) => {
      const id = uniqueId(item.text, taken);
      if (item.done) done.push(id);
      const place = item.section.length > 0 ? `, under "${item.section.join(' › ')}"` : '';
      const title = `${NESTED.repeat(item.level)}${item.text === '' ? `Box without text on line ${item.line}` : item.text}`;
      return { id, kind: 'manual', title, why: item.done ? `Ticked in ${path}${place}, when it was imported.` : `From ${path}${place}.` };
    });
  });
  if (steps.length === 0) {
    throw new HandrailError('config', `${sources.map(({ path }) => path).join(', ')} holds no task list.`, {
      hint: 'Boxes look like "- [ ] Tests added".',
    });
  }
  const document = new Document({ version: 1, ...header, steps });
  document.commentBefore = [
    ` Imported from ${sources.map(({ path }) => path).join(', ')}.`,
    ' A box becomes more than a tick when a machine can see it: give the step kind: command and run: npm test, for example.',
  ].join('\n');
  const yaml = document.toString({ lineWidth: 0 });
  if (yaml.length > MAX_YAML_CHARACTERS) {
    throw new HandrailError('too-large', `${steps.length} boxes are too many for one workflow.`, { hint: 'Import the files one by one.' });
  }
  return { yaml, done };
}

const MAX_ID = 64;

/** A step id from words: ASCII letters and digits joined by hyphens, made unique by a number. */
function uniqueId(text: string, taken: Set<string>): string {
  const words = text
    .replace(/\]\([^)]*\)/g, ' ')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 48)
    .replace(/-+$/, '');
  const base = words === '' ? 'box' : words;
  let id = base;
  for (let count = 2; taken.has(id); count++) id = `${base.slice(0, MAX_ID - 8)}-${count}`;
  taken.add(id);
  return id;
}
