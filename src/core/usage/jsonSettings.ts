import { applyEdits, findNodeAtLocation, getNodeValue, modify, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { holdsOurs, type Held, type JsonEntry } from './jsonEntries.ts';
import { EMPTY_FILE, FILE, refuseDamaged, refuseOther, type SettingsChange } from './settingsChange.ts';

/** Entries in settings that are JSON, with comments or without: each is added or removed alone, and all other bytes stay. */

const nameOf = ({ path }: JsonEntry): string => path.join('.');

export interface ConnectJsonOptions {
  /** What an earlier connection added. */
  earlier: readonly string[];
  /** Names of what stands in the way beside the entries. */
  others(settings: Held): readonly string[];
}

export function connectJson(
  before: string | undefined,
  entries: readonly JsonEntry[],
  { earlier, others }: ConnectJsonOptions,
): SettingsChange {
  const start = before === undefined || before.trim() === '' ? '{}\n' : before;
  const root = parsed(start);
  const held = heldIn(root);
  const foreign = entries.filter((entry) => {
    const node = findNodeAtLocation(root, [...entry.path]);
    if (node === undefined) return false;
    return entry.inList === true ? node.type !== 'array' : !holdsOurs(entry, getNodeValue(node), held);
  });
  const inTheWay = new Set([...foreign.map(nameOf), ...others(held)]);
  if (inTheWay.size > 0) refuseOther([...inTheWay].toSorted());
  const added = new Set(earlier);
  if (before === undefined) added.add(FILE);
  else if (before.trim() === '') added.add(EMPTY_FILE);
  let text = start;
  for (const entry of entries) {
    const node = findNodeAtLocation(parsed(text), [...entry.path]);
    if (entry.former === true) {
      if (node !== undefined) text = set(text, entry.path, undefined);
      added.delete(nameOf(entry));
      continue;
    }
    if (node !== undefined && (entry.inList === true ? indexIn(node, entry) !== -1 : getNodeValue(node) === entry.value)) continue;
    const [container] = entry.path;
    if (entry.path.length > 1 && container !== undefined) {
      const holder = findNodeAtLocation(parsed(text), [container]);
      if (holder === undefined) added.add(container);
      else if (holder.type !== 'object') refuseOther([container]);
    }
    if (entry.inList === true && node !== undefined) text = set(text, [...entry.path, node.children?.length ?? 0], entry.value);
    else text = set(text, entry.path, entry.inList === true ? [entry.value] : entry.value);
    added.add(nameOf(entry));
  }
  return { before, after: text, added: [...added] };
}

export function disconnectJson(
  before: string | undefined,
  entries: readonly JsonEntry[],
  added: readonly string[] | undefined,
): SettingsChange {
  if (before === undefined || before.trim() === '') return { before, after: before, added: [] };
  const isKnown = (name: string): boolean => added === undefined || added.includes(name);
  const root = parsed(before);
  const held = heldIn(root);
  // Where nothing tells any more what we wrote, the address does.
  const isConnected = entries.some((entry) => entry.isOurs?.(held(entry.path), held) === true);
  let text = before;
  for (const entry of entries) {
    if (entry.inList === true) {
      if (isKnown(nameOf(entry)) && isConnected) text = withoutElement(text, entry);
    } else if (isKnown(nameOf(entry)) && (added !== undefined || isConnected) && holdsOurs(entry, held(entry.path), held))
      text = set(text, entry.path, undefined);
  }
  if (text === before) return { before, after: before, added: [] };
  for (const container of new Set(entries.flatMap(({ path }) => (path.length > 1 ? path.slice(0, 1) : [])))) {
    const holder = findNodeAtLocation(parsed(text), [container]);
    if (added?.includes(container) === true && holder !== undefined && isEmpty(holder, text)) text = set(text, [container], undefined);
  }
  if (!isEmpty(parsed(text), text)) return { before, after: text, added: [] };
  return { before, after: added?.includes(FILE) === true ? undefined : added?.includes(EMPTY_FILE) === true ? '' : text, added: [] };
}

function indexIn(list: Node, { value }: JsonEntry): number {
  return (list.children ?? []).findIndex((child) => getNodeValue(child) === value);
}

/** The list goes when nothing else is in it: the default of such a setting is an empty one. */
function withoutElement(text: string, entry: JsonEntry): string {
  const list = findNodeAtLocation(parsed(text), [...entry.path]);
  const at = list === undefined ? -1 : indexIn(list, entry);
  if (at === -1) return text;
  return list?.children?.length === 1 ? set(text, entry.path, undefined) : set(text, [...entry.path, at], undefined);
}

/** What a text of settings holds. @throws HandrailError `config` when it cannot be read. */
export function heldBy(text: string): Held {
  return text.trim() === '' ? () => undefined : heldIn(parsed(text));
}

function heldIn(root: Node): Held {
  return (path) => {
    const node = findNodeAtLocation(root, [...path]);
    return node === undefined ? undefined : getNodeValue(node);
  };
}

function parsed(text: string): Node {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (root?.type !== 'object' || errors.length > 0) return refuseDamaged();
  return root;
}

/** No entry, and no comment either. */
function isEmpty(node: Node, text: string): boolean {
  return node.type === 'object' && text.slice(node.offset + 1, node.offset + node.length - 1).trim() === '';
}

function set(text: string, path: readonly (string | number)[], value: string | boolean | (string | boolean)[] | undefined): string {
  const tabs = /^\t/m.test(text);
  const width = /^( +)\S/m.exec(text)?.[1]?.length ?? 2;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return applyEdits(
    text,
    modify(text, [...path], value, {
      isArrayInsertion: typeof path.at(-1) === 'number' && value !== undefined,
      formattingOptions: { insertSpaces: !tabs, tabSize: width, eol },
    }),
  );
}
